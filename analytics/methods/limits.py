"""Prices on segments, so that no segment holds more than a limit.

With a price on each segment customers choose what costs them least, distance and price together: the prices of
the optimal transport of customers to places are those at which every segment is just full enough. They are
found in two steps: smoothly, as the maximum of the dual problem, and then customer by customer, each along the
cheapest chain of moves from a segment that is too full to one with room.
Source: Bradley, Bennett and Demiriz 2000; successive shortest paths, Busacker and Gowen 1960.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from analytics.jobs import checkpoint
from analytics.methods.base import Labels

Numbers = NDArray[np.float64]
SOFT = 0.01  # how blurred the smooth step is, in usual distances between a customer's two nearest segments
GOOD_ENOUGH = 1e-3  # by what share of all customers the smooth step may miss a limit
FRONTIER = 20_000  # rows nearest to changing their segment, that may be moved


def smooth_prices(costs: Numbers, weights: Numbers, limit: float, start: Numbers) -> Numbers:
    """Prices, none negative, at which segments hold about the limit at most; shape (n_segments,).

    costs : shape (n_rows, n_segments). weights : customers in each row. start : prices to begin with.
    """
    shares, most = weights / weights.sum(), limit / weights.sum()
    two = np.partition(costs, 1, axis=1)[:, :2]
    blur = SOFT * float(shares @ (two[:, 1] - two[:, 0])) or 1.0

    def dual(prices: Numbers) -> tuple[float, Numbers]:
        asked = (costs + prices) / -blur
        top = asked.max(axis=1)
        parts = np.exp(asked - top[:, None])
        sums = parts.sum(axis=1)
        value = blur * float(shares @ (np.log(sums) + top)) + most * prices.sum()
        return value, most - (shares / sums) @ parts

    free = [(0.0, None)] * len(start)
    found = minimize(dual, start, jac=True, method="L-BFGS-B", bounds=free, options={"gtol": GOOD_ENOUGH})
    return np.asarray(found.x)


def exact_prices(costs: Numbers, weights: Numbers, limit: float, prices: Numbers) -> Numbers:
    """Prices at which no segment holds more than the limit, unless rows too heavy to be moved forbid it.

    costs, weights, limit : as `smooth_prices`; prices : near the answer. Each row keeps as far from where it
    would change its segment as can be had for all together.
    """
    near = FRONTIER
    while True:
        labels = _moved(costs, weights, limit, prices, near)
        gaps = _gaps(costs, labels)
        if near >= len(costs) or _least_mean(gaps) >= 0:
            return _between(gaps)
        near *= 4  # a row outside the frontier should have moved: look further


def _moved(costs: Numbers, weights: Numbers, limit: float, prices: Numbers, near: int) -> Labels:
    """Labels within the limit, from those that the prices give."""
    asked = costs + prices
    labels = np.asarray(asked.argmin(axis=1).astype(np.int64))
    sizes: Numbers = np.bincount(labels, weights, costs.shape[1]).astype(np.float64)
    rows = np.arange(len(costs))
    if len(costs) > near:
        two = np.partition(asked, 1, axis=1)[:, :2]
        rows = np.sort(np.argpartition(two[:, 1] - two[:, 0], near)[:near])
    moves = _Moves(costs[rows], labels[rows], weights[rows], sizes, limit)
    moves.run()
    labels[rows] = moves.labels
    return labels


@dataclass
class _Moves:
    """Rows that may be moved, and how full every segment is."""

    costs: Numbers
    labels: Labels
    weights: Numbers
    sizes: Numbers
    limit: float

    def run(self) -> None:
        """Move rows until no segment is too full, or no chain of moves makes them less so."""
        segments = len(self.sizes)
        gaps, cheapest = np.full((segments, segments), np.inf), np.zeros((segments, segments), np.int64)
        self.look(range(segments), gaps, cheapest)
        hopeless: set[tuple[int, int]] = set()
        while True:
            checkpoint()
            chain = self.chain(gaps, hopeless)
            if not chain:
                return
            rows = [int(cheapest[step]) for step in pairwise(chain)]
            before = self.excess()
            self.move(rows, chain[1:])
            if self.excess() < before:
                self.look(chain, gaps, cheapest)
                hopeless.clear()
            else:  # the rows are too heavy: back
                self.move(rows, chain[:-1])
                hopeless.add((chain[0], chain[-1]))

    def excess(self) -> float:
        return float(np.maximum(self.sizes - self.limit, 0).sum())

    def look(self, segments: Iterable[int], gaps: Numbers, cheapest: NDArray[np.int64]) -> None:
        """What it costs to move a row from these segments to each, and which row is cheapest."""
        for segment in segments:
            rows = np.flatnonzero(self.labels == segment)
            gaps[segment] = np.inf
            if len(rows):
                extra = self.costs[rows] - self.costs[rows, segment, None]
                best = extra.argmin(axis=0)
                gaps[segment], cheapest[segment] = extra[best, np.arange(len(gaps))], rows[best]
            gaps[segment, segment] = 0.0

    def chain(self, gaps: Numbers, hopeless: set[tuple[int, int]]) -> list[int]:
        """Segments of the cheapest chain of moves from one too full to one with room; empty if there is none."""
        ways, then = _cheapest_ways(gaps)
        pairs = [
            (ways[full, free], full, free)
            for full in np.flatnonzero(self.sizes > self.limit).tolist()
            for free in np.flatnonzero(self.sizes < self.limit).tolist()
            if (full, free) not in hopeless and np.isfinite(ways[full, free])
        ]
        if not pairs:
            return []
        _cost, at, end = min(pairs)
        found = [at]
        while at != end:
            at = int(then[at, end])
            found.append(at)
        return found

    def move(self, rows: list[int], segments: list[int]) -> None:
        for row, segment in zip(rows, segments, strict=True):
            self.sizes[self.labels[row]] -= self.weights[row]
            self.sizes[segment] += self.weights[row]
            self.labels[row] = segment


def _cheapest_ways(gaps: Numbers) -> tuple[Numbers, NDArray[np.int64]]:
    """Cost of the cheapest chain between any two segments, and the next segment on it. (Floyd and Warshall)"""
    ways, then = gaps.copy(), np.tile(np.arange(len(gaps)), (len(gaps), 1))
    for via in range(len(gaps)):
        through = ways[:, [via]] + ways[via]
        shorter = through < ways
        ways = np.where(shorter, through, ways)
        then = np.where(shorter, then[:, [via]], then)
    return ways, then


def _gaps(costs: Numbers, labels: Labels) -> Numbers:
    """By how much at least any row of one segment (row) prefers it to another (column), prices aside."""
    own = costs[np.arange(len(costs)), labels]
    gaps = np.full((costs.shape[1], costs.shape[1]), np.inf)
    for segment in range(costs.shape[1]):
        inside = labels == segment
        if inside.any():
            gaps[segment] = (costs[inside] - own[inside, None]).min(axis=0)
    return gaps


def _least_mean(gaps: Numbers) -> float:
    """The least mean gap around any ring of segments: negative where no prices give these labels."""
    open_gaps = np.where(np.eye(len(gaps), dtype=bool), np.inf, gaps)
    ways, means = open_gaps.copy(), []
    for length in range(1, len(gaps) + 1):
        means.append(float(np.diagonal(ways).min()) / length)
        ways = (ways[:, :, None] + open_gaps[None]).min(axis=1)
    return min(means)


def _between(gaps: Numbers) -> Numbers:
    """Prices that leave every gap at least half of the least mean open, none negative."""
    mean = _least_mean(gaps)
    margin = mean / 2 if np.isfinite(mean) else 0.0
    left = gaps - max(margin, 0.0)
    np.fill_diagonal(left, 0.0)
    ways, _then = _cheapest_ways(left)
    prices = np.asarray(np.minimum(ways.min(axis=1), 0.0))
    return np.asarray(prices - prices.min())
