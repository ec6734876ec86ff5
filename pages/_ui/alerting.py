"""What there is to look at in the book: alerts with their sentences, to open, to tick off, to tune."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import pandas as pd
import streamlit as st

from analytics.alerts.marking import mark_alert, unmark_alert
from analytics.alerts.report import (
    ALERTS,
    unavailable,
    unmarked,
    with_sentences,
    with_value,
    without_value,
)
from analytics.change import change
from analytics.formats import day, in_a_row, labelled, number
from analytics.notes import steps_due
from analytics.store.marks import Mark
from analytics.translation import plural
from analytics.translation import translate as _
from analytics.value.quantity import Quantity
from pages._ui import layout, limits
from pages._ui.cache import answer, names
from pages._ui.fragments import by_itself
from pages._ui.messages import changed, shown_to_user
from pages._ui.screen import Screen

SHOWN = 8  # alerts at a time
LISTED = 500
SOON = 7  # days


@by_itself
def look_at(now: Screen) -> None:
    """The section of the Overview: steps of one's own that are due, then alerts, then what is behind More."""
    with shown_to_user():
        _steps(now)
        said = limits.own(now)
        question = (now.as_of, said, date.today())
        measured = answer(change, now.book, now.value.key, now.as_of)
        found = answer(with_value, now.book, answer(without_value, now.book, *question), measured)
        marks = now.store.marks.of(now.book.person.email)
        left = unmarked(found, marks)
        text = plural("{n} thing to look at", "{n} things to look at", len(left))
        st.subheader(text.format(n=number(len(left))))
        if len(left):
            _alerts(now, _chosen(left))
        more = st.expander(
            _("More: all of them, thresholds, done"),
            icon=":material/tune:",
            on_change="rerun",
            key="more_alerts",
        )
        if more.open:
            with more:
                _more(now, left, marks, (*question, now.value.key))


def _steps(now: Screen) -> None:
    """Own next steps that are due within days."""
    steps = steps_due(now.store, now.book, date.today() + timedelta(days=SOON))
    if not steps:
        return
    st.subheader(_("Your next steps"))
    known = names(now.book, sorted({step.customer_id for step in steps})).set_index("customer_id")["name"]
    for step in steps[:SHOWN]:
        said = in_a_row(_("Due on {day}:").format(day=day(step.due_on)), step.text.split("\n")[0])
        with st.container(horizontal=True, vertical_alignment="center", key=f"step_{step.id}"):
            _opener(step.customer_id, known, f"open_step_{step.id}")
            st.markdown(layout.plain(said))


def _chosen(left: pd.DataFrame) -> pd.DataFrame:
    """The largest of each kind, or the largest of the kind that is chosen."""
    counts = left["alert"].value_counts()
    kinds = [key for key in ALERTS if key in counts]
    labels = {key: f"{_(ALERTS[key].label)} · {number(int(counts[key]))}" for key in kinds}
    kind = None
    if st.session_state.get("alert_kind") not in kinds:  # its last one was dealt with
        st.session_state.pop("alert_kind", None)
    if len(kinds) > 1:
        kind = st.pills(
            _("Kind"), kinds, key="alert_kind", format_func=lambda key: labels.get(key, key), label_visibility="collapsed"
        )  # fmt: skip
    if kind:
        st.caption(_("The largest of this kind, by the money that it is about."))
        return left[left["alert"] == kind].head(SHOWN)
    st.caption(
        _("The largest of each kind, by the money that it is about: what left, what matures, or the balance.")
    )
    first = left.groupby("alert", sort=False).cumcount()
    few = left[first < max(1, SHOWN // len(kinds))]
    return few.head(SHOWN)


def _alerts(now: Screen, rows: pd.DataFrame) -> None:
    shown = with_sentences(rows, now.book, now.as_of, date.today(), now.value.key)
    known = names(now.book, shown["customer_id"]).set_index("customer_id")["name"]
    for row in shown.itertuples():
        alert, period = str(row.alert), pd.Timestamp(str(row.period)).date()
        place = f"{alert}_{row.customer_id}_{period}"
        with st.container(border=True, key=f"alert_{place}", horizontal=True, vertical_alignment="center"):
            _opener(str(row.customer_id), known, f"open_{place}")
            st.markdown(f"**{layout.plain(_(ALERTS[alert].label))}** · {layout.plain(row.sentence)}")
            _buttons(now, alert, str(row.customer_id), period)


def _buttons(now: Screen, alert: str, customer_id: str, period: date) -> None:
    with st.container(horizontal=True, width="content"):
        for outcome, text, icon in (
            ("done", _("Done"), ":material/check:"), ("dismissed", _("Dismiss"), ":material/close:"),
        ):  # fmt: skip
            if st.button(text, key=f"{outcome}_{alert}_{customer_id}_{period}", icon=icon, type="tertiary"):
                changed(mark_alert, now.store, now.book, alert, customer_id, period, outcome)


def _opener(customer_id: str, known: "pd.Series[Any]", key: str) -> None:
    name = known.get(customer_id)
    text = layout.plain(name if name is not None and pd.notna(name) else customer_id)
    if not layout.may_open_customers():
        st.markdown(text)
    elif st.button(text, key=key, icon=":material/person:"):
        layout.open_customer(customer_id)


def _more(now: Screen, left: pd.DataFrame, marks: Iterable[Mark], question: tuple[Any, ...]) -> None:
    if len(left):
        _whole(now, left)
    for key, reason in unavailable(now.book, *question).items():
        st.info(layout.plain(labelled(_(ALERTS[key].label), reason)), icon=":material/info:")
    limits.form(now)
    _taken_back(now, marks)


def _whole(now: Screen, left: pd.DataFrame) -> None:
    listed = left.head(LISTED)
    shown = with_sentences(listed, now.book, now.as_of, date.today(), now.value.key)
    shown = shown.assign(alert=[_(ALERTS[str(key)].label) for key in shown["alert"]])
    known = names(now.book, sorted(set(listed["customer_id"])))
    rows = shown.merge(known, on="customer_id", how="left")
    size = Quantity(
        "size", _("Money that it is about"), "currency", now.book.warehouse.manifest.base_currency
    )
    layout.table(
        rows[["customer_id", "name", "alert", "sentence", "size"]], {"size": size},
        labels={"customer_id": _("Customer"), "name": _("Name"), "alert": _("Kind"), "sentence": _("What happened")},
        key="all_alerts", opens_customer=True, height=320,
    )  # fmt: skip
    if len(left) > LISTED:
        st.caption(_("The first {n} are listed.").format(n=number(LISTED)))


def _taken_back(now: Screen, marks: Iterable[Mark]) -> None:
    """The latest that were dealt with, for customers who are in the book, each with a way back."""
    latest = [mark for mark in marks if mark.alert in ALERTS][:SHOWN]
    if not latest:
        return
    known = names(now.book, sorted({mark.customer_id for mark in latest})).set_index("customer_id")["name"]
    st.markdown("**" + _("Dealt with lately") + "**")
    words = {"done": _("done"), "dismissed": _("dismissed")}
    for mark in (one for one in latest if one.customer_id in known.index):
        said = _("{alert}, {outcome} on {day}").format(
            alert=_(ALERTS[mark.alert].label), outcome=words[mark.outcome], day=day(mark.marked_at.date())
        )
        key = f"back_{mark.alert}_{mark.customer_id}_{mark.period}"
        with st.container(horizontal=True, vertical_alignment="center"):
            _opener(mark.customer_id, known, f"open_{key}")
            st.markdown(layout.plain(said))
            if st.button(_("Take back"), key=key, type="tertiary"):
                changed(unmark_alert, now.store, now.book, mark.alert, mark.customer_id, mark.period)
