"""What a book of a given mix would be expected to bring, and within which bounds by chance.

Indirect standardisation: each customer counts for what similar customers of other employees bring on average, and
the book for the sum. A cell's mean is drawn to the mean of its kind, that is, of alike type and balance, the more
the fewer customers it has (Bühlmann and Straub 1970). The bounds hold the result of an employee who does as well
as the others, `LEVEL` of the time: they come from how much similar customers differ, from how few the others are, and
from how skewed it all is (Cornish and Fisher 1938).
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from analytics.strata import Moments, Numbers, Places

LEVEL = 0.95
Z = NormalDist().inv_cdf((1 + LEVEL) / 2)
MOST_SKEWED = 1.5  # beyond it the expansion is no longer one


@dataclass(frozen=True, eq=False)
class Expectation:
    """All of shape (n_books,), NaN where there is nothing to compare with. low, high : within them a result is as expected."""

    expected: Numbers
    low: Numbers
    high: Numbers


def expectation(heads: Numbers, others: Moments, kind: Places) -> Expectation:
    """Expected results with their bounds.

    heads : customers of each book in each cell, shape (n_books, n_cells). others : what customers of others bring,
    same shape. kind : shape (n_cells,).
    """
    shape = heads.shape
    sums = np.zeros((3, shape[0]))  # expected, and variance and third moment of result less expectation
    comparable = np.ones(shape[0], dtype=bool)
    for one in np.unique(kind):
        here = kind == one
        found = _of_kind(heads[:, here], *(column[:, here] for column in
                         (others.count, others.mean, others.variance, others.third)))  # fmt: skip
        some = heads[:, here].sum(axis=1) > 0
        comparable &= ~some | np.isfinite(found[0])
        sums += np.where(some, found, 0.0)
    comparable &= heads.sum(axis=1) > 0
    expected, variance, third = sums
    spread = np.sqrt(variance)
    skew = np.divide(third, spread**3, out=np.zeros(shape[0]), where=spread > 0)
    lean = np.clip(skew, -MOST_SKEWED, MOST_SKEWED) * (Z**2 - 1) / 6
    bounds = (expected, expected + spread * (lean - Z), expected + spread * (lean + Z))
    return Expectation(*(np.where(comparable, column, np.nan) for column in bounds))


def _of_kind(
    heads: Numbers, count: Numbers, mean: Numbers, variance: Numbers, third: Numbers
) -> tuple[Numbers, Numbers, Numbers]:
    """The sums over cells of one kind: expected, and variance and third moment of result less expectation."""
    mean, third = np.nan_to_num(mean), np.nan_to_num(third)
    total = count.sum(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        inner = np.where(np.isfinite(variance), np.maximum(count - 1, 0), 0.0)
        pooled = (inner * np.nan_to_num(variance)).sum(axis=1, keepdims=True) / inner.sum(
            axis=1, keepdims=True
        )
        variance = np.where(np.isfinite(variance), variance, pooled)
        centre = (count * mean).sum(axis=1, keepdims=True) / total
        between = _between(count, mean, variance, centre, total)
        error = np.where(count > 0, variance / count, np.inf)
        # One k for all cells: with each cell's own variance, low means would be trusted more than high ones.
        trust = np.where((count > 0) & (between > 0), count * between / (count * between + pooled), 0.0)
        shift = heads * (1 - trust)
        expected = (heads * (trust * mean + (1 - trust) * centre)).sum(axis=1)
        drawn = np.where(trust > 0, (heads * trust) ** 2 * error, 0.0)
        of_centre = ((count * variance).sum(axis=1) + (between * count**2).sum(axis=1)) / total[:, 0] ** 2
        chance = (heads * variance + drawn).sum(axis=1) + shift.sum(axis=1) ** 2 * of_centre
        lean = heads - np.where(count > 0, (heads * trust) ** 3 / count**2, 0.0)
    return expected, chance, (lean * third).sum(axis=1)


def _between(count: Numbers, mean: Numbers, variance: Numbers, centre: Numbers, total: Numbers) -> Numbers:
    """The variance between the cells' true means, by the method of moments; shape (n_books, 1), 0 or more."""
    seen = (count * (mean - centre) ** 2 - variance * (1 - count / total) * (count > 0)).sum(
        axis=1, keepdims=True
    )
    scale = total - (count**2).sum(axis=1, keepdims=True) / total
    return np.where(scale > 0, np.maximum(seen / scale, 0.0), 0.0)
