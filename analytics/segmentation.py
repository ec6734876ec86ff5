"""Run a recipe over a book: one segment per customer, and what each segment is and is worth."""

import platform
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version as version_of
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.errors import NotEnoughData
from analytics.formats import number
from analytics.indicators import CATALOGUE
from analytics.jobs import checkpoint
from analytics.methods import METHODS, Assignment, Treatment, Words
from analytics.naming import name_segments, numbered, rule_in_words
from analytics.profile import profile
from analytics.recipe import Recipe
from analytics.translation import plural
from analytics.translation import translate as _

VALUES = ("profit_12m", "revenue_12m", "credit_amount_12m", "debit_amount_12m")
LIBRARIES = ("numpy", "pandas", "scikit-learn")
COLUMNS = ["segment", "name", "rule", "customers", "share_of_customers", "value", "share_of_value"]


Labels = NDArray[np.int64]
Numbers = NDArray[np.float64]


class Customers(Protocol):
    """What a segmentation needs of a Book."""

    warehouse: Any

    def frame(self, keys: tuple[str, ...], *, as_of: date | None = None, where: str = "") -> pd.DataFrame: ...

    def availability(self) -> dict[str, str | None]: ...


@dataclass(frozen=True)
class Segmentation:
    """The result of a recipe over a book.

    value : the indicator that "most valuable" and the shares are measured in.
    members : customer_id, segment, segment_name, value, then the indicators; without those left out.
    segments : one row each, COLUMNS; shares are of all customers asked for and of their net total, those
    left out included; share_of_value is NaN where that total is not positive. profile : see `profile`.
    left_out : customers by reason. details : what the method wants shown beside it.
    """

    recipe: Recipe
    recipe_hash: str
    version: str
    as_of: date
    value: str
    members: pd.DataFrame
    segments: pd.DataFrame
    profile: pd.DataFrame
    left_out: dict[str, int]
    treatments: list[Treatment]
    quality: dict[str, Any]
    warnings: list[str]
    libraries: dict[str, str]
    details: dict[str, Any]

    @property
    def customers(self) -> int:
        """Everyone asked for: in segments and left out."""
        return len(self.members) + sum(self.left_out.values())

    def document(self) -> dict[str, Any]:
        """The `segment` JSON of contract.md; besides: value, seed, treatments and libraries."""
        return {
            "recipe_hash": self.recipe_hash,
            "version": self.version,
            "as_of": self.as_of.isoformat(),
            "customers": self.customers,
            "left_out": {"count": sum(self.left_out.values()), "reasons": self.left_out},
            "segments": [
                {key: None if pd.isna(item) else item for key, item in row.items()}
                for row in self.segments.to_dict("records")
            ],
            "quality": self.quality,
            "warnings": self.warnings,
            "value": self.value,
            "seed": self.recipe.method.seed,
            "treatments": [vars(treatment) for treatment in self.treatments],
            "libraries": self.libraries,
        }


def segment(book: Customers, recipe: Recipe) -> Segmentation:
    """Run a recipe over a book.

    Segments are numbered by their total value, 1 the most valuable; among equals the larger is first.
    Customers without the value indicator count as 0 in it. Raises UnknownName or BadInput for a recipe that
    can't be run, NotAllowed for indicators outside the book, NotEnoughData where no honest answer exists.
    """
    recipe.check(CATALOGUE, METHODS)
    method = METHODS[recipe.method.key]
    chosen = _read(recipe)
    frame, key, doubts = _population(book, recipe, chosen)
    checkpoint()
    words = _words(book.warehouse.manifest.base_currency)
    value = frame[key].astype("float64")
    found = method.run(
        frame[list(chosen)], value, words=words, seed=recipe.method.seed, **recipe.method.settings
    )
    doubts += _without_value(int((value.isna() & (found.labels >= 0)).sum()), key)
    checkpoint()
    return Segmentation(
        recipe=recipe, recipe_hash=recipe.hash(), version=book.warehouse.manifest.version,
        as_of=recipe.as_of or date.fromisoformat(book.warehouse.manifest.newest_as_of),
        left_out=found.left_out, treatments=found.treatments, quality=found.quality,
        warnings=[*doubts, *found.warnings], libraries=_libraries(), details=found.details,
        **_result(recipe, frame, key, found, words),
    )  # fmt: skip


def segment_toml(book: Customers, text: str) -> Segmentation:
    """`segment` from a recipe as plain text, so that equal questions can share an answer."""
    return segment(book, Recipe.from_toml(text))


def default_value(book: Customers, *, as_of: date | None = None, where: str = "") -> tuple[str, str]:
    """The indicator that value is measured in when nobody chose one, and a sentence that says so.

    The first of VALUES that this book may use and that is not zero throughout.
    """
    candidates = _value_candidates(book)
    key = _first_filled(book.frame(candidates, as_of=as_of, where=where), candidates)
    return key, _default_in_words(key)


def _population(
    book: Customers, recipe: Recipe, chosen: tuple[str, ...]
) -> tuple[pd.DataFrame, str, list[str]]:
    """The chosen indicators and the value of everyone asked for, the value's key, and what to say of it."""
    candidates = (recipe.value,) if recipe.value else _value_candidates(book)
    frame = book.frame(tuple(dict.fromkeys((*chosen, *candidates))), as_of=recipe.as_of, where=recipe.where)
    if frame.empty:
        what = _("No customer of your book is in this population.")
        raise NotEnoughData(what, _("Widen or clear the filter, or choose a later date."))
    frame = frame if frame["customer_id"].is_monotonic_increasing else frame.sort_values("customer_id")
    key = _first_filled(frame, candidates)
    frame = frame.set_index("customer_id")[list(dict.fromkeys((*chosen, key)))]
    return frame, key, [] if recipe.value else [_default_in_words(key)]


def _libraries() -> dict[str, str]:
    return {"python": platform.python_version()} | {name: version_of(name) for name in LIBRARIES}


def _value_candidates(book: Customers) -> tuple[str, ...]:
    reasons = book.availability()
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


def _without_value(n: int, key: str) -> list[str]:
    if not n:
        return []
    note = plural("{n} customer has no {key}: counted as 0.", "{n} customers have no {key}: counted as 0.", n)
    return [note.format(n=number(n), key=key)]


def _words(currency: str) -> Words:
    labels = {key: row.label for key, row in CATALOGUE.items()}
    return Words(labels, {key: row.unit for key, row in CATALOGUE.items()}, currency)


def _result(recipe: Recipe, frame: pd.DataFrame, key: str, found: Assignment, words: Words) -> dict[str, Any]:
    """The fields of a Segmentation that come from the customers."""
    amounts = frame[key].fillna(0.0).to_numpy(np.float64)
    labels, segments = _by_value(found, amounts)
    kept = segments > 0
    inside = frame if kept.all() else frame[kept]
    segments, values = segments[kept], amounts[kept]
    looked_at = profile(inside, segments)
    described = _described(labels, found, looked_at[looked_at["indicator"].isin(_read(recipe))], words)
    table = _segments(segments, values, described, len(frame), float(amounts.sum()))
    head = pd.DataFrame({"customer_id": inside.index, "segment": segments})
    head["segment_name"] = pd.Categorical.from_codes(segments - 1, pd.Index(described["name"]))
    head["value"] = values
    members = pd.concat([head, inside.reset_index(drop=True)], axis=1)
    return {"value": key, "members": members, "segments": table, "profile": looked_at}


def _by_value(found: Assignment, amounts: Numbers) -> tuple[list[int], Labels]:
    """The method's labels in the order of their segments, and each customer's segment, 0 where left out."""
    kept = found.labels >= 0
    if not kept.any():
        what = _("No customer could be put in a segment: {reasons}.").format(
            reasons=_(", ").join(found.left_out)
        )
        raise NotEnoughData(what, _("Choose other indicators."))
    sizes = np.bincount(found.labels[kept])
    totals = np.bincount(found.labels[kept], weights=amounts[kept])
    order = np.lexsort((-sizes, -totals))
    order = order[sizes[order] > 0]
    numbers = np.zeros(len(sizes) + 1, np.int64)  # its last place is where LEFT_OUT, -1, looks
    numbers[order] = np.arange(1, len(order) + 1)
    return order.tolist(), numbers[found.labels]


def _described(labels: list[int], found: Assignment, rows: pd.DataFrame, words: Words) -> pd.DataFrame:
    """name and rule of each segment, in their order: the method's, else made from the profile."""
    names: dict[int, str] = {}
    for at, label in enumerate(labels, start=1):
        if label in found.names:
            names[at] = numbered(found.names[label], set(names.values()))
    unnamed = [at for at in range(1, len(labels) + 1) if at not in names]
    names |= name_segments(rows, unnamed, words, set(names.values()))
    rules = [
        found.rules.get(label) or rule_in_words(rows, at, words) for at, label in enumerate(labels, start=1)
    ]
    return pd.DataFrame({"name": [names[at] for at in sorted(names)], "rule": rules})


def _segments(
    segments: Labels, values: Numbers, described: pd.DataFrame, customers: int, total: float
) -> pd.DataFrame:
    sizes = np.bincount(segments)[1:]
    worth = np.bincount(segments, weights=values)[1:]
    table = described.assign(segment=np.arange(1, len(sizes) + 1), customers=sizes, value=worth)
    table["share_of_customers"] = sizes / customers
    table["share_of_value"] = worth / total if total > 0 else np.nan
    return table[COLUMNS]


def _read(recipe: Recipe) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*recipe.indicators, *METHODS[recipe.method.key].indicators(recipe))))
