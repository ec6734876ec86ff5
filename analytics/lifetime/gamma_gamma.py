"""Gamma-Gamma: what a customer spends a time, from the few times that were seen.

Amounts vary around each customer's own mean by a gamma distribution (shape p), and the scales of these over
customers by another (q, v). Source: Fader and Hardie 2013, the Gamma-Gamma model of monetary value.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import digamma, gammaln

from analytics.errors import NotEnoughData
from analytics.formats import number
from analytics.lifetime.likelihood import Numbers, most_likely, no_convergence
from analytics.translation import translate as _

FEWEST = 30
FIRST_LOOK = 20_000


@dataclass(frozen=True)
class GammaGamma:
    """A fitted model. customers : how many it was fitted on; p, q without unit, v in that of the amounts."""

    p: float
    q: float
    v: float
    log_likelihood: float
    customers: int

    def mean_spend(self, repeats: ArrayLike, mean: ArrayLike) -> Numbers:
        """Expected amount a time, shape (n_customers,): the customer's own mean, drawn to everybody's.

        repeats : how many times the mean is of, 0 for nobody's; mean : of these, anything where there are none.
        """
        x = np.asarray(repeats, dtype=np.float64)
        z = np.where(x > 0, np.nan_to_num(np.asarray(mean, dtype=np.float64)), 0.0)
        return np.asarray(self.p * (self.v + x * z) / (self.p * x + self.q - 1))


class _Likelihood:
    def __init__(self, repeats: Numbers, mean: Numbers) -> None:
        self.x, places = np.unique(repeats, return_inverse=True)
        self.per_x = np.bincount(places).astype(np.float64)
        self.repeats, self.total, self.customers = repeats, repeats * mean, float(len(repeats))
        self.logs = float(repeats @ np.log(self.total))
        self.less = float(np.log(mean).sum())

    def __call__(self, values: Numbers) -> tuple[float, Numbers]:
        p, q, v = values
        n, x = self.customers, self.x
        reach = v + self.total
        far, near = np.log(reach), 1 / reach
        times_far, sum_far = float(self.repeats @ far), float(far.sum())
        times_near, sum_near = float(self.repeats @ near), float(near.sum())
        height = self.per_x @ (gammaln(p * x + q) - gammaln(p * x)) + n * (q * np.log(v) - gammaln(q))
        height += p * self.logs - self.less - p * times_far - q * sum_far
        both = digamma(p * x + q)
        slope = [
            self.per_x @ (x * (both - digamma(p * x))) + self.logs - times_far,
            self.per_x @ both - n * digamma(q) + n * np.log(v) - sum_far,
            n * q / v - p * times_near - q * sum_near,
        ]
        return float(height), np.array(slope)


def log_likelihood(repeats: ArrayLike, mean: ArrayLike, values: ArrayLike) -> tuple[float, Numbers]:
    """The log-likelihood at (p, q, v), and its gradient, shape (3,)."""
    columns = [np.asarray(column, dtype=np.float64) for column in (repeats, mean)]
    return _Likelihood(*columns)(np.asarray(values, dtype=np.float64))


def fit_gamma_gamma(repeats: ArrayLike, mean: ArrayLike) -> GammaGamma:
    """The most likely model of customers with repeats and a positive mean; others are left out.

    repeats, mean : shape (n_customers,); the mean amount of the days after the first. Raises NotEnoughData
    with fewer than FEWEST of them, where the search does not converge, or where q <= 1: then amounts are so
    spread that their expectation is infinite.
    """
    x, z = np.asarray(repeats, dtype=np.float64), np.nan_to_num(np.asarray(mean, dtype=np.float64))
    known = (x > 0) & (z > 0)
    x, z = x[known], z[known]
    if len(x) < FEWEST:
        raise NotEnoughData(
            _("Only {n} customers have a positive amount on a second day; the model needs {fewest}.").format(
                n=number(len(x)), fewest=FEWEST
            ),
            _("Take a longer history or more customers."),
        )
    unit = float(np.median(z))
    start = np.array([2.0, 3.0, 2.0])
    if len(x) > 2 * FIRST_LOOK:  # an even part of them leads close to the top of all
        step = len(x) // FIRST_LOOK
        part = x[::step], z[::step] / unit
        start = most_likely(_Likelihood(*part), start, float(len(part[0])))[0]
    values, height, top = most_likely(_Likelihood(x, z / unit), start, float(len(x)))
    if not top:
        raise no_convergence("Gamma-Gamma")
    p, q, v = float(values[0]), float(values[1]), float(values[2]) * unit
    if q <= 1:
        raise NotEnoughData(
            _("The Gamma-Gamma model's q is {q}: amounts are too spread to have an expectation.").format(
                q=number(q, 2)
            ),
            _("Leave out the few outsized amounts, or measure value in profit."),
        )
    return GammaGamma(p, q, v, height - len(x) * float(np.log(unit)), len(x))
