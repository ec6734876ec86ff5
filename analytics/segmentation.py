"""Run a recipe over a book: one segment per customer, and what each segment is and is worth."""

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version as version_of
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.errors import NotEnoughData
from analytics.formats import number
from analytics.indicators import summed
from analytics.jobs import checkpoint
from analytics.methods import Assignment, Treatment, Words
from analytics.methods.base import Model
from analytics.naming import name_segments, numbered, rule_in_words
from analytics.population import Customers, Population, assign, population
from analytics.profile import profile
from analytics.recipe import Recipe
from analytics.translation import in_language, plural
from analytics.translation import translate as _
from analytics.value.measures import rounding

LIBRARIES = ("numpy", "pandas", "scikit-learn")
COLUMNS = ["segment", "name", "rule", "customers", "share_of_customers", "value", "share_of_value"]


Labels = NDArray[np.int64]
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Segmentation:
    """The result of a recipe over a book.

    value : the indicator that "most valuable" and the shares are measured in.
    members : customer_id, segment, segment_name, value, then the indicators; without those left out.
    segments : one row each, COLUMNS; shares are of all customers asked for and of their net total, those
    left out included; share_of_value is NaN where that total is not positive. profile : see `profile`.
    left_out : customers by reason. details : what the method wants shown beside it.
    model : puts other or changed customers in these segments; order : its label of segment 1, 2, ...
    made_names : what segment 1, 2, ... is called in English unless the recipe gives it a name of its own:
    what own names are kept by, so that they hold in every language.
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
    model: Model | None
    order: tuple[int, ...]
    made_names: tuple[str, ...]

    @property
    def customers(self) -> int:
        """Everyone asked for: in segments and left out."""
        return len(self.members) + sum(self.left_out.values())

    def place(self, table: pd.DataFrame, value: "pd.Series[float]") -> Labels:
        """The segment of each customer of a table that has the indicators read; 0 where they are in none."""
        if self.model is None:
            raise NotEnoughData(
                _("This method keeps no rule to place other customers by."), _("Run it again.")
            )
        return segments_of(self.model.predict(table, value), self.order)

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
                for row in self.segments.assign(value=summed(self.value, self.segments["value"])).to_dict(
                    "records"
                )
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
    people = population(book, recipe)
    checkpoint()
    found = assign(people, recipe)
    unvalued = int((people.value.isna() & (found.labels >= 0)).sum())
    doubts = people.doubts + _without_value(unvalued, people.words.label(str(people.value.name)))
    result, lost = _result(people, found, recipe.names)
    doubts += _names_of_nobody(lost)
    checkpoint()
    return Segmentation(
        recipe=recipe, recipe_hash=recipe.hash(), version=book.warehouse.manifest.version,
        as_of=recipe.as_of or date.fromisoformat(book.warehouse.manifest.newest_as_of),
        left_out=found.left_out, treatments=found.treatments, quality=found.quality,
        warnings=[*doubts, *found.warnings], libraries=_libraries(), details=found.details,
        model=found.model, **result,
    )  # fmt: skip


def segment_toml(book: Customers, text: str) -> Segmentation:
    """`segment` from a recipe as plain text, so that equal questions can share an answer."""
    return segment(book, Recipe.from_toml(text))


def _libraries() -> dict[str, str]:
    return {"python": platform.python_version()} | {name: version_of(name) for name in LIBRARIES}


def _without_value(n: int, label: str) -> list[str]:
    if not n:
        return []
    note = plural(
        "{n} customer has no figure for {label}: counted as 0.",
        "{n} customers have no figure for {label}: counted as 0.",
        n,
    )
    return [note.format(n=number(n), label=label.lower())]


def _result(
    people: Population, found: Assignment, own_names: Mapping[str, str]
) -> tuple[dict[str, Any], list[str]]:
    """The fields of a Segmentation that come from the customers, and own names that are no segment's."""
    amounts: Numbers = np.nan_to_num(people.value.to_numpy(np.float64))
    labels, segments = by_value(found, amounts)
    kept = segments > 0
    key = str(people.value.name)
    whole = people.table if key in people.table else people.table.assign(**{key: people.value})
    inside = whole if kept.all() else whole[kept]
    segments, values = segments[kept], amounts[kept]
    looked_at = profile(inside, segments)
    read = looked_at[looked_at["indicator"].isin(people.table.columns)]
    shown = named_segments(labels, found, read, people.words)
    with in_language("en"):
        made_names = named_segments(labels, found, read, people.words)
    rules = _rules(labels, found, read, people.words)
    described = pd.DataFrame({"name": with_own_names(made_names, shown, own_names), "rule": rules})
    table = _segments(segments, values, described, len(whole), float(amounts.sum()))
    head = pd.DataFrame({"customer_id": inside.index, "segment": segments})
    head["segment_name"] = pd.Categorical.from_codes(segments - 1, pd.Index(described["name"]))
    head["value"] = values
    members = pd.concat([head, inside.reset_index(drop=True)], axis=1)
    return {
        "value": key, "members": members, "segments": table, "profile": looked_at, "order": tuple(labels),
        "made_names": made_names,
    }, [own for made, own in own_names.items() if made not in (*made_names, *shown)]  # fmt: skip


def segments_of(labels: Labels, order: Sequence[int]) -> Labels:
    """Each customer's segment by the method's label; 0 for LEFT_OUT and where a rule leads to where nobody was.

    order : the label of segment 1, 2, ...
    """
    numbers = np.zeros(max(*order, int(labels.max(initial=0))) + 2, np.int64)  # the last is for LEFT_OUT, -1
    numbers[list(order)] = np.arange(1, len(order) + 1)
    return np.asarray(numbers[labels])


def by_value(found: Assignment, amounts: Numbers) -> tuple[list[int], Labels]:
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


def named_segments(labels: list[int], found: Assignment, rows: pd.DataFrame, words: Words) -> tuple[str, ...]:
    """The name of each segment, in their order: the method's, else made from the profile."""
    names: dict[int, str] = {}
    given = found.names
    for at, label in enumerate(labels, start=1):
        if label in given:
            names[at] = numbered(given[label], set(names.values()))
    unnamed = [at for at in range(1, len(labels) + 1) if at not in names]
    names |= name_segments(rows, unnamed, words, set(names.values()))
    return tuple(names[at] for at in sorted(names))


def _rules(labels: list[int], found: Assignment, rows: pd.DataFrame, words: Words) -> list[str]:
    """The rule of each segment, in their order: the method's, else made from the profile."""
    return [
        found.rules.get(label) or rule_in_words(rows, at, words) for at, label in enumerate(labels, start=1)
    ]


def with_own_names(made: Sequence[str], shown: Sequence[str], own: Mapping[str, str]) -> list[str]:
    """The names shown with the recipe's own in their place, no two the same.

    A recipe that was written by hand may have them by the names that its writer saw.
    """
    names: list[str] = []
    for key, name in zip(made, shown, strict=True):
        names.append(numbered(own.get(key, own.get(name, name)).strip(), names))
    return names


def _names_of_nobody(lost: list[str]) -> list[str]:
    if not lost:
        return []
    note = _(
        "No segment here is what was called {names}: own names go with what a segment was called before."
    )
    return [note.format(names=_(", ").join(f"“{name}”" for name in lost))]


def _segments(
    segments: Labels, values: Numbers, described: pd.DataFrame, customers: int, total: float
) -> pd.DataFrame:
    sizes = np.bincount(segments)[1:]
    worth = np.bincount(segments, weights=values)[1:]
    table = described.assign(segment=np.arange(1, len(sizes) + 1), customers=sizes, value=worth)
    table["share_of_customers"] = sizes / customers
    table["share_of_value"] = worth / total if total > rounding(values) else np.nan
    return table[COLUMNS]
