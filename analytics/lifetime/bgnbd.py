"""BG/NBD: how often customers who are not under contract will come again, and whether they still do.

While active, a customer comes at random with a rate of their own; after each visit they may be gone for good.
Rates vary over customers by a gamma distribution (r, alpha), the chances of going by a beta (a, b).
Source: Fader, Hardie and Lee 2005, "Counting your customers" the easy way. Time is in weeks.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import digamma, expit, gammaln, hyp2f1

from analytics.errors import NotEnoughData
from analytics.formats import number
from analytics.lifetime.likelihood import Numbers, most_likely, no_convergence
from analytics.translation import translate as _

DAYS_A_WEEK = 7.0
FEWEST_REPEATERS = 30
START = np.array([1.0, 10.0, 1.0, 2.0])
FIRST_LOOK = 20_000  # kinds of customers whose fit is the start for all, where there are more
NODES = 8  # of the quadrature over the horizon


@dataclass(frozen=True)
class Kinds:
    """Histories with those that are equal merged: the sufficient statistics of the model.

    All of shape (n_kinds,). repeats : days with a purchase after the first. last, age : days from the first
    purchase to the last one and to the as-of date. count : customers of this kind.
    """

    repeats: NDArray[np.int64]
    last: NDArray[np.int64]
    age: NDArray[np.int64]
    count: Numbers

    @property
    def customers(self) -> float:
        return float(self.count.sum())

    @property
    def repeaters(self) -> float:
        return float(self.count[self.repeats > 0].sum())


def merged(repeats: ArrayLike, last: ArrayLike, age: ArrayLike) -> Kinds:
    """Customers' histories with equal ones counted once; see Kinds for what is passed, shape (n_customers,).

    >>> kinds = merged([0, 0, 2], [0, 0, 9], [30, 30, 40])
    >>> kinds.count.tolist(), kinds.repeats.tolist()
    ([2.0, 1.0], [0, 2])
    """
    columns = [np.asarray(column, dtype=np.int64) for column in (repeats, last, age)]
    wide = [int(column.max(initial=0)) + 1 for column in columns]
    packed = (columns[0] * wide[1] + columns[1]) * wide[2] + columns[2]
    kinds, count = np.unique(packed, return_counts=True)
    rest, ages = np.divmod(kinds, wide[2])
    return Kinds(*np.divmod(rest, wide[1]), ages, count.astype(np.float64))


class _Likelihood:
    """The log-likelihood of kinds of customers: each distinct number of repeats, last and age is looked up."""

    def __init__(self, kinds: Kinds) -> None:
        self.count = kinds.count
        self.x, self.of_x, per_x = _looked_up(kinds.repeats, kinds.count)
        self.per_x, self.customers = per_x, kinds.customers
        self.age, self.of_age, _per = _looked_up(kinds.age, kinds.count)
        self.last, self.of_last, _per = _looked_up(kinds.last, kinds.count)
        self.age, self.last = self.age / DAYS_A_WEEK, self.last / DAYS_A_WEEK
        self.repeats = kinds.repeats.astype(np.float64)

    def __call__(self, values: Numbers) -> tuple[float, Numbers]:
        r, alpha, a, b = values
        x, n = self.x, self.customers
        by_age, by_last = np.log(alpha + self.age)[self.of_age], np.log(alpha + self.last)[self.of_last]
        times = r + self.repeats
        # ln of the chance that somebody with x > 0 repeats went after the last one, against stayed.
        gone = np.where(x > 0, np.log(a) - np.log(np.maximum(b + x - 1, 1e-300)), -np.inf)[self.of_x]
        lead = gone + times * (by_age - by_last)
        share = expit(lead) * self.count  # of each kind, what has gone
        height = self.per_x @ (gammaln(r + x) + gammaln(b + x) - gammaln(a + b + x))
        height += n * (r * np.log(alpha) - gammaln(r) + gammaln(a + b) - gammaln(b))
        height += self.count @ (np.logaddexp(0.0, lead) - times * by_age)
        per_alpha = 1 / (alpha + self.age)[self.of_age], 1 / (alpha + self.last)[self.of_last]
        both, less = digamma(a + b), self.per_x @ digamma(a + b + x)
        gone_per_x = np.bincount(self.of_x, weights=share, minlength=len(x))
        slope = [
            self.per_x @ digamma(r + x) + n * (np.log(alpha) - digamma(r))
            - self.count @ by_age + share @ (by_age - by_last),
            n * r / alpha - (self.count * times) @ per_alpha[0]
            + (share * times) @ (per_alpha[0] - per_alpha[1]),
            n * both - less + share.sum() / a,
            n * (both - digamma(b)) - less + self.per_x @ digamma(b + x)
            - gone_per_x[x > 0] @ (1 / (b + x[x > 0] - 1)),
        ]  # fmt: skip
        return float(height), np.array(slope)


def _looked_up(column: NDArray[np.int64], count: Numbers) -> tuple[Numbers, NDArray[np.int64], Numbers]:
    """The distinct values of a column, where each row's is among them, and how many customers have it."""
    distinct, places = np.unique(column, return_inverse=True)
    return (
        distinct.astype(np.float64),
        places.astype(np.int64),
        np.bincount(places, weights=count).astype(np.float64),
    )


def log_likelihood(kinds: Kinds, values: ArrayLike) -> tuple[float, Numbers]:
    """The log-likelihood at (r, alpha, a, b), and its gradient, shape (4,)."""
    return _Likelihood(kinds)(np.asarray(values, dtype=np.float64))


@dataclass(frozen=True)
class BGNBD:
    """A fitted model. r, alpha : of the rates, per week. a, b : of the chance to be gone after a purchase."""

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    customers: int

    def alive(self, repeats: ArrayLike, last: ArrayLike, age: ArrayLike) -> Numbers:
        """The chance that a customer is still active, shape (n_customers,). last, age : in days."""
        x = np.asarray(repeats, dtype=np.float64)
        weeks = [np.asarray(days, dtype=np.float64) / DAYS_A_WEEK for days in (last, age)]
        with np.errstate(divide="ignore"):
            lead = np.where(x > 0, np.log(self.a) - np.log(np.maximum(self.b + x - 1, 0)), -np.inf)
        lead = lead + (self.r + x) * (np.log(self.alpha + weeks[1]) - np.log(self.alpha + weeks[0]))
        return np.asarray(expit(-lead), dtype=np.float64)

    def repeats_if_active(self, repeats: ArrayLike, age: ArrayLike, weeks: float) -> Numbers:
        """Expected purchases within so many weeks of somebody who is active now, shape (n_customers,).

        Equation 10 of the source, its hypergeometric function turned by Euler's transformation, which keeps
        it from overflowing for customers with hundreds of purchases.
        """
        x = np.asarray(repeats, dtype=np.float64)
        t = self.alpha + np.asarray(age, dtype=np.float64) / DAYS_A_WEEK
        a = self.a if abs(self.a - 1) > 1e-7 else 1 + 1e-7  # where the formula divides by zero, its limit
        ahead = weeks / (t + weeks)
        series = hyp2f1(a + self.b - 1 - self.r, a - 1, a + self.b + x - 1, ahead)
        return np.asarray((a + self.b + x - 1) / (a - 1) * (1 - (1 - ahead) ** (a - 1) * series))

    def expected(
        self, repeats: ArrayLike, last: ArrayLike, age: ArrayLike, weeks: float, discount: float = 0.0
    ) -> Numbers:
        """Expected purchases within so many weeks, shape (n_customers,), each worth less the later it comes.

        discount : yearly, 0.1 for 10%; purchases are discounted continuously from the as-of date.
        """
        columns = [np.asarray(column, dtype=np.int64) for column in (repeats, age)]
        wide = int(columns[1].max(initial=0)) + 1
        kinds, places = np.unique(columns[0] * wide + columns[1], return_inverse=True)
        x, ages = np.divmod(kinds, wide)
        force = np.log1p(discount) * DAYS_A_WEEK / 365
        total = np.exp(-force * weeks) * self.repeats_if_active(x, ages, weeks)
        if force:  # by parts: what comes until t, instead of what comes at t
            nodes, weights = np.polynomial.legendre.leggauss(NODES)
            for node, weight in zip((nodes + 1) / 2 * weeks, weights / 2 * weeks, strict=True):
                total += force * weight * np.exp(-force * node) * self.repeats_if_active(x, ages, node)
        return np.asarray(total[places] * self.alive(repeats, last, age))


def fit_bgnbd(kinds: Kinds) -> BGNBD:
    """The most likely model of these customers.

    Raises NotEnoughData with fewer than FEWEST_REPEATERS customers who came again, or where the search does
    not converge.
    """
    if kinds.repeaters < FEWEST_REPEATERS:
        raise NotEnoughData(
            _("Only {n} customers came on a second day; the model needs {fewest}.").format(
                n=number(kinds.repeaters), fewest=FEWEST_REPEATERS
            ),
            _("Take a longer history or more customers."),
        )
    start = START
    if len(kinds.count) > 2 * FIRST_LOOK:  # an even part of them leads close to the top of all
        step = len(kinds.count) // FIRST_LOOK
        part = Kinds(kinds.repeats[::step], kinds.last[::step], kinds.age[::step], kinds.count[::step])
        start = most_likely(_Likelihood(part), START, part.customers)[0]
    values, height, top = most_likely(_Likelihood(kinds), start, kinds.customers)
    if not top:
        raise no_convergence("BG/NBD")
    r, alpha, a, b = (float(value) for value in values)
    return BGNBD(r, alpha, a, b, height, int(kinds.customers))
