"""Notes and next steps of one's own about the customer that is shown."""

from datetime import date

import streamlit as st

from analytics.customer import Customer
from analytics.formats import day
from analytics.notes import LONGEST, forget, notes_on, settle, write
from analytics.store.notes import Note
from analytics.translation import translate as _
from pages._ui import layout
from pages._ui.messages import changed, shown_to_user
from pages._ui.screen import Screen

WRITTEN = "note_written"  # counts what was written, so that the box comes back empty


def notes(now: Screen, one: Customer) -> None:
    """What this person wrote, steps first, and a place to write."""
    st.caption(_("Only you see these, as long as this customer is in your book."))
    known = notes_on(now.store, now.book, one.customer_id)
    steps = sorted(
        (note for note in known if note.due_on), key=lambda note: (note.done_at is not None, note.due_on)
    )
    for note in (*steps, *(note for note in known if not note.due_on)):
        _shown(now, note)
    _new(now, one.customer_id)


def _shown(now: Screen, note: Note) -> None:
    with st.container(border=True, key=f"note_{note.id}"):
        # Line by line: a text that begins with spaces would be code, and one break would be none.
        st.markdown("  \n".join(layout.plain(line.strip()) for line in note.text.split("\n")))
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(layout.plain(_when(note)))
            if note.due_on:
                text = _("Open again") if note.done_at else _("Done")
                if st.button(text, key=f"settle_{note.id}"):
                    changed(settle, now.store, now.book, note.id, note.done_at is None)
            if st.button(_("Delete"), key=f"forget_{note.id}", type="tertiary"):
                changed(forget, now.store, now.book, note.id)


def _when(note: Note) -> str:
    if note.due_on is None:
        return _("Note of {day}").format(day=day(note.written_at.date()))
    if note.done_at:
        return _("Step done on {day}").format(day=day(note.done_at.date()))
    if note.due_on < date.today():
        return _("Step overdue since {day}").format(day=day(note.due_on))
    return _("Step due on {day}").format(day=day(note.due_on))


def _new(now: Screen, customer_id: str) -> None:
    turn = st.session_state.get(WRITTEN, 0)
    text = st.text_area(
        _("Note or next step"), key=f"note_text_{customer_id}_{turn}", max_chars=LONGEST, height=100,
        placeholder=_("What you agreed, or what to do next"),
    )  # fmt: skip
    due = st.date_input(
        _("Due on (makes it a next step)"),
        value=None,
        key=f"note_due_{customer_id}_{turn}",
        format="YYYY-MM-DD",
    )
    if st.button(_("Keep"), key="keep_note", type="primary"):
        with shown_to_user():
            write(now.store, now.book, customer_id, text, due if isinstance(due, date) else None)
            st.session_state[WRITTEN] = turn + 1
            st.rerun()
