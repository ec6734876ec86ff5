"""Where A, B and C customers part: the usual 80/15/5, and the limits that the curve itself suggests."""

import numpy as np
from numpy.typing import NDArray

from analytics.errors import NotEnoughData
from analytics.translation import translate as _


def abc_sizes_fixed(
    sorted_desc: NDArray[np.float64], shares: tuple[float, float] = (0.80, 0.95)
) -> tuple[int, int]:
    """How many customers are A and how many B, when A brings 80 % of the net total and A and B 95 %.

    sorted_desc : shape (n_customers,), one currency, largest first, without gaps; losses allowed.
    Returns (n_a, n_b); the other n - n_a - n_b are C. Customers with equal amounts are never parted: those
    who tie with the last one of a class join that class.
    Raises NotEnoughData when the net total is not positive, for then it has no 80 %.

    >>> abc_sizes_fixed(np.array([50.0, 30.0, 15.0, 4.0, 1.0]))
    (2, 1)
    """
    amounts = np.asarray(sorted_desc, dtype=np.float64)
    _need_positive(float(amounts.sum()))
    running = np.cumsum(amounts)
    rounding = running.size * np.finfo(np.float64).eps * np.abs(amounts).sum()
    ends = [int(np.argmax(running >= share * running[-1] - rounding)) + 1 for share in shares]
    return _sizes(amounts, *ends)


def abc_sizes_computed(sorted_desc: NDArray[np.float64]) -> tuple[int, int]:
    """How many customers are A and how many B, by the shape of the curve of cumulative value.

    sorted_desc : shape (n_customers,), one currency, largest first, without gaps. Losses count as zero:
        the method is defined for non-negative values only, so loss-makers are C.
    Returns (n_a, n_b). A ends at the Pareto point (the point of the curve nearest to "no customer, all
    value") or at the break-even point (the last customer who brings at least the mean), whichever comes
    first; B ends at the point nearest to "all value" above the later of the two. Equal amounts are never
    parted.
    Raises NotEnoughData when nobody brings anything.
    Source: Ultsch and Loetsch 2015, Computed ABC Analysis, PLoS ONE 10(6), on the curve's own points
    instead of a spline through them.

    >>> abc_sizes_computed(np.array([60.0, 20.0, 8.0, 5.0, 3.0, 2.0, 1.0, 1.0, 0.0, 0.0]))
    (2, 1)
    """
    amounts = np.asarray(sorted_desc, dtype=np.float64)
    gains = np.maximum(amounts, 0.0)
    _need_positive(float(gains.sum()))
    effort = np.arange(1, gains.size + 1) / gains.size
    running = np.cumsum(gains)
    missed = 1.0 - running / running[-1]
    pareto = int(np.argmin(effort**2 + missed**2)) + 1
    # The mean of equal amounts can come out a rounding error above each of them.
    break_even = max(1, int((gains >= gains.mean() * (1 - 1e-12)).sum()))
    first, second = sorted((pareto, break_even))
    submarginal = int(np.argmin((effort - second / gains.size) ** 2 + missed**2)) + 1
    return _sizes(gains, first, max(first, submarginal))


def _need_positive(total: float) -> None:
    if not total > 0:
        raise NotEnoughData(
            _("The net total is not positive, so it has no classes A, B and C."),
            _("Choose quantiles or thresholds of your own, or another value indicator."),
        )


def _sizes(sorted_desc: NDArray[np.float64], end_a: int, end_b: int) -> tuple[int, int]:
    n_a, n_ab = (int((sorted_desc >= sorted_desc[end - 1]).sum()) for end in (end_a, end_b))
    return n_a, n_ab - n_a
