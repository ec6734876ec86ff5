"""Whom a plan would reach in a book: the customers of its segment to whom its product may be offered."""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from analytics.access.book import Book
from analytics.needs.eligible import eligible
from analytics.segmentation import segment_toml


@dataclass(frozen=True)
class Reach:
    """A segment of a recipe, run in one book.

    name : the segment's, empty where the recipe gives no such segment here. worths : customer_id and worth of
    all its customers. eligible : those to whom the product may be offered.
    """

    name: str
    worths: pd.DataFrame
    eligible: tuple[str, ...]


def reach(book: Book, as_of: date, recipe: str, segment: int, product_id: str) -> Reach:
    """Run a recipe in this book and look whom of one of its segments a product may be offered to.

    Who is worth most, in what the recipe measures value in, comes first in the call list.
    Raises as `segment_toml`.
    """
    found = segment_toml(book, recipe)
    mine = found.members[found.members["segment"] == segment]
    worths = mine[["customer_id", "value"]].rename(columns={"value": "worth"}).reset_index(drop=True)
    names = found.segments.loc[found.segments["segment"] == segment, "name"]
    fits = eligible(book, as_of, product_id, list(worths["customer_id"]))
    return Reach(str(names.iloc[0]) if len(names) else "", worths, tuple(fits))
