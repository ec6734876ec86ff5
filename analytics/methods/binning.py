"""Bins by quantile, with one tie rule: a value equal to an edge goes into the lower bin."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


def quantile_edges(cells: Numbers, bins: int) -> Numbers:
    """The bins - 1 inner edges, linear between order statistics (R's type 7).

    cells : shape (n,), n >= 1, no gaps. Positions are counted in whole numbers, so that an edge that falls
    on a value is exactly that value and the tie rule can't be upset by rounding.

    >>> quantile_edges(np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), 5).tolist()
    [2.0, 3.0, 4.0, 5.0]
    """
    at, rest = np.divmod((len(cells) - 1) * np.arange(1, bins), bins)
    after = np.minimum(at + 1, len(cells) - 1)
    ordered = np.partition(cells, np.unique([at, after]))  # in their places: those that are looked at
    below, above = ordered[at], ordered[after]
    return np.where(rest == 0, below, below + (above - below) * (rest / bins))


def bin_of(cells: Numbers, edges: Iterable[float | Numbers], *, upper: bool = False) -> NDArray[np.int64]:
    """0 for the lowest bin; a value equal to an edge goes into the lower bin, or with `upper` into the upper.

    Edges are few, so that counting those below is quicker than searching. An empty cell is in no bin: 0.

    >>> bin_of(np.array([1.0, 2.0, 2.5]), np.array([2.0])).tolist()
    [0, 0, 1]
    """
    found = np.zeros(len(cells), np.int8)
    for edge in edges:
        found += cells >= edge if upper else cells > edge
    return found.astype(np.int64)
