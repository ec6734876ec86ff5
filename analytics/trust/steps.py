"""The smallest change of one indicator that puts a customer in another segment, by asking the model itself."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.indicators import CATALOGUE
from analytics.methods.preparation import cells_of, is_number
from analytics.segmentation import Segmentation

Labels = NDArray[np.int64]
Numbers = NDArray[np.float64]
# The least believable step by unit: whole days and months, cents, hundredths of a percent.
STEPS = {"count": 1.0, "days": 1.0, "months": 1.0, "currency": 0.01, "share": 0.0001}
BELIEVABLE = (0.01, 0.99)
OBSERVED, EVEN = 400, 100  # values tried a way: as customers have them, and evenly between the ends
HALVINGS = 60


@dataclass(frozen=True)
class Change:
    """One indicator from `now` to `then`, which puts the customer in `segment`; with `short` they are not yet.

    limit : the farthest value that is believable. step : what a figure goes up or down by, 0 for anything.
    """

    indicator: str
    now: float
    short: float
    then: float
    segment: int
    limit: float
    step: float

    @property
    def whole(self) -> bool:
        """Whether it is counted rather than measured."""
        return self.step == 1


class Customer:
    """One member of a segmentation, who can be placed again with one of their indicators changed."""

    def __init__(self, result: Segmentation, row: int) -> None:
        self.result = result
        self.segment = int(result.members["segment"].iloc[row])
        self._row = result.members.iloc[[row]]

    def now(self, key: str) -> float:
        """What an indicator is now; NaN where it is empty."""
        return float(cells_of(self._row[key])[0])

    def placed(self, keys: Sequence[str], values: Numbers) -> Labels:
        """The segment with each of these changes alone: indicator and its new value, shape (n_changes,)."""
        table = self._row.iloc[np.zeros(len(values), np.int64)].reset_index(drop=True)
        names = np.array(keys)
        for key in dict.fromkeys(keys):
            cells = np.where(names == key, values, self.now(key))
            table[key] = cells
        return self.result.place(table, table[self.result.value].astype("float64"))


def changes(result: Segmentation, customer: Customer, keys: Sequence[str]) -> list[Change]:
    """For each other segment and each indicator and direction that lead there, the smallest change that does.

    keys : numbers among the members' columns. Tried are values from the 1st to the 99th percentile of the
    members (and the customer's own beyond that), whole ones for counts; between the last value that does not
    lead there and the first that does, the edge is found by halving.
    """
    walks = [walk for key in keys for walk in _walks(result.members[key], key, customer.now(key))]
    if not walks:
        return []
    names = [key for key, _step, values in walks for _value in values]
    placed = customer.placed(names, np.concatenate([values for _key, _step, values in walks]))
    found, at = [], 0
    for key, step, values in walks:
        here, at = placed[at : at + len(values)], at + len(values)
        found += _crossings(key, step, customer, values, here)
    return _said(customer, _narrowed(customer, found))


def _walks(column: "pd.Series[float]", key: str, now: float) -> list[tuple[str, float, Numbers]]:
    """The values to try, from the customer's own upwards and downwards, nearest first."""
    cells = cells_of(column)
    cells = cells[~np.isnan(cells)]
    if np.isnan(now) or not len(cells):
        return []
    unit = CATALOGUE[key].unit if key in CATALOGUE else ""
    step = 1.0 if (cells == np.round(cells)).all() and unit != "currency" else STEPS.get(unit, 0.0)
    low, high = np.quantile(cells, BELIEVABLE, method="inverted_cdf")
    seen = np.quantile(cells, np.linspace(*BELIEVABLE, OBSERVED), method="inverted_cdf")
    values = np.concatenate((seen, np.linspace(low, high, EVEN)))
    if step == 1:
        values = np.concatenate((np.round(values), np.arange(np.ceil(low), min(high, low + OBSERVED) + 1)))
    values = np.unique(values[(values >= low) & (values <= high)])
    ways = (values[values >= now + step], values[values <= now - step][::-1]) if step else (
        values[values > now], values[values < now][::-1]
    )  # fmt: skip
    return [(key, step, way) for way in ways if len(way)]


def _crossings(key: str, step: float, customer: Customer, values: Numbers, placed: Labels) -> list[Change]:
    """The first step of a walk into each other segment."""
    found, now = [], customer.now(key)
    for segment in np.unique(placed[(placed > 0) & (placed != customer.segment)]):
        first = int(np.argmax(placed == segment))
        short = float(values[first - 1]) if first else now
        found.append(Change(key, now, short, float(values[first]), int(segment), float(values[-1]), step))
    return found


def _narrowed(customer: Customer, found: list[Change]) -> list[Change]:
    """The same changes, each halved towards the edge until there is nothing between."""
    for _halving in range(HALVINGS):
        middles = [_middle(change) for change in found]
        rest = [at for at, middle in enumerate(middles) if middle not in (found[at].short, found[at].then)]
        if not rest:
            break
        placed = customer.placed([found[at].indicator for at in rest], np.array([middles[at] for at in rest]))
        for at, segment in zip(rest, placed, strict=True):
            there = segment == found[at].segment
            found[at] = (
                replace(found[at], then=middles[at]) if there else replace(found[at], short=middles[at])
            )
    return found


def _middle(change: Change) -> float:
    middle = (change.short + change.then) / 2
    if not change.step:
        return middle
    steps = middle / change.step
    at = round(float(np.floor(steps) if change.then > change.now else np.ceil(steps)) * change.step, 6)
    if abs(at - change.now) < change.step * (1 - 1e-6):
        return change.short  # less than a step is no change
    low, high = sorted((change.short, change.then))
    return min(max(at, low), high)  # between two steps there is nothing to try


def _said(customer: Customer, found: list[Change]) -> list[Change]:
    """The same changes as far as figures are said, to a hundredth of the change, where they still do it."""
    if not found:
        return []
    rounder = np.array([change.then if change.whole else _outward(change) for change in found])
    placed = customer.placed([change.indicator for change in found], rounder)
    return [
        replace(change, then=float(value)) if segment == change.segment else change
        for change, value, segment in zip(found, rounder, placed, strict=True)
    ]


def _outward(change: Change) -> float:
    """The next figure beyond the edge, in steps of at most a hundredth of the change."""
    places = decimals(change)
    up, step = change.then > change.now, max(10.0**-places, change.step)
    figure = round(float((np.ceil if up else np.floor)(change.then / step)) * step, max(places, 0))
    return min(figure, change.limit) if up else max(figure, change.limit)


def decimals(change: Change) -> int:
    """Decimals that a change is said with: enough for a hundredth of it."""
    return 2 - int(np.floor(np.log10(abs(change.then - change.now))))


def numbers_among(members: pd.DataFrame, keys: Sequence[str]) -> list[str]:
    """Those of the indicators that are numbers and that a customer could change."""
    return [key for key in keys if key in CATALOGUE and CATALOGUE[key].can_change and is_number(members[key])]
