"""The segments of a recipe side by side: each in every branch, of every manager or in every region of a book."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.access.book import Book
from analytics.access.units import COLUMNS, UNRECORDED, unit_names, units_of
from analytics.calendar import months_before
from analytics.errors import BadInput, NotEnoughData
from analytics.formats import day
from analytics.population import read_by
from analytics.recipe import Recipe
from analytics.segmentation import Segmentation, segment
from analytics.translation import mark
from analytics.translation import translate as _
from analytics.value.measures import top_count

UNITS = {"branch": mark("Branch"), "manager": mark("Relationship manager"), "region": mark("Region")}
SINCE = {"year": 12, "month": 1}  # months that movement reaches back
WINDOW = 12  # months of most figures' windows: before there is a year of data, a window only fills up
FIFTH = 0.2
NOWHERE, ALL = 0, "*"  # the number of no segment; the unit of a whole book's row
KEY = ["unit", "segment"]
FIGURES = ["customers", "share_of_customers", "value", "share_of_value", "mean", "top_share"]
MOVEMENT = ["before", "came", "joined", "went", "net"]


@dataclass(frozen=True, eq=False)
class Review:
    """The segments of a recipe in each unit of a book.

    recipe_hash : of the recipe without its date, which is what targets and comments are kept by.
    by : a key of UNITS. since : the date that movement is counted from, None where it can't be, and why in `unmoved`.
    customers : customer_id, segment (NOWHERE for those whom the method left out), unit, value; one row each.
    cells : KEY, FIGURES, MOVEMENT; one row for each unit and segment that have customers now or had then. The rows
        of ALL are the whole book's and come first, then units by their customers, the largest first. Shares are of
        the unit's customers and of its net total (NaN where that is not positive), top_share of the cell's own;
        MOVEMENT is NaN without `since`: customers then, who came (of them who were not in the population then),
        who went, and the difference.
    units : what units are called, by id, in the order of `cells`. names : of the segments, by number.
    """

    recipe_hash: str
    by: str
    since: date | None
    unmoved: str
    found: Segmentation
    customers: pd.DataFrame
    cells: pd.DataFrame
    units: dict[str, str]
    names: dict[int, str]

    @property
    def as_of(self) -> date:
        return self.found.as_of

    def cell(self, unit: str, number: int) -> dict[str, Any] | None:
        """One row of `cells`, None where nobody is or was."""
        rows = self.cells[(self.cells["unit"] == unit) & (self.cells["segment"] == number)]
        return None if rows.empty else {str(key): told for key, told in rows.iloc[0].items()}

    def members(self, unit: str, number: int) -> pd.DataFrame:
        """The customers of a cell, the most valuable first: customer_id and value."""
        rows = self.customers[self.customers["segment"] == number]
        rows = rows if unit == ALL else rows[rows["unit"] == unit]
        kept = rows[["customer_id", "value"]]
        return kept.sort_values("value", ascending=False, kind="stable", ignore_index=True)


def undated(recipe: Recipe) -> str:
    """The hash of what a recipe asks at any date: targets and comments hold over months."""
    return recipe.model_copy(update={"as_of": None}).hash()


def review(
    book: Book, recipe_text: str, as_of: date | None = None, by: str = "branch", since: str = "year"
) -> Review:
    """The segments of a recipe as of a month end, side by side by unit; units are today's.

    by : a key of UNITS. since : a key of SINCE, "" without movement.
    Raises BadInput for another `by`, NotAllowed where no region is recorded, and as `segmentation.segment` does.
    """
    if by not in COLUMNS:
        raise BadInput(
            _("Segments can't be set side by side by {name}.").format(name=by),
            _("Choose one of {all}.").format(all=_(", ").join(COLUMNS)),
        )
    if by == "region":
        book.require((by,))
    recipe = Recipe.from_toml(recipe_text)
    recipe = recipe.model_copy(update={"as_of": book.as_of(as_of or recipe.as_of)})
    found = segment(book, recipe)
    everyone = units_of(book, by, found.as_of).merge(_placed(book, found), on="customer_id", how="left")
    inside = everyone["segment"].notna()
    customers = everyone[inside].astype({"segment": np.int64}).reset_index(drop=True)
    cells = measured(customers)
    before, then, why_not = _then(book, found, since)
    if then is not None:
        cells = cells.merge(_movement(everyone, then), on=KEY, how="outer")
        gone = ["customers", "value", *MOVEMENT]
        cells = cells.fillna(dict.fromkeys(gone, 0.0)).astype(
            dict.fromkeys(["customers", *MOVEMENT], np.int64)
        )
    else:
        cells[MOVEMENT] = np.nan
    cells, units = _ordered(cells, book, by)
    names = {
        int(number): str(name)
        for number, name in zip(found.segments["segment"], found.segments["name"], strict=True)
    }
    return Review(undated(recipe), by, before, why_not, found, customers, cells, units, names)


def _placed(book: Book, found: Segmentation) -> pd.DataFrame:
    """Everybody whom the recipe asks for: customer_id, segment and value, those left out as NOWHERE."""
    asked = book.frame((found.value,), as_of=found.as_of, where=found.recipe.where)
    rows = asked.merge(found.members[["customer_id", "segment"]], on="customer_id", how="left")
    return pd.DataFrame(
        {
            "customer_id": rows["customer_id"],
            "segment": rows["segment"].fillna(NOWHERE).astype(np.int64),
            "value": rows[found.value].astype("float64").fillna(0.0),
        }
    )


def measured(customers: pd.DataFrame) -> pd.DataFrame:
    """FIGURES of every cell, and of every segment in the whole book (unit ALL): KEY and FIGURES.

    customers : unit, segment, value.

    >>> rows = pd.DataFrame({"unit": ["A", "A", "B"], "segment": [1, 1, 2], "value": [3.0, 1.0, 4.0]})
    >>> measured(rows)[["unit", "segment", "customers", "share_of_value"]].to_numpy().tolist()
    [['A', 1, 2, 1.0], ['B', 2, 1, 1.0], ['*', 1, 2, 0.5], ['*', 2, 1, 0.5]]
    """
    return pd.concat([_measured(customers), _measured(customers.assign(unit=ALL))], ignore_index=True)


def _measured(customers: pd.DataFrame) -> pd.DataFrame:
    grouped = customers.groupby(KEY, sort=True, observed=True)
    rows = grouped["value"].agg(customers="size", value="sum").reset_index()
    rows["top_share"] = _top_shares(
        np.asarray(grouped.ngroup(), dtype=np.int64), customers["value"].to_numpy(np.float64)
    )
    whole = rows.groupby("unit", observed=True)[["customers", "value"]].transform("sum")
    rows["share_of_customers"] = rows["customers"] / whole["customers"]
    rows["share_of_value"] = rows["value"] / whole["value"].where(whole["value"] > 0)
    rows["mean"] = rows["value"] / rows["customers"]
    return rows[[*KEY, *FIGURES]]


def _top_shares(cell: NDArray[np.int64], value: NDArray[np.float64]) -> NDArray[np.float64]:
    """What the best fifth of each cell's customers bring, as a share of its net total; by one sort for all cells.

    cell : its number, 0, 1, ..., for each customer.

    >>> _top_shares(np.array([0, 0, 0, 0, 0, 1]), np.array([70.0, 10, 10, 10, 0, -5])).tolist()
    [0.7, nan]
    """
    order = np.lexsort((-value, cell))
    sizes = np.bincount(cell)
    rank = np.arange(len(cell)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    most = np.array([top_count(int(size), FIFTH) for size in sizes])
    ranked, worth = cell[order], value[order]
    best = np.bincount(ranked, weights=np.where(rank < most[ranked], worth, 0.0), minlength=len(sizes))
    total = np.bincount(ranked, weights=worth, minlength=len(sizes))
    shares: NDArray[np.float64] = np.full(len(sizes), np.nan)
    np.divide(best, total, out=shares, where=total > 0)
    return shares


def _then(book: Book, found: Segmentation, since: str) -> tuple[date | None, pd.DataFrame | None, str]:
    """The date before, where everybody was then, and why not where that can't be told."""
    if not since:
        return None, None, ""
    before = months_before(found.as_of, SINCE[since])
    known = sum(end <= before for end in book.warehouse.month_ends)
    if known < WINDOW:
        text = _("The data do not reach back a year before {day}, so who moved since then can't be told.")
        return None, None, text.format(day=day(before))
    try:
        return before, moved(book, found, before), ""
    except NotEnoughData as error:
        return None, None, str(error)


def moved(book: Book, found: Segmentation, before: date) -> pd.DataFrame:
    """Where this segmentation's rule, unchanged, puts the customers of an earlier month end: customer_id, then.

    Those outside the population at that date are left out; those whom the rule puts nowhere are NOWHERE.
    Raises NotEnoughData for a method that keeps no rule.
    """
    keys = tuple(dict.fromkeys((*read_by(found.recipe), found.value)))
    rows = book.frame(keys, as_of=before, where=found.recipe.where)
    if rows.empty:
        return pd.DataFrame({"customer_id": rows["customer_id"], "then": np.zeros(0, np.int64)})
    table = rows.set_index("customer_id")
    then = found.place(table, table[found.value].astype("float64"))
    return pd.DataFrame({"customer_id": rows["customer_id"], "then": then})


def _movement(everyone: pd.DataFrame, then: pd.DataFrame) -> pd.DataFrame:
    """KEY and MOVEMENT of every cell and of the whole book's segments.

    everyone : unit and segment now, NaN for who is not in the population now. then : as `moved`.
    """
    both = everyone[["customer_id", "unit", "segment"]].merge(then, on="customer_id", how="left")
    parts = [_counted(both), _counted(both.assign(unit=ALL))]
    return pd.concat(parts, ignore_index=True)


def _counted(both: pd.DataFrame) -> pd.DataFrame:
    stayed = both["segment"] == both["then"]
    here, there = both["segment"].notna(), both["then"].notna()
    counts = {
        "before": both[there].groupby(["unit", "then"], observed=True).size(),
        "came": both[here & ~stayed].groupby(KEY, observed=True).size(),
        "joined": both[here & ~there].groupby(KEY, observed=True).size(),
        "went": both[there & ~stayed].groupby(["unit", "then"], observed=True).size(),
    }
    rows = pd.concat({name: each.rename_axis(KEY) for name, each in counts.items()}, axis=1)
    rows = rows.fillna(0).astype(np.int64).assign(net=lambda told: told["came"] - told["went"])
    return rows.reset_index().astype({"segment": np.int64})


def _ordered(cells: pd.DataFrame, book: Book, by: str) -> tuple[pd.DataFrame, dict[str, str]]:
    """The cells with the whole book first and units by size, and what units are called in that order."""
    sizes = (
        cells.groupby("unit", observed=True)["customers"].sum().sort_values(ascending=False, kind="stable")
    )
    order = [ALL, *(str(unit) for unit in sizes.index if unit != ALL)]
    called = unit_names(book, by, [unit for unit in order[1:] if unit != UNRECORDED])
    fixed = {ALL: _("Whole book"), UNRECORDED: _("Not recorded")}
    units = {unit: fixed.get(unit) or called[unit] for unit in order}
    place = cells["unit"].map({unit: at for at, unit in enumerate(order)})
    last = cells["segment"].replace(NOWHERE, 10**9)  # those in no segment after all others
    kept = cells.assign(place=place, last=last).sort_values(["place", "last"])
    return kept.drop(columns=["place", "last"]).reset_index(drop=True), units
