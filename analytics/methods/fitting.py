"""What methods that fit a model share: a sample that no order of rows can change, and its silhouette."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import silhouette_score
from threadpoolctl import threadpool_limits

from analytics.formats import number
from analytics.methods.base import Assignment, Labels
from analytics.methods.preparation import AT_A_TIME, Preparation
from analytics.methods.prepare import Prepared
from analytics.translation import translate as _

Numbers = NDArray[np.float64]
LARGEST_FIT = 50_000
LARGEST_SILHOUETTE = 2_000
_judged: ContextVar[bool] = ContextVar("judged", default=True)


def fit_rows(matrix: Numbers, seed: int, most: int | None = None) -> tuple[Numbers, Numbers]:
    """The distinct rows to fit on, in their own order, and how often each occurs.

    matrix : shape (n_customers, n_columns). Up to `most` customers (LARGEST_FIT) all count, beyond that a
    random sample does. Neither the order of customers nor having each of them twice changes the fit.
    """
    rows = matrix[_sample(len(matrix), most or LARGEST_FIT, seed)]
    if not matrix.shape[1]:  # nothing tells the customers apart
        return rows[:1], np.array([float(len(rows))])
    rows = rows[np.lexsort(rows.T[::-1])]
    first = np.append(True, (rows[1:] != rows[:-1]).any(axis=1))
    counts = np.diff(np.append(np.flatnonzero(first), len(rows)))
    return rows[first], counts.astype(np.float64)


def one_thread() -> "threadpool_limits":
    """Fits of this thread add up in one order whatever the machine has, and don't wait for each other.

    OpenMP counts threads for each thread apart, so that other sessions keep theirs.
    """
    return threadpool_limits(1, user_api="openmp")


@contextmanager
def unjudged() -> Iterator[None]:
    """Fits whose labels alone are wanted, by the hundred: their silhouette is not worked out."""
    token = _judged.set(False)
    try:
        yield
    finally:
        _judged.reset(token)


def silhouette(matrix: Numbers, labels: NDArray[np.int64], seed: int) -> float | None:
    """Mean of (b - a) / max(a, b) over at most LARGEST_SILHOUETTE customers; None where it has no meaning.

    Source: Rousseeuw 1987.
    """
    if not _judged.get():
        return None
    chosen = _sample(len(labels), LARGEST_SILHOUETTE, seed)
    found = len(np.unique(labels[chosen]))
    if not 2 <= found < len(chosen):
        return None
    return float(silhouette_score(matrix[chosen], labels[chosen]))


def fit_notes(customers: int, wanted: int, segments: int, most: int | None = None) -> list[str]:
    """Warnings about a fit: made on a sample of `most` (LARGEST_FIT), or with fewer segments than wanted."""
    most = most or LARGEST_FIT
    notes = []
    if segments < wanted:
        note = _(
            "Only {n} of {wanted} segments: the customers differ too little in these indicators for more."
        )
        notes.append(note.format(n=segments, wanted=wanted))
    if customers > most:
        note = _("Fitted on a random sample of {n} of {total} customers; every customer was then assigned.")
        notes.append(note.format(n=number(most), total=number(customers)))
    return notes


@dataclass(frozen=True)
class Everyone:
    """The model of a single segment."""

    def predict(self, table: pd.DataFrame, value: "pd.Series[float]") -> Labels:
        return np.zeros(len(table), np.int64)


@dataclass(frozen=True)
class NearestCentre:
    """The model of methods whose segments have a centre each. centres : shape (n_segments, n_columns).

    handicaps : shape (n_segments,), added to half the squared distance from each centre; none if left out.
    """

    preparation: Preparation
    centres: Numbers
    handicaps: Numbers | None = None

    @property
    def offsets(self) -> Numbers:
        """What is left of half the squared distances when what all centres share is taken away, at 0."""
        half: Numbers = (self.centres**2).sum(axis=1) / 2
        return half if self.handicaps is None else half + self.handicaps

    def predict(self, table: pd.DataFrame, value: "pd.Series[float]") -> Labels:
        return self.of(self.preparation.matrix(table))

    def of(self, matrix: Numbers) -> Labels:
        """The label of each prepared row; the first of two centres equally near."""
        return first_of_least(
            matrix, lambda columns: map(partial(_cost, columns), self.offsets, self.centres)
        )


def first_of_least(matrix: Numbers, costs: Callable[[Numbers], Iterable[Numbers]]) -> Labels:
    """Each row's label of least cost, the first among equals.

    costs : from columns, shape (n_columns, at most AT_A_TIME rows), what each label costs there, in turn.
    A matrix product would be no faster here, and round a row by where it stands in the table.
    """
    labels = np.zeros(len(matrix), np.int64)
    for start in range(0, len(matrix), AT_A_TIME):
        columns = np.ascontiguousarray(matrix[start : start + AT_A_TIME].T)
        part, least = labels[start : start + AT_A_TIME], np.full(columns.shape[1], np.inf)
        for label, cost in enumerate(costs(columns)):
            np.copyto(part, label, where=cost < least)
            np.minimum(cost, least, out=least)
    return labels


def _cost(columns: Numbers, offset: float, centre: Numbers) -> Numbers:
    cost = np.full(columns.shape[1], offset)
    for place, column in zip(centre, columns, strict=True):
        cost -= place * column
    return cost


def one_segment(prepared: Prepared) -> Assignment:
    """Everyone in one segment, because nothing in the chosen indicators tells the customers apart."""
    return Assignment(
        labels=np.zeros(len(prepared.matrix), np.int64),
        naming=lambda: {0: _("Everyone")},
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
