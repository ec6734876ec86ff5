"""How repeatable a top share is: an interval that takes today's customers for a sample of those there could be."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from analytics.value.measures import Amounts, rounding, top_count

LEVEL = 0.9
FEWEST = 50


@dataclass(frozen=True)
class Interval:
    """From low to high, shares of the net total; `level` is how often such an interval holds the true share."""

    low: float
    high: float
    level: float


def top_share_interval(amounts: ArrayLike, fraction: float = 0.2) -> Interval | None:
    """The interval of what the best customers bring, as a share of the net total.

    amounts : shape (n_customers,), one unit, in any order; NaN where a customer has no value.
    Returns None with fewer than FEWEST customers, where the net total is not positive, and where all amounts
    are the same.
    """
    given = np.asarray(amounts, dtype=np.float64).ravel()
    known = given[np.isfinite(given)]
    if known.size < FEWEST or not known.sum() > rounding(known) or known.min() == known.max():
        return None
    return _interval(known, fraction)


def _interval(known: Amounts, fraction: float) -> Interval:
    size, mean = known.size, float(known.mean())
    place = size - top_count(size, fraction)
    edge = float(np.partition(known, place)[place])
    over = np.maximum(known - edge, 0.0)
    share = (float(over.mean()) + fraction * edge) / mean
    influence = (over + fraction * edge - share * known) / (mean * share)
    reach = float(stats.t.ppf(0.5 + LEVEL / 2, size - 1)) * float(influence.std(ddof=1)) / np.sqrt(size)
    return Interval(share * np.exp(-reach), share * np.exp(reach), LEVEL)
