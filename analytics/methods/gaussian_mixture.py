"""Gaussian mixture."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.mixture import GaussianMixture

from analytics.errors import NotEnoughData
from analytics.methods.base import Assignment, Labels, Method, Words
from analytics.methods.fitting import first_of_least, fit_notes, fit_rows, one_segment, silhouette
from analytics.methods.preparation import Preparation
from analytics.methods.prepare import prepare
from analytics.methods.settings import Setting
from analytics.translation import mark as _
from analytics.translation import translate

STARTS, LONGEST, FLOOR = 3, 300, 1e-4
Numbers = NDArray[np.float64]
Cloud = tuple[float, Numbers, Numbers]


@dataclass(frozen=True)
class LikeliestCloud:
    """The model: the cloud in which a customer is likeliest."""

    preparation: Preparation
    mixture: GaussianMixture

    def predict(self, table: pd.DataFrame, value: "pd.Series[float]") -> Labels:
        return self.of(self.preparation.matrix(table))

    def of(self, matrix: Numbers) -> Labels:
        """The label of each prepared row; the first of two clouds equally likely."""
        return first_of_least(matrix, lambda columns: (_cost(columns, *cloud) for cloud in self.clouds))

    @property
    def clouds(self) -> list[Cloud]:
        """Offset, mean and factor of each: a row x costs offset + |(x - mean) factor|² / 2, which is how
        unlikely it is there, as a logarithm, but for what is the same in all clouds."""
        factors = _factors(self.mixture)
        narrowness = np.log(np.diagonal(factors, axis1=1, axis2=2)).sum(axis=1)
        offsets = -np.log(self.mixture.weights_) - narrowness
        return list(zip(offsets.tolist(), self.mixture.means_, factors, strict=True))


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


def _factors(mixture: GaussianMixture) -> Numbers:
    """Upper triangles whose squares are the inverse covariances, shape (n_clouds, n_columns, n_columns)."""
    kept, (clouds, width) = mixture.precisions_cholesky_, mixture.means_.shape
    if mixture.covariance_type == "full":
        return np.asarray(kept)
    if mixture.covariance_type == "tied":
        return np.broadcast_to(kept, (clouds, width, width))
    along = kept if mixture.covariance_type == "diag" else np.repeat(kept[:, None], width, axis=1)
    return np.asarray(along[:, :, None] * np.eye(width))


def _cost(columns: Numbers, offset: float, mean: Numbers, factor: Numbers) -> Numbers:
    away = columns - mean[:, None]
    cost = np.full(columns.shape[1], offset)
    for places in factor.T:
        used = np.flatnonzero(places)
        step = places[used[0]] * away[used[0]]
        for row in used[1:]:
            step += places[row] * away[row]
        step *= step
        step *= 0.5
        cost += step
    return cost


def _fitted(rows: Numbers, clouds: int, shape: str, seed: int) -> GaussianMixture:
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


def _thinnest(model: GaussianMixture) -> Numbers:
    """The smallest variance of each cloud in any direction."""
    if model.covariance_type in ("full", "tied"):
        return np.atleast_1d(np.linalg.eigvalsh(model.covariances_)[..., 0])
    if model.covariance_type == "diag":
        return np.asarray(model.covariances_.min(axis=1))
    return np.asarray(model.covariances_)
