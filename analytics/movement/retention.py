"""Who stays: the share of each segment, and of those who joined together, that is still active so many months on."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.access.book import Book
from analytics.access.presence import MOST_MONTHS, active, presence
from analytics.errors import BadInput
from analytics.formats import number, percent
from analytics.jobs import checkpoint
from analytics.lifetime.models import QUIET
from analytics.movement.causes import NOWHERE
from analytics.movement.runs import at, run
from analytics.population import population
from analytics.recipe import Recipe
from analytics.translation import plural
from analytics.translation import translate as _

LEAST = 50  # customers of half the cohorts at least: of fewer one customer is several percent
GRAINS = {"month": 1, "quarter": 3, "year": 12}  # what cohorts are merged by, the finest that is large enough


@dataclass(frozen=True)
class Retention:
    """Shares still active; active is with a transaction or a balance in the QUIET months to a month end.

    segments : segment (at the first date), name, customers, month (0, 1, ... since then), active, share.
    cohorts : start (first day), customers, month (since joining), active, share: of customers who joined since the
        data begin, together by `grain`; a merged cohort goes on for as long as all of it has.
    """

    first: date
    last: date
    grain: str
    segments: pd.DataFrame
    cohorts: pd.DataFrame

    @property
    def sentence(self) -> str:
        """Which segment keeps most and which fewest of its customers."""
        end = self.segments[self.segments["month"] == self.segments["month"].max()]
        ordered = end.sort_values("share", kind="stable")
        low, high = ordered.iloc[0], ordered.iloc[-1]
        if low["share"] == high["share"]:
            alike = plural(
                "After {months} months {share} of the customers of the {n} segment are still active.",
                "After {months} months {share} of the customers of each of the {n} segments are still active.",
                len(end),
            )
            return alike.format(
                months=number(int(low["month"])), share=percent(low["share"]), n=number(len(end))
            )
        said = _(
            "After {months} months {high_share} of “{high}” are still active, the most, and {low_share} of “{low}”, the "
            "fewest."
        )
        return said.format(
            months=number(int(low["month"])), high=high["name"], high_share=percent(high["share"]), low=low["name"],
            low_share=percent(low["share"]),
        )  # fmt: skip


def retention(book: Book, recipe: Recipe, first: date, last: date) -> Retention:
    """The share of the members of each segment at `first` that is still active at every month end to `last`.

    Raises BadInput where `first` is not before `last` by at least a month and at most MOST_MONTHS - QUIET, and as
    `segment`.
    """
    months = _index(last) - _index(first)
    if not 0 < months <= MOST_MONTHS - QUIET:
        what = _("Retention is shown over 1 to {most} months.").format(most=number(MOST_MONTHS - QUIET))
        raise BadInput(what, _("Choose the two month ends nearer to each other."))
    checkpoint(0.0, _("running it at the first date"))
    began = run(population(book, at(recipe, first)), at(recipe, first))
    checkpoint(0.6, _("counting who stays"))
    there = presence(book, last)
    bits = (
        there.set_index("customer_id")["months"]
        .reindex(began.people.table.index)
        .fillna(0)
        .to_numpy(np.int64)
    )
    rows = []
    for segment, name in enumerate(began.names, start=1):
        own = bits[began.segments == segment]
        if len(own):
            rows.append(_curve(own, range(months, -1, -1)).assign(segment=segment, name=name))
    start = book.warehouse.month_ends[0]
    grain, cohorts = _cohorts(there, start, last)
    return Retention(first, last, grain, pd.concat(rows, ignore_index=True), cohorts)


def retention_toml(book: Book, recipe: str, first: date, last: date) -> Retention:
    """`retention` from a recipe as plain text, so that equal questions can share an answer."""
    return retention(book, Recipe.from_toml(recipe), first, last)


def _index(day: date) -> int:
    return day.year * 12 + day.month - 1


def _curve(bits: NDArray[np.int64], backs: range) -> pd.DataFrame:
    """customers, month, active, share of some customers. backs : months before the last date, the first curve's 0."""
    counts = [int(active(bits, back).sum()) for back in backs]
    rows = pd.DataFrame({"customers": len(bits), "month": range(len(counts)), "active": counts})
    return rows.assign(share=rows["active"] / len(bits))


def _cohorts(there: pd.DataFrame, start: date, last: date) -> tuple[str, pd.DataFrame]:
    """The grain, and the curve of each cohort."""
    joined = _joined(there, start, last)
    known = joined != NOWHERE
    joined, bits = joined[known], there["months"].to_numpy(np.int64)[known]
    grain = _grain(joined)
    step, now = GRAINS[grain], _index(last)
    rows = []
    for cohort in np.unique(joined // step):
        inside = joined // step == cohort
        curve = _together(joined[inside], bits[inside], now)
        begin = int(cohort) * step
        rows.append(curve.assign(start=date(begin // 12, begin % 12 + 1, 1)))
    columns = ["start", "customers", "month", "active", "share"]
    found = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=columns)
    return grain, found[columns]


def _joined(there: pd.DataFrame, start: date, last: date) -> NDArray[np.int64]:
    """The month that each customer joined in, years * 12 + month - 1: onboarded, or first seen where that is earlier or
    the only thing known; 0 for whoever may have been there before the data begin."""
    columns = [pd.to_datetime(there[name]) for name in ("onboarded_on", "first_seen")]
    onboarded, seen = ((column.dt.year * 12 + column.dt.month - 1).astype("float64") for column in columns)
    # Without a date of joining, who is seen in the first months may have been silent before them.
    seen = seen.where(onboarded.notna() | (seen >= _index(start) + QUIET))
    month = np.fmin(onboarded.to_numpy(), seen.to_numpy())
    usable = (month >= _index(start)) & (month <= _index(last)) & (month > _index(last) - MOST_MONTHS + QUIET)
    return np.where(usable, np.nan_to_num(month), NOWHERE).astype(np.int64)


def _grain(joined: NDArray[np.int64]) -> str:
    """The finest grain of which half the cohorts have LEAST customers; years where none has."""
    for grain, step in GRAINS.items():
        sizes = np.unique(joined // step, return_counts=True)[1]
        if len(sizes) and np.median(sizes) >= LEAST:
            return grain
    return "year"


def _together(joined: NDArray[np.int64], bits: NDArray[np.int64], now: int) -> pd.DataFrame:
    """The curve of customers who joined within a few months, each counted from their own month."""
    length = now - int(joined.max()) + 1
    counts = np.zeros(length, np.int64)
    for month in np.unique(joined):
        own = bits[joined == month]
        counts += [int(active(own, int(now - month - k)).sum()) for k in range(length)]
    rows = pd.DataFrame({"customers": len(bits), "month": range(length), "active": counts})
    return rows.assign(share=rows["active"] / len(bits))
