"""How a book is, and what changed since the month end before."""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from analytics.access.book import Book
from analytics.change import Change
from analytics.indicators import CATALOGUE
from analytics.jobs import checkpoint
from analytics.value.concentration import Concentration, concentration

COLUMNS = ["customer_id", "before", "now", "change"]
MOVERS = 50


@dataclass(frozen=True)
class Overview:
    """A book at a month end, beside the one before.

    before : None where there is no month end before, or nobody had a figure at it.
    joined : customers who are in the book now and were not at the month end before.
    movers : customer_id, before, now, change of those who changed most, largest change first; NaN where
        there was no figure.
    months : month_end, value; empty where the indicator is no monthly sum.
    """

    now: Concentration
    before: Concentration | None
    before_day: date | None
    joined: int
    movers: pd.DataFrame
    months: pd.DataFrame

    @property
    def customers(self) -> int:
        """Everyone in the book, with a value or without."""
        return self.now.customers + self.now.missing


def overview(book: Book, change: Change) -> Overview:
    """Size, concentration and movement of a book in one indicator."""
    both, before, column = change.rows, _before(change), CATALOGUE[change.key].monthly
    months = book.by_month(column) if column else pd.DataFrame(columns=["month_end", "value"])
    checkpoint()
    return Overview(
        now=concentration(both["now"]),
        before=before,
        before_day=change.before_day,
        joined=int(both["joined"].sum()),
        movers=_moved(both if before else both.iloc[:0]),
        months=months[pd.to_datetime(months["month_end"]) <= pd.Timestamp(change.as_of)],
    )


def _before(change: Change) -> Concentration | None:
    """The month end before, of who was there; None where nobody had a figure, for that is no nought."""
    stayed = change.rows.loc[~change.rows["joined"], "before"]
    return concentration(stayed) if change.before_day and stayed.notna().any() else None


def _moved(both: pd.DataFrame) -> pd.DataFrame:
    """The customers whose value changed most."""
    change = both["now"].fillna(0.0) - both["before"].fillna(0.0)
    largest = change.abs().nlargest(MOVERS).index
    return both.loc[largest].assign(change=change[largest])[COLUMNS].reset_index(drop=True)
