"""What did each indicator do? Segments found without it, and with it counted twice."""

from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.stats.contingency import association
from sklearn.metrics import adjusted_rand_score

from analytics.methods import METHODS
from analytics.methods.base import Labels, Words
from analytics.methods.preparation import is_number
from analytics.population import Population
from analytics.recipe import Recipe
from analytics.translation import translate as _
from analytics.trust.sample import labels_of, with_table
from analytics.workers import Progress, in_parallel

COLUMNS = [
    "indicator", "agreement", "moved_customers", "moved_value", "twice_agreement", "twice_moved_customers",
]  # fmt: skip
SAME = 0.9
MOST_CATEGORIES = 50
COPY = "{key} (again)"


@dataclass(frozen=True)
class Change:
    """What another fit did to a result: adjusted Rand, and whoever is in another segment, with their value."""

    agreement: float = float("nan")
    customers: float = float("nan")
    value: float = float("nan")


def sensitivity(people: Population, recipe: Recipe, labels: Labels, progress: Progress) -> pd.DataFrame:
    """One row an indicator that the method reads from the recipe's own list, the most telling first.

    labels : shape (n_customers,), the method's on these very customers, -1 where left out.
    Returns COLUMNS; agreement is the adjusted Rand index with the result when the indicator is left out,
    `twice_` when it weighs double (a copy of it beside it). Moved are the customers outside their segment after
    the best matching of segments, and the value that they have together. NaN where a fit was not possible.
    """
    keys = free_indicators(recipe)
    tables = [people.table.drop(columns=key) for key in keys]
    tables += [people.table.assign(**{COPY.format(key=key): people.table[key]}) for key in keys]
    people = replace(people, words=_copies_known(people.words, keys))
    tasks = [partial(changed, with_table(people, table), recipe, labels) for table in tables]
    found = in_parallel(tasks, progress, _("Leaving each indicator out, and counting it twice"))
    rows = [
        (key, out.agreement, out.customers, out.value, twice.agreement, twice.customers)
        for key, out, twice in zip(keys, found[: len(keys)], found[len(keys) :], strict=True)
    ]
    table = pd.DataFrame(rows, columns=COLUMNS)
    order = np.lexsort((-table["moved_customers"].fillna(-1), table["agreement"].fillna(2)))
    return table.iloc[order].reset_index(drop=True)


def _copies_known(words: Words, keys: list[str]) -> Words:
    """Words in which a copy is as good when high or low as the indicator itself."""
    copies = {COPY.format(key=key): words.better[key] for key in keys if key in words.better}
    return replace(words, better={**words.better, **copies})


def free_indicators(recipe: Recipe) -> list[str]:
    """The indicators of the recipe that can be left out: read as a list, and not named in a setting."""
    method = METHODS[recipe.method.key]
    fixed = method.indicators(recipe)
    return [key for key in recipe.indicators if method.least_indicators and key not in fixed]


def changed(people: Population, recipe: Recipe, labels: Labels) -> Change:
    """What the method's segments over a changed table have in common with those that were."""
    if not people.table.shape[1]:
        return Change()
    other = labels_of(people, recipe)
    if other is None:
        return Change()
    moved = moved_customers(labels, other)
    value = float(np.nansum(people.value.to_numpy(np.float64)[moved]))
    return Change(float(adjusted_rand_score(labels, other)), float(moved.sum()), value)


def moved_customers(labels: Labels, other: Labels) -> NDArray[np.bool_]:
    """Who is outside their segment once the segments of both are matched so that as few as possible are.

    labels, other : shape (n_customers,), -1 where left out, which is matched with being left out.

    >>> moved_customers(np.array([0, 0, 1, 1]), np.array([5, 5, 2, 5])).tolist()
    [False, False, False, True]
    """
    table = np.zeros((int(labels.max()) + 2, int(other.max()) + 2), np.int64)
    np.add.at(table, (labels + 1, other + 1), 1)
    mine, theirs = linear_sum_assignment(table[1:, 1:], maximize=True)
    partner = np.full(table.shape[0], -2)
    partner[0], partner[mine + 1] = -1, theirs
    return np.asarray(partner[labels + 1] != other)


def duplicates(table: pd.DataFrame) -> list[tuple[str, str, float]]:
    """Pairs of indicators that say the same thing, the closest first, each with its correlation.

    Numbers by Spearman's rank correlation, categories by Cramér's V; from SAME on, in size.
    """
    numbers = [str(key) for key in table if is_number(table[key]) and table[key].nunique() > 1]
    others = [str(key) for key in table if not is_number(table[key]) and table[key].nunique() > 1]
    others = [key for key in others if table[key].nunique() <= MOST_CATEGORIES]
    ranks = table[numbers].corr(method="spearman", min_periods=10).to_numpy()
    places = combinations(range(len(numbers)), 2)
    pairs = [(numbers[a], numbers[b], float(ranks[a, b])) for a, b in places]
    pairs += [(a, b, cramers_v(table[a], table[b])) for a, b in combinations(others, 2)]
    return sorted((pair for pair in pairs if abs(pair[2]) >= SAME), key=lambda pair: (-abs(pair[2]), pair))


def cramers_v(first: "pd.Series[str]", second: "pd.Series[str]") -> float:
    """How much two categories say the same: 0 nothing, 1 each tells the other. Source: Cramér 1946."""
    counts = pd.crosstab(first.astype("str"), second.astype("str")).to_numpy()
    return float(association(counts, method="cramer")) if min(counts.shape) > 1 else float("nan")
