"""Settings of a method as data: name, default, bounds, help. Forms and checks derive from them."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from analytics.errors import BadInput
from analytics.translation import translate as _
from analytics.where import parse, refuse_unknown


@dataclass(frozen=True)
class Setting:
    """One setting.

    kind : integer, number, boolean, choice, text, indicator (a key), thresholds (ascending numbers), rules
    (an ordered list of {name, where}), weights (a list of {indicator, weight}, or indicator -> weight) or
    pairwise (a list of {first, second, times}: how many times as much the first counts as the second).
    low, high : inclusive bounds of numbers, also of those in weights and comparisons.
    choices : value -> label, for a choice. only_with : (setting, value) outside which it has no effect.
    """

    key: str
    label: str
    default: Any
    low: float | None = None
    high: float | None = None
    choices: Mapping[str, str] = field(default_factory=dict)
    kind: str = "integer"
    help: str = ""
    only_with: tuple[str, str] | None = None

    def check(self, value: Any) -> Any:
        """The value as the method takes it. Raises BadInput "must be ..., got ... instead"."""
        return _KINDS[self.kind](self, value)

    def indicators(self, value: Any) -> list[str]:
        """The indicators that a checked value names."""
        if self.kind == "indicator":
            return [value]
        if self.kind == "rules":
            return [key for rule in value for key in parse(rule["where"]).indicators]
        if self.kind in ("weights", "pairwise"):
            return [row[name] for row in value for name in ("indicator", "first", "second") if name in row]
        return []

    def refuse(self, wanted: str, value: Any) -> BadInput:
        """The error of this setting for this value."""
        what = _("'{setting}' must be {wanted}, got {value!r} instead.")
        what = what.format(setting=self.key, wanted=wanted, value=value)
        return BadInput(what, _("Change it in the recipe."))

    def bounds(self, what: str) -> str:
        """The bounds in words."""
        if self.low is not None and self.high is not None:
            return _("{what} from {low} to {high}").format(what=what, low=self.low, high=self.high)
        if self.low is not None:
            return _("{what} of at least {low}").format(what=what, low=self.low)
        return what


def _number(setting: Setting, value: Any, *, what: str = "") -> float:
    wanted = setting.bounds(what or _("a number"))
    # Neither NaN nor a whole number too long for a float passes the comparison.
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) <= sys.float_info.max:
        raise setting.refuse(wanted, value)
    too_low = setting.low is not None and value < setting.low
    if too_low or (setting.high is not None and value > setting.high):
        raise setting.refuse(wanted, value)
    return value


def _integer(setting: Setting, value: Any) -> int:
    number = _number(setting, value, what=_("a whole number"))
    if number != int(number):
        raise setting.refuse(setting.bounds(_("a whole number")), value)
    return int(number)


def _boolean(setting: Setting, value: Any) -> bool:
    if not isinstance(value, bool):
        raise setting.refuse(_("true or false"), value)
    return value


def _text(setting: Setting, value: Any) -> str:
    if not isinstance(value, str):
        raise setting.refuse(_("a text"), value)
    return value


def _choice(setting: Setting, value: Any) -> str:
    if not isinstance(value, str):
        raise setting.refuse(_("a text in quotes"), value)
    if value not in setting.choices:
        what = _("'{name}' is not a choice of '{setting}'.").replace("{setting}", setting.key)
        refuse_unknown(what, str(value), setting.choices)
    return value


def _thresholds(setting: Setting, value: Any) -> list[float]:
    wanted = _("a list of numbers, each larger than the one before")
    if not isinstance(value, (list, tuple)):
        raise setting.refuse(wanted, value)
    numbers = [float(_number(setting, item)) for item in value]
    if any(later <= earlier for earlier, later in pairwise(numbers)):
        raise setting.refuse(wanted, value)
    return numbers


def _rules(setting: Setting, value: Any) -> list[dict[str, str]]:
    wanted = _("a list of rules, each with a name and a where")
    if not isinstance(value, (list, tuple)) or not value:
        raise setting.refuse(wanted, value)
    for rule in value:
        whole = isinstance(rule, Mapping) and set(rule) == {"name", "where"}
        if not whole or not all(isinstance(text, str) and text.strip() for text in rule.values()):
            raise setting.refuse(wanted, rule)
        parse(rule["where"])
    return [dict(rule) for rule in value]


def _weights(setting: Setting, value: Any) -> list[dict[str, Any]]:
    wanted = _("a list of indicators, each once, with its weight")
    if isinstance(value, Mapping):
        value = [{"indicator": key, "weight": weight} for key, weight in value.items()]
    rows = _rows(setting, value, ("indicator",), "weight", wanted)
    if len({row["indicator"] for row in rows}) < len(rows):
        raise setting.refuse(wanted, value)
    return rows


def _pairwise(setting: Setting, value: Any) -> list[dict[str, Any]]:
    wanted = _("a list of comparisons of two indicators: first, second, and how many times as much it counts")
    rows = _rows(setting, value, ("first", "second"), "times", wanted)
    pairs = {frozenset((row["first"], row["second"])) for row in rows}
    if len(pairs) < len(rows) or any(len(pair) < 2 for pair in pairs):
        raise setting.refuse(wanted, value)
    return rows


def _rows(
    setting: Setting, value: Any, names: tuple[str, ...], figure: str, wanted: str
) -> list[dict[str, Any]]:
    """A list of rows with these texts and one figure each."""
    if not isinstance(value, (list, tuple)):
        raise setting.refuse(wanted, value)
    for row in value:
        if not isinstance(row, Mapping) or set(row) != {*names, figure}:
            raise setting.refuse(wanted, row)
        if not all(isinstance(row[name], str) and row[name].strip() for name in names):
            raise setting.refuse(wanted, row)
    return [
        {name: row[name] for name in names} | {figure: float(_number(setting, row[figure]))} for row in value
    ]


_KINDS: dict[str, Callable[[Setting, Any], Any]] = {
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "choice": _choice,
    "text": _text,
    "indicator": _text,
    "thresholds": _thresholds,
    "rules": _rules,
    "weights": _weights,
    "pairwise": _pairwise,
}
