"""Credibility: how far the few months of a new customer are believed, and how far those of everybody else are.

Source: Bühlmann 1967, "Experience rating and credibility".
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analytics.lifetime.likelihood import Numbers

YEAR = 12
MOST = 24.0  # months that the peers' mean counts for
FEWEST = 30  # customers of a whole year from which k is estimated; with fewer it is MOST
OUTER = 0.05  # of means and variances at each end, drawn in to the rest


@dataclass(frozen=True)
class Credibility:
    """How a month's margin is read from few months.

    k : months that the peers' mean counts for, 0 where months are taken as they are. peers : their mean month,
    in units of the base currency.
    """

    k: float = 0.0
    peers: float = 0.0

    def margin(self, profit: ArrayLike, months: ArrayLike) -> Numbers:
        """The mean month, shape (n_customers,), of a profit over so many observed months.

        (profit + k * peers) / (months + k) for fewer than twelve months; customers with all twelve keep their
        own mean.

        >>> Credibility(3.0, 10.0).margin([400, 1200], [1, 12]).tolist()
        [107.5, 100.0]
        """
        earned, seen = np.asarray(profit, dtype=np.float64), np.asarray(months, dtype=np.float64)
        k = np.where(seen < YEAR, self.k, 0.0)
        return np.asarray((earned + k * self.peers) / (seen + k))


def fit_credibility(profit: ArrayLike, squares: ArrayLike, months: ArrayLike) -> Credibility:
    """k and the peers' mean from the customers who are here with a whole year.

    All of shape (n_customers,). profit : of the observed months, together. squares : of each month's profit,
    added up. k is the mean variance of a customer's months over the variance between customers, outer values
    drawn in, and MOST at most.
    """
    seen = np.asarray(months, dtype=np.float64)
    whole = seen >= YEAR
    few = int(whole.sum()) < FEWEST
    if few:
        whole = np.ones(len(seen), dtype=bool)
    seen = seen[whole]
    total, power = (np.asarray(column, dtype=np.float64)[whole] for column in (profit, squares))
    means = _drawn_in(total / seen)
    peers = float(means.mean()) if len(means) else 0.0
    if few:
        return Credibility(MOST, _short(peers))
    within = float(_drawn_in(np.maximum(power - total**2 / seen, 0.0) / (seen - 1)).mean())
    between = float(means.var(ddof=1)) - within / YEAR
    k = within / between if between > 0 else MOST
    return Credibility(_short(min(k, MOST)), _short(peers))


def _drawn_in(values: NDArray[np.float64]) -> Numbers:
    """The values with the outermost moved to the quantiles OUTER and 1 - OUTER."""
    if not len(values):
        return values
    low, high = np.quantile(values, (OUTER, 1 - OUTER))
    return np.asarray(np.clip(values, low, high))


def _short(value: float) -> float:
    """Without the last digits, which hang on the order in which sums were added up."""
    return round(value, 6)
