"""Ward's hierarchy for rows that stand for several customers each, which SciPy's does not take."""

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import leaves_list

from analytics.jobs import checkpoint

Numbers = NDArray[np.float64]
LOOK_UP = 500  # merges between two looks at whether to stop


def ward(rows: Numbers, weights: Numbers) -> Numbers:
    """The hierarchy as SciPy writes it: shape (n_rows - 1, 4), each merge's two nodes, height and rows.

    rows : shape (n_rows, n_columns). weights : how many customers each stands for. Height is the square root
    of twice what the merge adds to the sum of squares within groups, as in `scipy.cluster.hierarchy.ward`,
    which gives the same with all weights 1. Memory grows with the rows, not with their square.
    Source: Ward 1963; nearest-neighbour chains, Murtagh 1983, Müllner 2011.

    >>> ward(np.array([[0.0], [1.0], [5.0]]), np.ones(3))[:, 2].round(3).tolist()
    [1.0, 5.196]
    """
    columns, weights = np.array(rows.T, order="C"), weights.astype(np.float64)  # both are changed below
    gone = np.zeros(len(rows))  # infinite once a row is part of another's group
    merges: list[tuple[int, int, float]] = []
    chain: list[int] = []
    while len(merges) < len(rows) - 1:
        if not chain:
            chain = [int(np.argmin(gone))]
        costs = _costs(columns, weights, gone, chain[-1])
        near = int(np.argmin(costs))
        before = chain[-2] if len(chain) > 1 else -1
        if before < 0 or costs[near] < costs[before]:
            chain.append(near)
            continue
        merges.append((chain.pop(), chain.pop(), float(np.sqrt(2 * costs[before]))))
        _merge(columns, weights, gone, *merges[-1][:2])
        if len(merges) % LOOK_UP == 0:
            checkpoint()
    return _numbered(merges, len(rows))


def _costs(columns: Numbers, weights: Numbers, gone: Numbers, tip: int) -> Numbers:
    """What merging each group with this one adds to the sum of squares within groups."""
    squares: Numbers = np.zeros(len(weights))
    for column in columns:
        apart = column - column[tip]
        squares += apart * apart
    costs: Numbers = squares * (weights * weights[tip] / (weights + weights[tip])) + gone
    costs[tip] = np.inf
    return costs


def _merge(columns: Numbers, weights: Numbers, gone: Numbers, one: int, other: int) -> None:
    both = weights[one] + weights[other]
    columns[:, other] = (weights[one] * columns[:, one] + weights[other] * columns[:, other]) / both
    weights[other], gone[one] = both, np.inf


def _numbered(merges: list[tuple[int, int, float]], rows: int) -> Numbers:
    """The merges by height, and nodes by the merge that made them."""
    heights = np.array([height for *_nodes, height in merges])
    node, sizes = np.arange(rows), np.ones(2 * rows - 1)  # node : of the group that a row now names
    found = np.empty((rows - 1, 4))
    stands = list(range(rows))
    for at, merge in enumerate(np.argsort(heights, kind="stable")):
        one, other = (_root(stands, row) for row in merges[merge][:2])
        left, right = sorted((node[one], node[other]))
        sizes[rows + at] = sizes[left] + sizes[right]
        found[at] = left, right, heights[merge], sizes[rows + at]
        stands[one], node[other] = other, rows + at
    return found


def _root(stands: list[int], row: int) -> int:
    while stands[row] != row:
        stands[row] = stands[stands[row]]
        row = stands[row]
    return row


def branches(merges: Numbers, count: int) -> NDArray[np.int64]:
    """Which of the top `count` branches each row is on, 0 first from the left of the dendrogram.

    >>> branches(np.array([[0, 1, 1.0, 2], [2, 3, 9.0, 3]]), 2).tolist()
    [1, 1, 0]
    """
    rows = len(merges) + 1
    branch = np.arange(2 * rows - 1)
    above = 2 * rows - count  # nodes from here on are above the cut
    for node in range(2 * rows - 2, rows - 1, -1):
        if node < above:
            branch[merges[node - rows, :2].astype(np.int64)] = branch[node]
    order = branch[leaves_list(merges)]
    names, first = np.unique(order, return_index=True)
    place = dict(zip(names[np.argsort(first)].tolist(), range(count), strict=True))
    return np.array([place[name] for name in branch[:rows].tolist()])
