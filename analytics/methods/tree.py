"""A regression tree as plain data: grown by scikit-learn, kept as splits that read and score as rules."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.tree import DecisionTreeRegressor

from analytics.methods.base import Labels
from analytics.methods.fitting import fit_rows
from analytics.methods.preparation import cells_of

Numbers = NDArray[np.float64]
STEPS = 2**16  # of an outcome of variance 1: whole numbers, whose sums are exact in any order


@dataclass(frozen=True)
class Column:
    """What a tree may split on: a number, or whether a category is this one (0 or 1; 0 where it is empty).

    gaps : whether any of the customers that the tree was grown on lacks the number.
    """

    key: str
    gaps: bool = False
    category: str | None = None

    def cells(self, table: pd.DataFrame) -> Numbers:
        """shape (n_customers,), NaN where a number is empty."""
        column = table[self.key]
        if self.category is None:
            return cells_of(column)
        cat = column.astype("category").cat
        hits = np.array([*(str(name) == self.category for name in cat.categories), False], np.float64)
        return hits[cat.codes.to_numpy(np.int64)]  # the code of an empty cell, -1, is the last place


@dataclass(frozen=True)
class Split:
    """Cells of at most `cut` go to node `low`, those above to node `high`, empty ones as `empty_high` says.

    A cut of None parts the empty, who go to `high`, from all others.
    """

    column: Column
    cut: float | None
    empty_high: bool
    low: int
    high: int

    def above(self, cells: Numbers) -> NDArray[np.bool_]:
        """Which of the column's cells go to `high`."""
        found = np.isnan(cells) & self.empty_high
        return found if self.cut is None else found | (cells > self.cut)


@dataclass(frozen=True)
class TreeModel:
    """nodes : the first is the root; a number in place of a split is a leaf, its label."""

    nodes: tuple[Split | int, ...]

    def predict(self, table: pd.DataFrame, value: "pd.Series[float]") -> Labels:
        labels = np.empty(len(table), np.int64)
        cells: dict[Column, Numbers] = {}
        waiting: list[tuple[int, NDArray[np.intp]]] = [(0, np.arange(len(table)))]
        while waiting:
            at, rows = waiting.pop()
            node = self.nodes[at]
            if isinstance(node, int):
                labels[rows] = node
                continue
            if node.column not in cells:
                cells[node.column] = node.column.cells(table)
            above = node.above(cells[node.column][rows])
            waiting += [(node.low, rows[~above]), (node.high, rows[above])]
        return labels

    def paths(self) -> dict[int, list[tuple[Split, bool]]]:
        """The splits from the root to each leaf, by its label, and whether it lies above each."""
        found: dict[int, list[tuple[Split, bool]]] = {}
        waiting: list[tuple[int, list[tuple[Split, bool]]]] = [(0, [])]
        while waiting:
            at, path = waiting.pop()
            node = self.nodes[at]
            if isinstance(node, int):
                found[node] = path
            else:
                waiting += [(node.low, [*path, (node, False)]), (node.high, [*path, (node, True)])]
        return dict(sorted(found.items()))


@dataclass(frozen=True)
class Grown:
    """A tree, and how much of the outcome's variance it explains: where it was grown, and where it was not.

    gains : by column, its share of what is explained. unseen : None where there are too few to hold back.
    """

    model: TreeModel
    gains: Numbers
    seen: float
    unseen: float | None


def grow(
    columns: list[Column], matrix: Numbers, outcome: Numbers, segments: int, share: float, seed: int
) -> Grown:
    """Grow a tree of at most so many leaves, each with at least this share of the customers.

    matrix : shape (n_customers, n_columns), NaN where empty: a split sends the empty to the side that they
    are more like. outcome : shape (n_customers,), mean 0, variance 1.
    Splits on ranks, so neither the unit of a figure nor the order or number of equal rows matters.
    Source: Breiman, Friedman, Olshen and Stone 1984; grown best first by scikit-learn.
    """
    filled = np.where(np.isnan(matrix), np.inf, matrix)  # equal to itself, unlike NaN, and last in order
    rows, counts = fit_rows(np.column_stack([filled, np.round(outcome * STEPS)]), seed)
    found = [np.unique(cells, return_inverse=True) for cells in rows[:, :-1].T]
    values = [distinct for distinct, _places in found]
    ranks = np.column_stack([places for _distinct, places in found]).astype(np.float64)
    ranks[np.isinf(rows[:, :-1])] = np.nan
    steps = rows[:, -1]

    def fitted(part: NDArray[np.bool_]) -> DecisionTreeRegressor:
        tree = DecisionTreeRegressor(
            max_leaf_nodes=segments, min_weight_fraction_leaf=share, random_state=seed
        )
        return tree.fit(ranks[part], steps[part], counts[part])

    everyone = fitted(np.full(len(steps), True))
    held_back = np.random.default_rng(seed).permutation(len(steps)) % 3 == 0
    unseen = None
    if (~held_back).sum() >= segments and steps[held_back].var():
        unseen = float(fitted(~held_back).score(ranks[held_back], steps[held_back], counts[held_back]))
    return Grown(
        _as_data(everyone, columns, values), everyone.feature_importances_,
        float(everyone.score(ranks, steps, counts)), unseen,
    )  # fmt: skip


def between(below: float, above: float) -> float:
    """The roundest number from `below` to just under `above`, so that a rule is short to read.

    >>> between(2.0, 3.0), between(12_345.6, 13_456.7), between(-0.5, 7.0), between(0.1234, 0.1236)
    (2.0, 13000.0, 0.0, 0.1234)
    """
    if below <= 0 < above:
        return 0.0
    start = int(np.floor(np.log10(max(abs(below), abs(above)))))
    for power in range(start, start - 17, -1):
        factor = 10.0 ** abs(power)
        found = float(np.ceil(below / factor) * factor if power > 0 else np.ceil(below * factor) / factor)
        if below <= found < above:
            return found
    return below


def _as_data(tree: DecisionTreeRegressor, columns: list[Column], values: list[Numbers]) -> TreeModel:
    """Leaves are labelled from the lowest outcome to the highest; cuts go back from ranks to figures."""
    inner = tree.tree_
    leaves = np.flatnonzero(inner.children_left < 0)
    order = leaves[np.argsort(inner.value[leaves, 0, 0], kind="stable")]
    labels = {int(leaf): at for at, leaf in enumerate(order)}
    nodes: list[Split | int] = []
    for at in range(inner.node_count):
        if at in labels:
            nodes.append(labels[at])
            continue
        feature, threshold = int(inner.feature[at]), float(inner.threshold[at])
        children = int(inner.children_left[at]), int(inner.children_right[at])
        if np.isinf(threshold):  # all figures on one side, the empty on the other
            nodes.append(Split(columns[feature], None, True, *children))
            continue
        rank = int(np.floor(threshold))
        cut = between(float(values[feature][rank]), float(values[feature][rank + 1]))
        nodes.append(Split(columns[feature], cut, not inner.missing_go_to_left[at], *children))
    return TreeModel(tuple(nodes))
