"""One customer: who it is, indicators, products, transactions."""

from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from analytics.charts import customer_timeline
from analytics.errors import AnalyticsError
from analytics.formats import day
from analytics.indicators import CATALOGUE, FAMILIES
from analytics.translation import mark
from analytics.translation import translate as _
from pages._ui import layout
from pages._ui.cache import count
from pages._ui.messages import shown_to_user, tell
from pages._ui.placed import placed
from pages._ui.screen import Screen, where_am_i

ATTRIBUTES = {
    "customer_id": mark("Number"), "customer_type": mark("Customer type"), "birth_date": mark("Born"),
    "phone": mark("Telephone"), "email": mark("E-mail"), "business_line": mark("Business line"),
    "manager_id": mark("Relationship manager"), "onboarded_on": mark("Customer since"),
}  # fmt: skip


def customer_card(now: Screen, customer_id: str) -> None:
    """Everything that the person may see of one customer of their book."""
    where_am_i(now, count(now.book, now.as_of))
    if st.button(_("All customers"), icon=":material/arrow_back:", key="back", type="tertiary"):
        _leave()
    try:
        known = now.book.attributes(customer_id)
    except AnalyticsError as error:
        tell(error)
        return
    keys = tuple(now.book.usable())
    figures = now.book.frame_of(customer_id, keys, as_of=now.as_of)
    layout.headline(_card_sentence(now, known, figures))
    recorded = (
        f"{_(label)} {layout.plain(_written(known[name]))}"
        for name, label in ATTRIBUTES.items()
        if name in known
    )
    st.caption(" · ".join(recorded))
    _timeline(now, customer_id)
    segment, facts, products, transactions = st.tabs(
        [_("Segment"), _("Indicators"), _("Products"), _("Booked transactions")]
    )
    with facts:
        layout.table(_indicator_table(now, figures), {}, key="card_indicators", height=420)
    with products:
        _rows(now, "products", customer_id)
    with transactions:
        _rows(now, "transactions", customer_id)
    with segment, shown_to_user():  # last: over a whole bank it takes a moment, and the rest need not wait
        placed(now, customer_id)


def _timeline(now: Screen, customer_id: str) -> None:
    months = now.book.rows_of("months", customer_id).sort_values("month_end")
    currency = now.book.warehouse.manifest.base_currency
    layout.chart(
        lambda: customer_timeline(months, currency, palette=now.colours),
        alt=_("Balance and money in and out, month by month"),
        key="timeline",
    )


def _written(value: object) -> object:
    return day(value) if isinstance(value, date) else value


def _leave() -> None:
    del st.session_state["shown_customer"]
    st.rerun()


def _card_sentence(now: Screen, known: dict[str, object], figures: "pd.Series[Any]") -> str:
    name = str(known.get("name") or known["customer_id"])
    if figures.empty:
        return _("{name} had not joined on {day}.").format(name=name, day=day(now.as_of))
    return _("{name}: {label} of {figure} on {day}.").format(
        name=name,
        label=now.value.label.lower(),
        figure=now.value.text(figures[now.value.key]),
        day=day(now.as_of),
    )


def _indicator_table(now: Screen, figures: "pd.Series[Any]") -> pd.DataFrame:
    rows = [
        {
            _("Family"): _(FAMILIES[CATALOGUE[str(key)].family]),
            _("Indicator"): now.label(str(key)),
            _("Figure"): now.quantity(str(key)).text(value, full=True)
            if CATALOGUE[str(key)].is_number
            else str(value or "–"),
        }
        for key, value in figures.items()
    ]
    return pd.DataFrame(rows)


def _rows(now: Screen, table: str, customer_id: str) -> None:
    rows = now.book.rows_of(table, customer_id)
    if rows.empty:
        st.info(_("There are none."), icon=":material/info:")
        return
    labels = {
        "account_id": _("Account"), "product": _("Product"), "category": _("Category"), "currency": _("Currency"),
        "opened_on": _("Opened"), "closed_on": _("Closed"), "booked_at": _("Booked"), "amount": _("Amount"),
        "kind": _("Kind"), "channel": _("Channel"),
    }  # fmt: skip
    shown = rows.dropna(axis=1, how="all")
    layout.table(shown, {}, labels=labels, key=f"card_{table}", height=420)
