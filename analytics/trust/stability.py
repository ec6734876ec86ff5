"""Do the segments come back when the customers are drawn anew?"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from analytics.methods.base import Labels
from analytics.population import Population
from analytics.recipe import Recipe
from analytics.translation import translate as _
from analytics.trust.sample import Rows, labels_of, part_of
from analytics.workers import Progress, in_parallel

Numbers = NDArray[np.float64]
RESAMPLES = 100
DOUBTFUL, STABLE, HIGHLY_STABLE = 0.6, 0.75, 0.85


@dataclass(frozen=True)
class Stability:
    """by_segment : mean Jaccard index of segments 1, 2, ...; NaN for one that no resample held a customer of.

    index : their mean, each segment weighing as many customers as it has. resamples : that could be fitted, of
    those tried.
    """

    by_segment: dict[int, float]
    index: float
    resamples: int
    tried: int


def stability(
    people: Population, recipe: Recipe, segments: Labels, progress: Progress, resamples: int = RESAMPLES
) -> Stability:
    """Mean Jaccard index of each segment with the most similar group of the same method on a resample.

    segments : shape (n_customers,), 1 the first, 0 where left out: the result that is tried.
    As in Hennig's `clusterboot`: as many customers as there are are drawn with replacement, whoever was drawn
    more than once counts once (else methods that look for density would take copies for groups), the method is
    fitted anew with all its settings, and its groups are compared with the segments among the customers drawn.
    Source: Hennig 2007; R package fpc, `clusterboot(bootmethod="boot", multipleboot=FALSE)`.
    """
    seeds = np.random.SeedSequence(recipe.method.seed).spawn(resamples)
    tasks = [partial(drawn_anew, people, recipe, segments, seed) for seed in seeds]
    doing = _("Drawing the customers anew and grouping them again")
    return summed_up(segments, in_parallel(tasks, progress, doing))


def summed_up(segments: Labels, tried: Sequence[Numbers | None]) -> Stability:
    """The means over the resamples; None where one could not be fitted."""
    sizes = np.bincount(segments)[1:].astype(np.float64)
    found = [each for each in tried if each is not None]
    if not found:
        return Stability({}, float("nan"), 0, len(tried))
    indices = np.array(found)
    known = (~np.isnan(indices)).sum(axis=0)
    means = np.where(known > 0, np.nansum(indices, axis=0) / np.maximum(known, 1), np.nan)
    weights = sizes * (known > 0)
    index = float(np.nansum(means * weights) / weights.sum()) if weights.sum() else float("nan")
    return Stability(
        {at: float(mean) for at, mean in enumerate(means, start=1)}, index, len(found), len(tried)
    )


def drawn_anew(
    people: Population, recipe: Recipe, segments: Labels, seed: np.random.SeedSequence
) -> Numbers | None:
    """One resample: the Jaccard index of each segment; None where the method can't be fitted to it."""
    rows = bootstrap_rows(len(segments), np.random.default_rng(seed))
    labels = labels_of(part_of(people, rows), recipe)
    return None if labels is None else jaccard(segments[rows], labels, int(segments.max()))


def bootstrap_rows(customers: int, rng: np.random.Generator) -> Rows:
    """Whoever is in a draw with replacement of as many as there are, about 63 %; ascending."""
    return np.unique(rng.integers(customers, size=customers))


def jaccard(segments: Labels, labels: Labels, count: int) -> Numbers:
    """The Jaccard index of each segment 1 to count with the group most like it; NaN where it has nobody.

    segments : 0 where left out. labels : from 0, -1 where left out. Both of shape (n_customers,).

    >>> jaccard(np.array([1, 1, 2, 2]), np.array([4, 4, 4, 1]), 2).round(3).tolist()
    [0.667, 0.5]
    """
    groups = int(labels.max()) + 2
    table = np.bincount(segments * groups + labels + 1, minlength=(count + 1) * groups)
    table = table.reshape(count + 1, groups)
    both = table[1:, 1:]
    if not both.shape[1]:
        return np.where(table[1:].sum(axis=1) > 0, 0.0, np.nan)
    union = table[1:].sum(axis=1)[:, None] + table[:, 1:].sum(axis=0)[None, :] - both
    best = (both / np.maximum(union, 1)).max(axis=1)
    return np.asarray(np.where(table[1:].sum(axis=1) > 0, best, np.nan))
