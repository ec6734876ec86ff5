"""What similar customers bring in the rest of the bank: for somebody who may see one book, or two, and no other.

Only cells are told that hold enough of everybody else's customers, of enough managers, and that nobody outweighs;
smaller ones are joined to the next coarser (`strata.cells`). Cells don't overlap and are the same whoever asks, so
that neither subtracting one from another nor laying two people's answers together tells of fewer. No cell is told
in which the asking book has no customer.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from analytics.access.book import Book
from analytics.access.reads import Read
from analytics.access.scope import RowRule, Scope
from analytics.access.staff import managed
from analytics.effort import EFFORTS, effort, typical
from analytics.strata import (
    KEYS,
    NOBODY,
    Flags,
    Moments,
    Numbers,
    Places,
    Safe,
    cells,
    levels,
    moments_of_others,
    sizes_by_manager,
)  # fmt: skip

LEAST = 20  # customers of others that a cell holds at least, or the policy's floor where that is more
MANAGERS = 3  # others that they belong to at least
ASKING = 2  # the books that somebody who asks may know: without any two of these a cell must still be safe


@dataclass(frozen=True, eq=False)
class Norms:
    """What a book is held against when it can't be held against others that its reader may see.

    placed : the cell of each customer of the employee in the reader's book: customer_id, cell. kind : shape
    (n_cells,). others : of everybody else's customers, shape (1, n_cells). usual : a customer's usual
    effort. capacity : that of the employees in the middle. Where fewer than MANAGERS + ASKING look after customers,
    or the reader's book has more than ASKING of them, there are no cells and no capacity, and usual is of the
    employee's own customers.
    """

    placed: pd.DataFrame
    kind: Places
    others: Moments
    usual: dict[str, float]
    capacity: float | None


def norms(book: Book, employee_id: str, measure: str, as_of: date) -> Norms:
    """The norms for the customers of one employee, as far as they are in the reader's book.

    Raises NotAllowed without the measure's column class. Nothing is told where the employee has no customer in the
    book, or the bank is too small.
    """
    book.require((measure,))
    here = managed(book, as_of)
    mine = here.loc[here["manager_id"] == employee_id, "customer_id"]
    table = _everybody(book, measure, as_of)
    book.record(Read(("norms", measure), len(table), as_of.isoformat(), totals=True))
    manager, names = pd.factorize(table["manager_id"], sort=True)
    amounts = table[measure].fillna(0).to_numpy(np.float64)
    # Whoever knows more books than ASKING could subtract them from what is told.
    asking = here["manager_id"].nunique() <= ASKING and len(names) >= MANAGERS + ASKING
    safe = _safe(amounts, manager, max(LEAST, book.policy.floor)) if asking else _none
    found = cells(levels(table), safe)
    whose = np.where(table["manager_id"] == employee_id, 0, np.where(manager < 0, NOBODY, 1))
    others = moments_of_others(found, amounts, whose, 2)
    inside = table["customer_id"].isin(mine).to_numpy() & (found.cell != NOBODY)
    told = np.unique(found.cell[inside])
    placed = {"customer_id": table["customer_id"][inside], "cell": np.searchsorted(told, found.cell[inside])}
    usual = typical(table if asking else table[table["customer_id"].isin(mine)])
    return Norms(
        pd.DataFrame(placed).reset_index(drop=True), found.kind[told], _only(others, told), usual,
        _capacity(effort(table, usual), manager, len(names)) if asking else None,
    )  # fmt: skip


def _everybody(book: Book, measure: str, as_of: date) -> pd.DataFrame:
    """The whole bank's customers as strata and effort see them, and manager_id. It does not leave this door."""
    scope = Scope((RowRule(None),), book.scope.columns)
    whole = Book(book.person, scope, book.warehouse, lambda read: None, book.policy)
    keys = tuple(key for key in dict.fromkeys((measure, *KEYS, *EFFORTS)) if whole.available[key] is None)
    return whole.frame(keys, as_of=as_of).merge(managed(whole, as_of), on="customer_id")


def _safe(amounts: Numbers, manager: Places, floor: int) -> Safe:
    """Whether a group may be told of, whichever ASKING books are taken away: by heads, by managers, and so that no
    customer makes more than half of what the others in it bring or cost."""
    sizes = np.abs(amounts)

    def safe(places: Places, groups: Places, count: int) -> Flags:
        whose = manager[places]
        heads = sizes_by_manager(groups, count, whose)
        weight = sizes_by_manager(groups, count, whose, sizes[places])
        largest = np.zeros(count)
        np.maximum.at(largest, groups, np.where(whose >= 0, sizes[places], 0.0))
        enough = (heads["whole"] - heads["top"] >= floor) & (heads["managers"] >= MANAGERS + ASKING)
        return np.asarray(enough & (largest <= (weight["whole"] - weight["top"]) / 2), dtype=np.bool_)

    return safe


def _only(others: Moments, told: Places) -> Moments:
    """The first row's cells that are told."""
    return Moments(
        *(column[:1, told] for column in (others.count, others.mean, others.variance, others.third))
    )


def _none(places: Places, groups: Places, count: int) -> Flags:
    """No group may be told of."""
    return np.zeros(count, dtype=np.bool_)


def _capacity(efforts: Numbers, manager: Places, managers: int) -> float:
    """What the employees in the middle have to do: the mean of three, or of four, so that it is nobody's own."""
    work = np.sort(np.bincount(manager[manager >= 0], efforts[manager >= 0], managers))
    return float(work[(managers - 1) // 2 - 1 : managers // 2 + 2].mean())
