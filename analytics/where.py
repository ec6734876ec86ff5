"""A population filter: `profit_12m > 0 and region in ('East', 'South')`, parsed and never pasted into SQL."""

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, NoReturn

import numpy as np

from analytics.conditions import Comparison, Condition, IsEmpty, Joined, Not, Value
from analytics.errors import BadInput, UnknownName, nearest
from analytics.translation import translate as _

__all__ = ["Condition", "Known", "parse", "refuse_unknown"]

Known = Collection[str] | Mapping[str, Any]

LONGEST, DEEPEST = 10_000, 50
FEW = 12
_EXACT = 2**53  # beyond it a whole number and a DOUBLE no longer agree
_SAME = {"==": "=", "<>": "!="}
_TOKENS = re.compile(
    r"\s*(?:(?P<number>[+-]?(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)(?![\w.])"
    r"|(?P<text>'(?:[^']|'')*')|(?P<op><=|>=|<>|!=|==|=|<|>)"
    r"|(?P<mark>[(),])|(?P<word>[^\W\d]\w*)|(?P<wrong>\S))"
)
_RESERVED = {"and", "or", "not", "in", "is"}


def parse(text: str, known: Known | None = None) -> Condition:
    """Read a filter.

    known : the indicator keys that may be used; as a mapping to indicators (or to their units) the values
    are checked too. None takes any name.
    Raises BadInput with the position of what can't be read, UnknownName with the nearest indicator.

    >>> parse("profit_12m > 0 and not region in ('East', 'West')", {"profit_12m", "region"}).sql()
    ('("profit_12m" > ?) AND (NOT ("region" IN (?, ?)))', [0, 'East', 'West'])
    """
    if len(text) > LONGEST:
        remedy = _("Write it in at most {n} characters.").format(n=LONGEST)
        raise BadInput(_("The filter is too long."), remedy)
    return _Parser(text, known).whole()


class _Parser:
    """Recursive descent: whole = either; either = every {or every}; every = single {and single}."""

    def __init__(self, text: str, known: Known | None) -> None:
        self.text, self.known, self.depth, self.at = text, known, 0, 0
        self.tokens = [(str(m.lastgroup), m[str(m.lastgroup)], m.start(str(m.lastgroup)))
                       for m in _TOKENS.finditer(text) if m.lastgroup]  # fmt: skip
        self.tokens.append(("end", "", len(text)))

    def whole(self) -> Condition:
        found = self.either()
        if self.tokens[self.at][0] != "end":
            self.refuse(_("“and”, “or” or the end"))
        return found

    def either(self) -> Condition:
        return self.joined("or", self.every)

    def every(self) -> Condition:
        return self.joined("and", self.single)

    def joined(self, word: str, part: Callable[[], Condition]) -> Condition:
        parts = [part()]
        while self.take_word(word):
            parts.append(part())
        return parts[0] if len(parts) == 1 else Joined(word, tuple(parts))

    def single(self) -> Condition:
        self.depth += 1
        if self.depth > DEEPEST:
            raise BadInput(_("The filter is nested too deeply."), _("Take some parentheses away."))
        if self.take_word("not"):
            found: Condition = Not(self.single())
        elif self.take_mark("("):
            found = self.either()
            self.expect_mark(")")
        else:
            found = self.comparison()
        self.depth -= 1
        return found

    def comparison(self) -> Condition:
        name = self.name()
        if self.take_word("is"):
            return self.negated(self.take_word("not"), self.emptiness(name))
        if self.take_word("not"):
            if not self.take_word("in"):
                self.refuse("in")
            return Not(Comparison(name, "in", self.several(name)))
        if self.take_word("in"):
            return Comparison(name, "in", self.several(name))
        kind, op, _at = self.tokens[self.at]
        if kind != "op":
            self.refuse(_("a comparison such as >= or “in”"))
        self.at += 1
        return Comparison(name, _SAME.get(op, op), (self.value(name),))

    @staticmethod
    def negated(negative: bool, condition: Condition) -> Condition:
        return Not(condition) if negative else condition

    def emptiness(self, name: str) -> Condition:
        if not (self.take_word("empty") or self.take_word("null")):
            self.refuse(_("“empty”"))
        return IsEmpty(name)

    def several(self, name: str) -> tuple[Value, ...]:
        self.expect_mark("(")
        values = [self.value(name)]
        while self.take_mark(","):
            values.append(self.value(name))
        self.expect_mark(")")
        return tuple(values)

    def name(self) -> str:
        kind, word, _at = self.tokens[self.at]
        if kind != "word" or word.lower() in _RESERVED:
            self.refuse(_("an indicator"))
        if self.known is not None and word not in self.known:
            refuse_unknown(_("Unknown indicator '{name}'."), word, self.known)
        self.at += 1
        return word

    def value(self, name: str) -> Value:
        kind, word, _at = self.tokens[self.at]
        if kind == "number":
            found: Value = _number(word)
        elif kind == "text":
            found = word[1:-1].replace("''", "'")
        else:
            self.refuse(_("a number, or a text in 'single quotes'"))
        self.at += 1
        return _of_unit(name, found, self.known)

    def take_word(self, word: str) -> bool:
        return self.take("word", word)

    def take_mark(self, mark: str) -> bool:
        return self.take("mark", mark)

    def take(self, kind: str, word: str) -> bool:
        found = self.tokens[self.at]
        if found[0] == kind and found[1].lower() == word:
            self.at += 1
            return True
        return False

    def expect_mark(self, mark: str) -> None:
        if not self.take_mark(mark):
            self.refuse(f"“{mark}”")

    def refuse(self, expected: str) -> NoReturn:
        kind, word, at = self.tokens[self.at]
        found = _("the end") if kind == "end" else f"“{word}”"
        what = _("The filter can't be read at position {position}: expected {expected}, found {found}.")
        raise BadInput(
            what.format(position=at + 1, expected=expected, found=found),
            _("Write it like: profit_12m > 0 and region in ('East', 'South')."),
        )


def refuse_unknown(what: str, name: str, known: Collection[str]) -> NoReturn:
    """Raise UnknownName with the nearest known name; `what` holds `{name}`."""
    near = nearest(name, known)
    remedy = _("See the list of what there is.")
    if near:
        remedy = _("Did you mean '{near}'?").format(near=near)
    elif 0 < len(known) <= FEW:
        remedy = _("There are: {names}.").format(names=_(", ").join(known))
    raise UnknownName(what.format(name=name), remedy)


def _number(word: str) -> float | int:
    value = float(word)
    if not np.isfinite(value):
        raise BadInput(_("{word} is too large a number.").format(word=word), _("Write a smaller one."))
    return int(value) if value.is_integer() and abs(value) < _EXACT else value


def _of_unit(name: str, value: Value, known: Known | None) -> Value:
    """The value, if the indicator can be compared with one of its type."""
    if not isinstance(known, Mapping):
        return value
    unit = known[name] if isinstance(known[name], str) else known[name].unit
    if isinstance(value, str) == (unit == "category"):
        return value
    example = f"{name} = 'East'" if unit == "category" else f"{name} >= 100"
    what = _("'{name}' can't be compared with {value!r}.").format(name=name, value=value)
    raise BadInput(what, _("Write it like: {example}.").format(example=example))
