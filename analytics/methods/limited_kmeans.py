"""Size-limited k-means."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.errors import BadInput
from analytics.formats import number
from analytics.jobs import checkpoint
from analytics.methods.base import Assignment, Method, Words
from analytics.methods.fitting import NearestCentre, fit_notes, fit_rows, one_segment, silhouette
from analytics.methods.kmeans import centres_of
from analytics.methods.limits import exact_prices, smooth_prices
from analytics.methods.prepare import Prepared, prepare
from analytics.methods.settings import Setting
from analytics.translation import mark as _
from analytics.translation import translate

LONGEST, STILL = 40, 1e-3  # steps, and how far a centre may still go, in deviations
SETTLED_ON = 20_000
Numbers = NDArray[np.float64]


class LimitedKMeansMethod(Method):
    """Group customers around k centres, with at most so many customers in each group.

    Use it when each segment goes to a team that can look after a certain number of customers.
    Not when the natural sizes of the groups are what you want to know: a limit parts customers who are alike.
    Source: Bradley, Bennett and Demiriz 2000, constrained k-means; solved by prices, the transport problem's dual.
    """

    key, label, order = "limited_kmeans", _("Size-limited k-means"), 42
    least_indicators, finds_groups = 1, True
    settings = (
        Setting("segments", _("Number of segments"), default=5, low=2, high=12,
                help=_("How many groups to make, such as the number of teams.")),
        Setting("most", _("Most customers in a segment"), default=0, low=0, high=100_000_000,
                help=_("What a team can look after. 0: the customers in even shares.")),
    )  # fmt: skip

    def assign(
        self, table: pd.DataFrame, *, value: "pd.Series[float]", words: Words, seed: int, **settings: Any
    ) -> Assignment:
        wanted, most = int(settings["segments"]), int(settings["most"])
        _refuse_too_small(wanted, most, len(table))
        prepared = prepare(table)
        centres = centres_of(prepared.matrix, wanted, seed)
        limit = most or -(-len(table) // len(centres))
        if len(centres) < 2:
            alone = one_segment(prepared)
            return replace(alone, warnings=alone.warnings + _broken(np.array([len(table)]), limit))
        model = _within(prepared, centres, limit, seed)
        labels = model.of(prepared.matrix)
        sizes = np.bincount(labels, minlength=len(centres))
        return Assignment(
            labels=labels,
            treatments=prepared.treatments,
            quality={"silhouette": silhouette(prepared.matrix, labels, seed), "largest": int(sizes.max())},
            warnings=_broken(sizes, limit)
            + fit_notes(len(table), wanted, len(np.unique(labels)), SETTLED_ON),
            details={
                "columns": prepared.columns,
                "centres": model.centres.tolist(),
                "prices": [] if model.handicaps is None else model.handicaps.tolist(),
                "limit": limit,
            },
            model=model,
        )


def _within(prepared: Prepared, centres: Numbers, limit: float, seed: int) -> NearestCentre:
    """Centres settled on a sample of at most SETTLED_ON customers, with prices that hold for everyone."""
    rows, weights = fit_rows(prepared.matrix, seed, SETTLED_ON)
    centres, prices = _settled(rows, weights, centres, limit * weights.sum() / len(prepared.matrix))
    rows, weights = fit_rows(prepared.matrix, seed, len(prepared.matrix))
    exact = exact_prices(_costs(rows, centres), weights, limit, prices)
    return NearestCentre(prepared.preparation, centres, exact)


def _settled(rows: Numbers, weights: Numbers, centres: Numbers, limit: float) -> tuple[Numbers, Numbers]:
    """Centres in the middle of their customers, and the prices at which these are theirs."""
    prices = np.zeros(len(centres))
    for _step in range(LONGEST):
        checkpoint()
        costs = _costs(rows, centres)
        prices = smooth_prices(costs, weights, limit, prices)
        middles = _middles(rows, weights, (costs + prices).argmin(axis=1), centres)
        still = float(np.abs(middles - centres).max()) < STILL
        centres = middles
        if still:
            break
    return centres, prices


def _costs(rows: Numbers, centres: Numbers) -> Numbers:
    """Half the squared distances, but for what is the same to all centres; shape (n_rows, n_segments)."""
    return np.asarray((centres**2).sum(axis=1) / 2 - rows @ centres.T)


def _middles(rows: Numbers, weights: Numbers, labels: NDArray[np.int64], centres: Numbers) -> Numbers:
    """The mean of each segment's rows; a segment without any keeps its centre."""
    sizes = np.bincount(labels, weights, len(centres))
    sums = np.column_stack([np.bincount(labels, weights * column, len(centres)) for column in rows.T])
    return np.where(sizes[:, None] > 0, sums / np.maximum(sizes, 1e-300)[:, None], centres)


def _refuse_too_small(segments: int, most: int, customers: int) -> None:
    if most and segments * most < customers:
        what = translate("{segments} segments of at most {most} customers can't hold {customers} customers.")
        least = number(-(-customers // segments))
        raise BadInput(
            what.format(segments=number(segments), most=number(most), customers=number(customers)),
            translate("Ask for more segments, or allow at least {least} in each.").format(least=least),
        )


def _broken(sizes: NDArray[np.int64], limit: float) -> list[str]:
    if sizes.max() <= limit:
        return []
    what = translate("The limit of {limit} is not kept: the largest segment holds {n}, because customers who "
                     "are alike in all chosen indicators are never parted. Add an indicator that tells them "
                     "apart, or allow more.")  # fmt: skip
    return [what.format(limit=number(limit), n=number(int(sizes.max())))]
