"""One's own notes and next steps about customers of one's book.

Whether the customer is in the writer's book is asked of the `Book` at every read and write: notes about
somebody who left the book are hidden, and there again when they return. The trail says that something was
written, not what.
"""

import unicodedata
from collections.abc import Sequence
from datetime import date

from analytics.access.book import Book
from analytics.errors import BadInput, UnknownName
from analytics.formats import number
from analytics.store.notes import Note
from analytics.store.store import Store
from analytics.translation import translate as _

LONGEST = 2_000  # characters of a note
MOST = 200  # notes of one person about one customer
SHOWN = 50  # steps of a book


def notes_on(store: Store, book: Book, customer_id: str) -> list[Note]:
    """What this person wrote about a customer, newest first. Raises UnknownName for one outside the book."""
    book.attributes(customer_id)
    return store.notes.of(book.person.email, customer_id)


def write(store: Store, book: Book, customer_id: str, text: str, due_on: date | None = None) -> int:
    """Keep a note, or with `due_on` a next step; its number.

    Raises UnknownName for a customer outside the book, BadInput for no text, too long a one or too many.
    """
    kept = cleaned(text)
    if len(notes_on(store, book, customer_id)) >= MOST:
        raise BadInput(
            _("You have {n} notes about this customer: there is no room for more.").format(n=number(MOST)),
            _("Delete some first."),
        )
    book.append("note written", {"customer_id": customer_id})
    return store.notes.add(book.person.email, customer_id, kept, due_on)


def settle(store: Store, book: Book, note_id: int, done: bool = True) -> None:
    """Say that a step is done, or not after all. Raises UnknownName as `forget` does."""
    note = _mine(store, book, note_id)
    action = "step done" if done else "step reopened"
    book.append(action, {"customer_id": note.customer_id})
    store.notes.settle(book.person.email, note_id, done)


def forget(store: Store, book: Book, note_id: int) -> None:
    """Delete a note. Raises UnknownName for one that is not this person's, or of a customer outside the book."""
    note = _mine(store, book, note_id)
    book.append("note deleted", {"customer_id": note.customer_id})
    store.notes.delete(book.person.email, note_id)


def steps_due(store: Store, book: Book, until: date) -> Sequence[Note]:
    """This person's open steps that are due by then, for customers who are in the book now; SHOWN at most."""
    steps = store.notes.steps(book.person.email, until)
    if not steps:
        return []
    inside = set(book.names(sorted({step.customer_id for step in steps}))["customer_id"])
    return [step for step in steps if step.customer_id in inside][:SHOWN]


def cleaned(text: str) -> str:
    """The text as it is kept: without what is no character, and without space around it.

    Raises BadInput where nothing is left, or too much.

    >>> cleaned("  Call back\\x00 in May.\\r\\nAsk for Ann.  ")
    'Call back in May.\\nAsk for Ann.'
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(one for one in lines if one in "\n\t" or unicodedata.category(one) not in ("Cc", "Cs"))
    if not kept.strip():
        raise BadInput(_("There is nothing to keep."), _("Write something first."))
    if len(kept.strip()) > LONGEST:
        raise BadInput(
            _("This text has {n} characters.").format(n=number(len(kept.strip()))),
            _("Keep it to {most}, or write two notes.").format(most=number(LONGEST)),
        )
    return kept.strip()


def _mine(store: Store, book: Book, note_id: int) -> Note:
    note = store.notes.get(book.person.email, note_id)
    if note is None:
        raise UnknownName(_("There is no such note of yours."), _("Load the page again."))
    book.attributes(note.customer_id)
    return note
