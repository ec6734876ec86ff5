"""Targets and comments on the Review page: what was agreed for a segment, and what was said of it."""

from collections.abc import Sequence
from datetime import date

import streamlit as st

from analytics.calendar import months_before
from analytics.formats import day
from analytics.notes import LONGEST
from analytics.review import sentences
from analytics.review.comments import Remark, comment, comments_on, uncomment
from analytics.review.report import Review, review
from analytics.review.sight import may_write, segment_now, unit_of
from analytics.review.targets import (
    MEASURES,
    Standing,
    drop_target,
    quantity_of,
    set_target,
    standing,
    targets_of,
)
from analytics.translation import translate as _
from pages._ui import layout
from pages._ui.cache import answer
from pages._ui.messages import changed, shown_to_user
from pages._ui.reviewing import Asked
from pages._ui.screen import Screen

AHEAD = (1, 3, 6, 12, 24)  # months that a target can be due in
USUAL = 3  # its place among these
SHOWN = 50  # comments on a cell
SET, WRITTEN = "targets_set", "comments_written"  # how often, so that the boxes come back empty


def standings(now: Screen, asked: Asked, found: Review) -> list[Standing]:
    """How far every target is that this person may see for these segments."""

    def reviewed(when: date, by: str) -> Review:
        if (when, by) == (found.as_of, found.by):
            return found
        told: Review = answer(review, now.book, asked.way.toml, when, by, "")
        return told

    kept = targets_of(now.book, now.store, found.recipe_hash)
    return [standing(now.book, target, found.as_of, reviewed) for target in kept]


def targets(now: Screen, found: Review, unit: str, segment: int, known: Sequence[Standing]) -> None:
    """The targets of a cell, and for a manager a place to set one."""
    st.markdown("**" + _("Targets") + "**")
    here = [told for told in known if _is_of(told, found, unit, segment)]
    if not here:
        st.caption(_("No target is set here."))
    for told in here:
        _target(now, told)
    if may_write(now.book):
        with st.expander(_("Set a target"), icon=":material/flag:", key="review_set"):
            _new_target(now, found, unit, segment)


def _is_of(told: Standing, found: Review, unit: str, segment: int) -> bool:
    cell = told.target.cell
    same_kind = cell.unit_kind in ("", found.by)
    return same_kind and unit_of(cell) == unit and segment_now(found.found, cell) == segment


def _target(now: Screen, told: Standing) -> None:
    target = told.target
    with st.container(border=True, key=f"target_{target.id}"):
        st.markdown(layout.plain(sentences.target_sentence(told, now.value)))
        if told.share is not None:
            st.progress(min(1.0, max(0.0, told.share)))
        with st.container(horizontal=True, vertical_alignment="center"):
            set_by = _("Set by {person} on {day}").format(person=target.set_by, day=day(target.set_at.date()))
            st.caption(layout.plain(" · ".join(filter(None, (set_by, told.doubt)))))
            mine = target.set_by == now.book.person.email
            if mine and st.button(_("Take back"), key=f"drop_target_{target.id}", type="tertiary"):
                changed(drop_target, now.book, now.store, target.id)


def _new_target(now: Screen, found: Review, unit: str, segment: int) -> None:
    turn = st.session_state.get(SET, 0)
    left, middle, right = st.columns(3)
    measure = left.selectbox(
        _("Figure"), list(MEASURES), key="target_measure", format_func=lambda key: _(MEASURES[key])
    )
    share = measure == "share_of_value"
    title = _("At least (%)") if share else _("At least")
    figure = middle.number_input(title, min_value=0.0, value=None, key=f"target_figure_{measure}_{turn}")
    months = [months_before(found.as_of, -ahead) for ahead in AHEAD]
    due = right.selectbox(_("Due on"), months, index=USUAL, key="target_due", format_func=day)
    row = found.cell(unit, segment)
    if row is not None:
        quantity = quantity_of(measure, now.value)
        st.caption(_("It is {figure} now.").format(figure=layout.plain(quantity.text(row[measure]))))
    if st.button(_("Set"), key="set_target", type="primary"):
        with shown_to_user():
            wanted = (figure or 0.0) / (100 if share else 1)
            set_target(now.book, now.store, found, unit, segment, measure, wanted, due)
            st.session_state[SET] = turn + 1
            st.rerun()


def comments(now: Screen, found: Review, unit: str, segment: int) -> None:
    """What was said of a cell, with the version that it speaks of, and for a manager a place to say more."""
    st.markdown("**" + _("Comments") + "**")
    known = comments_on(now.book, now.store, found, unit, segment)
    if not known:
        st.caption(_("No comment that you may see."))
    for one in known[:SHOWN]:
        _comment(now, one)
    if not may_write(now.book):
        return
    turn = st.session_state.get(WRITTEN, 0)
    text = st.text_area(
        _("Comment"), key=f"review_comment_{unit}_{segment}_{turn}", max_chars=LONGEST, height=100,
        help=_("Read by whoever may see all that you see of this segment here, and by nobody else."),
    )  # fmt: skip
    if st.button(_("Keep"), key="keep_comment"):
        with shown_to_user():
            comment(now.book, now.store, found, unit, segment, text)
            st.session_state[WRITTEN] = turn + 1
            st.rerun()


def _comment(now: Screen, one: Remark) -> None:
    with st.container(border=True, key=f"comment_{one.comment.id}"):
        # Line by line: a text that begins with spaces would be code, and one break would be none.
        st.markdown("  \n".join(layout.plain(line.strip()) for line in one.comment.text.split("\n")))
        with st.container(horizontal=True, vertical_alignment="center"):
            who = _("{person}, {day}").format(
                person=one.comment.author, day=day(one.comment.written_at.date())
            )
            st.caption(layout.plain(" · ".join((who, one.speaks_of))))
            if one.mine and st.button(_("Delete"), key=f"uncomment_{one.comment.id}", type="tertiary"):
                changed(uncomment, now.book, now.store, one.comment.id)
        if one.differs:
            text = _("Different now: {what}.").format(what=_("; ").join(one.differs))
            st.caption(f":material/history: {layout.plain(text)}")
