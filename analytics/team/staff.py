"""Employees as a population of their own, so that any method that segments customers segments them too."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import pandas as pd

from analytics.access.book import Book
from analytics.access.staff import managed, whose
from analytics.errors import NotAllowed, NotEnoughData
from analytics.formats import number
from analytics.indicators import CATALOGUE
from analytics.recipe import Recipe
from analytics.segmentation import Segmentation, segment
from analytics.translation import translate as _

FEWEST = 8  # employees below which groups of them say nothing
ADDED_UP = ("currency", "count")


@dataclass
class Staff:
    """The employees who look after customers of a book, as `population.Customers`.

    An employee has of each indicator what their customers have together where it is an amount or a count, their
    mean where it is another number, and their most frequent label. A filter is about customers.
    """

    book: Book
    warehouse: Any

    @cached_property
    def available(self) -> dict[str, str | None]:
        """As the book's."""
        return self.book.available

    def frame(self, keys: tuple[str, ...], *, as_of: date | None = None, where: str = "") -> pd.DataFrame:
        """customer_id, which is the employee's number, and the indicators; a row an employee, in their order.

        Raises NotAllowed for whoever may see their own figures alone, NotEnoughData with fewer than FEWEST employees.
        """
        if whose(self.book) is not None:
            raise NotAllowed(_("The figures of other employees are not open to you."))
        rows = self.book.frame(keys, as_of=as_of, where=where)
        rows = rows.merge(managed(self.book, self.book.as_of(as_of)), on="customer_id")
        groups = rows[rows["manager_id"].notna()].groupby("manager_id", sort=True)
        if groups.ngroups < FEWEST:
            what = _("{n} employees look after these customers: with fewer than {least}, groups say nothing.")
            raise NotEnoughData(
                what.format(n=number(groups.ngroups), least=number(FEWEST)),
                _("Look at a larger book, or widen the filter."),
            )
        told = pd.DataFrame({key: _together(groups[key], key) for key in keys}, index=list(groups.groups))
        return told.rename_axis("customer_id").reset_index()


def _together(column: Any, key: str) -> "pd.Series[Any]":
    """One indicator of each employee's customers."""
    row = CATALOGUE[key]
    if not row.is_number:
        counts = column.value_counts().rename("customers").reset_index()
        best = counts.sort_values(["customers", key], ascending=[False, True], kind="stable")
        found: pd.Series[Any] = best.drop_duplicates("manager_id").set_index("manager_id")[key]
        return found.astype(object)
    return pd.Series(column.sum(min_count=1) if row.unit in ADDED_UP else column.mean())


def segment_staff(book: Book, recipe: Recipe) -> Segmentation:
    """Segments of employees by any recipe; members' customer_id are employees' numbers. Raises as `segment`, and
    NotEnoughData with too few employees."""
    return segment(Staff(book, book.warehouse), recipe)


def segment_staff_toml(book: Book, text: str) -> Segmentation:
    """`segment_staff` from a recipe as plain text, so that equal questions can share an answer."""
    return segment_staff(book, Recipe.from_toml(text))
