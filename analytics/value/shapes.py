"""How a value is distributed in each group: smoothed shapes on one common scale, and quantiles."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.value.distribution import QUANTILES
from analytics.value.measures import Amounts
from analytics.value.scale import Ruler, ruler_for

MOST_SHAPES = 7  # side by side: more are not told apart
FEW = 50  # customers: at most as many are shown one by one
STEPS = 256


@dataclass(frozen=True, eq=False)
class GroupShape:
    """One group's distribution.

    positions, density : shape (n_steps,), where the shape is drawn and how many of the customers (as a part) lie
        there by unit of position; zero outside the group's own range. Together over the range it is 1.
    points : the amounts one by one, ascending, where there are FEW at most; None otherwise.
    quantiles : amount by share of customers at or below it, as `Distribution` has them.
    lowest, highest : of all the amounts.
    """

    name: str
    customers: int
    positions: Amounts
    density: Amounts
    points: Amounts | None
    quantiles: dict[float, float]
    lowest: float
    highest: float


@dataclass(frozen=True, eq=False)
class GroupDistribution:
    """Groups' shapes on one scale; `ruler.position` says where any amount stands, threshold is the ruler's.

    tick_values, tick_positions : round amounts and where they stand.
    """

    ruler: Ruler
    shapes: list[GroupShape]
    tick_values: list[float]
    tick_positions: list[float]
    threshold: float | None


def by_group_distribution(members: pd.DataFrame) -> GroupDistribution:
    """The shape of each segment's amounts, all on the scale that everybody's amounts ask for.

    members : segment (any order), segment_name, value; customers without a value are left out, and groups
        without any. Groups come in order of `segment`.

    >>> rows = pd.DataFrame({"segment": [1, 1, 2], "segment_name": ["A", "A", "B"], "value": [5.0, 9.0, -2.0]})
    >>> [(shape.name, shape.customers, shape.points.tolist()) for shape in by_group_distribution(rows).shapes]
    [('A', 2, [5.0, 9.0]), ('B', 1, [-2.0])]
    """
    rows = members[np.isfinite(members["value"].to_numpy(float))]
    amounts = rows["value"].to_numpy(float)
    ruler = ruler_for(amounts)
    if not amounts.size:
        return GroupDistribution(ruler, [], [], [], ruler.threshold)
    ends = np.array([amounts.min(), amounts.max()])
    grid = np.linspace(*_room(ruler.position(ends)), STEPS)
    names = rows["segment_name"].to_numpy()
    shapes = [
        _shape(str(names[places[0]]), amounts[places], ruler, grid)
        for _segment, places in sorted(rows.groupby("segment", observed=True).indices.items())
    ]
    ticks = ruler.ticks(ends)
    return GroupDistribution(ruler, shapes, ticks, ruler.position(ticks).tolist(), ruler.threshold)


def _room(ends: Amounts) -> tuple[float, float]:
    """From the lowest position to the highest, with a little space around a single one."""
    low, high = float(ends[0]), float(ends[1])
    return (low, high) if high > low else (low - max(1.0, abs(low)) / 2, high + max(1.0, abs(high)) / 2)


def _shape(name: str, amounts: Amounts, ruler: Ruler, grid: Amounts) -> GroupShape:
    return GroupShape(
        name=name,
        customers=amounts.size,
        positions=grid,
        density=_density(ruler.position(amounts), grid),
        points=np.sort(amounts) if amounts.size <= FEW else None,
        quantiles=dict(zip(QUANTILES, np.quantile(amounts, QUANTILES).tolist(), strict=True)),
        lowest=float(amounts.min()),
        highest=float(amounts.max()),
    )


def _density(places: Amounts, grid: Amounts) -> Amounts:
    """A Gaussian kernel's density on the grid, from counts by step: as fast for a million as for twelve.

    Source: bandwidth by Silverman 1986, 0.9 min(s, IQR / 1.34) n^(-1/5), at least one step of the grid.
    """
    step = float(grid[1] - grid[0])
    counts = np.bincount(np.rint((places - grid[0]) / step).astype(np.int64), minlength=grid.size)
    middle = float(np.subtract(*np.quantile(places, [0.75, 0.25]))) / 1.34
    deviations = [spread for spread in (float(places.std()), middle) if spread > 0]
    width = max(0.9 * min(deviations, default=0.0) * places.size**-0.2, step)
    kernel = np.exp(-0.5 * (np.arange(-grid.size + 1, grid.size) * step / width) ** 2)
    smooth = np.convolve(counts, kernel, mode="valid")
    inside = (grid >= places.min() - step) & (grid <= places.max() + step)
    smooth = np.where(inside, smooth, 0.0)
    return np.asarray(smooth / (smooth.sum() * step))
