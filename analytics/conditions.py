"""The tree behind a population filter, read in two ways: as SQL for the engine, as a mask over a frame.

Both use SQL's three-valued logic, so a customer whose indicator is empty fails a comparison and its
negation alike.
"""

import operator
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import pandas as pd

Value = float | int | str
Cells = np.ndarray[Any, Any]

_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Condition(ABC):
    """A parsed filter."""

    @property
    @abstractmethod
    def indicators(self) -> tuple[str, ...]:
        """Keys that it reads, each once, in order of appearance."""

    @abstractmethod
    def sql(self) -> tuple[str, list[Value]]:
        """A boolean SQL expression over columns named like the indicators, and its `?` parameters."""

    @abstractmethod
    def truth(self, frame: pd.DataFrame) -> pd.arrays.BooleanArray:
        """True, false or unknown for each row of the frame."""

    def mask(self, frame: pd.DataFrame) -> "pd.Series[bool]":
        """Which rows of the frame pass; shape (n_rows,), index of the frame."""
        return pd.Series(self.truth(frame).to_numpy(bool, na_value=False), index=frame.index)


@dataclass(frozen=True)
class Comparison(Condition):
    """`indicator OP value`, or `indicator in (values)` with op "in"."""

    indicator: str
    op: str
    values: tuple[Value, ...]

    @property
    def indicators(self) -> tuple[str, ...]:
        return (self.indicator,)

    def sql(self) -> tuple[str, list[Value]]:
        if self.op == "in":
            return f'"{self.indicator}" IN ({", ".join("?" * len(self.values))})', list(self.values)
        return f'"{self.indicator}" {self.op} ?', list(self.values)

    def truth(self, frame: pd.DataFrame) -> pd.arrays.BooleanArray:
        column = frame[self.indicator]
        empty = column.isna().to_numpy(bool)
        if isinstance(column.dtype, pd.CategoricalDtype):  # compared once a category, not once a customer
            known = self._compare(column.cat.categories.to_numpy(object))
            hits = np.append(known, False)[column.cat.codes]
        else:
            hits = np.zeros(len(column), bool)
            numeric = pd.api.types.is_numeric_dtype(column.dtype)
            cells = column[~empty].to_numpy() if numeric else column[~empty].to_numpy(object)
            hits[~empty] = self._compare(cells)
        return pd.arrays.BooleanArray(hits, empty)

    def _compare(self, cells: Cells) -> Cells:
        if self.op == "in":
            return np.isin(cells, np.array(self.values, dtype=object if cells.dtype == object else None))
        return np.asarray(_OPERATORS[self.op](cells, self.values[0]), bool)


@dataclass(frozen=True)
class IsEmpty(Condition):
    """`indicator is empty`."""

    indicator: str

    @property
    def indicators(self) -> tuple[str, ...]:
        return (self.indicator,)

    def sql(self) -> tuple[str, list[Value]]:
        return f'"{self.indicator}" IS NULL', []

    def truth(self, frame: pd.DataFrame) -> pd.arrays.BooleanArray:
        empty = frame[self.indicator].isna().to_numpy(bool)
        return pd.arrays.BooleanArray(empty, np.zeros(len(frame), bool))


@dataclass(frozen=True)
class Not(Condition):
    """The opposite; unknown stays unknown."""

    part: Condition

    @property
    def indicators(self) -> tuple[str, ...]:
        return self.part.indicators

    def sql(self) -> tuple[str, list[Value]]:
        text, values = self.part.sql()
        return f"NOT ({text})", values

    def truth(self, frame: pd.DataFrame) -> pd.arrays.BooleanArray:
        return ~self.part.truth(frame)


@dataclass(frozen=True)
class Joined(Condition):
    """Parts joined by `and` or `or`."""

    word: str
    parts: tuple[Condition, ...]

    @property
    def indicators(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(key for part in self.parts for key in part.indicators))

    def sql(self) -> tuple[str, list[Value]]:
        texts, values = zip(*(part.sql() for part in self.parts), strict=True)
        joined = f" {self.word.upper()} ".join(f"({text})" for text in texts)
        return joined, [value for some in values for value in some]

    def truth(self, frame: pd.DataFrame) -> pd.arrays.BooleanArray:
        join = operator.and_ if self.word == "and" else operator.or_
        return reduce(join, (part.truth(frame) for part in self.parts))
