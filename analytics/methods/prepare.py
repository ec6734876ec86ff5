"""Indicators made comparable for methods that measure distances, and what was done to each said openly.

Skewed numbers are bent by asinh(x / s), s the median size of the non-zero values: near zero it is linear,
in the tails a logarithm with sign, and because s comes from the data the currency unit does not matter.
Then every indicator weighs the same: numbers get mean 0 and variance 1, a category's columns share a
variance of 1 between them.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.linalg import helmert

from analytics.errors import NotEnoughData
from analytics.formats import in_a_row, number, percent
from analytics.methods.base import Treatment
from analytics.methods.preparation import (
    CodedCategory,
    Preparation,
    Scale,
    ScaledNumber,
    cells_of,
    is_number,
    stacked,
)
from analytics.translation import translate as _

Numbers = NDArray[np.float64]
SKEWED = 1.0
MOST_EMPTY = 0.5
RARE = 0.01
MOST_CATEGORIES = 10


@dataclass(frozen=True)
class Done:
    """One indicator: what it became, if anything, what was done in words, and its columns as lines."""

    part: ScaledNumber | CodedCategory | None
    notes: list[str]
    lines: Numbers = field(default_factory=lambda: np.empty((0, 0)))
    unknown: bool = False


@dataclass(frozen=True)
class Prepared:
    """matrix : shape (n_customers, n_columns), no gaps; columns : the indicator behind each column.

    preparation : the same steps, for other customers.
    """

    matrix: Numbers
    columns: tuple[str, ...]
    treatments: list[Treatment]
    preparation: Preparation


def prepare(table: pd.DataFrame) -> Prepared:
    """Fill, bend, code and standardise; in the same way whatever the order of rows and columns.

    table : shape (n_customers, n_indicators), numbers or categories, with gaps.
    Raises NotEnoughData when no indicator is known for most customers.
    """
    keys = sorted(table.columns)
    done = [_prepared(key, table[key]) for key in keys]
    if all(one.unknown for one in done):
        what = _("Every chosen indicator is empty for most of the {n} customers.")
        raise NotEnoughData(
            what.format(n=number(len(table))), _("Choose indicators that are known for most.")
        )
    treatments = [Treatment(str(key), in_a_row(*one.notes)) for key, one in zip(keys, done, strict=True)]
    parts = tuple(one.part for one in done if one.part is not None)
    columns = tuple(part.key for part in parts for _column in range(part.width))
    matrix = stacked([one.lines for one in done if one.part is not None], len(table))
    return Prepared(matrix, columns, treatments, Preparation(parts))


def _prepared(key: str, column: "pd.Series[float]") -> Done:
    notes = _mostly_empty(column)
    if notes:
        return Done(None, notes, unknown=True)
    return _number(key, column) if is_number(column) else _category(key, column)


def scale_of(cells: Numbers) -> Scale:
    """The scale on which these numbers are bent if skewed, and have mean 0 and variance 1; gaps don't count."""
    empty = np.isnan(cells)
    present = cells[~empty] if empty.any() else cells
    return _scaled(present, _middles(present)[1])[0] if len(present) else Scale(None, 0.0, 0.0)


def on_own_scale(cells: Numbers) -> tuple[float, Numbers]:
    """The median, and the numbers on their `scale_of`; gaps stay gaps and don't count.

    >>> on_own_scale(np.array([1.0, 3.0, np.nan]))
    (2.0, array([-1.,  1., nan]))
    """
    empty = np.isnan(cells)
    if empty.all():
        return np.nan, cells
    present = cells[~empty] if empty.any() else cells
    middle, size = _middles(present)
    scale, scaled = _scaled(present, size)
    found = np.full(len(cells), np.nan)
    found[~empty] = scaled if scale.deviation else 0.0
    return middle, found


def _scaled(cells: Numbers, size: float) -> tuple[Scale, Numbers]:
    """The scale of numbers without gaps, and those numbers on it; bent, if they are, by their usual size."""
    if cells.min() == cells.max():
        return Scale(None, 0.0, 0.0), cells
    bend = size if _is_skewed(cells) else None
    bent = Scale(bend, 0.0, 1.0).bent(cells)
    scale = Scale(bend, float(bent.mean()), float(bent.std()))
    return scale, scale.standardised(bent)


def _middles(present: Numbers) -> tuple[float, float]:
    """The median, and the median size of the numbers that are not zero; numbers without gaps."""
    if present.min() < 0:
        return float(np.median(present)), float(np.median(np.abs(present[present != 0])))
    n, others = len(present), max(1, int(np.count_nonzero(present)))
    # Zeros come first among amounts that are never negative: one look finds both.
    at = [(n - 1) // 2, n // 2, n - 1 - (others - 1) // 2, n - 1 - others // 2]
    found = np.partition(present, at)[at]
    return float(found[:2].mean()), float(found[2:].mean())


def _is_skewed(present: Numbers) -> bool:
    if ((present == present.min()) | (present == present.max())).all():
        return False  # two values stay two values, however they are bent
    centred = present - present.mean()
    squared = centred * centred
    return bool(abs((squared * centred).mean()) > SKEWED * squared.mean() ** 1.5)


def _mostly_empty(column: "pd.Series[float]") -> list[str]:
    empty = int(np.isnan(cells_of(column)).sum()) if is_number(column) else int(column.isna().sum())
    if empty <= MOST_EMPTY * len(column):
        return []
    note = _("Left out: empty for {n} of {total} customers.")
    return [note.format(n=number(empty), total=number(len(column)))]


def _number(key: str, column: "pd.Series[float]") -> Done:
    notes, cells = [], cells_of(column)
    empty = np.isnan(cells)
    middle, size = _middles(cells[~empty] if empty.any() else cells)
    if empty.any():
        cells = np.where(empty, middle, cells)
        note = _("{n} empty values filled with the median, {median}.")
        notes.append(note.format(n=number(int(empty.sum())), median=number(middle, 2)))
    scale, scaled = _scaled(cells, size)
    if not scale.deviation:
        return Done(None, [*notes, _("Left out: the same for every customer.")])
    if scale.bend is not None:
        notes.append(_("Skewed: put on a scale that is logarithmic in both tails (asinh)."))
    notes.append(_("Standardised to mean 0 and variance 1."))
    return Done(ScaledNumber(key, middle, scale), notes, scaled[None])


def _category(key: str, column: "pd.Series[float]") -> Done:
    cat = column.astype("category").cat
    codes = cat.codes.to_numpy(np.int64)
    counts = np.bincount(codes + 1, minlength=len(cat.categories) + 1)  # the first counts the empty
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
        return Done(None, [*notes, _("Left out: the same for every customer.")])
    places = _contrasts(groups, np.bincount(group[counts > 0], counts[counts > 0], groups))
    names = [None, *map(str, cat.categories)]
    own = {names[at]: tuple(places[group[at]]) for at in kept}
    other = tuple(places[-1]) if others else (0.0,) * (groups - 1)
    note = _("{n} categories coded as 0/1 contrasts that together weigh as much as one number.")
    part = CodedCategory(key, own, other)
    return Done(part, [*notes, note.format(n=groups)], part.lines(column))


def _contrasts(groups: int, sizes: NDArray[np.int64]) -> Numbers:
    """A place for each group: as far apart as 0/1 columns put them, but without the redundancy that makes
    mixtures singular; centred, with a variance of 1 in all."""
    places = helmert(groups).T
    weights = sizes / sizes.sum()
    centred = places - weights @ places
    return np.asarray(centred / np.sqrt(weights @ (centred**2).sum(axis=1)))
