"""A tree's leaves in words: a name and a rule each."""

from analytics.methods.base import Words
from analytics.methods.phrases import grade, inside, title
from analytics.methods.tree import Split
from analytics.translation import translate

Path = list[tuple[Split, bool]]
TRAITS_IN_NAME = 2


def rule_of(path: Path, outcome: str, typical: float | None, words: Words) -> str:
    """The conditions of a leaf, those on one indicator together, in the order in which it was split on."""
    texts = [_condition(key, steps, words) for key, steps in _by_key(path).items()]
    if not texts:
        return translate("Everyone: no split helps.")
    rule = texts[0]
    for text in texts[1:]:
        rule = translate("{first} and {second}").format(first=rule, second=text)
    expected = translate("{rule}; typically {label} {amount}")
    return expected.format(
        rule=rule, label=inside(words.label(outcome)), amount=words.quantity(outcome, typical)
    )


def _by_key(path: Path) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for split, above in path:
        found.setdefault(split.column.key, []).append((split, above))
    return found


def _condition(key: str, steps: Path, words: Words) -> str:
    label = words.label(key)
    if steps[0][0].column.category is not None:
        inside_of = [str(split.column.category) for split, above in steps if above]
        outside = translate(", ").join(str(split.column.category) for split, above in steps if not above)
        if inside_of:
            return translate("{label} is {category}").format(label=label, category=inside_of[0])
        return translate("{label} is not {category}").format(label=label, category=outside)
    if _only_empty(steps):
        return translate("{label} is empty").format(label=label)
    low, high = _range(steps)
    shape = translate("{label} above {low}, at most {high}")
    if _is_there(steps):
        shape = translate("{label} is not empty")
    elif low is None:
        shape = translate("{label} at most {high}")
    elif high is None:
        shape = translate("{label} above {low}")
    text = shape.format(label=label, low=words.quantity(key, low), high=words.quantity(key, high))
    return translate("{condition} (or empty)").format(condition=text) if _takes_empty(steps) else text


def _only_empty(steps: Path) -> bool:
    return any(split.cut is None and above for split, above in steps)


def _is_there(steps: Path) -> bool:
    """Whether all that is said is that there is a figure."""
    return all(split.cut is None and not above for split, above in steps)


def _takes_empty(steps: Path) -> bool:
    """Whether customers without the figure go this way, where there were any."""
    return steps[0][0].column.gaps and all(split.empty_high == above for split, above in steps)


def _range(steps: Path) -> tuple[float | None, float | None]:
    lows = [split.cut for split, above in steps if above and split.cut is not None]
    highs = [split.cut for split, above in steps if not above and split.cut is not None]
    return max(lows, default=None), min(highs, default=None)


def names_of(paths: dict[int, Path], words: Words) -> dict[int, str]:
    """The first traits that tell a leaf from all others; that a figure is there at all comes last.

    Leaves that low, middling and high do not tell apart are called by their cuts.
    """
    traits, names = {}, {}
    for leaf, path in paths.items():
        split_on = sorted(_by_key(path).items(), key=lambda item: _is_there(item[1]))
        traits[leaf] = [_trait(key, steps, words) for key, steps in split_on]
    for leaf, own in traits.items():
        others = [given for other, given in traits.items() if other != leaf]
        lengths = range(min(TRAITS_IN_NAME, len(own)), len(own) + 1)
        alone = (n for n in lengths if all(given[:n] != own[:n] for given in others))
        exact = [_condition(key, steps, words) for key, steps in _by_key(paths[leaf]).items()]
        count = next(alone, None)
        names[leaf] = title(own[:count] if count else exact[:TRAITS_IN_NAME]) or translate("Everyone")
    return names


def _trait(key: str, steps: Path, words: Words) -> str:
    if steps[0][0].column.category is not None:
        text = _condition(key, steps, words)
        return inside(text)
    label, (low, high) = inside(words.label(key)), _range(steps)
    if _only_empty(steps):
        return translate("without {label}").format(label=label)
    if _is_there(steps):
        return translate("with {label}").format(label=label)
    return grade(key, (low is not None) - (high is not None), words)
