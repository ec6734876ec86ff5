"""How much of the inequality lies between groups of customers, and how much within them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from analytics.errors import BadInput, NotEnoughData
from analytics.translation import translate as _
from analytics.value.measures import Amounts

SHUFFLES, DRAWN = 20, 1_000_000  # times, or fewer where so many amounts have been drawn


@dataclass(frozen=True, eq=False)
class Decomposition:
    """Theil's index of a value, 0 (all equal) to ln n (one has all), and its two parts: total = between + within.

    by_chance : the part between groups of these sizes drawn at random, on average: what `between` must exceed
        before the grouping says anything about the value.
    groups : group, customers, share (of all gains), theil (within the group, NaN where it has nothing),
        contribution (share * theil; they sum to `within`); largest share first.
    gains_only : some amounts are losses; they were counted as zero.
    """

    total: float
    between: float
    within: float
    by_chance: float
    groups: pd.DataFrame
    gains_only: bool

    @property
    def explained(self) -> float | None:
        """The part of the inequality that lies between the groups, 0 to 1; None where there is no inequality."""
        return self.between / self.total if self.total > 0 else None

    @property
    def explained_by_chance(self) -> float | None:
        """What `explained` would be for random groups of the same sizes, on average."""
        return min(1.0, self.by_chance / self.total) if self.total > 0 else None


def theil(amounts: ArrayLike, groups: ArrayLike) -> Decomposition:
    """Theil's T index over all customers, between the groups and within them.

    T = mean(x/m ln(x/m)) with m the mean; between = sum_g s_g ln(s_g / (n_g/n)), s_g the group's share of all
    gains; within = sum_g s_g T_g. Losses count as zero, for the index has no meaning below it.
    amounts : shape (n_customers,), one unit; customers with NaN are left out. groups : the same shape, any labels.
    Raises BadInput for different lengths, NotEnoughData when nobody gains anything.
    Source: Theil 1967, Economics and Information Theory; Shorrocks 1980, Econometrica 48(3).

    >>> parts = theil([1, 1, 3, 3], ["low", "low", "high", "high"])
    >>> round(parts.total, 4), round(parts.between, 4), parts.within
    (0.1308, 0.1308, 0.0)
    """
    given = np.asarray(amounts, dtype=np.float64).ravel()
    codes, names = pd.factorize(np.asarray(groups).ravel(), sort=True, use_na_sentinel=False)
    if codes.size != given.size:
        raise BadInput(
            _("Amounts and groups are of different lengths."),
            _("Give each customer one amount and one group."),
        )
    known = np.isfinite(given)
    codes, gains = codes[known], np.maximum(given[known], 0.0)
    if not gains.sum() > 0:
        raise NotEnoughData(
            _("Nobody brings anything here, so there is no inequality to divide."),
            _("Choose another indicator, population or as-of date."),
        )
    return _parts(gains, codes, names, bool((given[known] < 0).any()))


def _parts(gains: Amounts, codes: NDArray[np.intp], names: NDArray[np.object_], lost: bool) -> Decomposition:
    sizes = np.bincount(codes, minlength=len(names))
    relative = gains / gains.mean()
    shares = np.bincount(codes, weights=relative, minlength=len(names)) / gains.size
    # x ln x, which is 0 at 0: per group its sum gives the group's own index by the chain rule of entropy.
    surprise = relative * np.log(np.where(relative > 0, relative, 1.0))
    sums = np.bincount(codes, weights=surprise, minlength=len(names)) / gains.size
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = np.where(shares > 0, shares * np.log(shares * gains.size / sizes), 0.0)
        inside = np.where((sizes > 1) & (shares > 0), np.maximum(sums - apart, 0.0), 0.0)
        own = np.where(shares > 0, inside / shares, np.nan)
    table = pd.DataFrame(
        {"group": names, "customers": sizes, "share": shares, "theil": own, "contribution": inside}
    )
    between, within = max(0.0, float(apart.sum())), float(inside.sum())
    return Decomposition(
        total=between + within,
        between=between,
        within=within,
        by_chance=_by_chance(relative, codes, sizes),
        groups=table[table["customers"] > 0].sort_values(
            "share", ascending=False, kind="stable", ignore_index=True
        ),
        gains_only=lost,
    )


def _by_chance(relative: Amounts, codes: NDArray[np.intp], sizes: NDArray[np.int64]) -> float:
    """The average part between groups when the same labels are dealt out at random."""
    random, size = np.random.default_rng(0), relative.size
    held, found = sizes[sizes > 0], []
    ends = np.cumsum(held) - held
    for _shuffle in range(min(SHUFFLES, max(3, DRAWN // size))):
        shares = np.add.reduceat(random.permutation(relative), ends) / size
        some = shares > 0
        found.append(float((shares[some] * np.log(shares[some] * size / held[some])).sum()))
    return max(0.0, float(np.mean(found)))
