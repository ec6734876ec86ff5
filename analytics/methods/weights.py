"""Weights for indicators, and scores from them: comparisons in pairs, entropy, distance to the ideal."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
ACCEPTED = 0.10  # consistency ratio up to which comparisons are taken

# Mean consistency index of random comparisons of n things, n from 1 (Saaty 1980).
RANDOM_INDEX = (0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59)


@dataclass(frozen=True)
class Compared:
    """Weights from comparisons in pairs.

    weights : sum 1. ratio : of consistency. first, second : the pair that fits the others least, by
    position; given : how many times as much the first counts; implied : what the other comparisons say.
    """

    weights: Numbers
    ratio: float
    first: int = 0
    second: int = 0
    given: float = 1.0
    implied: float = 1.0


def compared(matrix: Numbers) -> Compared:
    """Weights by the principal eigenvector, and whether the comparisons agree with each other.

    matrix : shape (n, n), 1 <= n <= 15, reciprocal: how many times as much the row counts as the column.
    The ratio is (lambda - n) / ((n - 1) RI), 0 for up to two. Source: Saaty 1980.

    >>> found = compared(np.array([[1, 3, 5], [1 / 3, 1, 3], [1 / 5, 1 / 3, 1]]))
    >>> found.weights.round(3).tolist(), round(found.ratio, 3)
    ([0.637, 0.258, 0.105], 0.033)
    """
    n = len(matrix)
    roots, vectors = np.linalg.eig(matrix)
    at = int(np.argmax(roots.real))
    weights = np.abs(vectors[:, at].real)
    weights = weights / weights.sum()
    if n < 3:
        return Compared(weights, 0.0)
    ratio = max(0.0, float((roots[at].real - n) / ((n - 1) * RANDOM_INDEX[n - 1])))
    logs = np.log(matrix)
    # What goes from the first over each third thing to the second, on average.
    implied = (logs.sum(axis=1)[:, None] + logs.sum(axis=0)[None, :] - 2 * logs) / (n - 2)
    gaps = np.triu(np.abs(logs - implied)).round(9)
    first, second = divmod(int(np.argmax(gaps)), n)
    given, said = np.exp(logs[first, second]), np.exp(implied[first, second])
    return Compared(weights, ratio, first, second, float(given), float(said))


def entropy_weights(figures: Numbers) -> Numbers:
    """Weights in proportion to 1 - e, e = -sum p ln p / ln n, p a customer's part of the column's sum.

    figures : shape (n_customers, n_columns), not negative. Columns that vary more weigh more: this says how
    customers are spread, not what matters. All equal where nothing varies. Source: Shannon 1948.

    >>> entropy_weights(np.array([[1.0, 1.0], [1.0, 0.0]])).tolist()
    [0.0, 1.0]
    """
    customers, columns = figures.shape
    sums = figures.sum(axis=0)
    parts = figures / np.where(sums > 0, sums, 1.0)
    logs = np.log(np.where(parts > 0, parts, 1.0))
    entropy = -(parts * logs).sum(axis=0) / np.log(max(customers, 2))
    spread = np.where(sums > 0, np.clip(1 - entropy, 0.0, None), 0.0)
    if not spread.sum() > 0:
        return np.full(columns, 1 / columns)
    return np.asarray(spread / spread.sum())


def closeness(figures: Numbers, best: Numbers, worst: Numbers) -> Numbers:
    """TOPSIS: d- / (d- + d+), the distances to the worst and the best there is; 1 is the best.

    figures : shape (n_customers, n_columns), weighted; best, worst : shape (n_columns,).
    Source: Hwang and Yoon 1981.

    >>> closeness(np.array([[3.0, 4.0], [0.0, 0.0]]), np.array([3.0, 4.0]), np.zeros(2)).tolist()
    [1.0, 0.0]
    """
    # Summed column by column, so that equal rows get equal scores wherever they stand.
    to_best, to_worst = np.zeros(len(figures)), np.zeros(len(figures))
    for column, high, low in zip(figures.T, best, worst, strict=True):
        to_best += (column - high) ** 2
        to_worst += (column - low) ** 2
    to_best, to_worst = np.sqrt(to_best), np.sqrt(to_worst)
    whole = to_best + to_worst
    return np.asarray(np.divide(to_worst, whole, out=np.ones_like(whole), where=whole > 0))
