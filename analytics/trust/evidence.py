"""What a verdict is made from: stability, the same on one Gaussian, and how far apart the groups lie."""

from dataclasses import replace

from sklearn.metrics import adjusted_rand_score

from analytics.errors import NotEnoughData
from analytics.methods import METHODS
from analytics.methods.base import Labels
from analytics.population import Population
from analytics.recipe import MethodChoice, Recipe
from analytics.trust.gaussian import Cloud, cloud_of, coordinates
from analytics.trust.kinds import few_kinds
from analytics.trust.reference import CLOUDS, EACH, reference_index
from analytics.trust.sample import labels_of, part_of, sample_rows, with_table
from analytics.trust.separation import DRAWS, LARGEST, apart, separation
from analytics.trust.stability import RESAMPLES, Stability, stability
from analytics.trust.verdict import FEWEST_CUSTOMERS, Evidence, sizes_of
from analytics.workers import Progress

MOST_GROUPS = 8  # that are looked for underneath chosen cuts
NO_STABILITY = Stability({}, float("nan"), 0, 0)


def work_of(customers: int) -> float:
    """How much work `evidence` is, in fits to that many customers."""
    if customers < FEWEST_CUSTOMERS:
        return 0
    return RESAMPLES + CLOUDS * (1 + EACH) + (DRAWS + 1) * min(1.0, LARGEST / customers)


def evidence(people: Population, recipe: Recipe, segments: Labels, progress: Progress) -> Evidence:
    """Try the result from all sides. segments : shape (n_customers,), 1 the first, 0 where left out."""
    sizes = sizes_of(segments)
    searched = METHODS[recipe.method.key].finds_groups
    read = people if searched else _read(people)
    seen = Evidence(searched, sizes, NO_STABILITY, kinds=few_kinds(read.table))
    if seen.too_few or len(sizes) < 2:
        return seen
    seen = replace(seen, stability=stability(people, recipe, segments, progress))
    cloud = _cloud(read)
    if cloud is None:
        return seen
    if searched:
        reference = reference_index(read, recipe, cloud, progress)
        return replace(seen, reference=reference, separation=separation(read, recipe, cloud, progress))
    probe = _probe(read, recipe.method.seed)
    apart_by = separation(read, probe, cloud, progress)
    return replace(seen, separation=apart_by, followed=_agreement(read, probe, segments))


def _cloud(people: Population) -> Cloud | None:
    try:
        places = coordinates(people.table)
    except NotEnoughData:
        return None
    return cloud_of(places) if places.shape[1] else None


def _read(people: Population) -> Population:
    """What cuts are made in: the indicators read, or the value where a method reads nothing else."""
    return people if people.table.shape[1] else with_table(people, people.value.to_frame("value"))


def _probe(people: Population, seed: int) -> Recipe:
    """K-means, to look for groups underneath cuts, in the number that has the best silhouette."""
    some = part_of(people, sample_rows(len(people.table), LARGEST, seed))
    places, best = coordinates(some.table), (-1.0, 2)
    for count in range(2, MOST_GROUPS + 1):
        labels = labels_of(some, _kmeans(count, seed))
        if labels is not None:
            best = max(best, (apart(places, labels)[0], count), key=lambda each: each[0])
    return _kmeans(best[1], seed)


def _kmeans(count: int, seed: int) -> Recipe:
    return Recipe(method=MethodChoice.model_validate({"key": "kmeans", "seed": seed, "segments": count}))


def _agreement(people: Population, probe: Recipe, segments: Labels) -> float | None:
    labels = labels_of(people, probe)
    return None if labels is None else float(adjusted_rand_score(labels, segments))
