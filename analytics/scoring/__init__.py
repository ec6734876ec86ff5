"""Score where the data live: a segmentation as one SQL statement over a relation of indicators."""

from typing import Any

import ibis

from analytics.errors import NotEnoughData
from analytics.indicators import CATALOGUE
from analytics.methods import METHODS
from analytics.population import read_by
from analytics.scoring.models import labelled
from analytics.scoring.parts import Expression, condition
from analytics.segmentation import Segmentation
from analytics.translation import translate as _
from analytics.where import parse

__all__ = ["scoring_sql"]


def scoring_sql(result: Segmentation, dialect: str = "duckdb", relation: str = "customer_now") -> str:
    """One SELECT that gives customer_id and segment (0: in none), as `result` does.

    relation : a table or view with customer_id and the indicators that the recipe reads as columns, numbers as
    DOUBLE, NULL where empty; like `customer_now` of the warehouse. Rows outside the recipe's filter are left
    out. dialect : as sqlglot names it.
    Raises NotEnoughData for a method whose answer is no formula.
    """
    rows = _relation(result, relation)
    if result.recipe.where.strip():
        rows = rows.filter(condition(parse(result.recipe.where), rows))
    if result.model is None or not _has_formula(result.model):
        what = _("The method {method} is no formula that a database could work out.")
        raise NotEnoughData(
            what.format(method=_(METHODS[result.recipe.method.key].label)),
            _("Take the segments as a file instead, or choose a method such as k-means or a decision tree."),
        )
    found = labelled(result.model, rows, result.value)
    numbers = [(found.label == label, number) for number, label in enumerate(result.order, start=1)]
    segments = found.select("customer_id", segment=ibis.cases(*numbers, else_=0))
    return "\n".join([*_heading(result), str(ibis.to_sql(segments, dialect=dialect)), ""])


def _has_formula(model: Any) -> bool:
    return labelled.dispatch(type(model)) is not labelled.dispatch(object)


def _relation(result: Segmentation, name: str) -> Expression:
    """The relation that is read, with the columns that it must have."""
    recipe = result.recipe
    filtered = parse(recipe.where).indicators if recipe.where.strip() else ()
    keys = dict.fromkeys((*read_by(recipe), result.value, *filtered))
    types = {key: "float64" if CATALOGUE[key].is_number else "string" for key in keys}
    return ibis.table({"customer_id": "string"} | types, name=name)


def _heading(result: Segmentation) -> list[str]:
    """Comments that say what this is; each on one line, whatever is in a title or a name."""
    lines = [
        result.recipe.title,
        f"recipe {result.recipe_hash}, {result.recipe.method.key}, {result.version}, {result.as_of}",
        *(f"{row.segment}: {row.name}" for row in result.segments.itertuples()),
    ]
    return ["-- " + " ".join(line.split()) for line in lines if line.strip()]
