"""Names in words for segments that a method found without naming them, from what sets them apart."""

from collections.abc import Collection
from typing import Any

import pandas as pd

from analytics.methods.base import Words
from analytics.methods.phrases import PHRASES, grade, inside, title
from analytics.translation import translate

Row = dict[Any, Any]
NOTABLE, STRONG = 0.35, 1.5
TRAITS_IN_NAME, TRAITS_IN_RULE = 2, 3


def name_segments(
    profile: pd.DataFrame, segments: Collection[int], words: Words, taken: Collection[str] = ()
) -> dict[int, str]:
    """A name for each segment, from its most distinguishing indicators; all different, none of `taken`.

    profile : as `profile.profile` makes it, of the indicators that the method used.

    >>> table = pd.DataFrame({"segment": [1, 2], "indicator": "profit_12m", "median": [9.0, 1.0],
    ...                       "book": 4.0, "standard": [1.0, -1.0]})
    >>> name_segments(table, [1, 2], Words())
    {1: 'High profit 12m', 2: 'Low profit 12m'}
    """
    traits = {segment: _traits(profile, segment, words) for segment in segments}
    names: dict[int, str] = {}
    for segment in segments:
        others = [_name(traits[other], TRAITS_IN_NAME) for other in segments if other != segment]
        used = {*taken, *names.values()}
        longer = range(TRAITS_IN_NAME, len(traits[segment]) + 1)
        options = [_name(traits[segment], count) for count in longer] or [_name(traits[segment], 0)]
        free = [name for name in options if name not in used]
        unlike = [name for name in free if name not in others]
        names[segment] = (unlike or free or [numbered(options[0], used)])[0]
    return names


def rule_in_words(profile: pd.DataFrame, segment: int, words: Words) -> str:
    """Typical values of the indicators that set a segment apart, beside the book's."""
    shape = translate("{label} typically {here} (book {book})")
    texts = [
        shape.format(
            label=words.label(row["indicator"]),
            here=_written(row["indicator"], row["median"], words),
            book=_written(row["indicator"], row["book"], words),
        )
        for row in _ordered(profile, segment)[:TRAITS_IN_RULE]
    ]
    return translate("; ").join(texts)


def numbered(name: str, used: Collection[str]) -> str:
    """The name, with the first free number behind it where it is used already.

    >>> numbered("Everyone else", {"Everyone else"})
    'Everyone else (2)'
    """
    at = 2
    found = name
    while found in used:
        found, at = translate("{name} ({at})").format(name=name, at=at), at + 1
    return found


def _ordered(profile: pd.DataFrame, segment: int) -> list[Row]:
    """A segment's rows, from most to least distinguishing."""
    rows = profile[(profile["segment"] == segment) & profile["standard"].notna()].to_dict("records")
    # Rounded, so that figures that differ by rounding alone keep their order in another currency unit.
    return sorted(rows, key=lambda row: (-round(abs(row["standard"]), 6), row["indicator"]))


def _traits(profile: pd.DataFrame, segment: int, words: Words) -> list[str]:
    rows = _ordered(profile, segment)
    return [_trait(row, words) for row in rows if abs(row["standard"]) >= NOTABLE]


def _trait(row: Row, words: Words) -> str:
    key, middle, standard = row["indicator"], row["median"], row["standard"]
    label = inside(words.label(key))
    if isinstance(middle, str):
        return translate("{label} {category}").format(label=label, category=middle)
    if words.units.get(key) == "currency" and middle < 0 and standard < 0:
        return translate("{label} below zero").format(label=label)
    if abs(standard) < STRONG or key in PHRASES:
        return grade(key, 1 if standard > 0 else -1, words)
    very = translate("very high {label}") if standard > 0 else translate("very low {label}")
    return very.format(label=label)


def _name(traits: list[str], count: int) -> str:
    if not traits:
        return translate("Close to the average")
    return title(traits[:count] or traits[:1])


def _written(key: str, value: Any, words: Words) -> str:
    return value if isinstance(value, str) else words.quantity(key, value)
