"""The customers that a report is worked out on, and fits over a part of them."""

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.errors import AnalyticsError, Cancelled
from analytics.methods import Assignment
from analytics.methods.base import Labels
from analytics.methods.fitting import unjudged
from analytics.population import Population, assign
from analytics.recipe import Recipe

Rows = NDArray[np.int64]


def sample_rows(customers: int, most: int, seed: int) -> Rows:
    """Places of at most so many customers, ascending. Populations are sorted by id, so that the same customers
    are drawn whatever order they came in.

    >>> sample_rows(3, 5, 7).tolist()
    [0, 1, 2]
    """
    if customers <= most:
        return np.arange(customers)
    return np.sort(np.random.default_rng(seed).choice(customers, most, replace=False))


def part_of(people: Population, rows: Rows) -> Population:
    """These customers of a population, in this order."""
    return replace(people, table=people.table.iloc[rows], value=people.value.iloc[rows])


def with_table(people: Population, table: pd.DataFrame) -> Population:
    """A population of which other things are known."""
    return replace(people, table=table)


def tried(people: Population, recipe: Recipe) -> Assignment | None:
    """The recipe's method over these customers; None where it says that it can't."""
    try:
        return assign(people, recipe)
    except Cancelled:
        raise
    except AnalyticsError:
        return None


def labels_of(people: Population, recipe: Recipe) -> Labels | None:
    """The labels alone, so that nothing else is kept."""
    with unjudged():
        found = tried(people, recipe)
    return None if found is None else found.labels
