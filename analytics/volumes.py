"""How much business there was: a month, quarter or year against those before, month by month, and divided."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from analytics.access.book import Book
from analytics.access.totals import FIGURES, Volumes, names_of
from analytics.calendar import months_before
from analytics.formats import compact, day, in_a_row, money, number, percent
from analytics.translation import mark, plural
from analytics.translation import translate as _

LABELS = {
    "branch": mark("Branch"),
    "region": mark("Region"),
    "department": mark("Department"),
    "product": mark("Product"),
    "channel": mark("Channel"),
    "kind": mark("Kind"),
    "currency": mark("Currency"),
}
SPANS = {"month": mark("The month"), "quarter": mark("The quarter to date"), "year": mark("The year to date")}
READ_IN_FULL = 1_000_000  # counts up to here
PICTURED = 12  # months of a picture, each beside the one a year before


@dataclass(frozen=True)
class VolumesView:
    """What the page shows. months : `month_end` and FIGURES, each month that may be seen, a year more than is
    pictured. now, before, year_before : the span's totals and those of the span before and a year before; None
    where there is none, or it may not be seen. table : the span divided."""

    months: pd.DataFrame
    now: dict[str, Any] | None
    before: dict[str, Any] | None
    year_before: dict[str, Any] | None
    table: Volumes
    names: dict[str, str]

    @property
    def parts(self) -> pd.DataFrame:
        """The table with its labels in words, the most transactions first."""
        dimension = self.table.by[0]
        rows = self.table.rows.sort_values("transactions", ascending=False, kind="stable", ignore_index=True)
        unknown = _("not stated")
        named = [unknown if pd.isna(label) else self.names.get(label, label) for label in rows[dimension]]
        return rows.assign(**{dimension: named})


def volumes_view(book: Book, as_of: date, dimension: str, span: str) -> VolumesView:
    """The totals of a span that ends at a month end, and what they are compared with."""
    first = first_month(as_of, span)
    length = (as_of.year - first.year) * 12 + as_of.month - first.month + 1
    known = book.warehouse.month_ends
    start = max(known[0], months_before(as_of, 2 * PICTURED - 1))
    months = book.volumes(("month",), start, as_of).rows
    return VolumesView(
        months=months.assign(
            month_end=[months_before(date.fromisoformat(f"{m}-01"), 0) for m in months["month"]]
        ),
        now=_whole(book, first, as_of),
        before=_whole(book, months_before(first, length), months_before(as_of, length)),
        year_before=_whole(book, months_before(first, 12), months_before(as_of, 12)),
        table=book.volumes((dimension,), max(first, known[0]), as_of),
        names=names_of(book.warehouse, dimension),
    )


def first_month(as_of: date, span: str) -> date:
    """The first month end of the month, quarter or year that a month end is in.

    >>> first_month(date(2026, 5, 31), "quarter"), first_month(date(2026, 5, 31), "year")
    (datetime.date(2026, 4, 30), datetime.date(2026, 1, 31))
    """
    back = {"month": 0, "quarter": (as_of.month - 1) % 3, "year": as_of.month - 1}[span]
    return months_before(as_of, back) if back else as_of


def _whole(book: Book, first: date, last: date) -> dict[str, Any] | None:
    known = book.warehouse.month_ends
    if first not in known or last not in known:
        return None
    rows = book.volumes((), first, last).rows
    return None if rows.empty else {str(key): value for key, value in rows.iloc[0].items()}


def volumes_sentence(found: VolumesView, as_of: date, span: str, base: str) -> str:
    """How much was done in the span, and how that compares."""
    until = {
        "month": _("In the month to {day}"),
        "quarter": _("From the quarter's start to {day}"),
        "year": _("From the year's start to {day}"),
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
        return _("That is {then} than in the period before, and {year} than a year before.").format(
            then=then, year=year
        )
    return _("That is {then} than in the period before.").format(then=then) if then else ""


def _more_or_fewer(change: str | None) -> str:
    if not change:
        return ""
    share = change.lstrip("+-")
    return (_("{share} fewer") if change.startswith("-") else _("{share} more")).format(share=share)


def change_of(found: VolumesView, figure: str, earlier: dict[str, Any] | None) -> str | None:
    """How a figure changed, with its sign: +4%. None where either is not known, or nothing was there."""
    if found.now is None or earlier is None:
        return None
    now, then = float(found.now[figure]), float(earlier[figure])
    if pd.isna(now) or pd.isna(then) or then == 0:
        return None
    change = percent(now / then - 1)
    return change if change.startswith("-") else f"+{change}"


def hidden_sentence(found: Volumes) -> str:
    """What is left out of a table, and why; empty where nothing is."""
    if not found.floor or not (found.suppressed or _emptied(found.rows)):
        return ""
    left_out = plural(
        "{n} row is not shown: it is of fewer than {floor} customers, or would give such a row away by subtraction.",
        "{n} rows are not shown: they are of fewer than {floor} customers, or would give such rows away by subtraction.",
        found.suppressed,
    )
    told = left_out.format(n=number(found.suppressed), floor=number(found.floor)) if found.suppressed else ""
    gaps = _("An empty amount would single customers out too.") if _emptied(found.rows) else ""
    return in_a_row(told, gaps)


def rounded_sentence(found: Volumes) -> str:
    """How customers are counted for whoever may not see them one by one."""
    if not found.floor:
        return ""
    return _(
        "Customers are counted down to a multiple of {floor} where the exact count would single somebody out."
    ).format(floor=number(found.floor))


def _emptied(rows: pd.DataFrame) -> bool:
    return bool(rows[list(FIGURES)].isna().any(axis=None))


def volumes_document(
    book: Book, by: Sequence[str], first: date | None = None, last: date | None = None
) -> dict[str, Any]:
    """The `volumes` document of the contract. null : an amount that would single customers out."""
    found = book.volumes(by, first, last)
    rows = found.rows.astype(object).where(found.rows.notna(), None)
    return {
        "rows": rows.to_dict("records"),
        "suppressed": found.suppressed,
        "from": found.first,
        "to": found.last,
        "currency": book.warehouse.manifest.base_currency,
        "floor": found.floor,
        "warnings": [text for text in (hidden_sentence(found), rounded_sentence(found)) if text],
    }


def written(figure: str, value: Any, base: str) -> str:
    """A figure of a total as tiles show it."""
    if figure in ("transactions", "customers"):
        return number(value) if value < READ_IN_FULL else compact(value)
    return money(value, base)
