"""The book's histories as of a date, and the lifetime models that its version was fitted with."""

from datetime import date

import pandas as pd

from analytics.access.book import Book, frame_of
from analytics.errors import NotEnoughData
from analytics.formats import day
from analytics.lifetime.models import Margins, Model, model_of
from analytics.translation import translate as _
from analytics.warehouse import history

KEY = "lifetime_value_36m"


def fitted(book: Book, as_of: date) -> Model:
    """The bank-wide model as of a date. Raises NotAllowed or NotEnoughData where there is none, with the reason."""
    book.require([KEY])
    documents = book.warehouse.manifest.fitted[KEY]
    if as_of.isoformat() not in documents:
        raise NotEnoughData(
            _("No lifetime model is fitted as of {day}.").format(day=day(as_of)),
            _("Models are kept from {first} to {last}.").format(
                first=day(date.fromisoformat(min(documents))), last=day(date.fromisoformat(max(documents)))
            ),
        )
    return model_of(documents[as_of.isoformat()])


def histories(book: Book, model: Model, as_of: date) -> pd.DataFrame:
    """What a model asks of each customer of the book: customer_id and its statistics."""
    return standing(book, as_of) if isinstance(model, Margins) else purchases(book, as_of)


def standing(book: Book, as_of: date) -> pd.DataFrame:
    """Tenure, presence and profit: customer_id and the columns of `warehouse.history.standing`."""
    sql = history.standing_sql(as_of, narrow=not book.scope.whole_bank)
    return frame_of(book.joined(sql, what="relationship history", as_of=as_of, sensitivity="profit"))


def purchases(book: Book, as_of: date) -> pd.DataFrame:
    """Days with a purchase: customer_id and the columns of `warehouse.history.purchases`."""
    base = book.warehouse.manifest.base_currency
    sql = history.purchases_sql(as_of, base, narrow=not book.scope.whole_bank)
    return frame_of(book.joined(sql, what="purchase history", as_of=as_of))


def spent(book: Book, after: date, until: date) -> pd.DataFrame:
    """What each customer spent on days after one date and up to another: customer_id, spent.

    Customers who spent nothing have no row.
    """
    base = book.warehouse.manifest.base_currency
    sql = history.spent_sql(after, until, base, narrow=not book.scope.whole_bank)
    return frame_of(book.joined(sql, what="spent", as_of=until))
