"""What a person is told when something can't be done."""

import logging
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

from analytics.access.book import Book
from analytics.errors import AnalyticsError, NotAllowed
from analytics.translation import translate as _
from pages._ui.layout import plain

_log = logging.getLogger("clientele")


def tell(error: AnalyticsError) -> None:
    """Show what happened and what to try; a refusal is recorded first, once a session."""
    record_refusal(error)
    show(error)


def record_refusal(error: AnalyticsError) -> None:
    """Record what a person was not allowed. Where that fails it stays refused, and the fault is logged."""
    book: Book | None = st.session_state.get("book")
    if book is not None and isinstance(error, NotAllowed):
        try:
            book.refused(error)
        except AnalyticsError:
            _log.exception("A refusal was not recorded")


def show(error: AnalyticsError) -> None:
    """The same, for what is recorded already; whatever it quotes stays plain text."""
    st.error(f"**{plain(error.what)}** {plain(error.remedy)}", icon=":material/error:")


@contextmanager
def shown_to_user() -> Iterator[None]:
    """Show what an AnalyticsError says; log anything else under a number that the person can quote."""
    try:
        yield
    except AnalyticsError as error:
        tell(error)
    except Exception:  # noqa: BLE001  # logged under a number, never shown as a trace
        number = secrets.token_hex(4)
        _log.exception("Bug %s", number)
        st.error(
            _(
                "Something went wrong here that is not your fault. Nothing you saved is lost. "
                "If it happens again, quote number {number} to your support."
            ).format(number=number),
            icon=":material/bug_report:",
        )


def changed(verb: Callable[..., object], *given: object) -> None:
    """Change something and draw the page anew; what can't be is said.

    Called where the button is drawn, not as its callback: that would see the book of the run before, and
    permissions may have changed since.
    """
    with shown_to_user():
        verb(*given)
        st.rerun()
