"""The Overview's tiles and its table of customers that moved."""

import math
from collections.abc import Callable

import streamlit as st

from analytics.formats import NOTHING, day, number, percent
from analytics.overview import Overview
from analytics.translation import translate as _
from analytics.value.quantity import Quantity
from pages._ui import layout
from pages._ui.cache import names
from pages._ui.layout import Tile
from pages._ui.screen import Screen

ROWS = 10


def overview_tiles(found: Overview, value: Quantity) -> list[Tile]:
    """What the value is, how many customers, how many of them bring most of it, what is lost."""
    here, before = found.now, found.before
    top, top_before = here.top_share[0.2], before.top_share[0.2] if before else None
    points = None if top is None or top_before is None else round((top - top_before) * 100, 1)
    few, few_before = here.for_80, before.for_80 if before else None
    fewer = few.customers - few_before.customers if few and few_before else None
    total = value.text(here.total) if here.customers else NOTHING
    grown = here.total - before.total if before and here.customers else None
    shown = [
        Tile(value.label, total, signed(grown, value.text), "higher",
             help=_("The book's total, at the as-of date.")),
        Tile(_("Customers"), number(found.customers), signed(found.joined if before else None, number), "higher",
             help=_("Customers in your book who had joined by the as-of date.")),
        Tile(_("Bring 80% of it"), number(few.customers) if few else NOTHING, signed(fewer, number),
             help=_("The fewest customers who together bring 80% of the total. More is a wider footing.")),
        Tile(_("The top fifth brings"), percent(top), _("{n} points").format(n=f"{points:+.1f}") if points else None,
             help=_("Share of the total brought by the best 20% of customers. Above 100% where others lose.")),
    ]  # fmt: skip
    if here.whale.losses:
        lost = here.whale.losses - before.whale.losses if before else None
        shown.append(
            Tile(_("Lost on loss-makers"), value.text(here.whale.losses), signed(lost, value.text), "lower",
                 help=_("What customers below zero cost together."))
        )  # fmt: skip
    return shown


def signed(change: float | None, write: Callable[[float], str]) -> str | None:
    """A change with its sign, or nothing where there is none.

    >>> signed(3, str), signed(-2, str), signed(0, str), signed(math.nan, str)
    ('+3', '-2', None, None)
    """
    if change is None or change == 0 or math.isnan(change):
        return None
    return ("+" if change > 0 else "-") + write(abs(change))


def movers_table(found: Overview, now: Screen) -> None:
    """Who rose and fell most; a click opens the customer."""
    rows = found.movers[found.movers["change"].fillna(0) != 0].head(ROWS)
    if rows.empty:
        st.info(_("Nobody's figure changed."), icon=":material/info:")
        return
    rows = names(now.book, rows["customer_id"]).merge(rows, on="customer_id")
    rows = rows.iloc[rows["change"].abs().sort_values(ascending=False).index]
    before = day(found.before_day)
    layout.table(
        rows,
        {"before": now.value, "now": now.value, "change": now.value},
        labels={"customer_id": _("Customer"), "name": _("Name"), "before": before,
                "now": day(now.as_of), "change": _("Change")},
        key="movers", opens_customer=True,
    )  # fmt: skip
