"""Gower's distance: numbers by how far apart in their range, categories by same or not, gaps passed over."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.formats import in_a_row, number
from analytics.methods.base import Treatment
from analytics.methods.preparation import CodedCategory, Scale, ScaledNumber, cells_of, is_number
from analytics.methods.prepare import Prepared
from analytics.translation import translate as _

Numbers = NDArray[np.float64]
Cells = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class RangedNumber:
    """A number, bent if it is skewed, as a share of its range: 0 the lowest seen, 1 the highest."""

    key: str
    scale: Scale
    low: float
    high: float

    def line(self, column: "pd.Series[float]") -> Numbers:
        shares = (self.scale.bent(cells_of(column)) - self.low) / (self.high - self.low)
        return np.asarray(shares.clip(0, 1))

    def apart(self, line: Cells, cell: float) -> Cells:
        return np.asarray(np.abs(line - cell))


@dataclass(frozen=True)
class NumberedCategory:
    """A category as a number that says no more than which: the rare and unknown ones share the last."""

    key: str
    codes: Mapping[str, int]

    def line(self, column: "pd.Series[float]") -> Numbers:
        cat = column.astype("category").cat
        named = [float(self.codes.get(str(name), len(self.codes))) for name in cat.categories]
        return np.array([*named, np.nan])[cat.codes.to_numpy(np.int64)]  # an empty cell's code is -1

    def apart(self, line: Cells, cell: float) -> Cells:
        return np.asarray(np.sign(np.abs(line - cell)))


Part = RangedNumber | NumberedCategory


@dataclass(frozen=True)
class Gower:
    """How to compare two customers: the mean over the indicators known of both, each from 0 to 1.

    Source: Gower 1971.
    """

    parts: tuple[Part, ...]

    def matrix(self, table: pd.DataFrame) -> Numbers:
        """shape (n_customers, n_indicators), NaN where empty."""
        lines = [part.line(table[part.key]) for part in self.parts]
        return np.ascontiguousarray(np.vstack([np.empty((0, len(table))), *lines]).T)

    def distances(self, columns: Cells, row: Cells) -> Numbers:
        """From each customer to one, 0 to 1; 1 where nothing is known of both.

        columns : shape (n_indicators, n_customers). row : shape (n_indicators,).
        """
        total, gaps = np.zeros(columns.shape[1]), np.zeros(columns.shape[1])
        for part, line, cell in zip(self.parts, columns, row.tolist(), strict=True):
            apart = part.apart(line, cell)
            if np.isnan(apart.sum()):
                gap = np.isnan(apart)
                gaps += gap
                apart = np.where(gap, 0.0, apart)
            total += apart
        known = len(self.parts) - gaps
        return np.asarray(np.where(known > 0, total / np.maximum(known, 1), 1.0))


def gower(table: pd.DataFrame, prepared: Prepared) -> tuple[Gower, list[Treatment]]:
    """How to compare these customers, and what was done to each indicator.

    What is skewed, rare or to be left out is decided as for the other methods, in `prepare`.
    """
    parts: list[Part] = []
    told = {treatment.indicator: treatment for treatment in prepared.treatments}
    for scaled in prepared.preparation.parts:
        column = table[scaled.key]
        part, notes = _compared(scaled, column)
        parts.append(part)
        told[scaled.key] = Treatment(scaled.key, in_a_row(*_gaps(column), *notes))
    return Gower(tuple(parts)), list(told.values())


def _compared(scaled: ScaledNumber | CodedCategory, column: "pd.Series[float]") -> tuple[Part, list[str]]:
    return _ranged(scaled, column) if isinstance(scaled, ScaledNumber) else _numbered(scaled, column)


def _ranged(scaled: ScaledNumber, column: "pd.Series[float]") -> tuple[RangedNumber, list[str]]:
    bent = scaled.scale.bent(cells_of(column))
    part = RangedNumber(scaled.key, scaled.scale, float(np.nanmin(bent)), float(np.nanmax(bent)))
    notes = [_("Compared by the difference as a share of its range.")]
    if scaled.scale.bend is not None:
        notes.insert(0, _("Skewed: put on a scale that is logarithmic in both tails (asinh)."))
    return part, notes


def _numbered(coded: CodedCategory, column: "pd.Series[float]") -> tuple[NumberedCategory, list[str]]:
    names = sorted(name for name in coded.places if name is not None)
    present = {str(name) for name in column.dropna().unique()}
    notes = [_("Compared by whether it is the same.")]
    rare = len(present - set(names))
    if rare:
        notes.insert(0, _("{n} rare categories count as the same.").format(n=number(rare)))
    return NumberedCategory(coded.key, {name: code for code, name in enumerate(names)}), notes


def _gaps(column: "pd.Series[float]") -> list[str]:
    empty = int(np.isnan(cells_of(column)).sum()) if is_number(column) else int(column.isna().sum())
    note = _("{n} empty values passed over when two customers are compared.")
    return [note.format(n=number(empty))] if empty else []
