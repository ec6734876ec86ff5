"""Indicators made comparable for methods that measure distances, and what was done to each said openly.

Skewed numbers are bent by asinh(x / s), s the median size of the non-zero values: near zero it is linear,
in the tails a logarithm with sign, and because s comes from the data the currency unit does not matter.
Then every indicator weighs the same: numbers get mean 0 and variance 1, a category's columns share a
variance of 1 between them.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.linalg import helmert

from analytics.errors import NotEnoughData
from analytics.formats import in_a_row, number, percent
from analytics.methods.base import Treatment
from analytics.translation import translate as _

Numbers = NDArray[np.float64]
SKEWED = 1.0
MOST_EMPTY = 0.5
RARE = 0.01
MOST_CATEGORIES = 10
Done = tuple[Numbers | None, list[str]]


@dataclass(frozen=True)
class Prepared:
    """matrix : shape (n_customers, n_columns), no gaps; columns : the indicator behind each column."""

    matrix: Numbers
    columns: tuple[str, ...]
    treatments: list[Treatment]


def prepare(table: pd.DataFrame) -> Prepared:
    """Fill, bend, code and standardise; in the same way whatever the order of rows and columns.

    table : shape (n_customers, n_indicators), numbers or categories, with gaps.
    Raises NotEnoughData when no indicator is known for most customers.
    """
    blocks, columns, treatments, unknown = [], [], [], 0
    for key in sorted(table.columns):
        column = table[key]
        block, notes = _mostly_empty(column)
        unknown += bool(notes)
        if not notes:
            block, notes = _number(cells_of(column)) if is_number(column) else _category(column)
        treatments.append(Treatment(str(key), in_a_row(*notes)))
        if block is not None:
            blocks.append(block)
            columns += [key] * block.shape[1]
    if unknown == table.shape[1]:
        what = _("Every chosen indicator is empty for most of the {n} customers.")
        raise NotEnoughData(
            what.format(n=number(len(table))), _("Choose indicators that are known for most.")
        )
    return Prepared(np.hstack(blocks) if blocks else np.empty((len(table), 0)), tuple(columns), treatments)


def is_number(column: "pd.Series[float]") -> bool:
    """Whether an indicator's column holds numbers rather than categories."""
    return bool(pd.api.types.is_numeric_dtype(column.dtype))


def cells_of(column: "pd.Series[float]") -> Numbers:
    """A column's numbers as float64, NaN where empty or infinite."""
    cells = column.to_numpy(np.float64, na_value=np.nan)
    return np.where(np.isfinite(cells), cells, np.nan)


def comparable(cells: Numbers) -> tuple[Numbers, bool]:
    """Numbers bent if skewed, then with mean 0 and variance 1; gaps stay. And whether they were bent.

    Zeros when the numbers are the same throughout.
    """
    present = cells[~np.isnan(cells)]
    if not len(present) or present.min() == present.max():
        return cells * 0, False
    bent = bool(_is_skewed(present))
    if bent:
        cells = np.arcsinh(cells / np.median(np.abs(present[present != 0])))
    return (cells - np.nanmean(cells)) / np.nanstd(cells), bent


def _is_skewed(present: Numbers) -> bool:
    if ((present == present.min()) | (present == present.max())).all():
        return False  # two values stay two values, however they are bent
    centred = (present - present.mean()) / present.std()
    return bool(abs((centred**3).mean()) > SKEWED)


def _mostly_empty(column: "pd.Series[float]") -> Done:
    empty = int(np.isnan(cells_of(column)).sum()) if is_number(column) else int(column.isna().sum())
    if empty <= MOST_EMPTY * len(column):
        return None, []
    note = _("Left out: empty for {n} of {total} customers.")
    return None, [note.format(n=number(empty), total=number(len(column)))]


def _number(cells: Numbers) -> Done:
    notes = []
    empty = np.isnan(cells)
    if empty.any():
        middle = float(np.nanmedian(cells))
        cells = np.where(empty, middle, cells)
        note = _("{n} empty values filled with the median, {median}.")
        notes.append(note.format(n=number(int(empty.sum())), median=number(middle, 2)))
    if cells.min() == cells.max():
        return None, [*notes, _("Left out: the same for every customer.")]
    standard, bent = comparable(cells)
    if bent:
        notes.append(_("Skewed: put on a scale that is logarithmic in both tails (asinh)."))
    return standard[:, None], [*notes, _("Standardised to mean 0 and variance 1.")]


def _category(column: "pd.Series[float]") -> Done:
    cat = column.astype("category").cat
    codes = cat.codes.to_numpy(np.int64)
    counts = np.bincount(codes + 1, minlength=len(cat.categories) + 1)
    notes = []
    if counts[0]:
        notes.append(_("{n} empty values are a category of their own.").format(n=number(int(counts[0]))))
    kept = np.argsort(-counts, kind="stable")[:MOST_CATEGORIES]
    kept = kept[counts[kept] >= max(1, RARE * len(column))]
    group = np.full(len(counts), len(kept))
    group[kept] = np.arange(len(kept))
    others = int((group[counts > 0] == len(kept)).sum())
    if others:
        note = _("{n} rare categories (below {share}, or beyond the {most} largest) grouped as other.")
        notes.append(note.format(n=number(others), share=percent(RARE), most=MOST_CATEGORIES))
    groups = len(kept) + bool(others)
    if groups < 2:
        return None, [*notes, _("Left out: the same for every customer.")]
    # Contrasts keep the distances of 0/1 columns without the redundancy that makes mixtures singular.
    columns = helmert(groups).T[group[codes + 1]]
    centred = columns - columns.mean(axis=0)
    note = _("{n} categories coded as 0/1 contrasts that together weigh as much as one number.")
    return centred / np.sqrt(centred.var(axis=0).sum()), [*notes, note.format(n=groups)]
