"""Comparable customers outside a segment, so that what its customers hold is not just what wealthier ones hold.

Coarsened exact matching: indicators are cut into bands, customers who share all bands are one stratum, and in each
stratum the customers outside are weighted to the segment's share of it. Source: Iacus, King and Porro 2012,
"Causal inference without balance checking: coarsened exact matching", Political Analysis 20.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.errors import NotEnoughData
from analytics.formats import number
from analytics.methods.preparation import is_number
from analytics.translation import translate as _

Flags = NDArray[np.bool_]
Numbers = NDArray[np.float64]
Places = NDArray[np.int64]

MATCHED_ON = ("balance_average_3m", "age_years", "tenure_years", "region")
# Bands of each number, from fine to coarse; balance, which all else hangs on, stays finest. The first that lets
# COVER of the segment find peers is taken: finer bands compare likes with likes, coarser ones compare more.
LADDER: tuple[Mapping[str, int], ...] = (
    {"balance_average_3m": 10, "age_years": 6, "tenure_years": 4},
    {"balance_average_3m": 10, "age_years": 5, "tenure_years": 3},
    {"balance_average_3m": 8, "age_years": 4, "tenure_years": 3},
    {"balance_average_3m": 6, "age_years": 3, "tenure_years": 2},
    {"balance_average_3m": 4, "age_years": 2, "tenure_years": 2},
    {"balance_average_3m": 4, "age_years": 2, "tenure_years": 1},
    {"balance_average_3m": 3, "age_years": 2, "tenure_years": 1},
)
COARSE = 4  # bands of balance: with so few, customers who are compared may still differ in wealth
COVER = 0.95  # share of the segment that should find peers
LEAST = 10  # customers on either side, weighed, below which nothing is compared


@dataclass(frozen=True, eq=False)
class Match:
    """A segment beside its peers, in the order of the table that was matched.

    inside : shape (n_customers,), who is in the segment. compared : those of them who found peers.
    weights : shape (n_customers,), of the peers; they add up to 1 and are 0 for everybody else.
    used : the indicators matched on. bands : how many each number was cut into.
    """

    inside: Flags
    compared: Flags
    weights: Numbers
    used: tuple[str, ...]
    bands: Mapping[str, int]

    @property
    def customers(self) -> int:
        """The segment."""
        return int(self.inside.sum())

    @property
    def count(self) -> int:
        """Its customers who found peers."""
        return int(self.compared.sum())

    @property
    def cover(self) -> float:
        """The share of the segment that found peers."""
        return self.count / self.customers

    @property
    def peers(self) -> int:
        """The customers outside with whom it is compared."""
        return int((self.weights > 0).sum())

    @property
    def effective(self) -> float:
        """How many peers of equal weight would say as much: Kish 1965, (sum w)^2 / sum w^2."""
        return effective_size(self.weights)


def match(table: pd.DataFrame, inside: Flags) -> Match:
    """Peers of the customers inside, of all others.

    table : one row a customer, the columns of MATCHED_ON that are known; what is missing is a band of its own.
    Raises NotEnoughData where fewer than LEAST of the segment, or peers that count as fewer, can be compared.
    """
    customers = int(inside.sum())
    _need(customers, LEAST, _("This segment has {n} customers."))
    columns, best = columns_of(table), None
    for bands in LADDER:
        found = _matched(columns, inside, bands)
        if found is not None and (best is None or _good(found) > _good(best)):
            best = found
        if best is not None and best.cover >= COVER and best.effective >= LEAST:
            break
    if best is None or best.count < LEAST or best.effective < LEAST:
        _refuse(best, customers)
    return best


def _good(found: Match) -> tuple[bool, float]:
    """What a match is chosen by: that enough peers count, then how many of the segment have some."""
    return found.effective >= LEAST, found.cover


def _refuse(best: Match | None, customers: int) -> NoReturn:
    remedy = _("Compare a larger segment, ask for fewer segments, or look at a larger book.")
    if best is not None and best.count >= LEAST:
        what = _(
            "The {peers} comparable customers outside this segment of {all} are so few or so unevenly alike that "
            "they count as {few}: nothing can be said."
        )
        told = {"peers": best.peers, "all": customers, "few": best.effective}
        raise NotEnoughData(what.format(**{key: number(figure) for key, figure in told.items()}), remedy)
    what = _("Only {n} of this segment's {all} customers have comparable customers outside it.")
    raise NotEnoughData(what.format(n=number(best.count if best else 0), all=number(customers)), remedy)


def _need(found: int, least: int, what: str) -> None:
    if found < least:
        raise NotEnoughData(
            what.format(n=number(found)),
            _(
                "Fewer than {least} tell nothing about what they have in common: ask for fewer segments."
            ).format(least=number(least)),
        )


@dataclass(frozen=True, eq=False)
class Column:
    """What is matched on, made ready to be cut. values : a number's, and `ordered` the known ones by size; or labels'
    codes, 0 where missing, with nothing ordered."""

    values: NDArray[Any]
    ordered: Numbers | None

    def codes(self, bands: int) -> Places:
        """The band or label of each customer, 0 where it is missing."""
        return self.values if self.ordered is None else banded(self.values, bands, self.ordered)


def columns_of(table: pd.DataFrame) -> dict[str, Column]:
    """The columns of MATCHED_ON that a table has."""
    found: dict[str, Column] = {}
    for key in MATCHED_ON:
        if key in table and is_number(table[key]):
            values = table[key].to_numpy(np.float64)
            found[key] = Column(values, np.sort(values[np.isfinite(values)]))
        elif key in table:
            found[key] = Column(pd.factorize(table[key])[0].astype(np.int64) + 1, None)
    return found


def _matched(columns: Mapping[str, Column], inside: Flags, bands: Mapping[str, int]) -> Match | None:
    """The match at this coarseness; None where no stratum has customers on both sides."""
    strata = strata_of(columns, bands, len(inside))
    count = int(strata.max()) + 1
    here, there = (np.bincount(strata[side], minlength=count) for side in (inside, ~inside))
    both = (here > 0) & (there > 0)
    total = int(here[both].sum())
    if not total:
        return None
    weight = np.where(both, here / np.maximum(there, 1), 0.0) / total
    used = tuple(columns)
    return Match(
        inside, inside & both[strata], np.where(inside, 0.0, weight[strata]), used,
        {key: bands[key] for key in used if key in bands},
    )  # fmt: skip


def strata_of(columns: Mapping[str, Column], bands: Mapping[str, int], customers: int) -> Places:
    """The stratum of each customer, 0 or more with gaps: who shares all bands and labels shares it."""
    whole = np.zeros(customers, np.int64)
    for key, column in columns.items():
        codes = column.codes(bands.get(key, 0))
        whole = whole * (int(codes.max(initial=0)) + 1) + codes
    return whole


def banded(values: Numbers, bands: int, ordered: Numbers) -> Places:
    """Bands of about equal size, 1, 2, ...; 0 where the value is missing, equal values never apart.

    A value on an edge goes into the lower band. ordered : the values that are known, by size.

    >>> banded(np.array([1.0, 2.0, 3.0, 4.0, np.nan]), 2, np.arange(1.0, 5.0)).tolist()
    [1, 1, 2, 2, 0]
    """
    edges = (
        ordered
        if len(ordered) < bands
        else np.unique(ordered[len(ordered) * np.arange(1, bands) // bands - 1])
    )
    return np.where(np.isfinite(values), np.searchsorted(edges, values, side="left") + 1, 0)


def effective_size(weights: Numbers) -> float:
    """Kish's effective sample size; 0 of nobody.

    >>> effective_size(np.array([2.0, 2.0, 0.0])), effective_size(np.zeros(3))
    (2.0, 0.0)
    """
    squares = float((weights**2).sum())
    return float(weights.sum()) ** 2 / squares if squares else 0.0
