"""Is there a gap between the segments, or only a line drawn through a crowd?"""

import numpy as np
from numpy.typing import NDArray

from analytics.methods.base import Labels

Numbers = NDArray[np.float64]
GRID = np.linspace(0, 1, 51)  # from the centre of one segment to that of the other
FEWEST = 5  # customers of a segment, below which no density is looked for
RIDGE = 1e-3
NARROWEST = 0.02  # of the way between two centres
SAME = 1e-6  # of the way between two centres, within which customers are at the same place


def valley(cells: Numbers, labels: Labels) -> float:
    """How deep the density falls between each segment and the one least apart from it, averaged over customers.

    cells : shape (n_customers, n_columns), prepared; labels : -1 where left out. 0 where the crowd goes on
    between two segments, as in any unimodal data, 1 where nobody is in between. See `between`.
    """
    groups = [cells[labels == label] for label in np.unique(labels[labels >= 0])]
    groups = [group for group in groups if len(group) >= FEWEST]
    if len(groups) < 2:
        return 0.0
    depths = np.ones((len(groups), len(groups)))
    for one in range(len(groups)):
        for other in range(one):
            depths[one, other] = depths[other, one] = between(groups[one], groups[other])
    return float(np.average(depths.min(axis=1), weights=[len(group) for group in groups]))


def between(first: Numbers, second: Numbers) -> float:
    """1 less the lowest density between two groups, as a share of the lower of the peaks on either side of it.

    Both are seen along the line that tells them apart best (Fisher's discriminant), where their density is
    estimated with Gaussian kernels of Scott's width, or of the usual step between two values where that is more:
    the room between whole numbers is not a gap. Source: Fisher 1936; Scott 1992; the depth of a valley as in
    Minnotte 1997.

    >>> crowd = np.linspace(0, 1, 40)[:, None]
    >>> round(between(crowd, crowd + 1), 1), round(between(crowd, crowd + 9), 1)
    (0.0, 1.0)
    """
    step = second.mean(axis=0) - first.mean(axis=0)
    own = np.vstack([first - first.mean(axis=0), second - second.mean(axis=0)])
    scatter = own.T @ own / len(own) + RIDGE * np.eye(own.shape[1])
    line = np.linalg.solve(scatter, step)
    apart = float(step @ line)
    if apart <= 0:
        return 0.0
    places = (np.vstack([first, second]) - first.mean(axis=0)) @ line / apart
    few = min(len(first), len(second))
    width = max(1.06 * float((own @ line).std()) / apart * few**-0.2, _step(places), NARROWEST)
    grid = np.concatenate([-GRID[:0:-1] / 2, GRID, 1 + GRID[1:] / 2])
    density = np.exp(-(((grid[:, None] - places) / width) ** 2) / 2).sum(axis=1)
    before, after = np.maximum.accumulate(density), np.maximum.accumulate(density[::-1])[::-1]
    inside = (grid >= 0) & (grid <= 1)
    return float((1 - density / np.minimum(before, after))[inside].max())


def _step(places: Numbers) -> float:
    """The usual distance between neighbouring values."""
    return float(np.median(np.diff(np.unique(np.round(places / SAME)))) * SAME)
