"""The `value` document: concentration of a book, or of each segment of a recipe."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from analytics.access.book import Book
from analytics.errors import BadInput
from analytics.indicators import CATALOGUE
from analytics.recipe import Recipe
from analytics.translation import translate as _
from analytics.value.concentration import Concentration, concentration
from analytics.value.decomposition import Decomposition
from analytics.value.distribution import Distribution, histogram
from analytics.value.grouped import SEGMENT, Grouped, by_group


def book_amounts(book: Book, indicator: str, *, as_of: date | None = None, where: str = "") -> np.ndarray:
    """The indicator of every customer of the book; shape (n_customers,), NaN where it is empty.

    Raises BadInput for an indicator that is a label, not a number.
    """
    if indicator in CATALOGUE and not CATALOGUE[indicator].is_number:
        raise BadInput(
            _("{name} is a label: it has no concentration.").format(name=indicator),
            _("Choose an indicator that is a number, such as profit_12m."),
        )
    column = book.table((indicator,), as_of=as_of, where=where)[indicator]
    return np.asarray(column.to_numpy(), dtype=float)


def book_concentration(
    book: Book, indicator: str, *, as_of: date | None = None, where: str = ""
) -> Concentration:
    """How unevenly an indicator is spread over the book."""
    return concentration(book_amounts(book, indicator, as_of=as_of, where=where))


@dataclass(frozen=True)
class ValueView:
    """What the Value page shows. top : customer_id, amount, share (of the net total, NaN where it is not
    positive) and together (running share), best first."""

    whole: Concentration
    spread: Distribution
    top: pd.DataFrame


def value_view(book: Book, indicator: str, as_of: date, top: int = 50) -> ValueView:
    """Concentration, distribution and the most valuable customers of a book."""
    frame = book.frame((indicator,), as_of=as_of).rename(columns={indicator: "amount"})
    whole = concentration(frame["amount"], interval=True)
    best = frame.sort_values("amount", ascending=False, kind="stable").head(top).reset_index(drop=True)
    net = whole.total if whole.net_positive else np.nan
    best["share"] = best["amount"] / net
    best["together"] = best["share"].cumsum()
    return ValueView(whole, histogram(frame["amount"]), best)


def value_document(
    book: Book, indicator: str, *, as_of: date | None = None, recipe: Recipe | None = None, by: str = ""
) -> dict[str, Any]:
    """The JSON document of the `value` command; with a recipe or labels the book's beside each group's.

    by : a label indicator's key, or "segment" for the recipe's segments, which are there with any recipe.
    Raises BadInput for "segment" without a recipe, and as `by_group` does.
    """
    if by == SEGMENT and recipe is None:
        raise BadInput(_("There are no segments without a recipe."), _("Name a recipe's file with --recipe."))
    day = book.as_of(as_of or (recipe.as_of if recipe else None))
    where = recipe.where if recipe else ""
    amounts = book_amounts(book, indicator, as_of=day, where=where)
    document: dict[str, Any] = {"book": concentration(amounts, interval=True).document(indicator, day)}
    if recipe:
        segments = by_group(book, indicator, day, SEGMENT, recipe.to_toml(), interval=True)
        document["segments"] = _parts(segments, indicator, day)
        document["decomposition"] = _decomposition(segments.decomposition)
    if by and by != SEGMENT:
        found = by_group(book, indicator, day, by, where=where, interval=True)
        document |= {"by": by, "groups": _parts(found, indicator, day)}
        document["decomposition"] = _decomposition(found.decomposition)
    return document if len(document) > 1 else document["book"]


def _parts(found: Grouped, indicator: str, as_of: date) -> dict[str, Any]:
    """The document of each group, the largest total first."""
    return {name: found.parts[name].document(indicator, as_of) for name in found.table["group"]}


def _decomposition(parts: Decomposition | None) -> dict[str, Any] | None:
    """Theil's parts as JSON; null where nobody brings anything."""
    if parts is None:
        return None
    return {
        "total": parts.total,
        "between": parts.between,
        "within": parts.within,
        "between_by_chance": parts.by_chance,
        "gains_only": parts.gains_only,
        "groups": {
            str(row["group"]): {
                "customers": row["customers"],
                "share": row["share"],
                "theil": None if pd.isna(row["theil"]) else row["theil"],
                "contribution": row["contribution"],
            }
            for row in parts.groups.to_dict("records")
        },
    }
