"""Customers' ids as the engine gives them: whether they are in order, and where those of one list are in another.

pandas makes an object of each text before it compares any, which a million of them feel; Arrow does not.
"""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

WORD = 8  # bytes of a whole number


def texts(ids: "pd.Index[Any] | pd.Series[Any]") -> pa.LargeStringArray:
    """Ids in one piece, as Arrow has them."""
    column = pa.array(ids.array, pa.large_string())
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def in_order(ids: "pd.Index[Any] | pd.Series[Any]") -> bool:
    """Whether each is at least the one before.

    >>> in_order(pd.Index(["C1", "C2", "C2"])), in_order(pd.Index(["C2", "C10"])), in_order(pd.Index([2, 10]))
    (True, False, True)
    """
    if not isinstance(ids.dtype, pd.StringDtype):
        return bool(ids.is_monotonic_increasing)
    column = texts(ids)
    return bool(pc.all(pc.less_equal(column[:-1], column[1:]), min_count=0).as_py())


def places(column: pa.LargeStringArray, among: pa.LargeStringArray) -> NDArray[np.int64]:
    """Where in `among` each id of a column is; -1 for those that are not there. Both without repeats.

    Ids of one short length, the usual case, are compared as numbers where they are in order: a tenth of the time of
    comparing texts, which counts for a million of them.

    >>> places(pa.array(["C2", "C9"], pa.large_string()), pa.array(["C1", "C2"], pa.large_string())).tolist()
    [1, -1]
    """
    ours, theirs = _as_numbers(column), _as_numbers(among)
    if ours is None or theirs is None or not (theirs[1:] > theirs[:-1]).all():
        found = pc.index_in(column, value_set=among).fill_null(-1)
        return np.asarray(found.to_numpy(zero_copy_only=False), np.int64)
    place = np.minimum(np.searchsorted(theirs, ours), len(theirs) - 1)
    return np.where(theirs[place] == ours, place, -1)


def _as_numbers(column: pa.LargeStringArray) -> NDArray[np.uint64] | None:
    """Ids as whole numbers in the same order; None unless all have the same length of at most WORD bytes."""
    if not len(column):
        return None
    _nulls, ends, text = column.buffers()
    bounds = np.frombuffer(ends, np.int64)[column.offset : column.offset + len(column) + 1]
    width = int(bounds[1] - bounds[0])
    if not 0 < width <= WORD or (np.diff(bounds) != width).any():
        return None
    cells = np.zeros((len(column), WORD), np.uint8)
    cells[:, :width] = np.frombuffer(text, np.uint8)[bounds[0] : bounds[-1]].reshape(-1, width)
    return np.asarray(cells.view(">u8").ravel().astype(np.uint64))
