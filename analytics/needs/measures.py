"""Differences between a segment and its weighted peers, each with a 95 % interval."""

from typing import NamedTuple

import numpy as np
from scipy import stats

from analytics.needs.matching import Flags, Numbers, effective_size

LEVEL = 0.95
SURE = 0.05  # share of false ones among all that is called sure (Benjamini and Hochberg 1995)
Z = float(stats.norm.ppf((1 + LEVEL) / 2))


class Interval(NamedTuple):
    """The two ends, arrays of equal shape."""

    low: Numbers
    high: Numbers


def wilson(share: Numbers, size: float | Numbers) -> Interval:
    """Wilson's score interval of shares of `size` customers; an effective size for weighted ones.

    Source: Wilson 1927, JASA 22; with an effective sample size as Korn and Graubard 1998, Survey Methodology 24.

    >>> [np.round(end, 3).tolist() for end in wilson(np.array([0.0, 0.5]), 20)]
    [[0.0, 0.299], [0.161, 0.701]]
    """
    middle = (share + Z**2 / (2 * size)) / (1 + Z**2 / size)
    half = Z / (1 + Z**2 / size) * np.sqrt(share * (1 - share) / size + Z**2 / (4 * size**2))
    return Interval(np.clip(middle - half, 0, share), np.clip(middle + half, share, 1))


def share_difference(first: Numbers, first_size: float, second: Numbers, second_size: float) -> Interval:
    """The interval of first less second share.

    Source: method 10 of Newcombe 1998, Statistics in Medicine 17: both Wilson intervals, squared and added.

    >>> [round(float(end[0]), 4) for end in share_difference(np.array([56 / 70]), 70, np.array([48 / 80]), 80)]
    [0.0524, 0.3339]
    """
    (low, high), (low_2, high_2) = wilson(first, first_size), wilson(second, second_size)
    difference = first - second
    return Interval(
        difference - np.sqrt((first - low) ** 2 + (high_2 - second) ** 2),
        difference + np.sqrt((high - first) ** 2 + (second - low_2) ** 2),
    )


def chance_of(first: Numbers, first_size: float, second: Numbers, second_size: float) -> Numbers:
    """How likely a difference of shares at least as large is by chance: the pooled two-sided z test."""
    pooled = (first * first_size + second * second_size) / (first_size + second_size)
    error = np.sqrt(pooled * (1 - pooled) * (1 / first_size + 1 / second_size))
    apart = np.divide(first - second, error, out=np.zeros_like(first), where=error > 0)
    return np.asarray(2 * stats.norm.sf(np.abs(apart)))


class Means(NamedTuple):
    """Of each column: the segment's and the peers' mean, the difference with its interval, and how many answered.

    NaN where a side has fewer than two values. size, peers : customers with a value, on either side.
    """

    here: Numbers
    there: Numbers
    difference: Numbers
    low: Numbers
    high: Numbers
    own_low: Numbers
    own_high: Numbers
    size: Numbers
    peers: Numbers


def means(values: Numbers, compared: Flags, weights: Numbers) -> Means:
    """Mean of the compared against the weighted mean of the peers, column by column; what is NaN doesn't count.

    values : shape (n_customers, n_columns). weights : shape (n_customers,). Peers without a value leave their
    weight to the others. own_low, own_high : the interval of the segment's own mean.
    Source: Welch 1947, Biometrika 34, with Kish's effective size and the variance of reliability weights.
    """
    own = compared.astype(np.float64)
    rows = [
        _column(column, np.where(np.isnan(column), 0.0, own), np.where(np.isnan(column), 0.0, weights))
        for column in values.T
    ]
    cells = np.array(rows, np.float64).reshape(-1, len(Means._fields)).T
    return Means(*cells)


def _column(column: Numbers, own: Numbers, weights: Numbers) -> tuple[float, ...]:
    here, spread, freedom = _mean(column, own)
    there, spread_2, freedom_2 = _mean(column, weights)
    spreads = spread + spread_2
    with np.errstate(invalid="ignore", divide="ignore"):
        both = np.divide(spreads**2, np.divide(spread**2, freedom) + np.divide(spread_2**2, freedom_2))
    half = _half(spreads, both)
    alone = _half(spread, freedom)
    return (
        here, there, here - there, here - there - half, here - there + half, here - alone, here + alone,
        float((own > 0).sum()), float((weights > 0).sum()),
    )  # fmt: skip


def _half(variance: float, freedom: float) -> float:
    """Half of an interval; none where nothing varies."""
    if variance == 0:
        return 0.0
    return float(stats.t.ppf((1 + LEVEL) / 2, freedom) * np.sqrt(variance))


def _mean(column: Numbers, weights: Numbers) -> tuple[float, float, float]:
    """Weighted mean, the variance of it, and its degrees of freedom; NaN of fewer than two."""
    size = effective_size(weights)
    if size <= 1:
        return np.nan, np.nan, np.nan
    known = weights > 0
    share, cells = weights[known] / weights.sum(), column[known]
    mean = float((share * cells).sum())
    variance = float((share * (cells - mean) ** 2).sum()) / (1 - 1 / size)
    return mean, variance / size, size - 1
