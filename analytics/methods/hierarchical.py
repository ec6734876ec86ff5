"""Hierarchical clustering, Ward's."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.jobs import checkpoint
from analytics.methods.base import Assignment, Labels, Method, Words
from analytics.methods.fitting import fit_notes, one_segment, silhouette
from analytics.methods.neighbours import NearestRow, distinct_rows, drawn, nearest, sample_notes
from analytics.methods.prepare import prepare
from analytics.methods.settings import Setting
from analytics.methods.ward import branches, ward
from analytics.translation import mark as _

LARGEST = 8_000
MOST_LEAVES = 30
Numbers = NDArray[np.float64]


class HierarchicalMethod(Method):
    """Join the most similar customers, then groups, step by step, and show the tree of how they join.

    Use it when you want to see how groups hang together, and at which number of segments they part clearly.
    Not when a few customers more or less must not change anything: another sample may join in another order.
    Source: Ward 1963; with weights for customers that are alike, Lance and Williams 1967.
    """

    key, label, order = "hierarchical", _("Hierarchical (Ward)"), 60
    least_indicators, finds_groups = 1, True
    settings = (
        Setting("segments", _("Number of segments"), default=5, low=2, high=12,
                help=_("Where the tree is cut; the dendrogram shows what other cuts would join or part.")),
    )  # fmt: skip

    def assign(
        self, table: pd.DataFrame, *, value: "pd.Series[float]", words: Words, seed: int, **settings: Any
    ) -> Assignment:
        prepared = prepare(table)
        distinct, counts = distinct_rows(prepared.matrix)
        if len(distinct) < 2:
            return one_segment(prepared)
        rows = distinct[drawn(distinct, counts, seed, LARGEST)[0]]
        checkpoint()
        model = NearestRow(prepared.preparation, rows, np.arange(len(rows)))
        place = np.concatenate([at for _distance, at in nearest(model.tree, prepared.matrix)])
        followers = np.bincount(place, minlength=len(rows))
        middles = rows if len(rows) == len(distinct) else _middles(prepared.matrix, place, followers)
        merges = ward(middles, followers / len(place))
        wanted = int(settings["segments"])
        segments = min(wanted, len(rows))
        model = NearestRow(prepared.preparation, rows, branches(merges, segments))
        labels = model.labels[place]
        return Assignment(
            labels=labels,
            treatments=prepared.treatments,
            quality={"silhouette": silhouette(prepared.matrix, labels, seed)},
            warnings=fit_notes(len(rows), wanted, segments)
            + sample_notes(len(rows), len(distinct), len(table)),
            details={"dendrogram": dendrogram(merges, model.labels, followers)},
            model=model,
        )


def _middles(matrix: Numbers, place: NDArray[np.int64], followers: NDArray[np.int64]) -> Numbers:
    """Where the customers nearest to each row of the sample are on average: all of them shape the tree."""
    sums = [np.bincount(place, column, len(followers)) for column in matrix.T]
    return np.ascontiguousarray(np.stack(sums, axis=1) / followers[:, None])


def dendrogram(merges: Numbers, labels: Labels, followers: NDArray[np.int64]) -> dict[str, Any]:
    """The top of the tree, at most MOST_LEAVES leaves, from left to right, JSON-like.

    leaves : the label and the customers of each. merges : as [node, node, height, customers], lowest first;
    nodes count the leaves first, then the merges. cut : a height between the merges that were made and
    those that were not. Height squared, halved, is what a merge adds to the variance within groups.
    """
    count, parts = min(MOST_LEAVES, len(labels)), int(labels.max()) + 1
    leaf = branches(merges, count)
    held = np.bincount(leaf, followers).astype(np.int64).tolist()
    leaves = [
        {"label": int(labels[row]), "customers": held[at]}
        for at, row in enumerate(np.unique(leaf, return_index=True)[1])
    ]
    top = []
    for left, right, height, _rows in merges[len(labels) - count :].tolist():
        ends = [_shown(merges, int(node), leaf, count) for node in (left, right)]
        held.append(held[ends[0]] + held[ends[1]])
        top.append([*ends, height, held[-1]])
    heights = [0.0, *merges[:, 2].tolist()]
    return {"leaves": leaves, "merges": top, "cut": (heights[-parts] + heights[1 - parts]) / 2}


def _shown(merges: Numbers, node: int, leaf: NDArray[np.int64], count: int) -> int:
    """A node of the whole tree, as the top of it counts: a leaf, or a merge after the leaves."""
    rows = len(leaf)
    if node >= 2 * rows - count:
        return node - 2 * (rows - count)
    while node >= rows:
        node = int(merges[node - rows, 0])
    return int(leaf[node])
