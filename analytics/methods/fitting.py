"""What methods that fit a model share: a sample that no order of rows can change, and its silhouette."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import silhouette_score

from analytics.formats import number
from analytics.methods.base import Assignment, Labels
from analytics.methods.preparation import Preparation
from analytics.methods.prepare import Prepared
from analytics.translation import translate as _

Numbers = NDArray[np.float64]
LARGEST_FIT = 50_000
LARGEST_SILHOUETTE = 2_000


def fit_rows(matrix: Numbers, seed: int) -> tuple[Numbers, Numbers]:
    """The distinct rows to fit on, in their own order, and how often each occurs.

    matrix : shape (n_customers, n_columns). Up to LARGEST_FIT customers all count, beyond that a random
    sample does. Neither the order of customers nor having each of them twice changes the fit.
    """
    rows = matrix[_sample(len(matrix), LARGEST_FIT, seed)]
    if not matrix.shape[1]:  # nothing tells the customers apart
        return rows[:1], np.array([float(len(rows))])
    rows = rows[np.lexsort(rows.T[::-1])]
    first = np.append(True, (rows[1:] != rows[:-1]).any(axis=1))
    counts = np.diff(np.append(np.flatnonzero(first), len(rows)))
    return rows[first], counts.astype(np.float64)


def silhouette(matrix: Numbers, labels: NDArray[np.int64], seed: int) -> float | None:
    """Mean of (b - a) / max(a, b) over at most LARGEST_SILHOUETTE customers; None where it has no meaning.

    Source: Rousseeuw 1987.
    """
    chosen = _sample(len(labels), LARGEST_SILHOUETTE, seed)
    found = len(np.unique(labels[chosen]))
    if not 2 <= found < len(chosen):
        return None
    return float(silhouette_score(matrix[chosen], labels[chosen]))


def fit_notes(customers: int, wanted: int, segments: int) -> list[str]:
    """Warnings about a fit: made on a sample, or with fewer segments than wanted."""
    notes = []
    if segments < wanted:
        note = _(
            "Only {n} of {wanted} segments: the customers differ too little in these indicators for more."
        )
        notes.append(note.format(n=segments, wanted=wanted))
    if customers > LARGEST_FIT:
        note = _("Fitted on a random sample of {n} of {total} customers; every customer was then assigned.")
        notes.append(note.format(n=number(LARGEST_FIT), total=number(customers)))
    return notes


@dataclass(frozen=True)
class Everyone:
    """The model of a single segment."""

    def predict(self, table: pd.DataFrame, value: "pd.Series[float]") -> Labels:
        return np.zeros(len(table), np.int64)


@dataclass(frozen=True)
class NearestCentre:
    """The model of methods whose segments have a centre each. centres : shape (n_segments, n_columns)."""

    preparation: Preparation
    centres: Numbers

    def predict(self, table: pd.DataFrame, value: "pd.Series[float]") -> Labels:
        return self.of(self.preparation.matrix(table))

    def of(self, matrix: Numbers) -> Labels:
        """The label of each prepared row; the first of two centres equally near."""
        half = (self.centres**2).sum(axis=1) / 2
        return np.asarray(np.argmin(half - matrix @ self.centres.T, axis=1).astype(np.int64))


def one_segment(prepared: Prepared) -> Assignment:
    """Everyone in one segment, because nothing in the chosen indicators tells the customers apart."""
    return Assignment(
        labels=np.zeros(len(prepared.matrix), np.int64),
        names={0: _("Everyone")},
        rules={0: _("No chosen indicator tells these customers apart.")},
        treatments=prepared.treatments,
        quality={"silhouette": None},
        warnings=[
            _("All customers are alike in the chosen indicators: one segment. Choose other indicators.")
        ],
        model=Everyone(),
    )


def _sample(n: int, most: int, seed: int) -> NDArray[np.int64]:
    if n <= most:
        return np.arange(n)
    return np.sort(np.random.default_rng(seed).choice(n, most, replace=False))
