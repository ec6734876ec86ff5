"""Who a recipe is about: the customers that it asks for, what it reads of each, and what they are worth."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

import pandas as pd

from analytics.errors import NotEnoughData
from analytics.ids import in_order
from analytics.indicators import CATALOGUE
from analytics.methods import METHODS, Assignment, Words
from analytics.recipe import Recipe
from analytics.translation import translate as _

VALUES = ("profit_12m", "revenue_12m", "credit_amount_12m", "debit_amount_12m")


class Customers(Protocol):
    """What a segmentation needs of a Book."""

    warehouse: Any

    def frame(self, keys: tuple[str, ...], *, as_of: date | None = None, where: str = "") -> pd.DataFrame: ...

    @property
    def available(self) -> dict[str, str | None]: ...


@dataclass(frozen=True)
class Population:
    """The customers that a recipe asks for.

    table : what the method reads, shape (n_customers, n_indicators), sorted by its index customer_id.
    value : float64, same index, NaN where empty; its name is the indicator that value is measured in.
    doubts : what to say of the value, if anything.
    """

    table: pd.DataFrame
    value: "pd.Series[float]"
    words: Words
    doubts: list[str]


def population(book: Customers, recipe: Recipe) -> Population:
    """Read what a recipe asks for. Raises as `segmentation.segment`."""
    recipe.check(CATALOGUE, METHODS)
    chosen = read_by(recipe)
    candidates = (recipe.value,) if recipe.value else _value_candidates(book)
    frame = book.frame(tuple(dict.fromkeys((*chosen, *candidates))), as_of=recipe.as_of, where=recipe.where)
    if frame.empty:
        what = _("No customer of your book is in this population.")
        raise NotEnoughData(what, _("Widen or clear the filter, or choose a later date."))
    frame = frame if in_order(frame["customer_id"]) else frame.sort_values("customer_id")
    key = _first_filled(frame, candidates)
    frame = frame.set_index("customer_id")
    return Population(
        frame[list(chosen)], frame[key].astype("float64"), words_of(book.warehouse.manifest.base_currency),
        [] if recipe.value else [_default_in_words(key)],
    )  # fmt: skip


def assign(people: Population, recipe: Recipe) -> Assignment:
    """Run the recipe's method over its population, or over a part of it."""
    method = METHODS[recipe.method.key]
    settings = recipe.method.settings
    return method.run(people.table, people.value, words=people.words, seed=recipe.method.seed, **settings)


def read_by(recipe: Recipe) -> tuple[str, ...]:
    """The indicators that a recipe's method reads."""
    return tuple(dict.fromkeys((*recipe.indicators, *METHODS[recipe.method.key].indicators(recipe))))


def default_value(book: Customers, *, as_of: date | None = None, where: str = "") -> tuple[str, str]:
    """The indicator that value is measured in when nobody chose one, and a sentence that says so.

    The first of VALUES that this book may use and that is not zero throughout.
    """
    candidates = _value_candidates(book)
    key = _first_filled(book.frame(candidates, as_of=as_of, where=where), candidates)
    return key, _default_in_words(key)


def _value_candidates(book: Customers) -> tuple[str, ...]:
    reasons = book.available
    usable = tuple(key for key in VALUES if reasons.get(key, "unknown") is None)
    if not usable:
        what = _("There is no amount in this book to measure value in.")
        raise NotEnoughData(what, _("Name an indicator as the recipe's value."))
    return usable


def _first_filled(frame: pd.DataFrame, candidates: tuple[str, ...]) -> str:
    return next((key for key in candidates if (frame[key].fillna(0) != 0).any()), candidates[0])


def _default_in_words(key: str) -> str:
    what = _("No value is chosen: measured in {label} ({key}), the first of {all} with amounts here.")
    return what.format(label=_(CATALOGUE[key].label), key=key, all=_(", ").join(VALUES))


def words_of(currency: str) -> Words:
    """What indicators are called and how their figures are written, from the catalogue."""
    labels = {key: row.label for key, row in CATALOGUE.items()}
    better = {key: row.better for key, row in CATALOGUE.items() if row.better}
    return Words(labels, {key: row.unit for key, row in CATALOGUE.items()}, currency, better)
