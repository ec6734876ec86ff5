"""The Value page's tiles and tables."""

import pandas as pd
import streamlit as st

from analytics.charts import segment_pairs
from analytics.formats import NOTHING, labelled, number, percent
from analytics.recipe import Recipe
from analytics.translation import translate as _
from analytics.value.concentration import Concentration
from analytics.value.quantity import Quantity
from analytics.value.report import ValueView, segment_view
from analytics.value.sentences import value_sentence
from pages._ui import layout
from pages._ui.cache import answer, names
from pages._ui.layout import Tile
from pages._ui.screen import Screen

SHARE = Quantity("share", "", "share")


def value_tiles(whole: Concentration, value: Quantity) -> list[Tile]:
    """Total, customers for 80 %, the top fifth, losses, evenness."""
    few = whole.for_80
    share = percent(few.customers / whole.customers) if few else NOTHING
    return [
        Tile(value.label, value.text(whole.total), help=_("The book's net total, at the as-of date.")),
        Tile(_("Bring 80% of it"), _("{n} ({share})").format(n=number(few.customers), share=share) if few else NOTHING,
             help=_("The fewest customers who together bring 80% of the total, and their share of customers.")),
        Tile(_("The top fifth brings"), percent(whole.top_share[0.2]),
             help=_("Share of the net total brought by the best 20% of customers. Above 100% where others lose.")),
        Tile(_("Lost on loss-makers"), value.text(whole.whale.losses),
             help=_("What the {n} customers below zero cost together.").format(n=number(whole.whale.loss_makers))),
        Tile(_("Unevenness (Gini)"), number(whole.gini_normalised, 2) if whole.gini_normalised is not None else NOTHING,
             help=_("0: everybody brings the same; 1: one customer brings it all. Normalised, so that losses count.")),
    ]  # fmt: skip


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


def by_segment(now: Screen, recipe: Recipe) -> None:
    """Concentration within each segment of the recipe in use."""
    result, parts = answer(segment_view, now.book, recipe.to_toml())
    layout.chart(
        lambda: segment_pairs(result.segments, now.value, palette=now.colours),
        alt=_("Share of customers and share of value, segment by segment"), key="value_pairs",
    )  # fmt: skip
    for name, part in parts.items():
        st.markdown(
            labelled(f"**{layout.plain(name)}**", value_sentence(part, now.value, now.as_of, mine=False))
        )


def figures(found: ValueView, value: Quantity) -> None:
    """Every figure of concentration, and the quantiles."""
    whole = found.whole
    left, right = st.columns(2)
    rows = {
        **{_("Top {share} of customers bring").format(share=percent(x)): percent(y, 1) for x, y in whole.top_share.items()},
        _("Mean"): value.text(whole.mean, full=True),
        _("Median"): value.text(whole.median, full=True),
        _("Gini"): number(whole.gini, 3) if whole.gini is not None else _("not defined with losses"),
        _("Gini, normalised"): number(whole.gini_normalised, 3),
        _("Herfindahl index"): number(whole.hhi, 4) if whole.hhi is not None else _("not defined with losses"),
        _("Effective customers"): number(whole.effective_customers, 1),
        _("Peak of the whale curve"): percent(whole.whale.peak_share, 1),
    }  # fmt: skip
    left.dataframe(_two_columns(rows, _("Figure"), _("Amount")), hide_index=True)
    quantiles = {percent(x): value.text(y, full=True) for x, y in found.spread.quantiles.items()}
    right.dataframe(_two_columns(quantiles, _("Customers at or below"), value.label), hide_index=True)


def _two_columns(rows: dict[str, str], left: str, right: str) -> pd.DataFrame:
    return pd.DataFrame({left: list(rows), right: list(rows.values())})
