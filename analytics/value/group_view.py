"""What the Value page shows of groups of customers: their figures, how the value is spread in each, since when."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from analytics.access.book import Book
from analytics.value.grouped import SEGMENT, Grouped, grouped, labelled
from analytics.value.over_time import over_time
from analytics.value.shapes import MOST_SHAPES, GroupDistribution, by_group_distribution


@dataclass(frozen=True, eq=False)
class GroupView:
    """Groups of customers side by side.

    found : every group's figures. spread : the shapes of at most MOST_SHAPES groups on one scale, segments in
        their order, others largest total first. numbers : the segments' numbers by name; empty for others.
    """

    found: Grouped
    spread: GroupDistribution
    numbers: dict[str, int]

    @property
    def shown(self) -> list[str]:
        """The groups that have a shape, in order."""
        return [shape.name for shape in self.spread.shapes]


def group_view(book: Book, indicator: str, as_of: date, by: str, recipe_text: str = "") -> GroupView:
    """Each group's figures and shape. by, recipe_text : see `by_group`."""
    rows = labelled(book, indicator, as_of, by, recipe_text)
    found = grouped(by, rows["amount"].to_numpy(float), rows["group"])
    numbers = segment_numbers(rows["group"]) if by == SEGMENT else {}
    order = numbers or {name: place for place, name in enumerate(found.table["group"], start=1)}
    return GroupView(found, by_group_distribution(_first(rows, order)), numbers)


def segment_numbers(groups: "pd.Series[str]") -> dict[str, int]:
    """The segments' numbers by name; groups : categories, in the order of the segments."""
    return {str(name): number for number, name in enumerate(groups.cat.categories, start=1)}


def _first(rows: pd.DataFrame, order: dict[str, int]) -> pd.DataFrame:
    places = rows["group"].astype(object).map(order).to_numpy(dtype=np.float64)
    shown = places <= MOST_SHAPES
    columns = {"segment": places[shown], "segment_name": rows["group"][shown], "value": rows["amount"][shown]}
    return pd.DataFrame(columns)


def group_history(book: Book, indicator: str, as_of: date, by: str, recipe_text: str = "") -> pd.DataFrame:
    """Concentration of the whole book (group "") and of each group, quarter by quarter over three years."""
    whole = over_time(book, indicator, as_of)
    return pd.concat([whole, over_time(book, indicator, as_of, by, recipe_text)], ignore_index=True)
