"""Did the offers of a year ago come true? Learnt from the year before that, held against what was opened since."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import rankdata
from sklearn.metrics import roc_auc_score

from analytics.access.book import Book
from analytics.errors import NotEnoughData
from analytics.formats import day, number, percent
from analytics.jobs import checkpoint
from analytics.needs.offers import scored
from analytics.needs.propensity import a_year_of_history, propensities, taken
from analytics.needs.traits import people
from analytics.translation import plural
from analytics.translation import translate as _

TENTHS = 10
FEWEST = 10  # products taken, below which a back-test says nothing
Z = 1.959964  # of a two-sided 95 % interval
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Backtest:
    """Learnt up to `made`, held against what was opened from then to `until` by those who did not hold it.

    candidates : pairs of customer and product not held; takers : of them. foretold : takers expected. lift : group
    1 is each product's tenth of customers with the highest probability; customers, takers, lift (against chance) and
    reached (cumulated share of takers). auc : mean over products of the chance that a taker ranks above another,
    weighted by takers. calibration : groups of equally many expected takers, least probable first; candidates,
    takers, predicted, observed, low, high (95 % Wilson). brier, brier_share : mean squared error of the
    probabilities, and of each product's share of takers in the year that was learnt from.
    """

    made: date
    until: date
    customers: int
    candidates: int
    takers: int
    foretold: float
    auc: float
    brier: float
    brier_share: float
    lift: pd.DataFrame
    calibration: pd.DataFrame

    @property
    def top(self) -> float:
        """How many times as many takers the first tenth holds as by chance."""
        return float(self.lift["lift"].iloc[0])


def backtest(book: Book, as_of: date) -> Backtest:
    """The offers of a year ago against the year to a date.

    Raises NotEnoughData without two years of history, or where fewer than FEWEST products were taken.
    """
    made = a_year_of_history(book, as_of)
    model = propensities(book, made)
    checkpoint(0.5, _("Comparing with what came"))
    seen = people(book, made)
    came, free = taken(book, seen, as_of), ~seen.known.held
    takers = int((came & free).sum())
    if takers < FEWEST:
        text = plural(
            "Only {n} product was taken in this book in the year to {day}; a back-test needs {fewest}.",
            "Only {n} products were taken in this book in the year to {day}; a back-test needs {fewest}.",
            takers,
        )
        raise NotEnoughData(
            text.format(n=number(takers), day=day(as_of), fewest=FEWEST), _("Ask for a larger book.")
        )
    chance = scored(model, seen).astype(np.float64)
    share = np.broadcast_to(model.takers / np.maximum(model.candidates, 1), chance.shape)[free]
    said, did = chance[free], came[free]
    return Backtest(
        made=made, until=as_of, customers=len(seen), candidates=len(did), takers=takers,
        foretold=float(said.sum()), auc=auc(chance, came, free), brier=float(np.mean((said - did) ** 2)),
        brier_share=float(np.mean((share - did) ** 2)), lift=lift(chance, came, free),
        calibration=calibration(said, did),
    )  # fmt: skip


def lift(chance: Numbers, came: NDArray[np.bool_], free: NDArray[np.bool_]) -> pd.DataFrame:
    """Takers by tenth of each product's candidates, the most probable first; all of shape (n_customers, n_products).

    Equals share their place: where all are alike, every tenth holds its tenth of the takers on average.
    """
    customers, takers = np.zeros(TENTHS), np.zeros(TENTHS)
    for product in range(chance.shape[1]):
        among = free[:, product]
        if not came[among, product].any():
            continue
        parts = _tenths(chance[among, product])
        customers += parts.sum(axis=0)
        takers += parts[came[among, product]].sum(axis=0)
    table = pd.DataFrame({"group": np.arange(1, TENTHS + 1), "customers": customers, "takers": takers})
    table["lift"] = table["takers"] / takers.sum() * customers.sum() / table["customers"]
    table["reached"] = table["takers"].cumsum() / takers.sum()
    return table


def _tenths(said: Numbers) -> Numbers:
    """How much of each customer lies in each tenth, by rank, highest first; equals are spread evenly.

    >>> _tenths(np.array([0.9, 0.1]))[:, [0, 4, 5]].round(6).tolist()
    [[0.2, 0.2, 0.0], [0.0, 0.0, 0.2]]
    """
    last = rankdata(-said, method="max")
    first = rankdata(-said, method="min") - 1
    ends = np.arange(TENTHS + 1) * len(said) / TENTHS
    inside = np.minimum(last[:, None], ends[None, 1:]) - np.maximum(first[:, None], ends[None, :-1])
    found: Numbers = np.maximum(inside, 0.0) / (last - first)[:, None]
    return found


def auc(chance: Numbers, came: NDArray[np.bool_], free: NDArray[np.bool_]) -> float:
    """The mean over products of the area under the ROC curve, weighted by takers."""
    areas, weights = [], []
    for product in range(chance.shape[1]):
        among = free[:, product]
        did = came[among, product]
        if did.any() and not did.all():
            areas.append(roc_auc_score(did, chance[among, product]))
            weights.append(int(did.sum()))
    return float(np.average(areas, weights=weights)) if areas else float("nan")


def calibration(said: Numbers, did: NDArray[np.bool_], groups: int = TENTHS) -> pd.DataFrame:
    """Predicted against observed in groups of equally many expected takers, as `Backtest.calibration`.

    >>> calibration(np.array([0.5, 0.5, 0.5, 0.5]), np.array([True, False, True, False]), 1)[
    ...     ["predicted", "observed", "takers"]].to_numpy().tolist()
    [[0.5, 0.5, 2.0]]
    """
    order = np.argsort(said, kind="stable")
    expected = np.cumsum(said[order])
    place = np.minimum((expected - said[order] / 2) / expected[-1] * groups, groups - 1).astype(np.int64)
    rows = pd.DataFrame(
        {"group": place + 1, "predicted": said[order], "observed": did[order].astype(np.float64)}
    )
    grouped = rows.groupby("group")
    table = grouped.mean()
    table.insert(0, "candidates", grouped.size())
    table.insert(1, "takers", grouped["observed"].sum())
    table["low"], table["high"] = wilson(table["observed"].to_numpy(), table["candidates"].to_numpy(float))
    return table.reset_index()


def wilson(share: Numbers, count: Numbers) -> tuple[Numbers, Numbers]:
    """The 95 % interval of a share (Wilson 1927).

    >>> [round(float(end[0]), 4) for end in wilson(np.array([0.1]), np.array([100.0]))]
    [0.0552, 0.1744]
    """
    middle = (share + Z**2 / (2 * count)) / (1 + Z**2 / count)
    half = Z / (1 + Z**2 / count) * np.sqrt(share * (1 - share) / count + Z**2 / (4 * count**2))
    return middle - half, middle + half


def lift_sentence(found: Backtest) -> str:
    """What the back-test says, for the page and as the chart's text."""
    text = _(
        "Of {takers} products taken in the year to {day}, {share} went to the tenth of customers whom a year "
        "earlier the model named first: {lift} times as many as by chance."
    )
    return text.format(
        takers=number(found.takers), day=day(found.until), share=percent(found.lift["reached"].iloc[0]),
        lift=number(found.top, 1),
    )  # fmt: skip


def calibration_sentence(found: Backtest) -> str:
    """How many were foretold, and how far the probabilities can be taken at their word."""
    inside = found.calibration
    held = int(((inside["low"] <= inside["predicted"]) & (inside["predicted"] <= inside["high"])).sum())
    text = _(
        "{foretold} were foretold and {takers} came; the probability lies within the interval of what came in "
        "{held} of {n} groups. A taker ranks above another customer with probability {auc}."
    )
    return text.format(
        foretold=number(found.foretold), takers=number(found.takers), held=number(held), n=number(len(inside)),
        auc=percent(found.auc),
    )  # fmt: skip
