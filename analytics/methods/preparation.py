"""How each indicator became columns, kept as figures, so that any customer can be put on the same scale."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
AT_A_TIME = 16_384  # rows: what is worked on stays in the processor's cache


@dataclass(frozen=True)
class Scale:
    """Bent by asinh(x / bend) where there is a bend, then less the mean, in deviations.

    A deviation of 0 stands for numbers that are the same throughout: they become zeros.
    """

    bend: float | None
    mean: float
    deviation: float

    def apply(self, cells: Numbers) -> Numbers:
        """The numbers on this scale; gaps stay gaps.

        >>> Scale(None, 10.0, 2.0).apply(np.array([10.0, 14.0])).tolist()
        [0.0, 2.0]
        """
        if not self.deviation:
            return cells * 0
        return self.standardised(self.bent(cells))

    def bent(self, cells: Numbers) -> Numbers:
        """The numbers after the bend alone."""
        return cells if self.bend is None else np.arcsinh(cells / self.bend)

    def standardised(self, bent: Numbers) -> Numbers:
        """What is bent already, less the mean and in deviations."""
        found = bent - self.mean
        found /= self.deviation
        return found


@dataclass(frozen=True)
class ScaledNumber:
    """A number: gaps filled, then put on its scale."""

    key: str
    fill: float
    scale: Scale
    width: int = 1

    def lines(self, column: "pd.Series[float]") -> Numbers:
        cells = cells_of(column)
        empty = np.isnan(cells)
        return self.scale.apply(np.where(empty, self.fill, cells) if empty.any() else cells)[None]


@dataclass(frozen=True)
class CodedCategory:
    """A category: a place in space for each that is kept, one for the empty, one for all others.

    places : category -> place; None is the empty one. other : where rare and unknown ones are.
    """

    key: str
    places: Mapping[str | None, tuple[float, ...]]
    other: tuple[float, ...]

    @property
    def width(self) -> int:
        return len(self.other)

    def lines(self, column: "pd.Series[float]") -> Numbers:
        cat = column.astype("category").cat
        named = [self.places.get(str(name), self.other) for name in cat.categories]
        table = np.array([*named, self.places.get(None, self.other)], np.float64)
        return table.T[:, cat.codes.to_numpy(np.int64)]  # the code of an empty cell, -1, is the last place


@dataclass(frozen=True)
class Preparation:
    """What `prepare` did, to be done again to other customers."""

    parts: tuple[ScaledNumber | CodedCategory, ...] = ()

    def matrix(self, table: pd.DataFrame) -> Numbers:
        """shape (n_customers, n_columns), no gaps, from a table that has the same indicators."""
        return stacked([part.lines(table[part.key]) for part in self.parts], len(table))


def stacked(lines: list[Numbers], customers: int) -> Numbers:
    """A matrix with a row a customer from its columns, each shape (n_columns, n_customers)."""
    found = np.empty((customers, sum(map(len, lines))))
    for start in range(0, customers if lines else 0, AT_A_TIME):
        part = slice(start, start + AT_A_TIME)
        found[part] = np.concatenate([line[:, part] for line in lines]).T
    return found


def is_number(column: "pd.Series[float]") -> bool:
    """Whether an indicator's column holds numbers rather than categories."""
    return bool(pd.api.types.is_numeric_dtype(column.dtype))


def cells_of(column: "pd.Series[float]") -> Numbers:
    """A column's numbers as float64, NaN where empty or infinite; to be read, for they may be the column's own."""
    cells: Numbers = np.asarray(column.to_numpy(np.float64, na_value=np.nan))
    with np.errstate(invalid="ignore", over="ignore"):
        clean = bool(np.isfinite(cells.sum()))  # the usual case, seen without a copy
    return cells if clean else np.where(np.isfinite(cells), cells, np.nan)
