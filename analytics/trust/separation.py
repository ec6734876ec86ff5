"""Are the segments further apart than a method would cut them out of one Gaussian?"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import silhouette_score

from analytics.methods.base import Labels
from analytics.population import Population
from analytics.recipe import Recipe
from analytics.translation import translate as _
from analytics.trust.gaussian import Cloud, coordinates
from analytics.trust.sample import labels_of, part_of, sample_rows
from analytics.trust.valley import valley
from analytics.workers import Progress, in_parallel

Numbers = NDArray[np.float64]
Measures = tuple[float, float, float]
LARGEST = 1_500
DRAWS = 30
CLEARLY = 5.0  # standard deviations of the Gaussian draws; of one Gaussian the highest seen was 3.5
GAP = 0.25  # evenly spread customers reach 0.18, four round groups three deviations apart 0.30
RIDGE = 1e-4  # of the variance: a segment whose customers share a value is not infinitely apart


@dataclass(frozen=True)
class Separation:
    """How far apart, beside draws from one Gaussian of the same mean and covariance.

    silhouette : on the sample. excess : by how many standard deviations of the draws the data lie above their
    mean, in the more telling of two measures. gap : how much deeper the density falls between segments than in
    the draws, 0 to 1 (see `valley`). draws, customers : how many, of how many customers each.
    """

    silhouette: float
    excess: float
    gap: float
    draws: int
    customers: int

    @property
    def clear(self) -> bool:
        """Whether it is more than a method makes of one Gaussian."""
        return self.excess >= CLEARLY

    @property
    def gaps(self) -> bool:
        """Whether few customers stand between the segments; a crowd of another shape has no gaps either."""
        return self.clear and self.gap >= GAP


def separation(people: Population, recipe: Recipe, cloud: Cloud, progress: Progress) -> Separation:
    """The recipe's method on at most LARGEST customers, and on as many from the Gaussian, DRAWS times.

    Two measures, as neither sees every kind of group: the silhouette, for round ones, and ln |T| / |W|, for
    stretched ones (T the scatter of all, W that within segments; it does not depend on the axes' scale).
    Because the same method is fitted to the same number of customers, its habit of finding something anywhere
    is in both. Source: the comparison as in SigClust, Liu et al. 2008; Friedman and Rubin 1967 for |T| / |W|.
    """
    seed = recipe.method.seed
    rows = sample_rows(len(people.table), LARGEST, seed)
    some = part_of(people, rows)
    seeds = np.random.SeedSequence([seed, DRAWS]).spawn(DRAWS)
    tasks = [partial(measured, some, recipe)]
    tasks += [partial(drawn, some, recipe, cloud, each) for each in seeds]
    doing = _("Comparing with data that have no groups")
    real, *others = in_parallel(tasks, progress, doing, _work(len(people.table), len(rows)))
    gap = real[2] - float(np.mean([other[2] for other in others]))
    return Separation(real[0], excess(real[:2], [other[:2] for other in others]), gap, DRAWS, len(rows))


def excess(real: Sequence[float], others: Sequence[Sequence[float]]) -> float:
    """By how many standard deviations the data lie above the draws, in the better measure.

    >>> excess((0.5, 1.0), [(0.1, 1.0), (0.3, 1.0)]).__round__(2)
    2.12
    """
    draws = np.array(others)
    spread = np.maximum(draws.std(axis=0, ddof=1), 0.002)
    beyond = (np.array(real) - draws.mean(axis=0)) / spread
    # A draw that the data do not beat is answer enough.
    return float(np.where(np.array(real) > draws.max(axis=0), beyond, np.minimum(beyond, 0)).max())


def measured(people: Population, recipe: Recipe) -> Measures:
    """Silhouette, ln |T| / |W| and `valley` of the method's segments; all 0 where it finds just one."""
    labels = labels_of(people, recipe)
    if labels is None:
        return 0.0, 0.0, 0.0
    return apart(coordinates(people.table), labels)


def drawn(people: Population, recipe: Recipe, cloud: Cloud, seed: np.random.SeedSequence) -> Measures:
    """The same on as many customers drawn from the Gaussian."""
    return measured(from_cloud(people, cloud, np.random.default_rng(seed)), recipe)


def from_cloud(people: Population, cloud: Cloud, rng: np.random.Generator) -> Population:
    """A population of the same size that is one Gaussian; nobody in it is worth anything."""
    table = cloud.table(len(people.table), rng)
    value = pd.Series(0.0, index=table.index, name=people.value.name)
    return Population(table, value, people.words, [])


def apart(places: pd.DataFrame, labels: Labels) -> Measures:
    """The same of segments in the prepared space, those left out not counted."""
    cells, own = places.to_numpy(np.float64)[labels >= 0], labels[labels >= 0]
    groups, own = np.unique(own, return_inverse=True)
    if not 2 <= len(groups) < len(own):
        return 0.0, 0.0, 0.0
    sizes = np.bincount(own).astype(np.float64)
    sums = np.zeros((len(groups), cells.shape[1]))
    np.add.at(sums, own, cells)
    within = cells - (sums / sizes[:, None])[own]
    total = cells - cells.mean(axis=0)
    floor = RIDGE * len(cells) * np.eye(cells.shape[1])
    ratio = np.linalg.slogdet(total.T @ total + floor)[1] - np.linalg.slogdet(within.T @ within + floor)[1]
    return float(silhouette_score(cells, own)), float(ratio), valley(cells, own)


def _work(customers: int, sampled: int) -> float:
    return sampled / max(customers, 1)
