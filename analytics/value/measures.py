"""How unevenly an amount is spread over customers: the named measures, each as one function.

All take `amounts` of shape (n_customers,) in one currency, in any order, without gaps. They do not change
when every amount is multiplied by the same positive number, but for the losses of the whale curve.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analytics.errors import BadInput, NotEnoughData
from analytics.translation import translate as _

Amounts = NDArray[np.float64]


@dataclass(frozen=True)
class CustomersFor:
    """How many of the best customers bring a share of the net total.

    customers : the smallest count whose cumulative sum reaches the share.
    low, high : which places the customers with exactly the last one's amount take; any of them could
        have been the last one. Both equal `customers` when nobody ties.
    """

    customers: int
    low: int
    high: int


@dataclass(frozen=True)
class Whale:
    """The whale curve in figures.

    peak_share : the highest cumulative share of the net total, 1 without losses; None when the net total is
        not positive.
    peak_customers : the customers who earn something, that is, where the curve stops rising.
    losses : absolute sum of the amounts below zero, in their currency.
    loss_makers : customers below zero.
    """

    peak_share: float | None
    peak_customers: int
    losses: float
    loss_makers: int


def gini(amounts: ArrayLike) -> float:
    """Gini coefficient, 0 to just under 1.

    amounts : non-negative; zeros count.
    Returns 0 when all hold the same, (n - 1) / n when one holds it all.
    Raises NotEnoughData when the total is zero, BadInput when an amount is negative.
    Source: sorted-sum form of Gini 1912, sum_i (2 i - n - 1) x_(i) / (n sum x).

    >>> gini([0, 0, 0, 8])
    0.75
    """
    ascending = _sorted_gains(amounts)
    return spread(ascending) / (ascending.size * float(ascending.sum()))


def gini_normalised(amounts: ArrayLike) -> float:
    """Gini coefficient where some amounts may be losses, 0 to 1.

    sum_ij |x_i - x_j| / (2 (n - 1) (T+ + T-)), T- the absolute sum of the losses. For non-negative amounts
    this is gini * n / (n - 1).
    Raises NotEnoughData with fewer than two customers, or when every amount is zero.
    Source: Raffinetti, Siletti, Vernizzi 2015, Statistical Methods and Applications 24.

    >>> round(gini_normalised([-500, -300, -300, -100, 200, 300, 300, 400, 500, 500]), 3)
    0.634
    """
    ascending = _sorted(amounts)
    turnover = float(np.abs(ascending).sum())
    if ascending.size < 2 or turnover == 0:
        raise NotEnoughData(
            _("Inequality needs two customers, and an amount that is not zero."),
            _("Widen the population, or choose another indicator."),
        )
    return spread(ascending) / ((ascending.size - 1) * turnover)


def herfindahl(amounts: ArrayLike) -> float:
    """Herfindahl-Hirschman index, the sum of squared shares: 1/n to 1. Its inverse is "effective customers".

    amounts : non-negative.
    Raises NotEnoughData when the total is zero, BadInput when an amount is negative.
    Source: Herfindahl 1950; Hirschman 1945.

    >>> herfindahl([5, 5]), herfindahl([10, 0])
    (0.5, 1.0)
    """
    ascending = _sorted_gains(amounts)
    return float(np.square(ascending / ascending.sum()).sum())


def top_share(amounts: ArrayLike, fraction: float) -> float:
    """What the largest customers bring, as a share of the net total; above 1 where others lose money.

    fraction : above 0 and at most 1; the ceil(fraction n) largest customers are taken.
    Raises NotEnoughData when the net total is not positive.

    >>> top_share([70, 10, 10, 10, 0], 0.2)
    0.7
    """
    descending = _need_positive(amounts)
    running = np.cumsum(descending)
    return float(running[top_count(running.size, fraction) - 1] / running[-1])


def customers_for(amounts: ArrayLike, share: float = 0.8) -> CustomersFor:
    """The smallest number of customers whose sum reaches a share of the net total, with the room ties leave.

    Raises NotEnoughData when the net total is not positive.

    >>> customers_for([50, 20, 20, 5, 5])
    CustomersFor(customers=3, low=2, high=3)
    """
    descending = _need_positive(amounts)
    return count_to(descending, np.cumsum(descending), share)


def whale(amounts: ArrayLike) -> Whale:
    """Customers from most to least profitable, cumulated: where the curve peaks and how far it falls.

    (peak_share - 1) * net total = losses.
    Source: Kaplan and Narayanan 2001, Measuring and Managing Customer Profitability.

    >>> whale([60, 60, 0, -20])
    Whale(peak_share=1.2, peak_customers=2, losses=20.0, loss_makers=1)
    """
    return whale_of(_sorted(amounts))


def top_count(customers: int, fraction: float) -> int:
    """How many customers a top fraction is.

    >>> top_count(100, 0.07), top_count(101, 0.2)
    (7, 21)
    """
    # 0.07 * 100 is 7.000000000000001 in floating point.
    return math.ceil(round(fraction * customers, 9))


def spread(ascending: Amounts) -> float:
    """Half the sum of absolute differences over all ordered pairs, by one pass over sorted amounts."""
    weights = 2.0 * np.arange(1, ascending.size + 1) - ascending.size - 1
    return max(0.0, float(weights @ ascending))


def count_to(descending: Amounts, running: Amounts, share: float) -> CustomersFor:
    """`customers_for`, on amounts that are sorted and cumulated already."""
    reached = share * running[-1] - rounding(descending)
    count = int(np.argmax(running >= reached)) + 1
    ascending, last = descending[::-1], descending[count - 1]
    above = descending.size - int(np.searchsorted(ascending, last, side="right"))
    at_least = descending.size - int(np.searchsorted(ascending, last, side="left"))
    return CustomersFor(count, above + 1, at_least)


def whale_of(ascending: Amounts) -> Whale:
    """`whale`, on sorted amounts."""
    first_zero = int(np.searchsorted(ascending, 0.0, side="left"))
    first_gain = int(np.searchsorted(ascending, 0.0, side="right"))
    gains, losses = float(ascending[first_gain:].sum()), -float(ascending[:first_zero].sum())
    net = gains - losses
    positive = net > rounding(ascending)
    return Whale(
        peak_share=gains / net if positive else None,
        peak_customers=ascending.size - first_gain,
        losses=abs(losses),
        loss_makers=first_zero,
    )


def centre(ascending: Amounts, running: Amounts) -> dict[str, Any]:
    """Total, mean, median and ends of sorted amounts; running : the same cumulated from the largest."""
    size = ascending.size
    if size == 0:
        return {"total": 0.0, "mean": None, "median": None, "lowest": None, "highest": None}
    return {
        "total": float(running[-1]),
        "mean": float(running[-1] / size),
        "median": float(ascending[(size - 1) // 2] + ascending[size // 2]) / 2,
        "lowest": float(ascending[0]),
        "highest": float(ascending[-1]),
    }


def inequality(ascending: Amounts) -> dict[str, Any]:
    """The measures of one sorted array; None where they are not defined."""
    turnover, size = float(np.abs(ascending).sum()), ascending.size
    if turnover == 0:
        return {"gini": None, "gini_normalised": None, "hhi": None}
    halves = spread(ascending)
    gains_only = bool(ascending[0] >= 0)
    return {
        "gini": halves / (size * turnover) if gains_only else None,
        "gini_normalised": halves / ((size - 1) * turnover) if size > 1 else None,
        "hhi": float(np.square(ascending / turnover).sum()) if gains_only else None,
    }


def rounding(amounts: Amounts) -> float:
    """The error that a running sum in float64 can gather, in the amounts' unit: 0.8 is reached within it."""
    return float(amounts.size * np.finfo(np.float64).eps * np.abs(amounts).sum())


def _sorted(amounts: ArrayLike) -> Amounts:
    return np.sort(np.asarray(amounts, dtype=np.float64).ravel())


def _need_positive(amounts: ArrayLike) -> Amounts:
    """Amounts sorted downwards, refused where a share of their total means nothing."""
    descending = _sorted(amounts)[::-1]
    if not descending.sum() > rounding(descending):
        raise NotEnoughData(
            _("The net total is not positive, so shares of it mean nothing."),
            _("Look at the amounts instead, or choose another population or indicator."),
        )
    return descending


def _sorted_gains(amounts: ArrayLike) -> Amounts:
    ascending = _sorted(amounts)
    if ascending.size and ascending[0] < 0:
        raise BadInput(
            _("This measure is for amounts of zero and above, and some are below."),
            _("Use the normalised Gini, which allows losses."),
        )
    if ascending.size == 0 or ascending[-1] == 0:
        raise NotEnoughData(
            _("The total is zero: there is nothing to share out."),
            _("Choose another indicator, population or as-of date."),
        )
    return ascending
