"""Whom a plan would reach in a book: the customers of its segment to whom its product may be offered."""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from analytics.access.book import Book
from analytics.errors import NotEnoughData
from analytics.needs.eligible import eligible
from analytics.needs.offers import scored
from analytics.needs.propensity import propensities
from analytics.needs.traits import people
from analytics.segmentation import segment_toml


@dataclass(frozen=True)
class Reach:
    """A segment of a recipe, run in one book.

    name : the segment's, empty where the recipe gives no such segment here. worths : customer_id and worth of
    all its customers, see `reach`. eligible : those to whom the product may be offered.
    """

    name: str
    worths: pd.DataFrame
    eligible: tuple[str, ...]


def reach(book: Book, as_of: date, recipe: str, segment: int, product_id: str) -> Reach:
    """Run a recipe in this book and look whom of one of its segments a product may be offered to.

    worth : of calling somebody. A sale of the product is worth the same with everybody, so it is how likely they are
    to take it; where nothing tells them apart, it is what the recipe measures value in. Raises as `segment_toml`.
    """
    found = segment_toml(book, recipe)
    mine = found.members[found.members["segment"] == segment]
    worths = mine[["customer_id", "value"]].rename(columns={"value": "worth"}).reset_index(drop=True)
    likely = _likely(book, as_of, product_id)
    chances = None if likely is None else worths["customer_id"].map(likely).astype(float)
    if chances is not None and chances.nunique() > 1:
        worths["worth"] = chances
    names = found.segments.loc[found.segments["segment"] == segment, "name"]
    fits = eligible(book, as_of, product_id, list(worths["customer_id"]))
    return Reach(str(names.iloc[0]) if len(names) else "", worths, tuple(fits))


def _likely(book: Book, as_of: date, product_id: str) -> "pd.Series[float] | None":
    """The probability, by customer_id, of taking a product within a year; None where nothing tells."""
    try:
        seen = people(book, as_of)
        if product_id not in seen.known.products.index:
            return None
        found = scored(propensities(book, as_of), seen)
    except NotEnoughData:
        return None
    column = seen.known.products.index.get_loc(product_id)
    return pd.Series(found[:, column].astype(float), index=pd.Index(seen.known.ids))
