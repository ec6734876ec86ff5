"""The gap statistic, with which "one group" can be the answer."""

from functools import partial

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans

from analytics.translation import translate as _
from analytics.workers import Progress, in_parallel

Numbers = NDArray[np.float64]
REFERENCES = 10
STARTS = 5
CLEARLY = 4.0  # standard deviations of the Gaussian draws
NOTHING_LEFT = 1e-12  # of the scatter: a logarithm needs something


def gap_statistic(matrix: Numbers, counts: range, seed: int, progress: Progress) -> tuple[Numbers, Numbers]:
    """Gap(k) and its error s(k) for each k, as shape (n_counts,) twice.

    matrix : shape (n_customers, n_columns), prepared. ln W(k), W the scatter within the groups of k-means, is
    compared with its mean over REFERENCES sets drawn uniformly from the box along the principal components.
    Source: Tibshirani, Walther and Hastie 2001, with their second reference.
    """
    centred = matrix - matrix.mean(axis=0)
    turned = centred @ np.linalg.svd(centred, full_matrices=False)[2].T
    box = turned.min(axis=0), turned.max(axis=0)
    seeds = np.random.SeedSequence([seed, REFERENCES]).spawn(REFERENCES)
    tasks = [partial(_log_within, turned, counts, seed)]
    tasks += [partial(_reference, len(turned), box, counts, each) for each in seeds]
    doing = _("Comparing numbers of segments with evenly spread data")
    real, *others = in_parallel(tasks, progress, doing, len(counts))
    logs = np.array(others)
    error = logs.std(axis=0) * np.sqrt(1 + 1 / REFERENCES)
    return logs.mean(axis=0) - real, error


def tibshirani(gap: Numbers, error: Numbers) -> int:
    """The place of the first gap that the next does not beat by more than its error; else the last place.

    >>> tibshirani(np.array([0.1, 0.5, 0.52]), np.array([0.05, 0.05, 0.05]))
    1
    """
    enough = gap[:-1] >= gap[1:] - error[1:]
    return int(np.argmax(enough)) if enough.any() else len(gap) - 1


def beyond_one_gaussian(matrix: Numbers, count: int, seed: int, progress: Progress) -> bool:
    """Whether so many groups of k-means are tighter than in one Gaussian of the same mean and covariance.

    The evenly spread box of the gap has no middle: in many directions of very different width its rule parts
    even one Gaussian now and then. This asks again, with as many Gaussian draws.
    """
    values, vectors = np.linalg.eigh(np.atleast_2d(np.cov(matrix, rowvar=False)))
    root = vectors * np.sqrt(np.maximum(values, 0))
    only = range(count, count + 1)
    seeds = np.random.SeedSequence([seed, count]).spawn(REFERENCES)
    tasks = [partial(_log_within, matrix, only, seed)]
    tasks += [partial(_gaussian, len(matrix), root, only, each) for each in seeds]
    real, *others = np.array(in_parallel(tasks, progress, _("Comparing with one group"))).ravel()
    return bool(np.mean(others) - real > CLEARLY * np.std(others, ddof=1))


def _gaussian(customers: int, root: Numbers, counts: range, seed: np.random.SeedSequence) -> Numbers:
    rng = np.random.default_rng(seed)
    cells = rng.standard_normal((customers, len(root))) @ root.T
    return _log_within(cells, counts, int(rng.integers(2**31)))


def _reference(
    customers: int, box: tuple[Numbers, Numbers], counts: range, seed: np.random.SeedSequence
) -> Numbers:
    rng = np.random.default_rng(seed)
    cells = rng.uniform(box[0], box[1], (customers, len(box[0])))
    return _log_within(cells, counts, int(rng.integers(2**31)))


def _log_within(cells: Numbers, counts: range, seed: int) -> Numbers:
    scatter = float(((cells - cells.mean(axis=0)) ** 2).sum())
    found = [KMeans(count, n_init=STARTS, random_state=seed).fit(cells).inertia_ for count in counts]
    return np.asarray(np.log(np.maximum(np.array(found), NOTHING_LEFT * max(scatter, NOTHING_LEFT))))
