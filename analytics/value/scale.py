"""Scales and round numbers: where an amount stands in a picture, and which amounts are worth a tick."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analytics.value.measures import Amounts

HEAVY_TAIL = 15
MOST_DECADES = 6


@dataclass(frozen=True)
class Ruler:
    """Where an amount stands. With a threshold the scale is linear below it and logarithmic above."""

    threshold: float | None

    def place(self, magnitude: ArrayLike) -> Amounts:
        """Positions of magnitudes, zero or above.

        >>> Ruler(100).place([50, 100, 10_000]).tolist()
        [0.5, 1.0, 3.0]
        """
        magnitudes = np.asarray(magnitude, dtype=np.float64)
        if self.threshold is None:
            return magnitudes
        scaled = magnitudes / self.threshold
        return np.where(scaled <= 1, scaled, 1 + np.log10(np.maximum(scaled, 1)))

    def position(self, amounts: ArrayLike) -> Amounts:
        """Positions of amounts of either sign: losses mirror gains."""
        given = np.asarray(amounts, dtype=np.float64)
        return np.sign(given) * self.place(np.abs(given))

    def amount(self, places: NDArray[np.floating[Any]]) -> Amounts:
        """The magnitudes that stand at these positions: `place` undone."""
        if self.threshold is None:
            return places.astype(np.float64)
        return self.threshold * np.where(places <= 1, places, 10 ** np.maximum(places - 1, 0))

    def ticks(self, amounts: Amounts, most: int = 7) -> list[float]:
        """Round amounts to label: even steps, or zero and powers of ten on both sides."""
        if self.threshold is None:
            return round_ticks(amounts, from_zero=False)
        up, down = float(np.max(amounts, initial=0)), -float(np.min(amounts, initial=0))
        every = 1
        while True:
            steps = self.threshold * 10.0 ** np.arange(0, MOST_DECADES + 2, every)
            ticks = (
                [-step for step in steps[::-1] if step <= down]
                + [0.0]
                + [step for step in steps if step <= up]
            )
            if len(ticks) <= most:
                return [float(f"{tick:.6g}") for tick in ticks]
            every += 1


def ruler_for(amounts: ArrayLike) -> Ruler:
    """The scale that amounts ask for: symmetric-log when the largest magnitude is over 15 times the median.

    The linear part reaches to a power of ten near the smallest tenth of the magnitudes, so that it follows
    the data and their unit, and no more than about six decades are drawn.

    >>> ruler_for([20, 30, 70]), ruler_for([-50, 1, 200, 300, 9_000, 1_000_000])
    (Ruler(threshold=None), Ruler(threshold=10.0))
    """
    given = np.asarray(amounts, dtype=np.float64)
    magnitudes = np.abs(given[np.isfinite(given) & (given != 0)])
    if magnitudes.size == 0 or magnitudes.max() <= HEAVY_TAIL * np.median(magnitudes):
        return Ruler(None)
    smallest = max(float(np.quantile(magnitudes, 0.1)), float(magnitudes.max()) / 10**MOST_DECADES)
    return Ruler(float(f"1e{int(np.floor(np.log10(smallest)))}"))


def round_ticks(values: ArrayLike, most: int = 6, *, from_zero: bool = True) -> list[float]:
    """Round values from the lowest (or zero) to the highest (or zero).

    >>> round_ticks([0, 1.05])
    [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    """
    held = np.asarray(values, dtype=np.float64)
    low, high = float(held.min()), float(held.max())
    if from_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    step = nice_step((high - low) / most or abs(high) or 1.0)
    ticks = np.arange(np.ceil(low / step - 1e-9), np.floor(high / step + 1e-9) + 1) * step
    return [float(f"{tick:.12g}") + 0.0 for tick in ticks]


def nice_step(least: float) -> float:
    """The smallest of 1, 2, 5 times a power of ten that is at least this.

    >>> nice_step(0.17), nice_step(30)
    (0.2, 50.0)
    """
    power = 10.0 ** np.floor(np.log10(least))
    return float(next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least * (1 - 1e-9)))
