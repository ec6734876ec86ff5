"""When an employee leaves: who would get which of their customers, to edit and to take."""

from typing import Any

import pandas as pd
import streamlit as st

from analytics.indicators import CATALOGUE
from analytics.team.handover import Handover, handover, shared_out
from analytics.team.report import Team
from analytics.team.sentences import DISTANCES, handover_sentence
from analytics.translation import translate as _
from analytics.value.quantity import Quantity
from pages._ui import layout, taking
from pages._ui.cache import answer, names
from pages._ui.earning import base
from pages._ui.screen import Screen

SHARE = Quantity("share", "", "share")


def panel(found: Team, now: Screen, capacity: float | None) -> None:
    """Who would get which customers, to edit and to take; nothing changes by it."""
    known = dict(zip(found.rows["employee_id"], found.rows["name"], strict=True))
    leaver = st.selectbox(
        _("Who leaves"), list(known), key="team_leaver", index=None, placeholder=_("Choose"),
        format_func=lambda one: f"{known[one]} ({one})",
    )  # fmt: skip
    if leaver is None:
        st.caption(_("Choose somebody to see who could get their customers. Nothing changes by it."))
        return
    made: Handover = answer(handover, now.book, leaver, now.as_of, capacity)
    st.markdown(layout.plain(handover_sentence(made)))
    st.caption(
        _(
            "By workload, distance and language: a step of distance weighs as much as a full load. The bank records "
            "no customer's language, so those of the leaver stand for it."
        )
    )
    edited = _edited(made, now)
    _shares(shared_out(made.receivers, edited, made.capacity))
    taking.offer(now, taking.Table(edited, f"handover-{leaver}", now.as_of))


def _edited(made: Handover, now: Screen) -> pd.DataFrame:
    """The proposal as it was edited: customer_id, name, employee_id and the rest of `handover.PROPOSED`."""
    called = dict(zip(made.receivers["employee_id"], made.receivers["name"], strict=True))
    options = {f"{name} ({one})": one for one, name in called.items()}
    written = {one: text for text, one in options.items()}
    known = names(now.book, made.customers["customer_id"])
    rows = made.customers.drop(columns="name").merge(known, on="customer_id", how="left")
    shown = rows.assign(
        receiver=rows["employee_id"].map(written), distance=[_(DISTANCES[word]) for word in rows["distance"]]
    )
    order = ["customer_id", "name", "receiver", "result", "effort", "distance"]
    money = _amount_column(made, now)
    config: dict[str, Any] = {
        "customer_id": _("Customer"), "name": _("Name"), "effort": st.column_config.NumberColumn(_("Effort"), format="%.2f"),
        "receiver": st.column_config.SelectboxColumn(_("Goes to"), options=list(options), required=True),
        "result": money, "distance": _("Distance as proposed"),
    }  # fmt: skip
    edited = st.data_editor(
        shown[order], column_config=config, disabled=[name for name in order if name != "receiver"], hide_index=True,
        key=f"team_handover_{made.leaver}", height=360,
    )  # fmt: skip
    goes_to = edited["receiver"].map(options)
    return edited.assign(employee_id=goes_to, receiver=goes_to.map(called))


def _amount_column(made: Handover, now: Screen) -> Any:
    title = Quantity.of(CATALOGUE[made.measure], base(now)).axis
    return st.column_config.NumberColumn(title, format="localized", step=1)


def _shares(receivers: pd.DataFrame) -> None:
    """What each gets, as the proposal stands now."""
    rows = receivers[(receivers["gets"] > 0) | (receivers["customers"] > 0)].rename(
        columns={"name": "employee"}
    )
    labels = {
        "employee": _("Employee"), "branch": _("Branch"), "customers": _("Has"), "gets": _("Gets"), "load": _("Of capacity"),
        "load_after": _("Load afterwards"),
    }  # fmt: skip
    shares = {"load": SHARE, "load_after": SHARE}
    layout.table(rows[list(labels)], shares, labels=labels, key="team_receivers")
