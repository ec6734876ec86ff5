"""For methods too slow for every customer: a stratified sample to fit on, and the rest to its nearest."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from analytics.formats import number
from analytics.jobs import checkpoint
from analytics.methods.base import Labels
from analytics.methods.fitting import fit_rows
from analytics.methods.preparation import Preparation
from analytics.translation import translate as _

Numbers = NDArray[np.float64]
EDGES = (0.02, 0.5, 0.98)  # of the strata in each column: both halves, and both tails
AT_A_TIME = 100_000  # customers between two looks at whether to stop


def distinct_rows(matrix: Numbers) -> tuple[Numbers, Numbers]:
    """The distinct rows in their own order, and how often each occurs beside the others.

    Customers who are all there twice count once: what the counts have in common is divided out.

    >>> distinct_rows(np.array([[2.0], [1.0], [2.0], [2.0], [1.0], [2.0]]))[1].tolist()
    [1.0, 2.0]
    """
    rows, counts = fit_rows(matrix, 0, len(matrix))
    return rows, counts / np.gcd.reduce(counts.astype(np.int64))


def drawn(
    rows: Numbers, counts: Numbers, seed: int, most: int, *, rare: bool = True
) -> tuple[NDArray[np.int64], Numbers]:
    """A stratified sample of at most `most` distinct rows: where they are, and how many each stands for.

    Strata are the halves and tails of every column, crossed: a stratum is who is unusual in the same way.
    rare : a stratum gets places by the root of its customers, so that small kinds are not lost; else each row
    has the same chance. Drawn by a walk with equal steps through the strata (systematic sampling, Madow
    1949), so neither the order of customers nor how often they all are there matters.
    """
    if len(rows) <= most:
        return np.arange(len(rows)), counts
    shares = counts / counts.sum()
    stratum = _strata(rows, shares)
    wanted = shares / np.sqrt(np.bincount(stratum, shares))[stratum] if rare else np.ones(len(rows))
    order = np.argsort(stratum, kind="stable")
    reached = np.cumsum(wanted[order])
    steps = (np.arange(most) + np.random.default_rng(seed).random()) / most
    picked = np.unique(order[np.searchsorted(reached, steps * reached[-1])])
    chance = np.minimum(1, most * wanted / reached[-1])
    return picked, (counts / chance)[picked]


def _strata(rows: Numbers, shares: Numbers) -> NDArray[np.int64]:
    code = np.zeros(len(rows), np.int64)
    for column in rows.T:
        order = np.argsort(column, kind="stable")
        edges = column[order][np.searchsorted(np.cumsum(shares[order]), EDGES).clip(max=len(rows) - 1)]
        code = code * (len(EDGES) + 1) + np.searchsorted(edges, column)
    return np.unique(code, return_inverse=True)[1].astype(np.int64)


@dataclass(frozen=True)
class NearestRow:
    """The model of a fit on a sample: whoever comes is where the nearest row of the sample is.

    rows : shape (n_rows, n_columns), distinct. labels : of each row. reach : shape (n_rows,), how far from
    it a customer may be to belong to it; beyond, the label is `beyond`. Without reach, any distance.
    """

    preparation: Preparation
    rows: Numbers
    labels: Labels
    reach: Numbers | None = None
    beyond: int = 0

    @cached_property
    def tree(self) -> cKDTree:
        """The rows, ordered for the search."""
        return cKDTree(self.rows)

    def predict(self, table: pd.DataFrame, value: "pd.Series[float]") -> Labels:
        return self.of(self.preparation.matrix(table))

    def of(self, matrix: Numbers) -> Labels:
        """The label of each prepared row."""
        parts = [np.empty(0, np.int64)]
        for distance, place in nearest(self.tree, matrix):
            found = self.labels[place]
            parts.append(
                found if self.reach is None else np.where(distance > self.reach[place], self.beyond, found)
            )
        return np.concatenate(parts)


def nearest(tree: cKDTree, matrix: Numbers) -> Iterator[tuple[Numbers, NDArray[np.int64]]]:
    """Distance to the nearest row of the tree and its place, AT_A_TIME customers at a time, exact."""
    for start in range(0, len(matrix), AT_A_TIME):
        checkpoint()
        yield tree.query(matrix[start : start + AT_A_TIME], workers=-1)


def sample_notes(fitted: int, distinct: int, customers: int) -> list[str]:
    """The warning that a fit was made on a sample, if it was: of how many different customers."""
    if fitted >= distinct:
        return []
    note = _(
        "Fitted on a stratified sample of {n} of {total} customers; each of the others went to the segment "
        "of the most similar one."
    )
    return [note.format(n=number(fitted), total=number(customers))]
