"""The call list of one of the app's own campaigns: who is next, ticking off, taking it away, publishing."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from analytics.calendar import month_end
from analytics.formats import day, number
from analytics.needs.campaigns import Report, own_members
from analytics.needs.publishing import PUBLISHING, publish_answers, require_publishing
from analytics.needs.running import calls_of, campaign_of, record_answer, record_contact
from analytics.store.campaigns import Campaign
from analytics.translation import plural
from analytics.translation import translate as _
from pages._ui import layout
from pages._ui.cache import names
from pages._ui.campaigning import act
from pages._ui.screen import Screen
from pages._ui.taking import Table, offer

LISTED = 500
Record = Callable[..., None]


def call_list(now: Screen, one: Report, today: date) -> None:
    """Who is called when, best first, with what was recorded of them."""
    campaign = campaign_of(now.book, now.store, str(one.number))
    calls = calls_of(now.book, now.store, campaign)
    left = own_members(now.book, now.store, campaign.id).query("is_holdout")
    st.subheader(_("Call list"))
    done = int(calls["contacted_on"].notna().sum())
    st.caption(
        layout.plain(
            _("{done} of {n} contacted, {left} left alone on purpose; {capacity} calls a week for each manager.").format(
                done=number(done), n=number(len(calls)), left=number(len(left)), capacity=number(campaign.capacity)
            )
        )
    )  # fmt: skip
    if campaign.message:
        st.markdown(f"> {layout.plain(campaign.message)}".replace("\n", " "))
    _tick(now, campaign, calls, today)
    _table(now, calls)
    columns = ["manager_id", "week", "place", "customer_id", "contacted_on", "responded_on"]
    offer(now, Table(calls[columns], f"calls-{campaign.campaign_id}", now.as_of, campaign.recipe_hash))
    _left_alone(now, campaign, left, today)
    _publish(now, campaign, one)


def _table(now: Screen, calls: pd.DataFrame) -> None:
    """The list itself: those still to be called first."""
    waiting = calls["contacted_on"].isna()
    rows = pd.concat([calls[waiting], calls[~waiting]]).head(LISTED)
    rows = rows.merge(names(now.book, rows["customer_id"]), on="customer_id", how="left")
    written = {
        key: [day(on) if isinstance(on, date) else "" for on in rows[key]]
        for key in ("contacted_on", "responded_on")
    }
    rows = rows.assign(**written)
    columns = ["week", "place", "customer_id", "name", "contacted_on", "responded_on"]
    if rows["manager_id"].nunique() > 1:
        columns.insert(0, "manager_id")
    labels = {"week": _("Week"), "place": _("Place"), "customer_id": _("Customer"), "name": _("Name"),
              "manager_id": _("Manager"), "contacted_on": _("Contacted on"), "responded_on": _("Answered on")}  # fmt: skip
    layout.table(rows[columns], {}, labels=labels, key="calls", opens_customer=True, height=340)


def _tick(now: Screen, campaign: Campaign, calls: pd.DataFrame, today: date) -> None:
    """Record contacts and answers of some of the list, on one day."""
    known = calls.head(LISTED)
    called = names(now.book, known["customer_id"]).set_index("customer_id")["name"]
    labels = {
        str(row["customer_id"]): _named(row, called.get(row["customer_id"]))
        for row in known.to_dict("records")
    }
    with st.form("tick", border=True):
        chosen = st.multiselect(
            _("Tick off"), list(labels), key="tick_customers", format_func=lambda key: labels[key],
            placeholder=_("Customers, in the order of their calls"),
        )  # fmt: skip
        on = st.date_input(
            _("On"), max(today, campaign.starts_on), key="tick_on", min_value=campaign.starts_on,
            max_value=max(today, campaign.starts_on), format="YYYY-MM-DD",
        )  # fmt: skip
        with st.container(horizontal=True):
            contacted = st.form_submit_button(_("Contacted"), key="tick_contacted", type="primary")
            answered = st.form_submit_button(_("Answered"), key="tick_answered")
            back = st.form_submit_button(_("Take back"), key="tick_back")
    picked = date.fromisoformat(str(on))
    if contacted:
        act(lambda: _recorded(now, campaign, chosen, picked, [record_contact]))
    if answered:
        act(lambda: _recorded(now, campaign, chosen, picked, [record_answer]))
    if back:
        act(lambda: _recorded(now, campaign, chosen, None, [record_answer, record_contact]))


def _named(row: Mapping[Hashable, Any], name: object) -> str:
    """Nothing that an action changes: a list of choices whose labels change loses what was chosen."""
    parts = [row["customer_id"], name if isinstance(name, str) else "", _("week {n}").format(n=row["week"])]
    return " · ".join(filter(None, parts))


def _recorded(
    now: Screen, campaign: Campaign, customers: Sequence[str], on: date | None, verbs: Sequence[Record]
) -> str:
    """Record one after the other; what was recorded before something is refused stays."""
    for customer_id in customers:
        for verb in verbs:
            verb(now.book, now.store, campaign, customer_id, on)
    if not customers:
        return _("Nobody was chosen, so nothing was recorded.")
    said = plural("Recorded for {n} customer.", "Recorded for {n} customers.", len(customers))
    return said.format(n=number(len(customers)))


def _left_alone(now: Screen, campaign: Campaign, left: pd.DataFrame, today: date) -> None:
    """Those of the hold-out who took it of their own accord."""
    with st.expander(_("Left alone"), icon=":material/do_not_disturb_on:", key="left_alone"):
        st.caption(
            _(
                "Chance chose them, and nobody contacts them: they show what happens without a call. Record here who of "
                "them took the product of their own accord."
            )
        )
        with st.form("left", border=False):
            chosen = st.multiselect(
                _("Took it of their own accord"), list(left["customer_id"]), key="left_customers"
            )
            if st.form_submit_button(_("Record"), key="left_answered"):
                act(lambda: _recorded(now, campaign, chosen, today, [record_answer]))
        answered = left[left["responded_on"].notna()]
        if len(answered):
            ids = _(", ").join(answered["customer_id"])
            st.markdown(layout.plain(_("Recorded: {customers}").format(customers=ids)))


def _publish(now: Screen, campaign: Campaign, one: Report) -> None:
    """When contacts and answers are in the indicators, and the button that brings them there."""
    with st.expander(_("Into the indicators"), icon=":material/publish:", key="publish_panel"):
        known = campaign.campaign_id in now.book.warehouse.manifest.recorded
        st.markdown(
            _("The warehouse in use knows of this campaign, as it was when that was published.")
            if known
            else _("The warehouse in use does not know of this campaign yet.")
        )
        if one.last_contact:
            st.markdown(
                layout.plain(
                    _(
                        "Its newest contact is of {day}: response rates know of it from {end} on, once it is published and "
                        "transactions up to then are loaded. The next load publishes it in any case."
                    ).format(day=day(one.last_contact), end=day(month_end(one.last_contact)))
                )
            )
        if PUBLISHING & set(now.book.person.roles):
            if st.button(_("Publish now"), key="publish_answers"):
                with st.spinner(_("Publishing …")):
                    act(lambda: _published(now))
        else:
            st.caption(_("A manager or a data steward can publish it now."))


def _published(now: Screen) -> str:
    require_publishing(now.book)
    manifest = publish_answers(now.book.warehouse.root, now.store, now.book.person.email)
    if manifest is None:
        return _("Nothing was recorded yet: what serves stays.")
    return _("Version {version} serves now.").format(version=manifest.version)
