"""How much business there was: a month, quarter or year against those before, month by month, and divided."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from analytics.access.book import Book
from analytics.access.proof import FIGURES
from analytics.access.totals import Volumes
from analytics.calendar import months_before
from analytics.formats import compact, day, in_a_row, money, number, percent
from analytics.translation import mark, plural
from analytics.translation import translate as _
from analytics.warehouse.measures import IN_CENTS, MEASURES, PERIODS

SPANS = {
    "month": mark("The month"),
    "quarter": mark("The quarter to date"),
    "year": mark("The year to date"),
    "all": mark("All months to date"),
}
READ_IN_FULL = 1_000_000  # counts up to here
PICTURED = 12  # months of a picture, each beside the one a year before
Whole = dict[str, Any]


@dataclass(frozen=True)
class VolumesView:
    """A span's totals, each measure that this person is told, and those of the span before and a year before.

    None where there is none, or it may not be seen. first : the span's first month end.
    """

    first: date
    now: Whole | None
    before: Whole | None
    year_before: Whole | None


def volumes_view(book: Book, as_of: date, span: str) -> VolumesView:
    """The totals of a span that ends at a month end, and what they are compared with."""
    oldest = book.warehouse.month_ends[0]
    first = first_month(as_of, span, oldest)
    length = (as_of.year - first.year) * 12 + as_of.month - first.month + 1
    return VolumesView(
        first=max(first, oldest),
        now=_whole(book, max(first, oldest), as_of),
        before=_whole(book, months_before(first, length), months_before(as_of, length)),
        year_before=_whole(book, months_before(first, 12), months_before(as_of, 12)),
    )


def volumes_months(book: Book, as_of: date, measure: str) -> pd.DataFrame:
    """A measure month by month: month_end and value, each month that may be seen, a year more than is pictured."""
    start = max(book.warehouse.month_ends[0], months_before(as_of, 2 * PICTURED - 1))
    months = book.volumes(("month",), start, as_of, (measure,)).rows
    ends = [months_before(date.fromisoformat(f"{month}-01"), 0) for month in months["month"]]
    newest = book.warehouse.newest_as_of  # which closes the data, even in the middle of a month
    return pd.DataFrame({"month_end": [min(end, newest) for end in ends], "value": months[measure]})


def told_measures(book: Book, by: Sequence[str] = ()) -> tuple[str, ...]:
    """The measures that this person is told here, and that go with such a division."""
    untold, divided = book.untold(), set(by) - set(PERIODS)
    return tuple(key for key, measure in MEASURES.items() if key not in untold and divided <= set(measure.by))


def first_month(as_of: date, span: str, oldest: date | None = None) -> date:
    """The first month end of the month, quarter or year that a month end is in; of all months the oldest.

    >>> first_month(date(2026, 5, 31), "quarter"), first_month(date(2026, 5, 31), "year")
    (datetime.date(2026, 4, 30), datetime.date(2026, 1, 31))
    """
    if span == "all" and oldest is not None:
        return oldest
    back = {"month": 0, "quarter": (as_of.month - 1) % 3, "year": as_of.month - 1}[span]
    return months_before(as_of, back) if back else as_of


def _whole(book: Book, first: date, last: date) -> Whole | None:
    """The totals of whole months, None where they are not all known."""
    known = book.warehouse.month_ends
    if first not in known or last not in known:
        return None
    rows = book.volumes((), first, last, told_measures(book)).rows
    return None if rows.empty else {str(key): value for key, value in rows.iloc[0].items()}


def volumes_sentence(found: VolumesView, as_of: date, span: str, base: str) -> str:
    """How much was done in the span, and how that compares."""
    until = {
        "month": _("In the month to {day}"),
        "quarter": _("From the quarter's start to {day}"),
        "year": _("From the year's start to {day}"),
        "all": _("From the first month to {day}"),
    }[span].format(day=day(as_of))
    if found.now is None:
        return _("{until} there is no total that you may see.").format(until=until)
    count = int(found.now["transactions"])
    told = plural(
        "{until} customers made {n} transaction: {came} came in and {went} went out.",
        "{until} customers made {n} transactions: {came} came in and {went} went out.",
        count,
    ).format(
        until=until, n=number(count), came=money(found.now["amount_in"], base),
        went=money(found.now["amount_out"], base),
    )  # fmt: skip
    return in_a_row(told, _compared(found))


def _compared(found: VolumesView) -> str:
    then = _more_or_fewer(change_of(found, "transactions", found.before))
    year = _more_or_fewer(change_of(found, "transactions", found.year_before))
    if then and year:
        return _(
            "That is {then} transactions than in the period before, and {year} than a year before."
        ).format(then=then, year=year)
    return _("That is {then} transactions than in the period before.").format(then=then) if then else ""


def _more_or_fewer(change: str | None) -> str:
    if not change:
        return ""
    share = change.lstrip("+-")
    return (_("{share} fewer") if change.startswith("-") else _("{share} more")).format(share=share)


def change_of(found: VolumesView, figure: str, earlier: Whole | None) -> str | None:
    """How a figure changed, with its sign: +4%. None where either is not known, or nothing was there."""
    if found.now is None or earlier is None:
        return None
    return changed(float(found.now[figure]), float(earlier[figure]))


def changed(now: float, then: float) -> str | None:
    """The change from one figure to another, with its sign; None where either is not known, or nothing was there."""
    if pd.isna(now) or pd.isna(then) or then <= 0:
        return None
    change = percent(now / then - 1)
    return change if change.startswith("-") else f"+{change}"


def hidden_sentence(found: Volumes) -> str:
    """What is left out of a table, and why; empty where nothing is."""
    emptied = bool(found.rows[list(found.measures)].isna().any(axis=None))
    return left_out_sentence(found.floor, found.suppressed, emptied)


def left_out_sentence(floor: int | None, suppressed: int, emptied: bool) -> str:
    """So many rows are left out, and whether an amount is."""
    if not floor or not (suppressed or emptied):
        return ""
    left_out = plural(
        "{n} row is not shown: it is of fewer than {floor} customers, or would give such a row away by subtraction.",
        "{n} rows are not shown: they are of fewer than {floor} customers, or would give such rows away by subtraction.",
        suppressed,
    )
    told = left_out.format(n=number(suppressed), floor=number(floor)) if suppressed else ""
    gaps = _("An empty amount would single customers out too.") if emptied else ""
    return in_a_row(told, gaps)


def rounded_sentence(floor: int | None) -> str:
    """How customers are counted for whoever may not see them one by one."""
    if not floor:
        return ""
    return _(
        "Customers are counted down to a multiple of {floor} where the exact count would single somebody out."
    ).format(floor=number(floor))


def volumes_document(
    book: Book, by: Sequence[str], first: date | None = None, last: date | None = None
) -> dict[str, Any]:
    """The `volumes` document of the contract, with every measure that goes with the division.

    null : an amount that would single customers out.
    """
    measures = told_measures(book, by)
    found = book.volumes(by, first, last, measures if set(measures) >= set(FIGURES) else FIGURES)
    rows = found.rows.astype(object).where(found.rows.notna(), None)
    return {
        "rows": rows.to_dict("records"),
        "suppressed": found.suppressed,
        "from": found.first,
        "to": found.last,
        "currency": book.warehouse.manifest.base_currency,
        "floor": found.floor,
        "measures": list(found.measures),
        "warnings": [text for text in (hidden_sentence(found), rounded_sentence(found.floor)) if text],
    }


def written(key: str, value: Any, base: str) -> str:
    """A figure of a total as tiles show it."""
    if key not in IN_CENTS:
        return number(value) if value < READ_IN_FULL else compact(value)
    return money(value, base)
