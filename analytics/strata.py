"""Customers who are alike, in cells that are large enough: what a book of a given mix may be held against.

Coarsened exact strata, as in `needs.matching`, but nested: where a stratum is too small, what is left of it joins
what is left of the next coarser one, so that every customer is in one cell and no two cells overlap.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]
Flags = NDArray[np.bool_]

KEYS = ("customer_type", "balance_average_3m", "tenure_years", "age_years", "city_tier")
TENURES, AGES = (2.0, 7.0), (30.0, 45.0, 60.0)  # years where bands begin
COARSE, FINE = 4, 24  # bands of balance among customers of one type: most of what they bring hangs on it
PARENT = 3  # levels that cells share which are drawn to each other's mean: type and balance
NOBODY = -1
Safe = Callable[[Places, Places, int], Flags]


@dataclass(frozen=True, eq=False)
class Cells:
    """cell : shape (n_customers,), of each customer, or NOBODY everywhere where no cell is large enough.
    kind : shape (n_cells,), equal for cells of the same first PARENT levels; one of its own for a coarser cell."""

    cell: Places
    kind: Places

    @property
    def count(self) -> int:
        return len(self.kind)


@dataclass(frozen=True, eq=False)
class Moments:
    """How much a customer of a cell brings: count, mean, variance and third central moment, all of one shape.

    variance : of a sample, NaN below two customers. mean : NaN without any.
    """

    count: Numbers
    mean: Numbers
    variance: Numbers
    third: Numbers


def levels(table: pd.DataFrame) -> list[Places]:
    """Each customer's stratum, from coarse to fine, as whole numbers; each level divides the one before it.

    table : one row a customer, those of KEYS that are known; what is missing is a band of its own.
    """
    kinds = _labels(table, "customer_type")
    cities = _labels(table, "city_tier")
    steps = (
        (kinds, int(kinds.max(initial=0))), (_bands_within(table, kinds, COARSE), COARSE),
        (_bands_within(table, kinds, FINE), FINE), (_cut(table, "age_years", AGES), len(AGES) + 1),
        (_cut(table, "tenure_years", TENURES), len(TENURES) + 1), (cities, int(cities.max(initial=0))),
    )  # fmt: skip
    found: list[Places] = []
    whole = np.zeros(len(table), np.int64)
    for step, last in steps:
        whole = whole * (last + 1) + step
        found.append(whole)
    return found


def cells(nested: list[Places], safe: Safe) -> Cells:
    """Divide customers as finely as `safe` allows.

    safe : told the places of some customers, their groups 0, 1, ... and how many groups there are, says which
        of these are large enough. What fits nowhere, not even in one group of all that is left, joins the
        smallest cell that is large enough with it; where there is none, nobody is in a cell.
    """
    customers = len(nested[0])
    cell: Places = np.full(customers, NOBODY)
    kind: list[int] = []
    for depth in range(len(nested), -1, -1):
        left = np.flatnonzero(cell == NOBODY)
        if not len(left):
            break
        strata = nested[depth - 1][left] if depth else np.zeros(len(left), np.int64)
        _names, first, groups = np.unique(strata, return_index=True, return_inverse=True)
        fine = safe(left, groups, len(first))
        numbers = len(kind) + np.cumsum(fine) - 1
        cell[left] = np.where(fine[groups], numbers[groups], NOBODY)
        parents = nested[PARENT - 1][left[first[fine]]] if depth >= PARENT else -1 - np.unique(numbers[fine])
        kind += parents.tolist()
    if kind and not _join(cell, len(kind), safe):
        return Cells(np.full(customers, NOBODY), np.zeros(0, np.int64))
    return Cells(cell, np.array(kind, np.int64))


def _join(cell: Places, count: int, safe: Safe) -> bool:
    """Put who is in no cell into the smallest that stays safe with them; False where none does."""
    left = cell == NOBODY
    if not left.any():
        return True
    for one in np.bincount(cell[~left], minlength=count).argsort(kind="stable"):
        places = np.flatnonzero(left | (cell == one))
        if safe(places, np.zeros(len(places), np.int64), 1)[0]:
            cell[left] = one
            return True
    return False


def moments_of_others(found: Cells, amounts: Numbers, manager: Places, managers: int) -> Moments:
    """What the customers of all other managers bring, for each manager and cell; shape (managers, cells).

    manager : of each customer, 0, 1, ...; below 0 for one whom nobody looks after, who is no one's peer.
    """
    looked_after = (manager >= 0) & (found.cell != NOBODY)
    cell, whose, given = (column[looked_after] for column in (found.cell, manager, amounts))
    shape = (managers, found.count)
    centre = _divided(
        np.bincount(cell, given, found.count), np.bincount(cell, minlength=found.count).astype(np.float64)
    )
    away = given - np.nan_to_num(centre)[cell]  # powers of what lies near zero keep their digits
    place = whose * found.count + cell
    sums = [np.bincount(place, away**power, managers * found.count).reshape(shape) for power in (0, 1, 2, 3)]
    count, one, two, three = (whole.sum(axis=0) - whole for whole in sums)
    shift = _divided(one, count)
    square = np.maximum(two - count * shift**2, 0.0)
    cube = three - 3 * shift * two + 2 * count * shift**3
    return Moments(
        count, shift + np.nan_to_num(centre), np.where(count > 1, _divided(square, count - 1), np.nan),
        _divided(cube, count),
    )  # fmt: skip


def sizes_by_manager(
    groups: Places, count: int, manager: Places, weights: Numbers | None = None
) -> pd.DataFrame:
    """For each group: whole (of everybody looked after), top (what its two largest managers have of it), managers.

    weights : of each customer; without, heads are counted.
    """
    weighed = np.ones(len(groups)) if weights is None else weights
    looked_after = manager >= 0
    rows = pd.DataFrame({"group": groups, "manager": manager, "weight": weighed})[looked_after]
    each = rows.groupby(["group", "manager"], sort=False)["weight"].sum().reset_index()
    each = each.sort_values("weight", ascending=False, kind="stable")
    by_group = each.groupby("group")["weight"]
    told = pd.DataFrame({"whole": by_group.sum(), "managers": by_group.size()})
    told["top"] = each.groupby("group").head(2).groupby("group")["weight"].sum()
    return told.reindex(range(count), fill_value=0)


def _divided(above: NDArray[Any], below: Numbers) -> Numbers:
    return np.asarray(np.divide(above, below, out=np.full(np.shape(above), np.nan), where=below > 0))


def _labels(table: pd.DataFrame, key: str) -> Places:
    if key not in table:
        return np.zeros(len(table), np.int64)
    return pd.factorize(table[key], sort=True)[0].astype(np.int64) + 1


def _cut(table: pd.DataFrame, key: str, edges: tuple[float, ...]) -> Places:
    if key not in table:
        return np.zeros(len(table), np.int64)
    values = table[key].to_numpy(np.float64, na_value=np.nan)
    return np.where(np.isfinite(values), np.searchsorted(edges, values, side="right") + 1, 0)


def _bands_within(table: pd.DataFrame, kinds: Places, bands: int) -> Places:
    """Bands of balance of about equal size among customers of one type; equal balances are never apart."""
    found = np.zeros(len(table), np.int64)
    if "balance_average_3m" not in table:
        return found
    values = table["balance_average_3m"].to_numpy(np.float64, na_value=np.nan)
    for kind in np.unique(kinds):
        here = (kinds == kind) & np.isfinite(values)
        if here.any():
            edges = np.unique(np.quantile(values[here], np.arange(1, bands) / bands, method="lower"))
            found[here] = np.searchsorted(edges, values[here], side="left") + 1
    return found
