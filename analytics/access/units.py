"""The units that a book's customers are looked after in, and whether one person's sight covers another's there."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from analytics.access.book import Book, frame_of
from analytics.access.scope import RowRule, Scope
from analytics.indicators import CATALOGUE
from analytics.warehouse.engine import Warehouse

# The column of `customer_now` that says where a customer belongs, and the table that names it; a region is its
# own name, the one of the customer's district.
COLUMNS = {"branch": "branch_id", "manager": "manager_id", "region": "region"}
NAMES = {
    "branch": "SELECT branch_id AS unit, name FROM branches",
    "manager": "SELECT employee_id AS unit, name FROM employees",
}
UNRECORDED = ""  # the unit of customers for whom none is recorded


@dataclass(frozen=True)
class Place:
    """One unit, or with by = "" the whole book. by : a key of COLUMNS. unit : its id, UNRECORDED for none."""

    by: str = ""
    unit: str = UNRECORDED

    def sql(self) -> tuple[str, list[str]]:
        """A condition over `customer_now` and its parameters.

        >>> Place("branch", "B1").sql(), Place().sql()
        (('branch_id = ?', ['B1']), ('TRUE', []))
        """
        if not self.by:
            return "TRUE", []
        column = COLUMNS[self.by]
        return (f"{column} = ?", [self.unit]) if self.unit else (f"{column} IS NULL", [])


def units_of(book: Book, by: str, as_of: date) -> pd.DataFrame:
    """The unit of every customer of the book, as it is today: customer_id, unit (its id).

    by : a key of COLUMNS.
    """
    sql = f"SELECT customer_no, coalesce({COLUMNS[by]}, '{UNRECORDED}') AS unit FROM customer_now"
    return frame_of(book.joined(sql, what=f"customers by {by}", as_of=as_of))


def unit_names(book: Book, by: str, units: Iterable[str]) -> dict[str, str]:
    """What these units are called, by id; the id where there is no name, and beside it where several have the same."""
    rows = book.warehouse.facts(NAMES[by], []) if by in NAMES else []
    named = {str(row["unit"]): str(row["name"]) for row in rows if row["name"]}
    called = {unit: named.get(unit, unit) for unit in units}
    names = list(called.values())
    return {
        unit: f"{name} ({unit})" if names.count(name) > 1 and name != unit else name
        for unit, name in called.items()
    }


def covers(warehouse: Warehouse, place: Place, shown: Iterable[RowRule], seen: Iterable[RowRule]) -> bool:
    """Whether whoever sees the rows `seen` sees all customers of a place that are among the rows `shown`.

    False where there are none: what nobody can be held against is for nobody.
    """
    if place.by == "region" and warehouse.missing(CATALOGUE["region"].needs):
        return False  # an earlier version had regions
    where, values = place.sql()
    inner, inner_values = Scope(tuple(shown)).sql()
    outer, outer_values = Scope(tuple(seen)).sql()
    # A customer for whom a rule is unknown (no branch recorded) is outside: unknown is not true.
    told: list[dict[str, Any]] = warehouse.facts(
        f"""SELECT count(*) AS customers, count(*) FILTER (WHERE ({outer}) IS NOT TRUE) AS outside
        FROM customer_now WHERE ({where}) AND ({inner})""",
        [*outer_values, *values, *inner_values],
    )
    return bool(told[0]["customers"]) and not told[0]["outside"]
