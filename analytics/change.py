"""What one month changed: an indicator of everybody in a book at a month end, beside the month end before."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from analytics.access.book import Book
from analytics.calendar import months_before


@dataclass(frozen=True)
class Change:
    """One indicator over one month.

    before_day : the month end before, None where there is none. rows : customer_id, before, now, joined (who was
    not in the book before) and held, what the customer has with the bank now, as `holdings_key` measures it.
    """

    key: str
    as_of: date
    before_day: date | None
    rows: pd.DataFrame


def holdings_key(book: Book) -> str:
    """What a customer has with the bank: balances, else what came in over twelve months."""
    return "balance_average_3m" if book.available["balance_average_3m"] is None else "credit_amount_12m"


def change(book: Book, key: str, as_of: date) -> Change:
    """One indicator at a month end and the one before. Raises as `Book.frame`."""
    earlier, held = months_before(as_of, 1), holdings_key(book)
    if earlier in book.warehouse.month_ends:
        rows = book.between(key, earlier, as_of, held)
        return Change(key, as_of, earlier, rows)
    alone = book.frame((key, held), as_of=as_of)
    rows = alone[["customer_id"]].assign(before=np.nan, now=alone[key], joined=False, held=alone[held])
    return Change(key, as_of, None, rows)
