"""The Lifetime value page's tiles, chart, table and settings."""

import streamlit as st

from analytics.access.histories import KEY
from analytics.charts import foretold
from analytics.errors import NotEnoughData
from analytics.formats import NOTHING, number, percent
from analytics.lifetime.models import DISCOUNT, HORIZON, Margins
from analytics.population import default_value
from analytics.translation import plural
from analytics.translation import translate as _
from analytics.value.lifetime.backtest import Backtest, backtest
from analytics.value.lifetime.outlook import Outlook, outlook
from analytics.value.lifetime.sentences import backtest_sentence
from analytics.value.quantity import Quantity
from pages._ui import layout, worth
from pages._ui.cache import answer, names, small
from pages._ui.earning import base
from pages._ui.layout import Tile
from pages._ui.screen import Screen

__all__ = ["KEY", "came_true", "customers", "expected", "left_out", "settings", "tiles"]
HORIZONS = (12, 24, 36, 60)
DEAREST = 30.0  # percent a year


def instead(now: Screen, reason: str) -> None:
    """Where there is no lifetime value: the answer in the value that is measured, and why."""
    value = now.value if now.value.key != KEY else now.quantity(default_value(now.book)[0])
    worth.answered_in(value, now)
    note = _("There is no lifetime value here, so this is {label}. {reason}")
    st.info(layout.plain(note.format(label=value.label.lower(), reason=reason)), icon=":material/info:")


def expected(now: Screen) -> Outlook:
    """The outlook at the chosen horizon and discount; where there is none, the value that is measured and why."""
    if reason := now.book.available[KEY]:
        instead(now, reason)
        st.stop()
    try:
        found: Outlook = answer(outlook, now.book, now.as_of, *chosen())
    except NotEnoughData as error:
        instead(now, str(error))
        st.stop()
    return found


def chosen() -> tuple[int, float]:
    """The horizon in months and the yearly discount that are set below."""
    months = int(st.session_state.get("lifetime_months") or HORIZON)
    return months, float(st.session_state.get("lifetime_discount", DISCOUNT * 100)) / 100


def settings() -> None:
    """Horizon and discount, for this page; the indicator keeps 36 months and 10%."""
    left, right = st.columns(2)
    left.segmented_control(
        _("Horizon in months"), HORIZONS, key="lifetime_months", default=HORIZON, required=True,
        persist_state="session",
    )  # fmt: skip
    right.number_input(
        _("Discount, percent a year"), 0.0, DEAREST, DISCOUNT * 100, 1.0, format="%.1f", key="lifetime_discount",
        persist_state="session",
    )  # fmt: skip
    st.caption(
        _("They hold on this page. The indicator Lifetime value is always of 36 months at 10% a year.")
    )


def left_out(customers: int) -> None:
    """Who is in the book but in no sum here."""
    if customers:
        text = plural(
            "{n} customer of the book without a balance or a transaction yet is left out.",
            "{n} customers of the book without a balance or a transaction yet are left out.",
            customers,
        )
        st.caption(text.format(n=number(customers)))


def tiles(found: Outlook, now: Screen) -> list[Tile]:
    """Lifetime value, per customer, who stays, expected losses, who has gone."""
    by_margin = isinstance(found.model, Margins)
    money = _amount(now)
    if by_margin:
        stays = Tile(
            _("Still here then"), percent(found.staying),
            help=_(
                "Of the customers who are still here today: the expected share with a balance or transactions at "
                "the horizon's end."
            ),
        )  # fmt: skip
    else:
        stays = Tile(_("Still active"), percent(found.staying),
                     help=_("The mean chance that a customer of the past will buy again."))  # fmt: skip
    shown = [
        Tile(_("Lifetime value"), money.text(found.total),
             help=_("Net, discounted by {rate} a year.").format(rate=percent(found.discount, 1))),
        Tile(_("Per customer"), money.text(found.mean),
             help=_("Over all customers with a history; those who left count as zero.") if by_margin else None),
        stays,
    ]  # fmt: skip
    if by_margin:
        shown += [
            Tile(_("Expected losses"), money.text(found.losses) if found.losses else NOTHING,
                 help=_("What the customers below zero are expected to cost together; it is taken off already.")),
            Tile(_("Have left"), number(found.gone),
                 help=_("Customers without a balance or a transaction for three months; they count as zero.")),
        ]  # fmt: skip
    return shown


def came_true(now: Screen) -> None:
    """The prediction of a year ago against what came, tenth by tenth."""
    st.subheader(_("Would it have been right a year ago?"))
    try:
        tested: Backtest = small(backtest, now.book, now.as_of)
    except NotEnoughData as error:
        st.info(layout.plain(str(error)), icon=":material/history:")
        return
    sentence = backtest_sentence(tested, base(now))
    st.markdown(layout.plain(sentence))
    mean = Quantity("mean", _("Mean per customer in that year"), "currency", base(now))
    st.caption(
        _(
            "Customers by prediction, highest first. The bar is what came, the mark and the figure in brackets "
            "what was predicted."
        )
    )
    layout.chart(lambda: foretold(tested.table, mean, palette=now.colours), alt=sentence, key="foretold")
    with st.expander(_("As a table"), icon=":material/table_rows:"):
        _table(tested, now)


def _table(tested: Backtest, now: Screen) -> None:
    titles = {
        "predicted": _("Predicted, mean"), "observed": _("Observed, mean"),
        "predicted_total": _("Predicted, total"), "observed_total": _("Observed, total"),
    }  # fmt: skip
    quantities = {key: Quantity(key, label, "currency", base(now)) for key, label in titles.items()}
    labels = {"group": _("Group"), "customers": _("Customers")}
    layout.table(tested.table, quantities, key="foretold_table", labels=labels)
    if tested.order == tested.order:  # not NaN
        note = _("Rank correlation of prediction and outcome, customer by customer: {order}.")
        st.caption(note.format(order=number(tested.order, 2)))


def customers(found: Outlook, now: Screen) -> None:
    """Who is worth most; a click opens the customer. Months seen: of the last twelve, where margins are fitted."""
    rows = names(now.book, found.customers["customer_id"]).merge(found.customers, on="customer_id")
    rows = rows.sort_values("worth", ascending=False, kind="stable").reset_index(drop=True)
    by_margin = isinstance(found.model, Margins)
    basis = Quantity("basis", _("Profit of the last year"), "currency", base(now))
    if not by_margin:
        basis = Quantity("basis", _("Purchases to come"), "months")
    quantities = {
        "worth": Quantity("worth", _("Lifetime value"), "currency", base(now)),
        "chance": Quantity("chance", "", "share"),
        "basis": basis,
    }
    labels = {"customer_id": _("Customer"), "name": _("Name")}
    labels |= {"seen": _("Months seen")} if by_margin else {"basis": basis.label}
    chance = _("Chance to stay until then") if by_margin else _("Chance to be active")
    layout.table(
        rows[["customer_id", "name", "worth", "chance", "basis", *(["seen"] if by_margin else [])]], quantities,
        key="lifetime_customers", labels=labels | {"chance": chance}, opens_customer=True, height=340,
    )  # fmt: skip


def _amount(now: Screen) -> Quantity:
    return Quantity("amount", _("Lifetime value"), "currency", base(now))
