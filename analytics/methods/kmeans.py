"""K-means."""

from typing import Any

import pandas as pd
from sklearn.cluster import KMeans

from analytics.methods.base import Assignment, Method, Words
from analytics.methods.fitting import NearestCentre, fit_notes, fit_rows, one_segment, silhouette
from analytics.methods.prepare import prepare
from analytics.methods.settings import Setting
from analytics.translation import mark as _

STARTS = 10


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
        rows, counts = fit_rows(prepared.matrix, seed)
        if len(rows) < 2:
            return one_segment(prepared)
        wanted = int(settings["segments"])
        model = KMeans(min(wanted, len(rows)), n_init=STARTS, random_state=seed)
        model.fit(rows, sample_weight=counts / counts.sum())
        nearest = NearestCentre(prepared.preparation, model.cluster_centers_)
        labels = nearest.of(prepared.matrix)
        return Assignment(
            labels=labels,
            treatments=prepared.treatments,
            quality={"silhouette": silhouette(prepared.matrix, labels, seed)},
            warnings=fit_notes(len(table), wanted, model.n_clusters),
            details={"columns": prepared.columns, "centres": model.cluster_centers_.tolist()},
            model=nearest,
        )
