"""Layouts of one's own: save the pivot as it is laid out, open it again, delete it."""

import streamlit as st

from analytics.access.book import Book
from analytics.store.layouts import LONGEST_NAME, SavedLayout
from analytics.translation import translate as _
from analytics.volumes.layout import layout_of
from pages._ui.messages import shown_to_user
from pages._ui.screen import store
from pages._ui.volumes import CHOICES, Asked


def panel(book: Book, asked: Asked) -> None:
    """Under "more": what was saved, and what the figures mean."""
    with st.expander(_("More"), icon=":material/tune:", key="volumes_more"):
        saved = {layout.id: layout for layout in store().layouts.of(book.person.email)}
        if saved:
            chosen = st.selectbox(
                _("Saved layouts"), list(saved), format_func=lambda number: saved[number].name,
                key="volumes_saved",
            )  # fmt: skip
            open_it, delete_it = st.columns(2)
            open_it.button(
                _("Open this layout"), on_click=_open, args=(book, saved[chosen]), key="volumes_open"
            )
            delete_it.button(
                _("Delete this layout"), on_click=store().layouts.delete, args=(book.person.email, chosen),
                key="volumes_delete",
            )  # fmt: skip
        with st.form("volumes_save", border=False):
            name = st.text_input(_("Save this layout as"), max_chars=LONGEST_NAME, key="volumes_name")
            if st.form_submit_button(_("Save"), icon=":material/save:"):
                with shown_to_user():
                    store().layouts.save(book.person.email, name, asked.layout.settings())
                    st.rerun()
        st.markdown(
            _(
                "Every transaction is converted at its month's exchange rate and rounded to the cent, so that parts "
                "add up to their total. Branch, region and department are the customer's, as they are today. Balances "
                "are the month's averages, those of the period's last month. A customer is lost in the month in "
                "which the last open account was closed."
            )
        )


def _open(book: Book, saved: SavedLayout) -> None:
    """Choose what a layout says, as far as this person is told it here."""
    settings = layout_of(book, saved.settings).settings()
    for name in CHOICES:
        st.session_state[f"volumes_{name}"] = settings[name]
