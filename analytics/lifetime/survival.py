"""Survival: how long customers with balances or contracts stay, by how long they have stayed.

Each month a customer leaves with a chance of their own; these chances vary over customers by a beta
distribution (a, b), so that those who have stayed long are those who stay. Source: the shifted beta-geometric
model of Fader and Hardie 2007, here for customers seen from some tenure on and not seen to the end.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import digamma, gammaln

from analytics.errors import NotEnoughData
from analytics.formats import number
from analytics.lifetime.likelihood import FLAT, LARGEST, Numbers, most_likely, no_convergence
from analytics.translation import translate as _

FEWEST_LEAVERS = 20
ALIKE = 10 * LARGEST  # a + b for customers who do not differ in their chance of leaving
NEARLY = 1e4  # a + b from which the chance hardly falls within any tenure


@dataclass(frozen=True)
class Stays:
    """Stays that are alike, counted. All of shape (n_kinds,), in months of tenure.

    entered : tenure when first seen. reached : tenure up to which the customer was there. left : whether they
    were gone a month later; others were still there when last looked at. count : customers.
    """

    entered: Numbers
    reached: Numbers
    left: Numbers
    count: Numbers

    @property
    def leavers(self) -> float:
        return float(self.count @ self.left)


@dataclass(frozen=True)
class Survival:
    """A fitted model: in month t + 1 of a tenure a / (a + b + t) of those who reached t leave."""

    a: float
    b: float
    log_likelihood: float
    customers: int

    @property
    def alike(self) -> bool:
        """Whether customers do not differ in their chance of leaving, so that it is the same at any tenure."""
        return self.a + self.b >= NEARLY

    def staying(self, tenure: ArrayLike, months: ArrayLike) -> Numbers:
        """The chance that somebody of a tenure is still there so many months later; shapes broadcast.

        >>> Survival(1.0, 9.0, 0.0, 100).staying([0, 90], 1).round(2).tolist()
        [0.9, 0.99]
        """
        t, ahead = np.asarray(tenure, dtype=np.float64), np.asarray(months, dtype=np.float64)
        return np.asarray(np.exp(_log_stay(self.a, self.b, t + ahead) - _log_stay(self.a, self.b, t)))

    def months_worth(self, tenure: ArrayLike, months: int, discount: float = 0.0) -> Numbers:
        """How many of today's months the next `months` are worth, shape (n_customers,).

        Each counts by the chance that the customer is still there at its end, and less the later it is.
        discount : yearly, 0.1 for 10%.
        """
        tenures = np.asarray(tenure, dtype=np.int64)
        lasting = np.arange(tenures.max(initial=0) + 1)
        ahead = np.arange(1, months + 1)
        worth = (1 + discount) ** (-ahead / 12)
        return np.asarray((self.staying(lasting[:, None], ahead) @ worth)[tenures])


def _log_stay(a: float, b: float, t: Numbers) -> Numbers:
    return np.asarray(gammaln(b + t) - gammaln(a + b + t) + gammaln(a + b) - gammaln(b))


def log_likelihood(stays: Stays, values: ArrayLike) -> tuple[float, Numbers]:
    """The log-likelihood at (a, b) given that customers had reached the tenure at which they were first seen,
    and its gradient, shape (2,)."""
    a, b = np.asarray(values, dtype=np.float64)
    n, left = stays.count, stays.left
    start, end = stays.entered, stays.reached
    # gammaln(a + b) - gammaln(b) are in both and cancel; who left adds the chance of leaving at that tenure.
    height = gammaln(b + end) - gammaln(a + b + end) - gammaln(b + start) + gammaln(a + b + start)
    height = height + left * (np.log(a) - np.log(a + b + end))
    both = digamma(a + b + start) - digamma(a + b + end)
    per_a = both + left * (1 / a - 1 / (a + b + end))
    per_b = both + digamma(b + end) - digamma(b + start) - left / (a + b + end)
    return float(n @ height), np.array([n @ per_a, n @ per_b])


def fit_survival(stays: Stays) -> Survival:
    """The most likely model of these stays.

    Where customers do not differ in their chance of leaving, a and b grow without end at a fixed ratio: where
    the search ends so, and no higher than one chance for all, that chance is taken, with a + b at ALIKE. Raises
    NotEnoughData with fewer than FEWEST_LEAVERS, or where the search ends at no top otherwise.
    """
    if stays.leavers < FEWEST_LEAVERS:
        raise NotEnoughData(
            _("Only {n} customers have left; how long customers stay needs {fewest}.").format(
                n=number(stays.leavers), fewest=FEWEST_LEAVERS
            ),
            _("Load a longer history."),
        )
    exposure = float(stays.count @ (stays.reached - stays.entered + stays.left))
    rate = stays.leavers / exposure
    start = np.array([1.0, max((1 - rate) / rate, 0.1)])
    customers = float(stays.count.sum())
    values, height, top = most_likely(lambda v: log_likelihood(stays, v), start, customers)
    if not top:
        values = ALIKE * np.array([rate, 1 - rate])
        one = _one_chance(stays.leavers, exposure)
        if not one > height - FLAT * customers:
            raise no_convergence(_("survival"))
        height = one
    a, b = (float(value) for value in values)
    return Survival(a, b, height, int(customers))


def _one_chance(leavers: float, exposure: float) -> float:
    """The log-likelihood where everybody leaves with the same chance in any of the months they were seen."""
    rate = leavers / exposure
    return float(leavers * np.log(rate) + (exposure - leavers) * np.log1p(-rate)) if rate < 1 else 0.0
