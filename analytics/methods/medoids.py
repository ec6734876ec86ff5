"""K-medoids for rows that stand for several customers each; the packages that there are take no weights."""

import numpy as np
from numpy.typing import NDArray

from analytics.jobs import checkpoint

Numbers = NDArray[np.float64]
Distances = NDArray[np.float32]
AT_A_TIME = 2**17  # distances looked at together: they stay in the processor's cache
DIGITS = 10  # of a change, beyond which it is rounding


def k_medoids(distances: Distances, weights: Numbers, count: int) -> NDArray[np.int64]:
    """The candidates to which the weighted sum of distances is least, as far as swaps of one find; ascending.

    distances : shape (n_candidates, n_rows), of rows that may become medoids to all rows. weights : how many
    customers each row stands for. count : how many, from 2 to n_candidates. Begins with BUILD's greedy choice.
    Source: PAM, Kaufman and Rousseeuw 1990; swaps as FasterPAM weighs them, Schubert and Rousseeuw 2021.

    >>> line = np.abs(np.subtract.outer([0.0, 1, 2, 9, 10], [0.0, 1, 2, 9, 10])).astype(np.float32)
    >>> k_medoids(line, np.array([1.0, 1, 1, 1, 5]), 2).tolist()
    [1, 4]
    """
    shares = weights / weights.sum()
    chosen = _built(distances, shares, count)
    settled = False
    while not settled:
        settled = True
        for candidates in _blocks(distances):
            checkpoint()
            swap = _swap(distances, shares, chosen, candidates)
            if swap is not None:
                chosen[swap[0]] = candidates.start + swap[1]
                settled = False
    return np.sort(chosen)


def _blocks(distances: Distances) -> list[slice]:
    step = max(1, AT_A_TIME // distances.shape[1])
    return [slice(start, start + step) for start in range(0, len(distances), step)]


def total(distances: Distances, weights: Numbers, chosen: NDArray[np.int64]) -> float:
    """The weighted mean of the distances to the nearest of the chosen rows."""
    return float(np.average(distances[chosen].min(axis=0), weights=weights))


def _built(distances: Distances, shares: Numbers, count: int) -> NDArray[np.int64]:
    """One row after the other, each the one that brings the rest nearest."""
    nearest = np.full(distances.shape[1], np.inf)
    chosen: list[int] = []
    while len(chosen) < count:
        costs = [np.minimum(distances[candidates], nearest) @ shares for candidates in _blocks(distances)]
        cost = np.round(np.concatenate(costs), DIGITS)
        cost[chosen] = np.inf
        chosen.append(int(np.argmin(cost)))
        nearest = np.minimum(nearest, distances[chosen[-1]])
    return np.array(chosen)


def _swap(
    distances: Distances, shares: Numbers, chosen: NDArray[np.int64], candidates: slice
) -> tuple[int, int] | None:
    """The best swap of a medoid for a candidate: their places, or None where none makes the sum less."""
    to_chosen = distances[chosen].astype(np.float64)
    holder = to_chosen.argmin(axis=0)
    nearest, second = np.partition(to_chosen, 1, axis=0)[:2]
    to_new = distances[candidates].astype(np.float64)
    closer = to_new < nearest
    gained = np.where(closer, to_new - nearest, 0.0) @ shares
    # Whoever loses their medoid and is not closer to the candidate goes there or to the second nearest.
    lost = np.where(closer, 0.0, np.minimum(to_new, second) - nearest) * shares
    groups = (holder == np.arange(len(chosen))[:, None]).astype(np.float64)
    change = np.round(gained[:, None] + lost @ groups.T, DIGITS)
    change[np.isin(np.arange(candidates.start, candidates.start + len(change)), chosen)] = 0.0
    candidate, medoid = divmod(int(np.argmin(change)), len(chosen))
    return (medoid, candidate) if change[candidate, medoid] < 0 else None
