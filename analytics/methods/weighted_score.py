"""The weighted score."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.errors import BadInput
from analytics.formats import in_a_row, number, percent
from analytics.methods.base import Assignment, Labels, Method, Treatment, Words
from analytics.methods.binning import bin_of, quantile_edges
from analytics.methods.fitting import one_segment
from analytics.methods.preparation import Preparation, ScaledNumber, is_number
from analytics.methods.prepare import prepare
from analytics.methods.settings import Setting
from analytics.methods.value_tiers import missing_tiers, tier_names, tier_rules
from analytics.methods.weights import ACCEPTED, RANDOM_INDEX, closeness, compared, entropy_weights
from analytics.translation import mark as _
from analytics.translation import translate

Numbers = NDArray[np.float64]
DECIMALS = 12  # of a score: what is equal but for rounding is equal


@dataclass(frozen=True)
class ScoreModel:
    """A score, and its cuts into tiers.

    Each prepared column times its factor plus its offset gives v. Without an ideal the score is the sum of
    v; with one it is d- / (d- + d+), the distances of v to `worst` and `best`. Scores are rounded to
    DECIMALS; one equal to a cut is in the lower tier.
    """

    preparation: Preparation
    factors: tuple[float, ...]
    offsets: tuple[float, ...]
    best: tuple[float, ...] | None = None
    worst: tuple[float, ...] | None = None
    cuts: tuple[float, ...] = ()

    def predict(self, table: pd.DataFrame, value: "pd.Series[float]") -> Labels:
        return self.of(self.scores(self.preparation.matrix(table)))

    def of(self, scores: Numbers) -> Labels:
        """The tier of each score, 0 the lowest."""
        return bin_of(scores, np.array(self.cuts))

    def scores(self, matrix: Numbers) -> Numbers:
        """shape (n_customers,), from the prepared matrix; 0 is the worst and 1 the best of those fitted."""
        figures = matrix * self.factors + self.offsets
        if self.best is not None and self.worst is not None:
            return closeness(figures, np.array(self.best), np.array(self.worst)).round(DECIMALS)
        total = np.zeros(len(figures))
        for column in figures.T:  # not by one sum, so that equal rows get equal scores wherever they stand
            total += column
        return np.asarray(total.round(DECIMALS))


class WeightedScoreMethod(Method):
    """Score customers by several weighted indicators, and cut the score into tiers.

    Use it when you know what matters and roughly how much, and want one ranking from it.
    Not when a strength in one indicator must not make up for a weakness in another.
    Source: AHP, Saaty 1980; entropy weights, Shannon 1948; TOPSIS, Hwang and Yoon 1981.
    """

    key, label, order = "weighted_score", _("Weighted score"), 25
    least_indicators, weighs_together = 1, True
    settings = (
        Setting("weighting", _("Weights"), default="equal", kind="choice",
                choices={"equal": _("All the same"), "own": _("Own weights"),
                         "ahp": _("From comparisons in pairs (AHP)"),
                         "entropy": _("By spread (entropy)")},
                help=_("Whether more or less of an indicator is better stands in the glossary.")),
        Setting("weights", _("Own weights"), default=[], kind="weights", low=0, only_with=("weighting", "own"),
                help=_("Only their proportions count. An indicator without one has 1; 0 leaves it out.")),
        Setting("pairwise", _("Comparisons"), default=[], kind="pairwise", low=0.1, high=10.0,
                only_with=("weighting", "ahp"),
                help=_("How many times as much the first counts as the second: 1 the same, 3 somewhat more, "
                       "9 far more, 0.33 somewhat less. A pair without one has 1.")),
        Setting("scoring", _("Score"), default="sum", kind="choice",
                choices={"sum": _("Weighted sum, from the worst to the best customer"),
                         "topsis": _("Closeness to the ideal customer (TOPSIS)")},
                help=_("The sum lets strengths make up for weaknesses in full, closeness a little less.")),
        Setting("tiers", _("Number of tiers"), default=4, low=2, high=10,
                help=_("Equal numbers of customers; a score equal to a cut goes into the lower tier.")),
    )  # fmt: skip

    def assign(
        self, table: pd.DataFrame, *, value: "pd.Series[float]", words: Words, seed: int, **settings: Any
    ) -> Assignment:
        prepared = prepare(_numbers(table))
        if not prepared.matrix.shape[1]:
            return one_segment(prepared)
        keys = list(prepared.columns)
        lower = np.array([words.better.get(key) == "lower" for key in keys])
        figures = _from_worst_to_best(prepared.matrix, lower)
        weights, ratio = _weights(keys, figures, settings, words)
        model = _model(prepared.preparation, prepared.matrix, weights, lower, settings["scoring"] == "topsis")
        scores = model.scores(prepared.matrix)
        cuts = quantile_edges(scores, int(settings["tiers"]))
        model = ScoreModel(**{**vars(model), "cuts": tuple(cuts.tolist())})
        labels, naming = model.of(scores), partial(tier_names, len(cuts) + 1)
        rules = tier_rules(cuts, lambda score: number(score, 2))
        return Assignment(
            labels=labels,
            naming=naming,
            rules={at: rule.format(label=translate("Score")) for at, rule in rules.items()},
            treatments=_treatments(table, prepared.treatments, dict(zip(keys, weights, strict=True)), words),
            quality={"silhouette": None} | ({} if ratio is None else {"consistency_ratio": ratio}),
            warnings=[*_notes(keys, settings, words), *missing_tiers(labels, naming())],
            details={"weights": dict(zip(keys, weights.tolist(), strict=True)), "consistency_ratio": ratio,
                     "cuts": cuts.tolist()},
            model=model,
        )  # fmt: skip


def _numbers(table: pd.DataFrame) -> pd.DataFrame:
    """Those of the columns that have more and less."""
    numbers = [key for key in table if is_number(table[key])]
    if not numbers:
        what = translate("All chosen indicators are categories, which have no more and less.")
        raise BadInput(what, translate("Choose amounts, counts or shares."))
    return table[numbers]


def _from_worst_to_best(matrix: Numbers, lower: NDArray[np.bool_]) -> Numbers:
    """Each column from 0, the worst customer, to 1, the best."""
    least, most = matrix.min(axis=0), matrix.max(axis=0)
    share = (matrix - least) / (most - least)
    return np.asarray(np.where(lower, 1 - share, share))


def _weights(
    keys: list[str], figures: Numbers, settings: dict[str, Any], words: Words
) -> tuple[Numbers, float | None]:
    """A weight for each column, sum 1, and the consistency ratio of comparisons."""
    if settings["weighting"] == "entropy":
        return entropy_weights(figures), None
    if settings["weighting"] == "ahp":
        return _by_comparisons(keys, settings["pairwise"], words)
    given = {row["indicator"]: row["weight"] for row in settings["weights"]}
    own = settings["weighting"] == "own"
    weights = np.array([given.get(key, 1.0) if own else 1.0 for key in keys])
    if not weights.sum() > 0:
        raise BadInput(
            translate("All weights are 0."), translate("Give at least one indicator a weight above 0.")
        )
    return weights / weights.sum(), None


def _by_comparisons(keys: list[str], rows: list[dict[str, Any]], words: Words) -> tuple[Numbers, float]:
    if len(keys) > len(RANDOM_INDEX):
        what = translate("Comparisons in pairs are for up to {most} indicators; {n} chosen.")
        raise BadInput(
            what.format(most=len(RANDOM_INDEX), n=len(keys)), translate("Choose fewer, or give own weights.")
        )
    matrix = np.ones((len(keys), len(keys)))
    for row in rows:
        if row["first"] in keys and row["second"] in keys:
            first, second = keys.index(row["first"]), keys.index(row["second"])
            matrix[first, second], matrix[second, first] = row["times"], 1 / row["times"]
    found = compared(matrix)
    if found.ratio > ACCEPTED:
        what = translate(
            "The comparisons contradict each other: consistency ratio {ratio}, at most {most} is accepted. "
            "The least consistent: {first} counts {given} times as much as {second}, where the others say {implied}."
        )
        what = what.format(
            ratio=number(found.ratio, 2), most=number(ACCEPTED, 2), first=words.label(keys[found.first]),
            second=words.label(keys[found.second]), given=_times(found.given),
            implied=_times(found.implied),
        )  # fmt: skip
        raise BadInput(
            what,
            translate("Change that comparison towards {implied}.").format(implied=_times(found.implied)),
        )
    return found.weights, found.ratio


def _times(times: float) -> str:
    return number(times, 0 if abs(times - round(times)) < 0.005 else 2)


def _model(
    preparation: Preparation, matrix: Numbers, weights: Numbers, lower: NDArray[np.bool_], topsis: bool
) -> ScoreModel:
    """The score without its cuts."""
    if not topsis:
        least, most = matrix.min(axis=0), matrix.max(axis=0)
        factors = np.where(lower, -1, 1) * weights / (most - least)
        offsets = -factors * np.where(lower, most, least)
        return ScoreModel(preparation, tuple(factors.tolist()), tuple(offsets.tolist()))
    scales = [part.scale for part in preparation.parts if isinstance(part, ScaledNumber)]
    means, deviations = (
        np.array([getattr(scale, name) for scale in scales]) for name in ("mean", "deviation")
    )
    lengths = np.sqrt(((matrix * deviations + means) ** 2).sum(axis=0))
    factors, offsets = weights * deviations / lengths, weights * means / lengths
    figures = matrix * factors + offsets
    least, most = figures.min(axis=0), figures.max(axis=0)
    best, worst = np.where(lower, least, most), np.where(lower, most, least)
    return ScoreModel(
        preparation, tuple(factors.tolist()), tuple(offsets.tolist()), tuple(best.tolist()),
        tuple(worst.tolist()),
    )  # fmt: skip


def _treatments(
    table: pd.DataFrame, prepared: list[Treatment], weights: dict[str, float], words: Words
) -> list[Treatment]:
    more, less = translate("Counts {share}, more is better."), translate("Counts {share}, less is better.")
    told = []
    for treatment in prepared:
        key, shape = treatment.indicator, less if words.better.get(treatment.indicator) == "lower" else more
        said = [shape.format(share=percent(weights[key]))] if key in weights else []
        told.append(Treatment(key, in_a_row(treatment.what, *said)))
    note = translate("Left out: a category has no more and less.")
    return told + [Treatment(key, note) for key in sorted(map(str, table)) if not is_number(table[key])]


def _notes(keys: list[str], settings: dict[str, Any], words: Words) -> list[str]:
    notes = []
    if settings["weighting"] == "entropy":
        notes.append(translate(
            "Weights by entropy say how much customers are spread in an indicator, not how much it matters."
        ))  # fmt: skip
    unknown = [words.label(key) for key in keys if key not in words.better]
    if unknown:
        note = translate("More is counted as better, because neither is said to be: {names}.")
        notes.append(note.format(names=translate(", ").join(unknown)))
    return notes
