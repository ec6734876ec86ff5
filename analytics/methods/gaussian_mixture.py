"""Gaussian mixture."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.mixture import GaussianMixture

from analytics.errors import NotEnoughData
from analytics.methods.base import Assignment, Labels, Method, Words
from analytics.methods.fitting import fit_notes, fit_rows, one_segment, silhouette
from analytics.methods.preparation import Preparation
from analytics.methods.prepare import prepare
from analytics.methods.settings import Setting
from analytics.translation import mark as _
from analytics.translation import translate

STARTS, LONGEST, FLOOR = 3, 300, 1e-4


@dataclass(frozen=True)
class LikeliestCloud:
    """The model: the cloud in which a customer is likeliest."""

    preparation: Preparation
    mixture: GaussianMixture

    def predict(self, table: pd.DataFrame, value: "pd.Series[float]") -> Labels:
        return self.of(self.preparation.matrix(table))

    def of(self, matrix: NDArray[np.float64]) -> Labels:
        """The label of each prepared row."""
        return np.asarray(self.mixture.predict(matrix).astype(np.int64))


class GaussianMixtureMethod(Method):
    """Describe customers as a mixture of bell-shaped clouds and put each in the likeliest.

    Use it when groups may be stretched, of different sizes or overlapping.
    Not when an indicator has only a few values, or there are few customers for each segment.
    Source: Dempster, Laird and Rubin 1977; McLachlan and Peel 2000.
    """

    key, label, order = "gaussian_mixture", _("Gaussian mixture"), 50
    least_indicators, finds_groups = 1, True
    settings = (
        Setting("segments", _("Number of segments"), default=5, low=2, high=12,
                help=_("How many clouds to fit; a cloud in which nobody is likeliest gives no segment.")),
        Setting("shape", _("Shape of the clouds"), default="full", kind="choice",
                choices={"full": _("Each its own, stretched in any direction"),
                         "tied": _("The same for all"),
                         "diag": _("Each its own, stretched along the indicators"),
                         "spherical": _("Round")},
                help=_("Freer shapes fit better and need more customers.")),
    )  # fmt: skip

    def assign(
        self, table: pd.DataFrame, *, value: "pd.Series[float]", words: Words, seed: int, **settings: Any
    ) -> Assignment:
        prepared = prepare(table)
        rows, counts = fit_rows(prepared.matrix, seed)
        if len(rows) < 2:
            return one_segment(prepared)
        wanted = int(settings["segments"])
        everyone = np.repeat(rows, counts.astype(np.int64), axis=0)
        model = _fitted(everyone, min(wanted, len(rows)), settings["shape"], seed)
        likeliest = LikeliestCloud(prepared.preparation, model)
        labels = likeliest.of(prepared.matrix)
        return Assignment(
            labels=labels,
            treatments=prepared.treatments,
            quality={
                "silhouette": silhouette(prepared.matrix, labels, seed),
                "bic": float(model.bic(everyone)),
                "converged": bool(model.converged_),
            },
            warnings=_doubts(model) + fit_notes(len(table), wanted, len(np.unique(labels))),
            details={"columns": prepared.columns, "centres": model.means_.tolist()},
            model=likeliest,
        )


def _fitted(rows: NDArray[np.float64], clouds: int, shape: str, seed: int) -> GaussianMixture:
    model = GaussianMixture(
        clouds, covariance_type=shape, n_init=STARTS, max_iter=LONGEST, reg_covar=FLOOR, random_state=seed
    )
    try:
        return model.fit(rows)
    except ValueError as error:  # what scikit-learn raises for a covariance that can't be inverted
        raise NotEnoughData(
            translate("The mixture can't be fitted: a cloud has shrunk to a point or a line."),
            translate(
                "Ask for fewer segments, a simpler shape, or leave out indicators that say the same thing."
            ),
        ) from error


def _doubts(model: GaussianMixture) -> list[str]:
    doubts = []
    if not model.converged_:
        doubts.append(
            translate("The fit had not settled when it was stopped. Try fewer segments or a simpler shape.")
        )
    flat = int((_thinnest(model) < 10 * FLOOR).sum())
    if flat:
        what = translate(
            "{n} of {all} clouds are flat: their customers share a value, or indicators repeat each other. "
            "Read them as “all alike in this”, or try fewer segments, a simpler shape or other indicators."
        )
        doubts.append(what.format(n=flat, all=model.n_components))
    return doubts


def _thinnest(model: GaussianMixture) -> NDArray[np.float64]:
    """The smallest variance of each cloud in any direction."""
    if model.covariance_type in ("full", "tied"):
        return np.atleast_1d(np.linalg.eigvalsh(model.covariances_)[..., 0])
    if model.covariance_type == "diag":
        return np.asarray(model.covariances_.min(axis=1))
    return np.asarray(model.covariances_)
