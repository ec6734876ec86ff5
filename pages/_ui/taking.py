"""Files that are taken from a page: made and recorded when the button is pressed, with the right looked up then."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from threading import Event
from typing import Any

import pandas as pd
import streamlit as st

from analytics.access.book import Book
from analytics.errors import AnalyticsError, NotAllowed
from analytics.exports import File, require_export, take
from analytics.store.store import Store
from analytics.translation import in_language, language
from analytics.translation import translate as _
from analytics.warehouse.engine import open_warehouse
from pages._ui.messages import show
from pages._ui.screen import Screen

PATIENT_SECONDS = 20.0  # a press is waited for, so that what it came to can be told
REFUSED = "file_refused"


@dataclass
class Press:
    """One press of one button: Streamlit makes the file in a thread of its own, which knows no session.

    Whatever it needs is captured here; the rerun that the press starts waits for what it came to.
    """

    made: Callable[[], bytes]
    spoken: str = field(default_factory=language)
    done: Event = field(default_factory=Event)
    error: AnalyticsError | None = None

    def content(self) -> bytes:
        """What Streamlit calls. Raises what refuses it: no file is better than a broken one."""
        self.done.clear()
        self.error = None
        try:
            with in_language(self.spoken):
                return self.made()
        except AnalyticsError as error:
            self.error = error
            raise
        finally:
            self.done.set()

    def told(self) -> None:
        """Before the page is drawn again: keep why there was no file."""
        self.done.wait(PATIENT_SECONDS)
        if self.error:
            st.session_state[REFUSED] = self.error


@dataclass(frozen=True)
class Table:
    """What a file is made of: a frame that the page shows, and what its receipt says of it."""

    rows: pd.DataFrame
    name: str
    as_of: date
    recipe_hash: str | None = None


def taken(book: Book, store: Store, table: Table, ending: str) -> File:
    """The file, with the person's rights as they are now.

    Raises NotAllowed without the right to export, where what they may see has changed since the page was
    drawn, and beyond the files of a day; each of it is recorded.
    """
    try:
        newest = Book.open(open_warehouse(book.warehouse.root), store, book.person.email)
        require_export(newest)
        if newest.sight != book.sight:
            raise NotAllowed(
                _("Your permissions have changed since this page was drawn."),
                _("Look at what it shows now, and take the file then."),
            )
        shown = Book.open(book.warehouse, store, book.person.email)
        return take(table.rows, ending, shown, as_of=table.as_of, recipe_hash=table.recipe_hash)
    except NotAllowed as error:
        book.refused(error, again=True)
        raise


def offer(now: Screen, table: Table) -> None:
    """A button for CSV and one for Excel, or why there is none; and why the last press gave no file."""
    if not now.book.scope.may_export:
        st.caption(_("Your permissions do not allow files to be taken."))
    else:
        left, right = st.columns(2)
        left_help = _("A ZIP file with the table and its receipt: who took it, when and from which data.")
        _button(left, now, table, ".csv", left_help)
        _button(right, now, table, ".xlsx", _("The receipt is a sheet of its own."))
    if error := st.session_state.pop(REFUSED, None):
        show(error)


def _button(place: Any, now: Screen, table: Table, ending: str, about: str) -> None:
    book, store = now.book, now.store

    def made() -> bytes:
        file = taken(book, store, table, ending)
        return file.zipped(f"{table.name}.csv") if ending == ".csv" else file.content

    press, label = Press(made), _("Members as {ending}").format(ending=ending[1:].upper())
    # A file name of its own: two downloads of equal name and length must never be mixed up.
    called = f"{table.name}-{secrets.token_hex(4)}{'.zip' if ending == '.csv' else ending}"
    place.download_button(
        label, press.content, called, key=f"download{ending}", on_click=press.told, help=about,
        icon=":material/download:",
    )  # fmt: skip
