"""The team at a date: each employee's book and result, against what a book of that mix would be expected to bring."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from analytics.access.book import Book
from analytics.access.norms import Norms, norms
from analytics.access.staff import TEAM
from analytics.effort import effort, typical
from analytics.errors import NotAllowed
from analytics.strata import (
    NOBODY,
    Cells,
    Flags,
    Numbers,
    Places,
    cells,
    levels,
    moments_of_others,
    sizes_by_manager,
)
from analytics.team.books import People, figures, measure_of, people
from analytics.team.expectation import LEVEL, Expectation, expectation
from analytics.translation import translate as _

FEWEST = 3  # employees from which they are held against each other
LEAST, OTHERS = 10, 3  # customers in a cell, and how many of them are left without any two employees
ABOVE, EXPECTED, BELOW, UNCOMPARED = "above", "as expected", "below", ""
IN_BOOK, IN_BANK, NOWHERE = "book", "bank", ""
BOUNDS = ("expected", "low", "high")


@dataclass(frozen=True, eq=False)
class Team:
    """rows : as `books.figures`, and expected, low, high, difference, per_head, richness (what is expected of a
    customer, over the mean of all shown; 1 is a book like all), verdict (ABOVE, EXPECTED, BELOW, UNCOMPARED), band
    (1 the best: between bands no interval overlaps, within one nobody is ranked; 0 uncompared), workload (customers
    of average effort) and load (over capacity; NaN where that is not known).

    measure : what results are measured in. compared : whether with others of the BOOK or of the whole BANK.
    unmanaged : customers of the book whom nobody looks after. level : of the interval.
    """

    rows: pd.DataFrame
    measure: str
    as_of: date
    compared: str
    unmanaged: int
    capacity: float | None
    level: float = LEVEL

    def document(self) -> dict[str, Any]:
        """The `team` JSON of contract.md."""
        profit = self.measure == "profit_12m"
        rows = []
        for row in self.rows.to_dict("records"):
            told = {str(key): None if pd.isna(item) else item for key, item in row.items()}
            result, expected = told["result"], told["expected"]
            told |= {
                "profit_12m": result if profit else None,
                "expected_profit_12m": expected if profit else None,
            }
            rows.append(told)
        return {
            "rows": rows, "measure": self.measure, "as_of": self.as_of.isoformat(), "compared_with": self.compared,
            "level": self.level, "unmanaged": self.unmanaged, "capacity": self.capacity,
        }  # fmt: skip


def team(
    book: Book, as_of: date | None = None, whose: tuple[str, ...] | None = None, capacity: float | None = None
) -> Team:
    """Who looks after customers of the book, and how their results compare.

    whose : see `access.staff.whose`; with numbers only these are shown, and held against the whole bank, of which
        only norms are told. capacity : customers of average effort that one can look after; left out, the median.
    Raises NotAllowed for everybody's rows asked by whoever may see their own alone, NotEnoughData without a measure.
    """
    require_open(book, whose)
    day = book.as_of(as_of)
    found = people(book, measure_of(book), day)
    rows = figures(book, found, day, whose)
    alone = whose is not None or len(rows) < FEWEST
    known, usual, median = _against_bank(book, found, rows, day) if alone else _against_book(found)
    rows = rows.assign(**{name: getattr(known, name) for name in BOUNDS})
    rows["workload"] = _workload(found, usual, rows)
    limit = capacity or median
    rows["load"] = rows["workload"] / limit if limit else np.nan
    compared = NOWHERE if rows["expected"].isna().all() else IN_BANK if alone else IN_BOOK
    unmanaged = int(found.table["manager_id"].isna().sum()) if whose is None else 0
    return Team(_judged(rows), found.measure, day, compared, unmanaged, limit)


def require_open(book: Book, whose: tuple[str, ...] | None) -> None:
    """Raise NotAllowed for everybody's rows, asked by whoever may see their own alone."""
    if whose is None and TEAM not in book.person.pages:
        raise NotAllowed(
            _("The figures of other employees are not open to you."), _("Your own are on your Overview.")
        )


def _against_book(found: People) -> tuple[Expectation, dict[str, float], float]:
    """Each employee of the book against the others in it; in order of their numbers."""
    rows = found.looked_after.reset_index(drop=True)
    manager = pd.factorize(rows["manager_id"], sort=True)[0].astype(np.int64)
    managers = int(manager.max(initial=-1)) + 1
    placed = cells(levels(rows), lambda places, groups, count: _enough(manager[places], groups, count))
    others = moments_of_others(placed, rows[found.measure].to_numpy(np.float64), manager, managers)
    usual = typical(rows)
    work = np.bincount(manager, effort(rows, usual), managers)
    return expectation(_heads(placed, manager, managers), others, placed.kind), usual, float(np.median(work))


def _enough(manager: Places, groups: Places, count: int) -> Flags:
    sizes = sizes_by_manager(groups, count, manager)
    return np.asarray((sizes["whole"] >= LEAST) & (sizes["whole"] - sizes["top"] >= OTHERS), dtype=np.bool_)


def _heads(placed: Cells, manager: Places, managers: int) -> Numbers:
    """Customers of each book in each cell; there may be none."""
    inside = placed.cell != NOBODY
    place = manager[inside] * placed.count + placed.cell[inside]
    return (
        np.bincount(place, minlength=managers * placed.count)
        .reshape(managers, placed.count)
        .astype(np.float64)
    )


def _against_bank(
    book: Book, found: People, rows: pd.DataFrame, as_of: date
) -> tuple[Expectation, dict[str, float], float | None]:
    """The same for a few employees, each against the norms of the bank without their own customers."""
    told = [norms(book, str(one), found.measure, as_of) for one in rows["employee_id"]]
    each = [_against(one, found) for one in told]
    known = Expectation(*(np.array([getattr(one, name)[0] for one in each]) for name in BOUNDS))
    return known, told[0].usual if told else {}, told[0].capacity if told else None


def _against(one: Norms, found: People) -> Expectation:
    heads = np.bincount(one.placed["cell"], minlength=len(one.kind)).astype(np.float64)[None, :]
    return expectation(heads, one.others, one.kind)


def _workload(found: People, usual: dict[str, float], rows: pd.DataFrame) -> "pd.Series[float]":
    work = found.looked_after.assign(effort=effort(found.looked_after, usual))
    return rows["employee_id"].map(work.groupby("manager_id")["effort"].sum()).astype(float)


def _judged(rows: pd.DataFrame) -> pd.DataFrame:
    """Differences, verdicts and bands; in order of employee numbers, which ranks nobody."""
    per_head = rows["expected"] / rows["customers"]
    together = rows["expected"].sum() / rows["customers"].sum() if len(rows) else np.nan
    verdict = np.select(
        [rows["expected"].isna(), rows["result"] > rows["high"], rows["result"] < rows["low"]],
        [UNCOMPARED, ABOVE, BELOW], EXPECTED,
    )  # fmt: skip
    return rows.assign(
        difference=rows["result"] - rows["expected"], per_head=per_head,
        richness=per_head / together if together > 0 else np.nan, verdict=verdict,
        band=bands(rows["result"] - rows["high"], rows["result"] - rows["low"]),
    )  # fmt: skip


def bands(low: "pd.Series[float]", high: "pd.Series[float]") -> Places:
    """Groups that the data can tell apart: 1 the best, 0 where there is no interval.

    low, high : the ends of each difference's interval. Who overlaps with somebody is in their band, so that
    between two bands no interval overlaps.

    >>> bands(pd.Series([5.0, -1.0, 0.0, np.nan]), pd.Series([9.0, 2.0, 3.0, np.nan])).tolist()
    [1, 2, 2, 0]
    """
    starts, ends = low.to_numpy(np.float64), high.to_numpy(np.float64)
    order = np.flatnonzero(np.isfinite(starts))
    order = order[np.argsort(starts[order], kind="stable")]
    reached = np.maximum.accumulate(ends[order])
    apart = np.zeros(len(order), np.int64)
    apart[1:] = starts[order][1:] > reached[:-1]
    found = np.zeros(len(starts), np.int64)
    from_below = np.cumsum(apart)
    found[order] = from_below.max(initial=0) - from_below + 1
    return found
