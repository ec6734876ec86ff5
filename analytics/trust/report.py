"""The report that stands beside a result: how far it can be trusted, and why its segments are what they are."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from analytics.formats import number
from analytics.jobs import checkpoint
from analytics.methods import METHODS
from analytics.methods.base import Labels
from analytics.population import Customers, Population, population
from analytics.recipe import Recipe
from analytics.segmentation import Segmentation, segment
from analytics.translation import translate as _
from analytics.trust.evidence import evidence, work_of
from analytics.trust.explain import differences, reasons
from analytics.trust.limits import limits
from analytics.trust.sample import labels_of, part_of, sample_rows
from analytics.trust.sensitivity import duplicates, free_indicators, sensitivity
from analytics.trust.separation import Separation
from analytics.trust.verdict import sentence_of, verdict_of
from analytics.workers import Progress

MOST_CUSTOMERS = 20_000
MOVED = ["moved_customers", "moved_value", "twice_moved_customers"]


@dataclass(frozen=True)
class Trust:
    """How far a result can be trusted.

    verdict : "structure", "weak" or "none"; sentence : the same with its figures.
    stability : by segment number, mean Jaccard index over the resamples. reference : the same index, all
    segments together, on data from one Gaussian. customers : asked for; sampled : that this was worked out on.
    sensitivity, duplicates : see `analytics.trust.sensitivity`; who moved is scaled up to all customers.
    reasons, differences : see `analytics.trust.explain`. warnings : what can't be known, and what to try.
    known : whether the verdict says anything; else it is "none" for want of customers or of segments to compare.
    """

    verdict: str
    sentence: str
    stability: dict[int, float]
    reference: float | None
    resamples: int
    customers: int
    sampled: int
    sensitivity: pd.DataFrame
    duplicates: list[tuple[str, str, float]]
    reasons: pd.DataFrame
    differences: pd.DataFrame
    warnings: list[str] = field(default_factory=list)
    separation: Separation | None = None
    known: bool = True

    def quality(self) -> dict[str, Any]:
        """What `segment --trust` adds to the quality in its JSON; what is unknown is null."""
        return {
            "verdict": self.verdict,
            "known": self.known,
            "sentence": self.sentence,
            "stability": {str(at): _known(index) for at, index in self.stability.items()},
            "reference": _known(self.reference),
            "separation": _known(self.separation.excess) if self.separation else None,
            "gap": _known(self.separation.gap) if self.separation else None,
            "resamples": self.resamples,
            "sampled": self.sampled,
            "sensitivity": _records(_whole(self.sensitivity)),
            "duplicates": [list(pair) for pair in self.duplicates],
            "reasons": _records(self.reasons),
            "differences": _records(self.differences),
            "warnings": self.warnings,
        }


def trust(book: Customers, recipe: Recipe) -> Trust:
    """Work out how far the recipe's result can be trusted; long work, with checkpoints.

    On at most MOST_CUSTOMERS customers, drawn by the recipe's seed; run again, every figure is the same.
    Raises as `segmentation.segment` where there is no result, Cancelled when stopped.
    """
    checkpoint(0.0, _("Making the segments"))
    result = segment(book, recipe)
    whole = population(book, recipe)
    numbers = _numbers(result, whole)
    rows = sample_rows(len(numbers), MOST_CUSTOMERS, recipe.method.seed)
    people, segments = part_of(whole, rows), numbers[rows]
    progress = Progress(work_of(len(rows)) + 2 * len(free_indicators(recipe)) + 1)
    seen = evidence(people, recipe, segments, progress)
    table = _moves(people, recipe, segments, len(numbers), progress)
    progress.step(0, _("Putting into words what sets the segments apart"))
    inside = numbers > 0
    why = whole.table[inside], numbers[inside]
    verdict = verdict_of(seen)
    return Trust(
        verdict, sentence_of(seen, verdict, _basis(seen.stability.resamples, len(rows), len(numbers))),
        seen.stability.by_segment, seen.reference, seen.stability.resamples, len(numbers), len(rows), table,
        duplicates(people.table) if _weighs(recipe) else [], reasons(*why, people.words), differences(*why),
        limits(people, recipe, numbers, seen), seen.separation, seen.known,
    )  # fmt: skip


def trust_toml(book: Customers, text: str) -> Trust:
    """`trust` from a recipe as plain text, so that equal questions can share an answer."""
    return trust(book, Recipe.from_toml(text))


def _weighs(recipe: Recipe) -> bool:
    """Whether the method adds its indicators together, so that what is said twice counts twice."""
    method = METHODS[recipe.method.key]
    return method.finds_groups or method.weighs_together


def _numbers(result: Segmentation, people: Population) -> Labels:
    """The segment of each customer of the population, 0 for those left out."""
    found = pd.Series(result.members["segment"].to_numpy(np.int64), index=result.members["customer_id"])
    return found.reindex(people.table.index, fill_value=0).to_numpy(np.int64)


def _moves(
    people: Population, recipe: Recipe, segments: Labels, customers: int, progress: Progress
) -> pd.DataFrame:
    """`sensitivity`, beside a fit to these very customers, with who moved scaled up to all."""
    sampled = len(segments) < customers
    # A fit to the whole book may differ from one to the sample: only the indicator is to make a difference.
    labels = labels_of(people, recipe) if sampled else segments - 1
    table = sensitivity(people, recipe, segments - 1 if labels is None else labels, progress)
    table[MOVED] *= customers / len(segments)
    table[["moved_customers", "twice_moved_customers"]] = table[
        ["moved_customers", "twice_moved_customers"]
    ].round()
    return table


def _basis(resamples: int, sampled: int, customers: int) -> str:
    figures = {"resamples": number(resamples), "n": number(sampled), "total": number(customers)}
    if sampled < customers:
        what = _("Worked out with {resamples} resamples on a sample of {n} of {total} customers.")
    else:
        what = _("Worked out with {resamples} resamples on all {n} customers.")
    return what.format(**figures)


def _known(value: Any) -> Any:
    """Null for what is unknown."""
    unknown = value is None or value is pd.NA or (isinstance(value, float) and not np.isfinite(value))
    return None if unknown else value


def _whole(table: pd.DataFrame) -> pd.DataFrame:
    """Counts as whole numbers, with gaps where they could not be worked out."""
    return table.astype(dict.fromkeys(("moved_customers", "twice_moved_customers"), "Int64"))


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): _known(cell) for key, cell in row.items()} for row in table.to_dict("records")]
