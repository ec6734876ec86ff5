"""How repeatable a top share is: an interval that takes today's customers for a sample of those there could be.

The share of a full book is a fact. The interval answers another question: what the share would be among all
customers that a bank like this one could have, that is, what to expect of the next book, or of next year.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analytics.value.measures import Amounts, rounding

LEVEL, NORMAL = 0.9, 1.645
FEWEST = 50
LARGEST_ERROR = 0.5
HEAVY = 1.5  # a tail exponent below it
BY_SIZE, BY_SKEWNESS = 7.0, 12.0


@dataclass(frozen=True)
class Interval:
    """From low to high, shares of the net total; `level` is how often such an interval holds the true share.

    heavy : the best tenth falls off so slowly that it may well hold it less often.
    """

    low: float
    high: float
    level: float
    heavy: bool = False


def top_share_interval(amounts: ArrayLike, fraction: float = 0.2) -> Interval | None:
    """The interval of what the best customers bring, as a share of the net total.

    The share's influence function gives its standard error without resampling, on the logarithm's scale. A sample
    seldom holds the largest customers there could be, so its share is low and its error too small at once: the
    upper limit lies 1.645 + 7 / sqrt(n) + 12 g^2 / n errors away, g the influence's skewness, and the lower one
    1.645. The three numbers are fitted to simulations, not derived: from 50 to 5,000 customers the interval holds
    the true share 87 to 97 times in a hundred on uniform, exponential and lognormal values (sigma to 2), with
    zeros, with losses, and on Pareto values of exponent 1.5 and above. On a Pareto of exponent 1.16, the textbook
    80/20, it holds it 74 to 86 times in a hundred, and `heavy` warns of it; no method that looks at the sample
    alone does well there.

    amounts : shape (n_customers,), one unit, in any order; NaN where a customer has no value.
    Returns None with fewer than FEWEST customers; where the net total is not positive or its standard error is
    over half of it, that is, where losses nearly eat the gains or one customer outweighs the others; and where
    the best customers bring all there is.
    Source: influence function of Lorenz ordinates, Cowell and Victoria-Feser 1996, Econometrica 64(1); its lack
    of coverage under heavy tails, Davidson and Flachaire 2007, Journal of Econometrics 141(1).

    >>> found = top_share_interval(np.random.default_rng(1).exponential(size=500))  # the true share is 0.522
    >>> round(found.low, 3), round(found.high, 3), found.level
    (0.504, 0.556, 0.9)
    """
    given = np.asarray(amounts, dtype=np.float64).ravel()
    known = given[np.isfinite(given)]
    size = known.size
    if size < FEWEST or not known.sum() > rounding(known):
        return None
    mean = float(known.mean())
    if float(known.std(ddof=1)) > LARGEST_ERROR * mean * math.sqrt(size):
        return None
    share, influence = _influence(known / mean, fraction)
    variance = float(np.square(influence).mean())
    if variance <= np.finfo(np.float64).eps:
        return None
    error = math.sqrt(variance / (size - 1)) / share
    lean = max(0.0, float((influence * np.square(influence)).mean()) / variance**1.5)
    upwards = NORMAL + BY_SIZE / math.sqrt(size) + BY_SKEWNESS * lean**2 / size
    most = 1.0 if known.min() >= 0 else math.inf
    return Interval(
        low=max(fraction, share * math.exp(-NORMAL * error)),
        high=min(most, share * math.exp(upwards * error)),
        level=LEVEL,
        heavy=tail_exponent(known) < HEAVY,
    )


def tail_exponent(amounts: Amounts) -> float:
    """Hill's estimate of a Pareto exponent from the best tenth of the amounts: the smaller, the heavier.

    Infinite where the best tenth is not above zero, or all of it alike. Source: Hill 1975, Annals of Statistics 3(5).

    >>> round(tail_exponent((np.arange(1, 1001) / 1000.0) ** (-1 / 1.16)), 2)
    1.19
    """
    count = max(2, amounts.size // 10)
    best = np.partition(amounts, amounts.size - count)[amounts.size - count :]
    if not best.min() > 0:
        return math.inf
    spread = float(np.log(best / best.min()).sum()) / (count - 1)
    return 1 / spread if spread > 0 else math.inf


def _influence(relative: Amounts, fraction: float) -> tuple[float, Amounts]:
    """The share, and what each customer contributes to its error; amounts relative to their mean."""
    place = relative.size - math.ceil(round(fraction * relative.size, 9))
    edge = float(np.partition(relative, place)[place])
    over = np.maximum(relative - edge, 0.0)
    share = float(over.mean()) + fraction * edge
    return share, over + fraction * edge - share * relative
