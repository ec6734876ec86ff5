"""One's own thresholds of alerts: kept with one's defaults, so that they are there next time."""

from typing import Any

import streamlit as st

from analytics.access.holdings import shelf
from analytics.alerts.base import Alert, Threshold
from analytics.alerts.report import ALERTS, LONGEST_TERM, TERMS, checked, granted
from analytics.errors import AnalyticsError
from analytics.formats import currency_word
from analytics.translation import translate as _
from pages._ui import layout
from pages._ui.messages import shown_to_user
from pages._ui.screen import Screen

KEPT = "alerts"  # their place among a person's defaults


def own(now: Screen) -> dict[str, dict[str, Any]]:
    """Every threshold, as this person set it or as it is for everybody."""
    kept = now.store.defaults.get(now.book.person.email).get(KEPT, {})
    try:
        return checked(kept)
    except (AnalyticsError, AttributeError):  # an earlier release knew other ones
        return checked({})


def form(now: Screen) -> None:
    """A form of all rules that this person can have, each in words, with its thresholds."""
    here = own(now)
    with st.form("alert_thresholds", border=False):
        st.markdown("**" + _("Your own thresholds") + "**")
        chosen = {
            key: _of_one(now, alert, here[key]) for key, alert in ALERTS.items() if granted(alert, now.book)
        }
        if st.form_submit_button(_("Use these"), key="use_thresholds", type="primary"):
            _keep(now, here | chosen)
    if st.button(_("Back to the usual ones"), key="usual_thresholds", type="tertiary"):
        _keep(now, {})


def _of_one(now: Screen, alert: Alert, here: dict[str, Any]) -> dict[str, Any]:
    st.markdown(f"**{_(alert.label)}**")
    st.caption(layout.plain(_(alert.meaning)))
    columns = st.columns(max(2, len(alert.thresholds)))
    chosen: dict[str, Any] = {
        threshold.key: _number(
            now, threshold, here[threshold.key], f"limit_{alert.key}_{threshold.key}", place
        )
        for threshold, place in zip(alert.thresholds, columns, strict=False)
    }
    return chosen | ({TERMS: _terms(now, here[TERMS])} if TERMS in here else {})


def _number(now: Screen, threshold: Threshold, here: float, key: str, place: Any) -> float:
    """Shares as percentages, everything else as it is."""
    share = threshold.unit == "share"
    times = 100 if share else 1
    units = {"share": "%", "currency": currency_word(now.book.warehouse.manifest.base_currency)}
    label = _(threshold.label)
    if threshold.unit in units:
        label = _("{label} ({unit})").format(label=label, unit=units[threshold.unit])
    given = place.number_input(
        label, min_value=float(threshold.low * times), max_value=float(threshold.high * times),
        value=float(round(here * times, 6)), step=1.0, format="%0.0f", key=key,
    )  # fmt: skip
    return float(given) / times


def _terms(now: Screen, here: dict[str, int]) -> dict[str, int]:
    """How many months each deposit product runs; 0 where it has no term."""
    products = shelf(now.book)
    deposits = products[products["category"] == "deposit"].reset_index()
    if deposits.empty:
        return {}
    st.caption(_("Terms of deposit products in months; 0 for those without one."))
    rows = deposits[["product_id", "name"]].assign(
        months=[here.get(str(key), 0) for key in deposits["product_id"]]
    )
    edited = st.data_editor(
        rows, key="deposit_terms", hide_index=True, disabled=["product_id", "name"],
        column_config={
            "product_id": None, "name": _("Product"),
            "months": st.column_config.NumberColumn(_("Months"), min_value=0, max_value=LONGEST_TERM, step=1),
        },
    )  # fmt: skip
    given = edited.set_index("product_id")["months"].fillna(0).astype(int)
    return {str(key): int(months) for key, months in given[given > 0].items()}


def _keep(now: Screen, chosen: dict[str, Any]) -> None:
    with shown_to_user():
        if chosen:
            checked(chosen)
        mine = now.book.person.email
        now.store.defaults.set(mine, now.store.defaults.get(mine) | {KEPT: chosen})
        st.rerun()
