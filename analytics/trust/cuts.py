"""Conditions that a person could say: cuts at round numbers, and the categories that there are."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.conditions import Comparison, Condition, IsEmpty
from analytics.methods.base import Words
from analytics.methods.preparation import cells_of, is_number

Labels = NDArray[np.int64]
Numbers = NDArray[np.float64]
BOOK_AT = np.array(
    [0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9, 0.95, 0.98, 0.99]
)
SEGMENT_AT = np.array([0.01, 0.05, 0.2, 0.8, 0.95, 0.99])
FEW_VALUES, MOST_CATEGORIES, TOGETHER = 24, 12, 3
EMPTY_MATTERS = 0.01
ONE_DIGIT, TO_FIVE, TWO_DIGITS = 0.0, 0.004, 0.008  # what a cut costs, in points of F1


@dataclass(frozen=True)
class Candidate:
    """A condition that a rule may use. cost : how much harder to say than a round number."""

    condition: Condition
    cost: float = 0.0


def candidates(table: pd.DataFrame, segments: Labels, words: Words) -> list[Candidate]:
    """Every condition worth trying, the indicators in the order of their keys.

    table : shape (n_customers, n_indicators). segments : shape (n_customers,), 1, 2, ...
    """
    found: list[Candidate] = []
    for key in sorted(map(str, table)):
        column = table[key]
        if is_number(column):
            found += _of_number(key, cells_of(column), segments, words.units.get(key, "count"))
        else:
            found += _of_category(key, column, segments)
        empty = float(column.isna().mean())
        if EMPTY_MATTERS <= empty < 1:
            found.append(Candidate(IsEmpty(key)))
    return found


def speakable(value: float, digits: int, unit: str) -> float:
    """The value at so many significant digits, and no finer than a figure of its unit is written.

    >>> speakable(12_345.0, 2, "currency"), speakable(0.2549, 2, "share"), speakable(3.44, 2, "years")
    (12000.0, 0.25, 3.4)
    """
    if not value:
        return 0.0
    return round(value, _decimals(value, digits, unit)) + 0.0


def _decimals(value: float, digits: int, unit: str) -> int:
    first = int(np.floor(np.log10(abs(value))))
    if unit == "share" and abs(value) < 0.01:  # written with its first figure
        return min(-first, 5)
    return min(digits - 1 - first, {"currency": 2, "share": 2}.get(unit, 1))


def _around(value: float, unit: str) -> set[float]:
    """The roundest figure near a value, and with two digits those on both sides of it."""
    if not value:
        return {0.0}
    near = speakable(value, 2, unit)
    step = 10.0 ** -_decimals(value, 2, unit)
    beyond = speakable(near + (step if near < value else -step), 2, unit)
    return {speakable(value, 1, unit), near, beyond}


def _of_number(key: str, cells: Numbers, segments: Labels, unit: str) -> list[Candidate]:
    known = ~np.isnan(cells)
    values = np.unique(cells[known])
    if len(values) < 2:
        return []
    if len(values) <= FEW_VALUES and all(speakable(value, 17, unit) == value for value in values):
        return _of_few(key, values)
    cuts: dict[float, float] = {}
    for value in _places(cells[known], segments[known]):
        for cut in _around(value, unit):
            if values[0] < cut <= values[-1]:
                cuts[cut] = _cost(cut)
    return [
        Candidate(Comparison(key, op, (_whole(cut),)), cost)
        for cut, cost in sorted(cuts.items())
        for op in (">=", "<")
    ]


def _of_few(key: str, values: Numbers) -> list[Candidate]:
    """Cuts at each value that there is; what holds for one end alone is said as "exactly"."""
    said = [("=", values[0]), ("=", values[-1])]
    said += [(">=", value) for value in values[1:-1]] + [("<", value) for value in values[2:]]
    return [Candidate(Comparison(key, op, (_whole(value),))) for op, value in said]


def _places(cells: Numbers, segments: Labels) -> list[float]:
    """Where a cut may help: quantiles of the book and of each segment, and zero where there are losses."""
    parts = [np.quantile(cells, BOOK_AT, method="inverted_cdf")]
    for segment in np.unique(segments):
        parts.append(np.quantile(cells[segments == segment], SEGMENT_AT, method="inverted_cdf"))
    return [0.0, *np.unique(np.concatenate(parts)).tolist()]


def _cost(cut: float) -> float:
    figures = np.format_float_scientific(cut, trim="-").split("e")[0].lstrip("-").replace(".", "")
    if len(figures) == 1:
        return ONE_DIGIT
    return TO_FIVE if figures.endswith("5") and len(figures) == 2 else TWO_DIGITS


def _whole(value: float) -> float | int:
    value = float(value)
    return int(value) if value.is_integer() else value


def _of_category(key: str, column: "pd.Series[float]", segments: Labels) -> list[Candidate]:
    """Each of the commonest categories, and for each segment the two or three that are typical of it."""
    cat = column.astype("category").cat
    codes, names = cat.codes.to_numpy(np.int64), [str(name) for name in cat.categories]
    known = codes >= 0
    sizes = np.bincount(codes[known], minlength=len(names))
    kept = [at for at in np.argsort(-sizes, kind="stable") if sizes[at]][:MOST_CATEGORIES]
    if len(kept) < 2:
        return []
    sets = {(at,): None for at in kept}
    for segment in np.unique(segments):
        here = np.bincount(codes[known & (segments == segment)], minlength=len(names))
        typical = sorted(kept, key=lambda at: (-here[at] / sizes[at], names[at]))
        for count in range(2, min(TOGETHER, len(kept) - 1) + 1):
            sets[tuple(sorted(typical[:count]))] = None
    return [Candidate(_one_of(key, [names[at] for at in some]), TO_FIVE * (len(some) - 1)) for some in sets]


def _one_of(key: str, names: list[str]) -> Comparison:
    return Comparison(key, "in" if len(names) > 1 else "=", tuple(sorted(names)))
