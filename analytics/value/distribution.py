"""How a value is distributed: a histogram that shows both tails and never hides zero, and its quantiles."""

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analytics.value.measures import Amounts
from analytics.value.scale import Ruler, nice_step, round_ticks, ruler_for

Scale = Literal["linear", "whole", "symlog"]

QUANTILES = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)
FEW_WHOLE_NUMBERS = 40


@dataclass(frozen=True, eq=False)
class Distribution:
    """A histogram and the quantiles. Amounts in the value's own unit, positions in the picture's.

    scale : "whole" has one bar a whole number, "linear" equal widths, "symlog" is linear between -threshold
        and threshold and logarithmic beyond.
    low, high, count : shape (n_bins,), ascending; a bar holds the amounts from low to high. No bar holds both
        losses and gains, and exact zeros have a bar of their own (low = high = 0) wherever there are any,
        but on the whole-number scale, where they have one anyway.
    left, right : where each bar stands in the picture.
    tick_values, tick_positions : round amounts and where they stand.
    quantiles : amount by share of customers at or below it; exact, by linear interpolation.
    """

    customers: int
    missing: int
    zeros: int
    scale: Scale
    threshold: float | None
    low: Amounts
    high: Amounts
    count: NDArray[np.int64]
    left: Amounts
    right: Amounts
    tick_values: list[float]
    tick_positions: list[float]
    quantiles: dict[float, float]


def histogram(amounts: ArrayLike, bins: int = 40) -> Distribution:
    """Count customers by amount, on the scale that the amounts ask for.

    amounts : shape (n_customers,), one unit; NaN where a customer has no value.
    bins : the most bars; few customers get fewer.
    A tail is heavy, and gets the symmetric-log scale, when the largest magnitude is more than 15 times the
    median one. Without any value the histogram has no bars.

    >>> histogram([-1, 0, 0, 2]).count.tolist()
    [1, 2, 0, 1]
    """
    given = np.asarray(amounts, dtype=np.float64).ravel()
    known = given[np.isfinite(given)]
    return Distribution(
        customers=known.size,
        missing=given.size - known.size,
        zeros=int((known == 0).sum()),
        quantiles=dict(zip(QUANTILES, np.quantile(known, QUANTILES).tolist(), strict=True))
        if known.size
        else {},
        **_drawn(known, bins),
    )


def _drawn(known: Amounts, bins: int) -> dict[str, Any]:
    """Scale and bars."""
    if known.size and not (known % 1).any() and np.ptp(known) <= FEW_WHOLE_NUMBERS:
        return {"scale": "whole", "threshold": None, **_whole(known)}
    ruler = ruler_for(known)
    scale: Scale = "linear" if ruler.threshold is None else "symlog"
    return {"scale": scale, "threshold": ruler.threshold, **_bars(known, ruler, bins)}


def _whole(known: Amounts) -> dict[str, Any]:
    """One bar for every whole number from the lowest to the highest."""
    first, last = int(known.min()), int(known.max())
    values = np.arange(first, last + 1, dtype=np.float64)
    ticks = [tick for tick in round_ticks(values) if tick % 1 == 0 and first <= tick <= last] or [
        float(first)
    ]
    return {
        "low": values,
        "high": values,
        "count": np.bincount((known - first).astype(np.int64), minlength=values.size),
        "left": values - 0.5,
        "right": values + 0.5,
        "tick_values": ticks,
        "tick_positions": ticks,
    }


def _bars(known: Amounts, ruler: Ruler, bins: int) -> dict[str, Any]:
    """Losses, zeros and gains, each in bars of their own, of one width in the picture."""
    zeros = int((known == 0).sum())
    gains, losses = ruler.place(known[known > 0]), ruler.place(-known[known < 0])
    wanted = min(bins, max(5, math.ceil(2 * math.sqrt(known.size))))
    width = _bar_width(gains, losses, wanted, rounded=ruler.threshold is None)
    gap = width / 2 if zeros else 0.0
    touching = bool(zeros) or bool(gains.size and losses.size)
    up, down = (_half(side, width, ruler, gap, touching) for side in (gains, losses))
    middle = [np.array([[0.0], [0.0], [zeros], [-gap], [gap]])] if zeros else []
    down = np.array([-down[1], -down[0], down[2], -down[4], -down[3]])[:, ::-1]
    low, high, count, left, right = np.hstack([down, *middle, up])
    ticks = ruler.ticks(np.concatenate((low, high))) if known.size else []
    places = [
        math.copysign(gap + float(ruler.place(np.array(abs(tick)))), tick) if tick else 0.0 for tick in ticks
    ]
    return {
        "low": low,
        "high": high,
        "count": count.astype(np.int64),
        "left": left,
        "right": right,
        "tick_values": ticks,
        "tick_positions": places,
    }


def _bar_width(gains: Amounts, losses: Amounts, bins: int, *, rounded: bool) -> float:
    places = np.concatenate((gains, -losses))
    if places.size == 0:
        return 1.0
    span = float(np.ptp(np.concatenate((places, [0.0])) if losses.size and gains.size else places))
    least = span / bins or float(np.abs(places).max()) / bins
    return nice_step(least) if rounded else least


def _half(places: Amounts, width: float, ruler: Ruler, gap: float, touching: bool) -> Amounts:
    """Rows low, high, count, left, right of the bars on one side of zero, magnitudes only."""
    if places.size == 0:
        return np.empty((5, 0))
    first = 0 if touching else math.floor(float(places.min()) / width)
    last = max(first + 1, math.ceil(float(places.max()) / width - 1e-9))
    edges = np.arange(first, last + 1) * width
    # The clip keeps an amount that rounding pushed over the outer edge.
    bar = np.clip((places / width).astype(np.int64) - first, 0, last - first - 1)
    count = np.bincount(bar, minlength=last - first)
    amounts = ruler.amount(edges)
    return np.vstack((amounts[:-1], amounts[1:], count, edges[:-1] + gap, edges[1:] + gap))
