"""Concentration of a value over customers: everything the 80/20 question needs, from one sort."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from analytics.errors import NotEnoughData
from analytics.formats import compact, number
from analytics.indicators import summed
from analytics.translation import plural
from analytics.translation import translate as _
from analytics.value.abc import computed_of, fixed_of
from analytics.value.curve import kept_points
from analytics.value.dependence import losses, sums_of_largest
from analytics.value.interval import Interval, top_share_interval
from analytics.value.measures import (
    Amounts,
    CustomersFor,
    Whale,
    centre,
    count_to,
    customers_for,
    gini,
    gini_normalised,
    herfindahl,
    inequality,
    top_count,
    top_share,
    whale,
    whale_of,
)

__all__ = [
    "Concentration",
    "concentration",
    "customers_for",
    "gini",
    "gini_normalised",
    "herfindahl",
    "top_share",
    "whale",
]

TOP_FRACTIONS = (0.01, 0.05, 0.1, 0.2)
PARETO_SHARE = 0.8
SMALL_BOOK = 300


@dataclass(frozen=True, eq=False)
class Concentration:
    """How unevenly one value is spread over customers. Amounts in the value's own unit.

    missing : customers without a value, left out of everything else.
    top_share : share of the net total by top fraction, None where the net total is not positive.
    for_80 : customers for 80 % of the net total, None where it is not positive.
    gini, hhi : None with any negative amount, or nothing to share.
    counts, running : the curve of at most 500 points, from 0 customers to all, best first, and what they
        bring together. The points at 20 % and every tenth of customers, at 80 % of value and at
        the peak are exact.
    abc : customers in A, B and C where the curve itself suggests to part them; abc_fixed : at 80 % and 95 % of
        the net total; None where nobody brings anything, or the net total is not positive.
    largest : what the 1, 5, 10 largest bring together, where there are as many.
    interval : of the top fifth's share, where it was asked for and can be had.
    """

    customers: int
    missing: int
    total: float
    mean: float | None
    median: float | None
    lowest: float | None
    highest: float | None
    gini: float | None
    gini_normalised: float | None
    hhi: float | None
    top_share: dict[float, float | None]
    for_80: CustomersFor | None
    whale: Whale
    counts: NDArray[np.int64]
    running: Amounts
    abc: tuple[int, int, int] | None
    abc_fixed: tuple[int, int, int] | None
    largest: dict[int, float]
    interval: Interval | None = None

    @property
    def gains(self) -> float:
        """What those above zero bring together; less `whale.losses` it is the net total."""
        return self.total + self.whale.losses if self.whale.peak_customers else 0.0

    @property
    def gross(self) -> Amounts:
        """The curve on gross-positive basis: `running` as a share of the gains, never above 1; empty without any."""
        return self.running / self.gains if self.gains > 0 else np.empty(0)

    @property
    def net_positive(self) -> bool:
        """Whether shares of the net total mean anything."""
        return self.whale.peak_share is not None

    @property
    def effective_customers(self) -> float | None:
        """How many equal customers would be as concentrated: 1 / hhi."""
        return None if self.hhi is None else 1 / self.hhi

    @property
    def dependence(self) -> pd.DataFrame:
        """What goes when the largest go: see `dependence.dependence`."""
        return losses(self.largest, self.total, positive=self.net_positive)

    @property
    def even(self) -> bool:
        """Whether every customer has the same amount."""
        return self.customers > 0 and self.lowest == self.highest

    @property
    def curve(self) -> list[list[float]]:
        """[share of customers, share of the net total], best first; empty where shares mean nothing."""
        if not self.net_positive:
            return []
        shares = self.running / self.running[-1]
        return [[x, y] for x, y in zip((self.counts / self.customers).tolist(), shares.tolist(), strict=True)]

    @property
    def warnings(self) -> list[str]:
        """What to know before believing the figures, in the language in use."""
        return list(_warnings(self))

    def document(self, indicator: str, as_of: date | str) -> dict[str, Any]:
        """The contract's `value` document."""
        return {
            "indicator": indicator,
            "as_of": str(as_of),
            "customers": self.customers,
            "missing": self.missing,
            "total": float(summed(indicator, self.total)),
            "mean": self.mean,
            "median": self.median,
            "gini": self.gini,
            "gini_normalised": self.gini_normalised,
            "top_share": {str(fraction): share for fraction, share in self.top_share.items()},
            "for_80": self._for_80_document(),
            "hhi": self.hhi,
            "effective_customers": self.effective_customers,
            "whale": asdict(self.whale),
            "interval": self._interval_document(),
            "dependence": self._dependence_document(indicator),
            "abc": self._abc_document(self.abc),
            "abc_fixed": self._abc_document(self.abc_fixed),
            "curve": self.curve,
            "warnings": self.warnings,
        }

    def _interval_document(self) -> dict[str, Any] | None:
        found = self.interval
        return {"top_share_0.2": [found.low, found.high], "level": found.level} if found else None

    def _dependence_document(self, indicator: str) -> list[dict[str, float | None]]:
        rows = self.dependence.assign(
            **{name: summed(indicator, self.dependence[name]) for name in ("loses", "left")}
        )
        return [
            {str(key): None if pd.isna(item) else item for key, item in row.items()}
            for row in rows.to_dict("records")
        ]

    def _abc_document(self, sizes: tuple[int, int, int] | None) -> dict[str, int] | None:
        return sizes and dict(zip("ABC", sizes, strict=True))

    def _for_80_document(self) -> dict[str, float | None]:
        found = self.for_80
        return {
            "customers": found.customers if found else None,
            "share": found.customers / self.customers if found else None,
            "customers_low": found.low if found else None,
            "customers_high": found.high if found else None,
        }


def concentration(amounts: ArrayLike, *, interval: bool = False) -> Concentration:
    """Measure how a value is spread over customers.

    amounts : shape (n_customers,), one unit, in any order; NaN where a customer has no value.
    interval : also work out the interval of the top fifth's share.
    Nothing raises: what the amounts can't answer is None, and `warnings` says why.

    >>> result = concentration([70, 10, 10, 10, 0, float("nan")])
    >>> result.for_80.customers, result.top_share[0.2], result.missing
    (2, 0.7, 1)
    """
    given = np.asarray(amounts, dtype=np.float64).ravel()
    ascending = np.sort(given[np.isfinite(given)])
    running = np.cumsum(ascending[::-1])
    humps = whale_of(ascending)
    for_80 = None if humps.peak_share is None else count_to(ascending[::-1], running, PARETO_SHARE)
    return Concentration(
        customers=ascending.size,
        missing=given.size - ascending.size,
        **centre(ascending, running),
        **inequality(ascending),
        top_share={fraction: _top(running, fraction) if for_80 else None for fraction in TOP_FRACTIONS},
        for_80=for_80,
        whale=humps,
        **kept_points(running, humps, for_80, TOP_FRACTIONS),
        abc=_classes(computed_of, ascending[::-1], running),
        abc_fixed=_classes(fixed_of, ascending[::-1], running),
        largest=sums_of_largest(running),
        interval=top_share_interval(ascending) if interval else None,
    )


def _classes(
    sizes: Callable[[Amounts, Amounts], tuple[int, int]], descending: Amounts, running: Amounts
) -> tuple[int, int, int] | None:
    try:
        n_a, n_b = sizes(descending, running)
    except NotEnoughData:
        return None
    return n_a, n_b, descending.size - n_a - n_b


def _top(running: Amounts, fraction: float) -> float:
    return float(running[top_count(running.size, fraction) - 1] / running[-1])


def _warnings(c: Concentration) -> Iterator[str]:
    if c.missing:
        text = plural(
            "{n} customer has no value here and is left out.",
            "{n} customers have no value here and are left out.",
            c.missing,
        )
        yield text.format(n=number(c.missing))
    if c.customers == 0:
        yield _("No customer has a value here.")
    elif c.lowest == c.highest == 0:
        yield _("Every value is zero: there is nothing to share out.")
    elif not c.net_positive:
        yield _(
            "The net total is {total}, not above zero. Shares of it would mean nothing: "
            "amounts are shown instead."
        ).format(total=compact(c.total))
    if c.interval and c.interval.heavy:
        yield _("The largest customers outweigh the others so much here that the range may be too narrow.")
    if 0 < c.customers < SMALL_BOOK:
        yield _(
            "With fewer than {limit} customers today's shares are facts, but weak forecasts: "
            "a small group shows less concentration than a large one with the same heavy tail."
        ).format(limit=SMALL_BOOK)
