"""The glossary's rows, all from the catalogues."""

import pandas as pd

from analytics.indicators import CATALOGUE, FAMILIES, UNITS
from analytics.methods import METHODS
from analytics.translation import mark
from analytics.translation import translate as _

WORDS = (
    (mark("Book"), mark("The customers that one person may see, with the columns that they may see.")),
    (mark("As-of date"), mark("A month end. Every figure is stated as of one.")),
    (mark("Recipe"), mark("Population, indicators, method, its settings, seed and as-of date: all that makes a segmentation.")),
    (mark("Segmentation"), mark("The result of a recipe over a book: one segment per customer, and what each is worth.")),
    (mark("Concentration"), mark("How unevenly a value is spread over customers.")),
    (mark("Whale curve"), mark("Customers, most valuable first, and what they bring together; above 100% where others lose.")),
    (mark("Gini"), mark("0 when all bring the same, close to 1 when one brings it all.")),
    (mark("Warehouse version"), mark("One published, immutable build of the data.")),
)  # fmt: skip


def indicator_rows(available: dict[str, str | None], wanted: str) -> pd.DataFrame:
    """Indicators with this text anywhere: label, family, unit, meaning, whether and why not, key."""
    rows = [
        {
            _("Indicator"): _(row.label),
            _("Family"): _(FAMILIES[row.family]),
            _("Unit"): _(UNITS[row.unit]),
            _("Meaning"): _(row.meaning),
            _("Here"): available[row.key] or _("available"),
            _("Key"): row.key,
        }
        for row in CATALOGUE.values()
    ]
    return _with_text(rows, wanted)


def method_rows(wanted: str) -> pd.DataFrame:
    """Methods with this text anywhere: what each does, when to use it and when not."""
    rows = []
    for method in METHODS.values():
        parts = method.paragraphs()
        rows.append(
            {
                _("Method"): _(method.label),
                _("What it does"): parts["what"],
                _("When"): parts.get("when", ""),
                _("When not"): parts.get("not_when", ""),
                _("Source"): parts.get("source", ""),
            }
        )
    return _with_text(rows, wanted)


def _with_text(rows: list[dict[str, str]], wanted: str) -> pd.DataFrame:
    text = wanted.strip().lower()
    return pd.DataFrame([row for row in rows if text in " ".join(row.values()).lower()])
