"""Where A, B and C customers part: the usual 80/15/5, and the limits that the curve itself suggests."""

import numpy as np
from numpy.typing import NDArray

from analytics.errors import NotEnoughData
from analytics.translation import translate as _
from analytics.value.measures import Amounts, rounding


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
    return fixed_of(amounts, np.cumsum(amounts), shares)


def fixed_of(
    descending: Amounts, running: Amounts, shares: tuple[float, float] = (0.80, 0.95)
) -> tuple[int, int]:
    """`abc_sizes_fixed`, on amounts that are sorted and cumulated already."""
    if not descending.size or not running[-1] > 0:
        raise _not_positive()
    error = rounding(descending)
    ends = [int(np.argmax(running >= share * running[-1] - error)) + 1 for share in shares]
    return _sizes(descending, *ends)


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
    return computed_of(amounts, np.cumsum(amounts))


def computed_of(descending: Amounts, running: Amounts) -> tuple[int, int]:
    """`abc_sizes_computed`, on amounts that are sorted and cumulated already."""
    size, earners = descending.size, _count_above(descending, 0.0)
    if not earners:
        raise _not_positive()
    # Beyond the last who earns something effort only grows, so none of the points lies there.
    effort = np.arange(1, earners + 1) / size
    missed = np.square(1.0 - running[:earners] / running[earners - 1])
    pareto = int(np.argmin(np.square(effort) + missed)) + 1
    # The mean of equal amounts can come out a rounding error above each of them.
    break_even = max(1, _count_from(descending, running[earners - 1] / size * (1 - 1e-12)))
    first, second = sorted((pareto, break_even))
    submarginal = int(np.argmin(np.square(effort - second / size) + missed)) + 1
    return _sizes(descending, first, max(first, submarginal))


def _not_positive() -> NotEnoughData:
    return NotEnoughData(
        _("The net total is not positive, so it has no classes A, B and C."),
        _("Choose quantiles or thresholds of your own, or another value indicator."),
    )


def _sizes(descending: Amounts, end_a: int, end_b: int) -> tuple[int, int]:
    n_a, n_ab = (_count_from(descending, float(descending[end - 1])) for end in (end_a, end_b))
    return n_a, n_ab - n_a


def _count_from(descending: Amounts, least: float) -> int:
    """How many have this amount or more."""
    return descending.size - int(np.searchsorted(descending[::-1], least, side="left"))


def _count_above(descending: Amounts, limit: float) -> int:
    """How many have more than this amount."""
    return descending.size - int(np.searchsorted(descending[::-1], limit, side="right"))
