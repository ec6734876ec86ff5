"""Branches level by level: which of the places just below another one each branch belongs to."""

from collections.abc import Mapping


def areas(parents: Mapping[str, str | None], under: str | None = None) -> dict[str, str]:
    """The area of every branch beneath `under`, which is its own area; without it, of every branch.

    parents : of each branch. Where all branches have one head office, areas are the places just below it.

    >>> bank = {"HQ": None, "East": "HQ", "West": "HQ", "Port": "East", "Quay": "Port"}
    >>> areas(bank)
    {'HQ': 'HQ', 'East': 'East', 'West': 'West', 'Port': 'East', 'Quay': 'East'}
    >>> areas(bank, "East")
    {'East': 'East', 'Port': 'Port', 'Quay': 'Port'}
    """
    ways = {branch: _way_up(parents, branch) for branch in parents}
    if under is None:
        heads = {way[-1] for way in ways.values() if len(way) > 1}
        if len(heads) != 1:
            return {branch: way[-1] for branch, way in ways.items()}
        (head,) = heads
        others = {branch: branch for branch, way in ways.items() if head not in way}
        return others | areas(parents, head)
    found = {branch: way.index(under) for branch, way in ways.items() if under in way}
    return {branch: ways[branch][max(place - 1, 0)] for branch, place in found.items()}


def _way_up(parents: Mapping[str, str | None], branch: str) -> list[str]:
    """A branch and all above it; it ends where branches are above each other in a ring."""
    way = [branch]
    while (above := parents.get(way[-1])) is not None and above not in way:
        way.append(above)
    return way
