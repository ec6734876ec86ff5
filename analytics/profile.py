"""What sets segments apart: typical values, and differences from the book in standard units."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.methods.preparation import cells_of, is_number
from analytics.methods.prepare import on_own_scale

Labels = NDArray[np.int64]
COLUMNS = ["segment", "indicator", "median", "book", "standard"]


def profile(table: pd.DataFrame, segments: Labels) -> pd.DataFrame:
    """One row a segment and indicator.

    table : shape (n_customers, n_indicators). segments : shape (n_customers,), 1, 2, ... without gaps.
    Returns segment, indicator, median (or the commonest category), book (the same of all customers) and
    standard: for numbers the segment's mean less the book's in standard deviations, skewed ones on the
    bent scale of `methods.prepare`; for categories the same of "is in that category". Empty values don't
    count; standard is NaN where a segment has none but these.
    """
    count = int(segments.max(initial=0))
    parts = [
        (_of_number if is_number(table[key]) else _of_category)(table[key], segments, count) for key in table
    ]
    for key, part in zip(map(str, table), parts, strict=True):
        part.insert(0, "indicator", key)
        part.insert(0, "segment", np.arange(1, count + 1))
    whole = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)
    return whole.sort_values("segment", kind="stable", ignore_index=True)


def _of_number(column: "pd.Series[float]", segments: Labels, count: int) -> pd.DataFrame:
    cells = cells_of(column)
    book, standard = on_own_scale(cells)
    known = ~np.isnan(cells)
    here, cells, standard = (
        (segments, cells, standard) if known.all() else (segments[known], cells[known], standard[known])
    )
    sizes = np.bincount(here, minlength=count + 1)
    order = np.argsort(here.astype(np.int16), kind="stable")  # of short numbers it is a radix sort
    parts = np.split(cells[order], np.cumsum(sizes))[1 : count + 1]
    medians = [float(np.median(part)) if len(part) else np.nan for part in parts]
    totals = np.bincount(here, weights=standard, minlength=count + 1)
    means = np.divide(totals, sizes, where=sizes > 0, out=np.full(count + 1, np.nan))[1:]
    return pd.DataFrame({"median": np.array(medians, object), "book": book, "standard": means}).astype(
        {"book": object}
    )


def _of_category(column: "pd.Series[float]", segments: Labels, count: int) -> pd.DataFrame:
    cat = column.astype("category").cat
    codes, names = cat.codes.to_numpy(np.int64), cat.categories.to_numpy(object)
    known = codes >= 0
    if not known.any():
        return pd.DataFrame({"median": [None] * count, "book": None, "standard": np.nan})
    cells = (segments[known] - 1) * len(names) + codes[known]
    table = np.bincount(cells, minlength=count * len(names)).reshape(count, len(names))
    commonest, sizes = table.argmax(axis=1), table.sum(axis=1)
    whole = table.sum(axis=0) / known.sum()
    here = table[np.arange(count), commonest] / np.where(sizes > 0, sizes, np.nan)
    expected = whole[commonest]
    spread = np.sqrt(expected * (1 - expected))
    standard = np.where(spread > 0, (here - expected) / np.where(spread > 0, spread, 1), here * 0)
    medians = np.where(sizes > 0, names[commonest], None)
    return pd.DataFrame({"median": medians, "book": names[whole.argmax()], "standard": standard})
