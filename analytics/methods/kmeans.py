"""K-means."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.cluster import KMeans

from analytics.methods.base import Assignment, Method, Words
from analytics.methods.fitting import NearestCentre, fit_notes, fit_rows, one_segment, one_thread, silhouette
from analytics.methods.prepare import prepare
from analytics.methods.settings import Setting
from analytics.translation import mark as _

STARTS, STARTED_ON = 10, 10_000
Numbers = NDArray[np.float64]


class KMeansMethod(Method):
    """Group customers around k centres in standardised indicator space.

    Use it when no rule is known beforehand and the indicators are amounts or counts.
    Not when the groups differ much in size or shape, or most indicators are categories.
    Source: Lloyd 1982; k-means++ seeding, Arthur and Vassilvitskii 2007.
    """

    key, label, order = "kmeans", _("K-means"), 40
    least_indicators, finds_groups = 1, True
    settings = (
        Setting("segments", _("Number of segments"), default=5, low=2, high=12,
                help=_("How many groups to make; some of them may turn out alike.")),
    )  # fmt: skip

    def assign(
        self, table: pd.DataFrame, *, value: "pd.Series[float]", words: Words, seed: int, **settings: Any
    ) -> Assignment:
        prepared = prepare(table)
        wanted = int(settings["segments"])
        centres = centres_of(prepared.matrix, wanted, seed)
        if len(centres) < 2:
            return one_segment(prepared)
        nearest = NearestCentre(prepared.preparation, centres)
        labels = nearest.of(prepared.matrix)
        return Assignment(
            labels=labels,
            treatments=prepared.treatments,
            quality={"silhouette": silhouette(prepared.matrix, labels, seed)},
            warnings=fit_notes(len(table), wanted, len(centres)),
            details={"columns": prepared.columns, "centres": centres.tolist()},
            model=nearest,
        )


def centres_of(matrix: Numbers, wanted: int, seed: int) -> Numbers:
    """The centres of the best of STARTS fits, shape (n_segments, n_columns); fewer where few rows differ.

    matrix : shape (n_customers, n_columns). The starts are made on at most STARTED_ON customers, and the
    best of them goes on with as many as `fit_rows` takes.
    """
    rows, weights = fit_rows(matrix, seed, STARTED_ON)
    if len(rows) < 2:
        return rows
    started = KMeans(min(wanted, len(rows)), n_init=STARTS, random_state=seed)
    with one_thread():
        centres = started.fit(rows, sample_weight=weights / weights.sum()).cluster_centers_
        if len(matrix) > STARTED_ON:
            rows, weights = fit_rows(matrix, seed)
            best = KMeans(len(centres), init=centres, n_init=1)
            centres = best.fit(rows, sample_weight=weights / weights.sum()).cluster_centers_
    return np.asarray(centres)
