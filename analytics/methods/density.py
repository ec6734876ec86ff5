"""Density-based clustering, HDBSCAN."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from sklearn.cluster import HDBSCAN

from analytics.formats import number, percent
from analytics.jobs import checkpoint
from analytics.methods.base import Assignment, Labels, Method, Words
from analytics.methods.fitting import Everyone, one_segment, silhouette
from analytics.methods.neighbours import NearestRow, distinct_rows, drawn, sample_notes
from analytics.methods.prepare import Prepared, prepare
from analytics.methods.settings import Setting
from analytics.translation import mark as _
from analytics.translation import translate

LARGEST = 15_000
NO_GROUP = 0  # a label that is there even if the fit left nobody outside
MOST_OUTSIDE = 0.5
CAUTION = {"low": 0.1, "usual": 0.3, "high": 1.0}
Numbers = NDArray[np.float64]


class DensityMethod(Method):
    """Find where customers lie densely, whatever the shape, and leave those in between in no group.

    Use it when groups may have any shape, or customers who fit nowhere must not be forced into a segment.
    Not when everybody must be in a group, or the chosen indicators have only a few values each.
    Source: HDBSCAN, Campello, Moulavi and Sander 2013; scikit-learn.
    """

    key, label, order = "density", _("Density (HDBSCAN)"), 70
    least_indicators, finds_groups = 1, True
    settings = (
        Setting("smallest", _("Smallest group, in percent of the customers"), default=2.0, low=0.1, high=25.0,
                kind="number", help=_("What is smaller counts as no group. How many groups there are is found.")),
        Setting("caution", _("Caution"), default="usual", kind="choice",
                choices={"low": _("Low: thin groups count too"),
                         "usual": _("Usual"),
                         "high": _("High: only dense cores count")},
                help=_("The more caution, the more customers are in no group.")),
    )  # fmt: skip

    def assign(
        self, table: pd.DataFrame, *, value: "pd.Series[float]", words: Words, seed: int, **settings: Any
    ) -> Assignment:
        prepared = prepare(table)
        distinct, counts = distinct_rows(prepared.matrix)
        if len(distinct) < 2:
            return one_segment(prepared)
        rows, labels, reach = _fitted(distinct, counts, settings["smallest"] / 100, settings["caution"], seed)
        if labels.max() < 1 or len(np.unique(labels)) < 2:
            return _no_groups(prepared)
        checkpoint()
        model = NearestRow(prepared.preparation, rows, labels, reach, NO_GROUP)
        found = model.of(prepared.matrix)
        return Assignment(
            labels=found,
            naming=lambda: {NO_GROUP: translate("In no group")},
            rules={NO_GROUP: translate("Too few customers are like them in the chosen indicators.")},
            treatments=prepared.treatments,
            quality={"silhouette": silhouette(prepared.matrix, found, seed)},
            warnings=_doubts(found) + sample_notes(len(rows), len(distinct), len(table)),
            details={"groups": int(labels.max())},
            model=model,
        )


def _fitted(
    distinct: Numbers, counts: Numbers, smallest: float, caution: str, seed: int
) -> tuple[Numbers, Labels, Numbers]:
    """Rows to fit on, the label of each, and how far from it a customer may be to belong to it.

    As many identical customers as the smallest group are a group of their own: any number of them lies
    infinitely densely, beside which HDBSCAN would see no other group around them.
    """
    alike = (counts > 1) & (counts >= smallest * counts.sum())
    others = np.flatnonzero(~alike)
    chosen = others[drawn(distinct[others], counts[others], seed, LARGEST, rare=False)[0]]
    share = smallest * counts.sum() / max(1.0, counts[others].sum())  # of those who are not alike
    least = max(2, int(np.ceil(share * len(chosen))))
    neighbours = max(2, int(np.ceil(CAUTION[caution] * least)))
    labels = np.full(len(distinct), NO_GROUP)
    labels[chosen] = _groups(distinct[chosen], least, neighbours)
    labels[alike] = labels.max() + 1 + np.arange(alike.sum())
    alike[chosen] = True
    rows = distinct[alike]
    reach = cKDTree(rows).query(rows, [min(neighbours, len(rows))], workers=-1)[0][:, 0]
    return rows, labels[alike], reach


def _groups(rows: Numbers, least: int, neighbours: int) -> Labels:
    """Labels from 1, NO_GROUP for those in none. Where nothing parts them, as many as a group are one."""
    if len(rows) < least:
        return np.full(len(rows), NO_GROUP)
    model = HDBSCAN(min_cluster_size=least, min_samples=min(neighbours, len(rows)), n_jobs=-1, copy=True)
    found = model.fit_predict(rows).astype(np.int64)
    return found + 1 if found.max() >= 0 else np.ones(len(rows), np.int64)


def _no_groups(prepared: Prepared) -> Assignment:
    warning = translate(
        "No groups found: the customers lie in one cloud, or too thinly. One group is an honest answer; to look "
        "further, ask for smaller groups, use less caution, or choose fewer or other indicators."
    )
    return Assignment(
        labels=np.zeros(len(prepared.matrix), np.int64),
        naming=lambda: {0: translate("Everyone")},
        rules={0: translate("No group of these customers lies apart from the others.")},
        treatments=prepared.treatments,
        quality={"silhouette": None},
        warnings=[warning],
        details={"groups": 1},
        model=Everyone(),
    )


def _doubts(labels: Labels) -> list[str]:
    outside = int((labels == NO_GROUP).sum())
    doubts = []
    if outside > MOST_OUTSIDE * len(labels):
        what = translate(
            "{n} customers ({share}) are in no group. Ask for smaller groups, use less caution, or choose "
            "fewer indicators: the more there are, the thinner customers lie."
        )
        doubts.append(what.format(n=number(outside), share=percent(outside / len(labels))))
    if len(np.unique(labels[labels != NO_GROUP])) == 1:
        doubts.append(
            translate(
                "Only one group was found; the others are in no group. Ask for smaller groups to see more."
            )
        )
    return doubts
