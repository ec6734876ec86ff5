"""Sessions share answers, so they share the pictures of them too: drawing is most of what a rerun takes."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import wraps
from threading import Lock
from typing import Any, ParamSpec
from weakref import ref

import plotly.graph_objects as go

from analytics.translation import language

MOST_KEPT = 64  # pictures a kind
P = ParamSpec("P")


def drawn_once(draw: Callable[P, go.Figure]) -> Callable[P, go.Figure]:
    """Keep what `draw` made: the same answer, in the same language and colours, is not drawn again.

    A frame or another answer is the same as long as it is the same object, and its picture goes when it does: give
    those that are kept, not copies. Figures are shared by sessions: don't change what comes back.
    """
    kept: OrderedDict[Hashable, tuple[go.Figure, list[Any]]] = OrderedDict()
    lock = Lock()

    @wraps(draw)
    def drawn(*given: P.args, **named: P.kwargs) -> go.Figure:
        answers: list[Any] = []
        key = (language(), _key(given, answers), _key(named, answers))
        with lock:
            if key in kept:
                kept.move_to_end(key)
                return kept[key][0]
        figure = draw(*given, **named)
        with lock:
            # Without the lock in it: the end of an answer may come at any time, also here.
            kept[key] = figure, [ref(answer, lambda _: kept.pop(key, None)) for answer in answers]
            while len(kept) > MOST_KEPT:
                kept.popitem(last=False)
        return figure

    return drawn


def _key(given: Any, answers: list[Any]) -> Hashable:
    """What tells two arguments apart; those that are told apart as objects are added to `answers`."""
    if isinstance(given, list | tuple):
        return tuple(_key(part, answers) for part in given)
    if isinstance(given, dict):
        return tuple((name, _key(part, answers)) for name, part in given.items())
    kind: Any = type(given)
    try:
        hash(given)
        is_plain = kind.__eq__ is not object.__eq__
    except TypeError:
        is_plain = False
    if is_plain or given is None:
        return kind, given
    answers.append(given)
    return id(given)
