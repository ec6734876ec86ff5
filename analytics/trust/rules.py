"""The short rule that comes nearest to a segment, searched among conditions that a person could say."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.conditions import Comparison, Condition, IsEmpty, Joined, Value
from analytics.methods.base import Words
from analytics.translation import translate as _
from analytics.trust.cuts import Candidate

Labels = NDArray[np.int64]
Mask = NDArray[np.bool_]
MOST_CONDITIONS, BEAM = 3, 6
WORTH = 0.01  # points of F1 that another condition must bring


@dataclass(frozen=True)
class Found:
    """A rule on its way: which candidates, whom they leave, how good that is."""

    chosen: tuple[int, ...]
    mask: Mask
    score: float


class Search:
    """Beam search for conjunctions of at most MOST_CONDITIONS conditions with the best F1 for a segment.

    table : the customers searched over; weights : how many customers each of them stands for.
    """

    def __init__(self, table: pd.DataFrame, weights: NDArray[np.float64], options: list[Candidate]) -> None:
        self.options = options
        self.weights = weights.astype(np.float32)
        masks = [option.condition.mask(table).to_numpy() for option in options]
        self.masks = np.array(masks, np.float32).reshape(len(options), len(table))
        self.costs = np.array([option.cost for option in options])

    def best(self, inside: Mask) -> Condition | None:
        """The rule for the customers inside; None where no condition does better than no rule at all."""
        everyone = np.ones(len(inside), bool)
        beam = [Found((), everyone, self._f1(everyone[None], inside)[0])]
        top = beam[0]
        for _step in range(MOST_CONDITIONS):
            beam = self._longer(beam, inside)
            if not beam:
                break
            top = max((top, *beam), key=lambda found: round(found.score, 6))
        parts = [self.options[at].condition for at in sorted(top.chosen)]
        if not parts:
            return None
        return parts[0] if len(parts) == 1 else Joined("and", tuple(parts))

    def _longer(self, beam: Sequence[Found], inside: Mask) -> list[Found]:
        """The best rules with one condition more, no two of them for the same customers."""
        tried: dict[tuple[int, ...], float] = {}
        for found in beam:
            scores = self._extended(found, inside)
            for at in np.argsort(-np.round(scores, 6), kind="stable")[:BEAM]:
                if np.isfinite(scores[at]):
                    tried[tuple(sorted((*found.chosen, int(at))))] = float(scores[at])
        longer: list[Found] = []
        for chosen, score in sorted(tried.items(), key=lambda item: (-round(item[1], 6), item[0])):
            mask = np.asarray(self.masks[list(chosen)].all(axis=0))
            if len(longer) < BEAM and not any((mask == other.mask).all() for other in longer):
                longer.append(Found(chosen, mask, score))
        return longer

    def _extended(self, found: Found, inside: Mask) -> NDArray[np.float64]:
        """The score of the rule with each of the candidates added; -inf where that one is of no use."""
        both = self.masks @ np.stack((found.mask * self.weights, found.mask * inside * self.weights), axis=1)
        total = float(self.weights[inside].sum())
        scores = 2 * both[:, 1].astype(np.float64) / (both[:, 0] + total)
        cost = WORTH * (len(found.chosen) + 1) + self.costs + self.costs[list(found.chosen)].sum()
        useless = [self._said(at, found.chosen) for at in range(len(self.options))]
        return np.where(useless, -np.inf, scores - cost)

    def _said(self, at: int, chosen: tuple[int, ...]) -> bool:
        """Whether a condition repeats one that the rule has: the same bound of the same indicator."""
        return any(_side(self.options[at].condition) in _sides_shut(self.options[one].condition)
                   for one in chosen)  # fmt: skip

    def _f1(self, masks: Mask, inside: Mask) -> NDArray[np.float64]:
        hit, all_of = (masks * inside) @ self.weights, masks @ self.weights
        return np.asarray(2 * hit / (all_of + self.weights[inside].sum()), np.float64)


def _side(condition: Condition) -> tuple[str, str]:
    return condition.indicators[0], getattr(condition, "op", "empty")


def _sides_shut(condition: Condition) -> set[tuple[str, str]]:
    """What can't be added to a condition: only a lower bound may join an upper one."""
    key, op = _side(condition)
    open_to = {">=": {"<"}, "<": {">="}}.get(op, set())
    return {(key, other) for other in ("=", "in", "empty", "<", ">=") if other not in open_to}


def in_words(rule: Condition, words: Words) -> str:
    """A rule as a person says it: bounds of one indicator together, figures with their units.

    >>> in_words(Comparison("age_years", ">=", (60,)), Words())
    'age years at least 60'
    """
    parts = rule.parts if isinstance(rule, Joined) else (rule,)
    texts = []
    for key in dict.fromkeys(part.indicators[0] for part in parts):
        here = [part for part in parts if part.indicators[0] == key]
        texts.append(_part_in_words(key, here, words))
    return _(" and ").join(texts)


def _part_in_words(key: str, parts: Sequence[Condition], words: Words) -> str:
    label = words.label(key)
    if any(isinstance(part, IsEmpty) for part in parts):
        return _("{label} is empty").format(label=label)
    bounds = {part.op: part.values for part in parts if isinstance(part, Comparison)}
    if len(bounds) == 2:
        low, high = (words.quantity(key, float(bounds[op][0])) for op in (">=", "<"))
        return _("{label} from {low} to under {high}").format(label=label, low=low, high=high)
    op, values = next(iter(bounds.items()))
    if isinstance(values[0], str):
        return _("{label} is {category}").format(label=label, category=_(" or ").join(map(str, values)))
    shape = {">=": _("{label} at least {value}"), "<": _("{label} under {value}")}
    value = words.quantity(key, float(values[0]))
    return shape.get(op, _("{label} exactly {value}")).format(label=label, value=value)


def as_filter(rule: Condition) -> str:
    """The same rule as the filter of a recipe.

    >>> as_filter(Joined("and", (Comparison("age_years", ">=", (60,)), Comparison("region", "=", ("East",)))))
    "age_years >= 60 and region = 'East'"
    """
    if isinstance(rule, Joined):
        return " and ".join(as_filter(part) for part in rule.parts)
    if isinstance(rule, Comparison):
        several = f"({', '.join(map(_quoted, rule.values))})"
        return f"{rule.indicator} {rule.op} {several if rule.op == 'in' else _quoted(rule.values[0])}"
    return f"{rule.indicators[0]} is empty"


def _quoted(value: Value) -> str:
    text = str(value).replace("'", "''")
    return f"'{text}'" if isinstance(value, str) else repr(value)
