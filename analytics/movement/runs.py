"""A recipe's method over customers that were read already: their segments, and where it would put others."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from analytics.errors import NotEnoughData
from analytics.ids import places as places_in
from analytics.ids import texts
from analytics.indicators import CATALOGUE
from analytics.methods import METHODS, Assignment
from analytics.methods.fitting import unjudged
from analytics.population import Population, assign
from analytics.profile import profile
from analytics.recipe import Recipe
from analytics.segmentation import by_value, named_segments, segments_of, with_own_names
from analytics.translation import in_language
from analytics.translation import translate as _
from analytics.where import parse

Labels = NDArray[np.int64]
Numbers = NDArray[np.float64]
Places = NDArray[np.int64]


@dataclass(frozen=True)
class Run:
    """A recipe's method over a population, without the profile that `segment` adds: numbered by value as there.

    segments : shape (n_customers,), in the order of people.table; 0 for those in none.
    order : the method's label of segment 1, 2, ...; last those with a name that nobody is in, for others may come to be.
    """

    recipe: Recipe
    people: Population
    found: Assignment
    order: tuple[int, ...]
    segments: Labels

    def place(self, people: Population) -> Labels:
        """The segment of other customers, or of these at another date, by this run's boundaries.

        Raises NotEnoughData where the method keeps no rule to place others by.
        """
        if self.found.model is None:
            raise NotEnoughData(
                _("This method keeps no rule, so its boundaries can't be held fixed."),
                _("Look at it with boundaries found anew at both dates."),
            )
        return segments_of(self.found.model.predict(people.table, people.value), self.order)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What segment 1, 2, ... is called: the same as `segment` says."""
        given = self.found.names
        rows = pd.DataFrame()
        if not all(label in given for label in self.order):
            inside = self.segments > 0
            rows = profile(self.people.table[inside], self.segments[inside])
        words = self.people.words
        shown = named_segments(list(self.order), self.found, rows, words)
        with in_language("en"):
            made = named_segments(list(self.order), self.found, rows, words)
        return tuple(with_own_names(made, shown, self.recipe.names))

    @cached_property
    def lasting(self) -> dict[int, str]:
        """By segment its name in English, where that means the same at every date."""
        if not METHODS[self.recipe.method.key].lasting_names:
            return {}
        with in_language("en"):
            given = self.found.names
        return {at: given[label] for at, label in enumerate(self.order, start=1) if label in given}


def run(people: Population, recipe: Recipe) -> Run:
    """Run a recipe's method over its population. Raises NotEnoughData where nobody can be put in a segment."""
    with unjudged():
        found = assign(people, recipe)
    order, segments = by_value(found, amounts_of(people))
    empty = sorted(label for label in found.names if label >= 0 and label not in order)
    return Run(recipe, people, found, (*order, *empty), segments)


def amounts_of(people: Population) -> Numbers:
    """What each customer is worth; 0 where it is empty."""
    return np.asarray(np.nan_to_num(people.value.to_numpy(np.float64)))


def at(recipe: Recipe, day: date, value: str | None = None) -> Recipe:
    """The recipe as of a day, measured in a value where it names none."""
    return recipe.model_copy(update={"as_of": day, "value": recipe.value or value})


def reads(recipe: Recipe) -> tuple[str, ...]:
    """The indicators that decide about a customer's segment: of the method, the value and the filter."""
    method = METHODS[recipe.method.key].indicators(recipe)
    filtered = parse(recipe.where, CATALOGUE).indicators if recipe.where.strip() else ()
    value = (recipe.value,) if recipe.value else ()
    return tuple(dict.fromkeys((*recipe.indicators, *method, *value, *filtered)))


@dataclass(frozen=True)
class Roll:
    """Everybody of several populations, once.

    ids : customer_id. places : for each population where in `ids` its customers are.
    """

    ids: pa.Array
    places: tuple[Places, ...]

    @property
    def size(self) -> int:
        return len(self.ids)

    def spread(self, cells: NDArray[Any], which: int) -> NDArray[Any]:
        """What is known of one population's customers as a column over everybody; 0 for the others."""
        column = np.zeros(self.size, cells.dtype)
        column[self.places[which]] = cells
        return column


def roll_of(populations: Sequence[Population]) -> Roll:
    """Everybody of these populations: the last one's customers first, then those whom others add."""
    columns = [texts(people.table.index) for people in populations]
    ids, places = columns[-1], []
    for column in columns:
        if column.equals(ids):
            places.append(np.arange(len(ids)))
            continue
        place = places_in(column, ids)
        new = place < 0
        place[new] = len(ids) + np.arange(new.sum())
        ids = pa.concat_arrays([ids, column.filter(pa.array(new))])
        places.append(place)
    return Roll(ids, tuple(places))
