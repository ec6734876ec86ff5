"""Which segment of one run stands for which of another, so that a new name or number is no movement."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.compare import counterparts
from analytics.movement.runs import Labels, Run
from analytics.naming import numbered


@dataclass(frozen=True)
class Segments:
    """The segments that movement is told in: those of the first run by its numbers, then what came up later.

    names : by number, as shown. lasting : by number the name that means the same at every date.
    """

    names: dict[int, str]
    lasting: dict[int, str]

    @classmethod
    def of(cls, run: Run) -> "Segments":
        return cls(dict(enumerate(run.names, start=1)), dict(run.lasting))


def told_in(
    known: Segments, run: Run, ours: Labels, theirs: Labels, *, same: bool
) -> tuple[Segments, Labels]:
    """Another run's segments in the numbers of those known, and these with what the other adds.

    ours, theirs : the same customers, in the known segments and in the other run's, 0 in none.
    same : whether both are of one definition: a name that lasts and is not known is then a segment that nobody
        was in. Segments without such a name stand for those that they share the most customers with (Kuhn 1955),
        one to one; one that shares none is new.
    """
    count = len(run.order)
    shape = (max(known.names) + 1, count + 1)
    shared = np.bincount(np.ravel_multi_index((ours, theirs), shape), minlength=shape[0] * shape[1])
    stands_for = _stands_for(known, run, shared.reshape(shape), same=same)
    names, lasting = dict(known.names), dict(known.lasting)
    numbers = np.zeros(count + 1, np.int64)
    for segment in range(1, count + 1):
        if segment not in stands_for:
            number = max(names) + 1
            names[number] = numbered(run.names[segment - 1], set(names.values()))
            lasting |= {number: run.lasting[segment]} if segment in run.lasting else {}
            stands_for[segment] = number
        numbers[segment] = stands_for[segment]
    return Segments(names, lasting), numbers[theirs]


def _stands_for(known: Segments, run: Run, shared: NDArray[np.int64], *, same: bool) -> dict[int, int]:
    """By segment of the other run the known one that it stands for, where there is one."""
    by_name = {name: number for number, name in known.lasting.items()}
    found = {segment: by_name[name] for segment, name in run.lasting.items() if name in by_name}
    ours = [at for at in known.names if at not in found.values() and not (same and at in known.lasting)]
    theirs = [at for at in range(1, len(run.order) + 1) if at not in found]
    theirs = [at for at in theirs if not (same and at in run.lasting)]
    if ours and theirs:
        inside = np.pad(shared[np.ix_(ours, theirs)], ((1, 0), (1, 0)))
        for row, column in counterparts(inside).items():
            if inside[row, column]:
                found[theirs[column - 1]] = ours[row - 1]
    return found
