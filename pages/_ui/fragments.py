"""Parts of a page that are drawn anew by themselves, as long as what they show is still the person's to see."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

import streamlit as st

from analytics.translation import use_language
from pages._ui.identity import signed_in_email
from pages._ui.screen import Screen, open_book

P = ParamSpec("P")


def by_itself(draw: Callable[Concatenate[Screen, P], None]) -> Callable[Concatenate[Screen, P], None]:
    """`draw(now, …)` as a fragment: what is pressed inside it draws nothing else anew.

    A fragment does not pass through `_main`, where the language is set and grants are looked up at every rerun. So it
    does both, and where grants have changed since the page was drawn, the page is drawn anew as a whole.
    """

    @wraps(draw)
    def drawn(now: Screen, /, *args: P.args, **named: P.kwargs) -> None:
        use_language(st.session_state.get("language", "en"))
        email = signed_in_email()
        if email is None or open_book(email).key != now.book.key:
            st.rerun()
        draw(now, *args, **named)

    return st.fragment(drawn)
