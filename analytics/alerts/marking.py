"""Ticking alerts off: for oneself, for customers of one's book, recorded."""

from datetime import date

from analytics.access.book import Book
from analytics.alerts.report import ALERTS
from analytics.errors import BadInput, UnknownName
from analytics.store.marks import OUTCOMES
from analytics.store.store import Store
from analytics.translation import translate as _


def mark_alert(store: Store, book: Book, alert: str, customer_id: str, period: date, outcome: str) -> None:
    """An occurrence is done or dismissed: this person does not see it again until it happens anew.

    period : as `alerts` gives it. outcome : "done" or "dismissed".
    Raises UnknownName for no such alert or a customer outside the book, BadInput for another outcome.
    """
    _known(book, alert, customer_id)
    if outcome not in OUTCOMES:
        raise BadInput(_("An alert is done or dismissed, not {outcome}.").format(outcome=outcome))
    book.append("alert marked", {"customer_id": customer_id, "what": [alert], "outcome": outcome})
    store.marks.set(book.person.email, alert, customer_id, period, outcome)


def unmark_alert(store: Store, book: Book, alert: str, customer_id: str, period: date) -> None:
    """Take that back. Raises as `mark_alert`."""
    _known(book, alert, customer_id)
    book.append("alert reopened", {"customer_id": customer_id, "what": [alert]})
    store.marks.clear(book.person.email, alert, customer_id, period)


def _known(book: Book, alert: str, customer_id: str) -> None:
    if alert not in ALERTS:
        raise UnknownName(_("There is no alert '{name}'.").format(name=alert))
    book.attributes(customer_id)
