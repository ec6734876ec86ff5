"""The Value page's tiles and tables."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from analytics.charts import lorenz, pareto, whale
from analytics.formats import NOTHING, in_a_row, number, percent
from analytics.translation import mark
from analytics.translation import translate as _
from analytics.value.concentration import Concentration
from analytics.value.findings import interval_sentence, leaving_sentence
from analytics.value.quantity import Quantity
from analytics.value.report import ValueView, value_view
from analytics.value.sentences import dependence_sentence, loss_sentence, value_sentence
from pages._ui import layout
from pages._ui.cache import answer, names
from pages._ui.fragments import by_itself
from pages._ui.layout import Tile
from pages._ui.screen import Screen, where_am_i

SHARE = Quantity("share", "", "share")
CURVES: dict[str, tuple[str, Callable[..., Any]]] = {
    "whale": (mark("Whale curve"), whale),
    "gains": (mark("On gains"), partial(whale, of_gains=True)),
    "lorenz": (mark("Lorenz"), lorenz),
    "pareto": (mark("Pareto"), pareto),
}


def value_tiles(whole: Concentration, value: Quantity) -> list[Tile]:
    """Total, customers for 80 %, the top fifth, losses, evenness."""
    few = whole.for_80
    share = percent(few.customers / whole.customers) if few else NOTHING
    total = value.text(whole.total) if whole.customers else NOTHING
    return [
        Tile(value.label, total, help=_("The book's net total, at the as-of date.")),
        Tile(_("Bring 80% of it"), _("{n} ({share})").format(n=number(few.customers), share=share) if few else NOTHING,
             help=_("The fewest customers who together bring 80% of the total, and their share of customers.")),
        Tile(_("The top fifth brings"), percent(whole.top_share[0.2]),
             help=_("Share of the net total brought by the best 20% of customers. Above 100% where others lose.")),
        Tile(_("Lost on loss-makers"), value.text(whole.whale.losses),
             help=_("What the {n} customers below zero cost together.").format(n=number(whole.whale.loss_makers))),
        Tile(_("Unevenness (Gini)"), number(whole.gini_normalised, 2) if whole.gini_normalised is not None else NOTHING,
             help=_("0: everybody brings the same; 1: one customer brings it all. Normalised, so that losses count.")),
    ]  # fmt: skip


def answered_in(value: Quantity, now: Screen) -> None:
    """The page's answer in another measure, where its own can't be had."""
    found = answer(value_view, now.book, value.key, now.as_of)
    where_am_i(now, found.whole.customers + found.whole.missing)
    layout.headline(value_sentence(found.whole, value, now.as_of))


def instead_of_profit(now: Screen) -> None:
    """Where profit can't be shown, say why, and what is measured instead."""
    reason = now.book.available["profit_12m"]
    if reason:
        note = _("Value here is {label}, not profit. {reason}")
        st.info(note.format(label=now.value.label.lower(), reason=reason), icon=":material/info:")


def top_customers(found: ValueView, now: Screen) -> None:
    """Who brings most; a click opens the customer."""
    rows = names(now.book, found.top["customer_id"]).merge(found.top, on="customer_id")
    rows = rows.sort_values("amount", ascending=False, kind="stable")
    layout.table(
        rows, {"amount": now.value, "share": SHARE, "together": SHARE},
        labels={"customer_id": _("Customer"), "name": _("Name"), "share": _("Share of total"),
                "together": _("Together")},
        key="top_customers", opens_customer=True, height=320,
    )  # fmt: skip


@by_itself
def curve(now: Screen, whole: Concentration, alt: str) -> None:
    """The main picture, in the form that is asked for."""
    names = {key: _(label) for key, (label, _draw) in CURVES.items()}
    shown = st.segmented_control(
        _("Curve"), list(names), key="curve", default="whale", required=True, persist_state="session",
        format_func=lambda key: names[key], label_visibility="collapsed",
    )  # fmt: skip
    draw = CURVES[shown or "whale"][1]
    layout.chart(lambda: draw(whole, now.value, palette=now.colours), alt=alt, key="value_curve")


def how_sure(whole: Concentration, value: Quantity) -> None:
    """What to know before repeating the figures: who is below zero, what hangs on few, how repeatable it is."""
    facts = in_a_row(loss_sentence(whole, value), leaving_sentence(whole, value))
    if facts:
        st.markdown(layout.plain(facts))
    doubts = in_a_row(interval_sentence(whole), *whole.warnings)
    if doubts:
        st.info(layout.plain(doubts), icon=":material/info:")


def leaving(whole: Concentration, value: Quantity) -> None:
    """What the book loses with its largest customers, and how many equal ones it is worth."""
    said = dependence_sentence(whole, value)
    if said:
        st.markdown(layout.plain(said))
    rows = whole.dependence.assign(leave=[_largest(int(count)) for count in whole.dependence["leave"]])
    layout.table(
        rows, {"loses": value, "share": SHARE, "left": value}, key="leaving",
        labels={"leave": _("If these leave"), "loses": _("it loses"), "share": _("Share of total"),
                "left": _("and keeps")},
    )  # fmt: skip


def _largest(count: int) -> str:
    return _("the largest customer") if count == 1 else _("the {n} largest").format(n=number(count))


def figures(found: ValueView, value: Quantity) -> None:
    """Every figure of concentration, and the quantiles."""
    whole = found.whole
    left, right = st.columns(2)
    undefined = _("not defined with losses") if whole.whale.loss_makers else NOTHING
    rows = {
        **{_("Top {share} of customers bring").format(share=percent(x)): percent(y, 1) for x, y in whole.top_share.items()},
        _("Mean"): value.text(whole.mean, full=True),
        _("Median"): value.text(whole.median, full=True),
        _("Gini"): number(whole.gini, 3) if whole.gini is not None else undefined,
        _("Gini, normalised"): number(whole.gini_normalised, 3),
        _("Herfindahl index"): number(whole.hhi, 4) if whole.hhi is not None else undefined,
        _("Effective customers"): number(whole.effective_customers, 1),
        _("Peak of the whale curve"): percent(whole.whale.peak_share, 1),
    }  # fmt: skip
    left.dataframe(_two_columns(rows, _("Figure"), _("Amount")), hide_index=True, height="content")
    quantiles = {percent(x): value.text(y, full=True) for x, y in found.spread.quantiles.items()}
    right.dataframe(
        _two_columns(quantiles, _("Customers at or below"), value.label), hide_index=True, height="content"
    )


def _two_columns(rows: dict[str, str], left: str, right: str) -> pd.DataFrame:
    return pd.DataFrame({left: list(rows), right: list(rows.values())})
