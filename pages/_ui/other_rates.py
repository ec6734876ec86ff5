"""The Profit page's what-if: rates that move, and what that does."""

from dataclasses import replace

import pandas as pd
import streamlit as st

from analytics.access.book import Book
from analytics.access.earnings import foreign_currencies, priced_products
from analytics.charts import Step, waterfall
from analytics.recipe import Recipe
from analytics.shock import Shock
from analytics.translation import translate as _
from analytics.value.profit_sentences import movers_sentence, repriced_sentence, shock_words
from analytics.value.quantity import Quantity
from analytics.value.shocks import STEPS, Repriced, repriced, repriced_by_segment
from pages._ui import layout
from pages._ui.cache import names, small
from pages._ui.earning import base, in_cents
from pages._ui.messages import shown_to_user
from pages._ui.screen import Screen

MOST_POINTS, MOST_PERCENT = 10.0, 90.0


def panel(now: Screen, recipe: Recipe) -> None:
    """The changes to choose, and their answer."""
    st.subheader(_("What if rates move?"))
    st.caption(
        _(
            "Over the same twelve months, with balances and transactions held still: nobody is taken to "
            "move money because of the change."
        )
    )
    products, currencies = small(_choices, now.book)
    called = dict(zip(products["product_id"], products["name"].fillna(products["product_id"]), strict=True))
    shock = _chosen(called, currencies)
    if not shock.moves:
        st.info(
            _("Choose a change above to see what it does to profit, and to whom."), icon=":material/tune:"
        )
        return
    found = small(repriced, now.book, now.as_of, shock.products, shock.curve, shock.currencies)
    _answered(found, called, now)
    with st.expander(
        _("By segment"), icon=":material/groups:", key="shock_by_segment", on_change="rerun"
    ) as segments:
        if segments.open:
            with shown_to_user():
                _segments(shock, recipe, now)


def _choices(book: Book) -> tuple[pd.DataFrame, list[str]]:
    return priced_products(book), foreign_currencies(book)


def _chosen(called: dict[str, str], currencies: list[str]) -> Shock:
    """Three changes side by side: products' rates, the curve, currencies."""
    left, middle, right = st.columns(3)
    with left:
        chosen = st.multiselect(
            _("Products"), list(called), key="shock_products", format_func=lambda key: called[key],
            placeholder=_("None"),
        )  # fmt: skip
        by = _points(_("Their customer rate, percentage points"), "shock_product_points")
    with middle:
        curve = _points(_("Transfer curve, percentage points"), "shock_curve")
    with right:
        moved = st.multiselect(_("Currencies"), currencies, key="shock_currencies", placeholder=_("None"))
        dearer = st.number_input(
            _("Their exchange rate, percent"), -MOST_PERCENT, MOST_PERCENT, 0.0, 1.0, key="shock_percent"
        )
    return Shock(
        tuple((key, by) for key in chosen if by), curve, tuple((key, dearer / 100) for key in moved if dearer)
    )


def _points(label: str, key: str) -> float:
    points = st.number_input(label, -MOST_POINTS, MOST_POINTS, 0.0, 0.05, format="%.2f", key=key)
    return round(points / 100, 6)


def _answered(found: Repriced, called: dict[str, str], now: Screen) -> None:
    """The sentence, the bridge, who changes tier, and the segments."""
    sentence = repriced_sentence(found, base(now))
    st.markdown(f"**{layout.plain(sentence)}** {layout.plain(movers_sentence(found))}")
    st.caption(layout.plain(_("Changed: {what}.").format(what=shock_words(found.shock, called))))
    steps = _steps()
    bars = [Step(_("Profit now"), found.before / 100, total=True)]
    bars += [Step(label, found.steps[key] / 100) for key, label in steps.items() if found.steps[key]]
    bars.append(Step(_("Profit then"), found.after / 100, total=True))
    amount = Quantity("amount", _("Profit over twelve months"), "currency", base(now))
    layout.chart(lambda: waterfall(bars, amount, palette=now.colours), alt=sentence, key="bridge")
    tiers, changes = st.tabs([_("Who changes tier"), _("Largest changes")])
    with tiers:
        _tiers(found, now)
    with changes:
        _listed(found.customers, now, key="shock_changes")


def _steps() -> dict[str, str]:
    return dict(zip(STEPS, (_("Product rates"), _("Transfer curve"), _("Currencies")), strict=True))


def _tiers(found: Repriced, now: Screen) -> None:
    if found.tiers is None:
        st.info(_("There are no tiers to compare."), icon=":material/info:")
        return
    st.caption(_("A bring 80% of the net profit, A and B together 95%; worked out anew after the change."))
    table = found.tiers.rename(columns=lambda tier: _("{tier} then").format(tier=tier))
    count = Quantity("customers", "", "count")
    columns = {name: replace(count, label=name) for name in table.columns}
    table.insert(0, _("Tier"), [_("{tier} now").format(tier=tier) for tier in found.tiers.index])
    layout.table(table, columns, key="shock_tiers")
    _listed(found.moved, now, key="shock_movers")


def _listed(rows: pd.DataFrame, now: Screen, *, key: str) -> None:
    if rows.empty:
        st.info(_("There is nobody in this list."), icon=":material/info:")
        return
    listed = names(now.book, rows["customer_id"]).merge(rows, on="customer_id")
    listed = listed.set_index("customer_id").loc[rows["customer_id"]].reset_index()
    amounts = {"before": _("Profit now"), "after": _("Profit then"), "change": _("Change")}
    listed = listed.assign(**{name: listed[name] / 100 for name in amounts})
    first = ["customer_id", "name", "tier_before", "tier_after", "change"]  # what a phone shows
    listed = listed[[*first, *(name for name in amounts if name not in first)]]
    layout.table(
        listed, {name: Quantity(name, label, "currency", base(now)) for name, label in amounts.items()},
        labels={"customer_id": _("Customer"), "name": _("Name"), "tier_before": _("Tier now"),
                "tier_after": _("Tier then")},
        key=key, opens_customer=True, height=300,
    )  # fmt: skip


def _segments(shock: Shock, recipe: Recipe, now: Screen) -> None:
    parts = (shock.products, shock.curve, shock.currencies)
    rows = small(repriced_by_segment, now.book, now.as_of, *parts, recipe.to_toml())
    named = rows.assign(name=rows["name"].replace("", _("In no segment")))
    in_cents(
        named.drop(columns="segment"), {"name": _("Segment"), "customers": _("Customers")}, now,
        key="shock_segments", titles={"before": _("Profit now"), **_steps(), "after": _("Profit then")},
    )  # fmt: skip
