"""Offers on pages: the best of some customers with what is held back and why, and those of one customer."""

from collections.abc import Sequence
from datetime import date

import pandas as pd
import streamlit as st

from analytics.charts import calibration_plot, lift_curve
from analytics.errors import NotEnoughData
from analytics.formats import number
from analytics.needs.backtest import Backtest, backtest, calibration_sentence, lift_sentence
from analytics.needs.offer_sentences import (
    LABELS,
    lapsed_sentence,
    lapsed_since,
    offered_sentence,
    withheld_sentence,
)
from analytics.needs.offers import Offering, offering
from analytics.needs.suitability import REASONS
from analytics.translation import translate as _
from analytics.value.quantity import Quantity
from pages._ui import layout
from pages._ui.cache import answer, later, names
from pages._ui.screen import Screen

LISTED = 200
EVERY = 50  # products: more than a customer is ever offered, so all of one customer's are listed


def offers_section(now: Screen, customer_ids: Sequence[str] | None, title: str) -> None:
    """The best offers of these customers (None: the whole book), who is held back, and whether it came true.

    title : a heading, as plain text.
    """
    st.subheader(layout.plain(title))
    found = _found(now)
    if found is None:
        return
    asked = len(found.places(customer_ids))
    nothing = found.unserved(customer_ids)
    st.markdown(layout.plain(offered_sentence(asked, asked - len(nothing))))
    if asked:
        st.markdown(layout.plain(withheld_sentence(nothing["reason"].value_counts().to_dict())))
    lapsed = _lapsed(found, now, customer_ids)
    if lapsed:
        st.warning(layout.plain(lapsed_sentence(lapsed, found.seen.known.as_of)))
    _best(found, customer_ids, now)
    _warnings(found)
    with st.expander(_("Held back, and why"), icon=":material/block:"):
        _held_back(found, customer_ids, nothing, now)
    _came_true(now)


def customer_offers(now: Screen, customer_id: str) -> None:
    """What may be offered to one customer, best first, and what is held back with the reason."""
    found = _found(now)
    if found is None:
        return
    rows = found.best([customer_id], EVERY)
    if rows.empty:
        st.markdown(_("There is nothing to offer to this customer now."))
    else:
        if _lapsed(found, now, [customer_id]):
            st.warning(layout.plain(lapsed_since(found.seen.known.as_of)))
        st.caption(_explained(found))
        columns = ["product", "probability", *_worth_columns(found), "reason"]
        layout.table(rows[columns], _quantities(now), labels=_labels(), key="customer_offers")
    held = _of_one(found, customer_id)
    if not held.empty:
        with st.expander(_("Held back, and why"), icon=":material/block:"):
            layout.table(held, {}, labels=_labels(), key="customer_held_back")
    _warnings(found)


def _lapsed(found: Offering, now: Screen, customer_ids: Sequence[str] | None) -> int:
    """Whose assessment ran out after the newest figures; what was offered at an earlier date is history."""
    newest = now.as_of == now.book.warehouse.newest_as_of
    return found.lapsed(date.today(), customer_ids) if newest else 0


def _found(now: Screen) -> Offering | None:
    """The book's offers; where there can be none, the reason is shown."""
    try:
        found: Offering = answer(offering, now.book, now.as_of)
    except NotEnoughData as error:
        st.info(layout.plain(str(error)), icon=":material/redeem:")
        return None
    return found


def _best(found: Offering, customer_ids: Sequence[str] | None, now: Screen) -> None:
    rows = found.best(customer_ids, rows=LISTED)
    if rows.empty:
        return
    named = names(now.book, rows["customer_id"].unique()).merge(rows, on="customer_id")
    named = named.sort_values(
        "probability" if found.margins is None else "worth", ascending=False, kind="stable"
    ).reset_index(drop=True)
    st.caption(_explained(found))
    columns = ["customer_id", "name", "product", *_worth_columns(found), "probability", "reason"]
    layout.table(
        named[columns], _quantities(now), labels=_labels(), key="best_offers", opens_customer=True, height=340
    )
    if len(rows) == LISTED:
        st.caption(_("The {n} best are listed.").format(n=number(LISTED)))


def _explained(found: Offering) -> str:
    if found.margins is None:
        return _(
            "Likeliest first: the probability that a customer like this takes the product within a year."
        )
    return _(
        "Expected worth: the probability that a customer like this takes the product within a year, times what the "
        "product brings a year per holder."
    )


def _worth_columns(found: Offering) -> list[str]:
    return [] if found.margins is None else ["worth"]


def _quantities(now: Screen) -> dict[str, Quantity]:
    currency = now.book.warehouse.manifest.base_currency
    return {
        "probability": Quantity("probability", _("Probability"), "share"),
        "worth": Quantity("worth", _("Expected worth"), "currency", currency),
    }


def _labels() -> dict[str, str]:
    return {
        "customer_id": _("Customer"), "name": _("Name"), "product": _("Product"), "probability": _("Probability"),
        "reason": _("Reason"), "eligible": _("May be offered"), "customers": _("Customers"),
        **{key: _(label) for key, label in LABELS.items()},
    }  # fmt: skip


def _warnings(found: Offering) -> None:
    for text in found.warnings:
        st.caption(layout.plain(text))


def _held_back(
    found: Offering, customer_ids: Sequence[str] | None, nothing: pd.DataFrame, now: Screen
) -> None:
    """By product and reason, then the customers who may be offered nothing; a click opens one."""
    st.caption(_("Customers by product; the first reason that applies counts."))
    counts = found.counts(customer_ids)
    counts = counts[["eligible", *(reason.key for reason in REASONS if counts[reason.key].any())]]
    counts.insert(0, "product", found.seen.known.products["name"])
    layout.table(counts, {}, labels=_labels(), key="held_back")
    if nothing.empty:
        return
    st.caption(_("Customers who may be offered nothing."))
    some = nothing.head(LISTED)
    named = names(now.book, some["customer_id"]).merge(some, on="customer_id")
    named["reason"] = [_(LABELS[key]) for key in named["reason"]]
    layout.table(named, {}, labels=_labels(), key="offered_nothing", opens_customer=True, height=280)
    if len(nothing) > LISTED:
        text = _("{shown} of {n} are listed.")
        st.caption(text.format(shown=number(LISTED), n=number(len(nothing))))


def _of_one(found: Offering, customer_id: str) -> pd.DataFrame:
    """product and reason of what is held back from one customer; nothing that isn't sold any more."""
    places = found.places([customer_id])
    codes = found.why[places[0]] if len(places) else []
    rows = [
        (name, _(REASONS[code - 1].label))
        for name, code in zip(found.seen.known.products["name"], codes, strict=False)
        if code and REASONS[code - 1].key != "not_sold"
    ]
    return pd.DataFrame(rows, columns=["product", "reason"])


def _came_true(now: Screen) -> None:
    """The offers of a year ago against the year since."""
    st.markdown("#### " + _("Would they have been right a year ago?"))
    try:
        tested: Backtest | None = later(backtest, now.book, now.as_of, key="offers_backtest")
    except NotEnoughData as error:
        st.info(layout.plain(str(error)), icon=":material/history:")
        return
    if tested is None:
        return
    said, held = lift_sentence(tested), calibration_sentence(tested)
    st.markdown(layout.plain(said))
    layout.chart(lambda: lift_curve(tested.lift, palette=now.colours), alt=said, key="offers_lift")
    st.markdown(layout.plain(held))
    layout.chart(
        lambda: calibration_plot(tested.calibration, palette=now.colours), alt=held, key="offers_calibration"
    )
