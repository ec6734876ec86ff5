"""Why a customer is in another segment: each one who moved has one cause."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from analytics.translation import mark as _

BEHAVIOUR, BOUNDARIES, DEFINITION = "behaviour", "boundaries", "definition"
JOINED, LEFT, EITHER = "joined", "left", "either"
CAUSES = {
    BEHAVIOUR: _("Behaviour"),
    BOUNDARIES: _("Moved boundaries"),
    DEFINITION: _("Changed definition"),
    EITHER: _("Behaviour or boundaries"),
    JOINED: _("Joined"),
    LEFT: _("Left"),
}
CODES = {cause: code for code, cause in enumerate(CAUSES)}
NOT_MOVED = -1
NOWHERE = 0

Labels = NDArray[np.int64]
Codes = NDArray[np.int8]


def causes_of(first: Labels, steps: Sequence[tuple[str, Labels]], new: NDArray[np.bool_]) -> Codes:
    """The code of each customer's cause, NOT_MOVED for whoever ends where they began.

    first : segment at the first date, NOWHERE in none. steps : what is changed one after the other on the way to
        the last date, as its cause and the segments after it. new : who came to the bank after the first date.
    The cause is the step at which a customer leaves the first segment and doesn't come back to it afterwards.
    Whoever was in no segment joined and whoever is in none left, unless a changed definition did it.

    >>> steps = [(BEHAVIOUR, np.array([2, 1, 2])), (BOUNDARIES, np.array([2, 2, 1]))]
    >>> causes_of(np.array([1, 1, 1]), steps, np.zeros(3, bool)).tolist()  # by behaviour, by boundaries, not moved
    [0, 1, -1]
    """
    found = np.full(len(first), NOT_MOVED, np.int8)
    away = np.ones(len(first), bool)
    for cause, segments in reversed(steps):
        away &= segments != first
        found[away] = CODES[cause]
    last = steps[-1][1] if steps else first
    defined = found == CODES[DEFINITION]
    moved = found != NOT_MOVED
    found[moved & (first == NOWHERE) & (~defined | new)] = CODES[JOINED]
    found[moved & (last == NOWHERE) & ~defined] = CODES[LEFT]
    return found
