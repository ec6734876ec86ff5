"""The stability of the same method on data without groups."""

from functools import partial

import numpy as np

from analytics.jobs import checkpoint
from analytics.population import Population
from analytics.recipe import Recipe
from analytics.translation import translate as _
from analytics.trust.gaussian import Cloud
from analytics.trust.sample import labels_of
from analytics.trust.separation import from_cloud
from analytics.trust.stability import drawn_anew, summed_up
from analytics.workers import Progress, in_parallel

CLOUDS, EACH = 4, 5


def reference_index(people: Population, recipe: Recipe, cloud: Cloud, progress: Progress) -> float | None:
    """Mean Jaccard index of the method on as many customers drawn from one Gaussian: CLOUDS draws, EACH resampled
    EACH times. None where the method can't be fitted to them.

    As many customers as in the data, because the index grows with their number: with enough of them even cuts
    through one stretched cloud come back.
    """
    seeds = np.random.SeedSequence([recipe.method.seed, CLOUDS]).spawn(CLOUDS)
    tasks = [partial(_index, people, recipe, cloud, seed) for seed in seeds]
    doing = _("Doing the same with data that have no groups")
    found = [index for index in in_parallel(tasks, progress, doing, 1 + EACH) if index is not None]
    return float(np.mean(found)) if found else None


def _index(people: Population, recipe: Recipe, cloud: Cloud, seed: np.random.SeedSequence) -> float | None:
    first, *others = seed.spawn(1 + EACH)
    drawn = from_cloud(people, cloud, np.random.default_rng(first))
    labels = labels_of(drawn, recipe)
    if labels is None or labels.max() < 0:
        return None
    segments, found = labels + 1, []
    for each in others:
        checkpoint()
        found.append(drawn_anew(drawn, recipe, segments, each))
    index = summed_up(segments, found).index
    return None if np.isnan(index) else index
