"""Numbers and categories together: Gower's distance and k-medoids."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.jobs import checkpoint
from analytics.methods.base import Assignment, Labels, Method, Words
from analytics.methods.fitting import first_of_least, fit_notes, one_segment, silhouette
from analytics.methods.gower import Gower, gower
from analytics.methods.medoids import Distances, k_medoids
from analytics.methods.neighbours import distinct_rows, drawn, sample_notes
from analytics.methods.prepare import prepare
from analytics.methods.settings import Setting
from analytics.translation import mark as _

LARGEST = 6_000
LOOK_UP = 500  # rows between two looks at whether to stop
UNKNOWN = -1.0  # stands for a gap where rows are sorted; no cell is negative
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class NearestMedoid:
    """The model: the typical customer to whom one is most similar. medoids : shape (n_segments, n_indicators)."""

    gower: Gower
    medoids: Numbers

    def predict(self, table: pd.DataFrame, value: "pd.Series[float]") -> Labels:
        return self.of(self.gower.matrix(table))

    def of(self, matrix: Numbers) -> Labels:
        """The label of each row, NaN where empty; the first of two medoids equally near."""
        return first_of_least(
            matrix, lambda columns: map(partial(self.gower.distances, columns), self.medoids)
        )


class MixedMethod(Method):
    """Group customers around typical customers, comparing numbers and categories side by side.

    Use it when categories (region, occupation, business line) count as much as amounts, or values are missing.
    Not when all indicators are numbers: a category that differs outweighs most differences of a number.
    Source: Gower 1971; PAM, Kaufman and Rousseeuw 1990; FasterPAM, Schubert and Rousseeuw 2021.
    """

    key, label, order = "mixed", _("Numbers and categories (k-medoids)"), 80
    least_indicators, finds_groups = 1, True
    settings = (
        Setting("segments", _("Number of segments"), default=5, low=2, high=12,
                help=_("How many typical customers to find; each of the others goes to the most similar.")),
    )  # fmt: skip

    def assign(
        self, table: pd.DataFrame, *, value: "pd.Series[float]", words: Words, seed: int, **settings: Any
    ) -> Assignment:
        prepared = prepare(table)
        compare, treatments = gower(table, prepared)
        matrix = compare.matrix(table)
        distinct, counts = distinct_rows(np.nan_to_num(matrix, nan=UNKNOWN))
        if len(distinct) < 2:
            return one_segment(prepared)
        picked, weights = drawn(distinct, counts, seed, LARGEST)
        rows = np.where(distinct[picked] == UNKNOWN, np.nan, distinct[picked])
        wanted = int(settings["segments"])
        medoids = rows[k_medoids(_distances(compare, rows), weights, min(wanted, len(rows)))]
        checkpoint()
        model = NearestMedoid(compare, medoids)
        labels = model.of(matrix)
        return Assignment(
            labels=labels,
            treatments=treatments,
            quality={"silhouette": silhouette(prepared.matrix, labels, seed)},
            warnings=fit_notes(len(rows), wanted, len(np.unique(labels)))
            + sample_notes(len(rows), len(distinct), len(table)),
            details={"medoids": [_typical(table, compare, matrix, row) for row in medoids]},
            model=model,
        )


def _distances(compare: Gower, rows: Numbers) -> Distances:
    """Between all rows, each pair once: to a medoid's neighbours the precision of float32 is plenty."""
    columns = np.ascontiguousarray(rows.T, np.float32)
    found = np.zeros((len(rows), len(rows)), np.float32)
    for place in range(len(rows)):
        found[place, place:] = compare.distances(columns[:, place:], columns[:, place])
        if place % LOOK_UP == 0:
            checkpoint()
    found += found.T
    return found


def _typical(table: pd.DataFrame, compare: Gower, matrix: Numbers, medoid: Numbers) -> dict[str, Any]:
    """The values of a customer who is this medoid, without saying who."""
    same = ((matrix == medoid) | (np.isnan(matrix) & np.isnan(medoid))).all(axis=1)
    values = table[[part.key for part in compare.parts]].iloc[[int(np.argmax(same))]].to_dict("records")[0]
    return {str(key): None if pd.isna(cell) else cell for key, cell in values.items()}
