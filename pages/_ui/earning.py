"""The Profit page's tiles, pictures and tables: where profit comes from."""

from collections.abc import Mapping
from functools import partial

import pandas as pd
import streamlit as st

from analytics.charts import Step, waterfall
from analytics.formats import currency_word, day, money, number
from analytics.recipe import Recipe
from analytics.translation import plural
from analytics.translation import translate as _
from analytics.value.profit import KEYS, PARTS, Earned, ProfitView, Statement, profit_by_segment, statement
from analytics.value.quantity import Quantity
from analytics.vocabulary import in_words
from pages._ui import layout, worth
from pages._ui.cache import names, small
from pages._ui.layout import Tile
from pages._ui.movers import signed
from pages._ui.screen import Screen


def base(now: Screen) -> str:
    """The base currency."""
    return now.book.warehouse.manifest.base_currency


def instead(now: Screen) -> None:
    """Where profit can't be shown: the answer in the measure that stands in for it, and why."""
    worth.answered_in(now.value, now)
    worth.instead_of_profit(now)
    st.markdown(
        _(
            "Profit needs balances, products with a category and product rates with a transfer rate; "
            "unit costs by channel and risk cost rates make it whole."
        )
    )


def tiles(found: ProfitView, now: Screen) -> list[Tile]:
    """Profit and what it is made of."""
    whole, change = found.whole, None
    if found.before is not None:
        change = signed(whole.profit / 100 - found.before, partial(money, currency=base(now)))
    spread = _("Spread on deposits and on lending over the transfer rate.")
    return [
        Tile(_("Profit"), _money(whole.profit, now), change, "higher",
             _("Over twelve months, against the twelve to the month end before.")),
        Tile(_("Spread"), _money(whole.spread, now), help=spread),
        Tile(_("Fees"), _money(whole.parts["fees"], now), help=_("Fees paid on transactions.")),
        Tile(_("Risk cost"), _money(-whole.parts["risk"], now), help=_("Expected credit loss on what is lent.")),
        Tile(_("Cost to serve"), _money(-whole.parts["service"], now),
             help=_("Transactions x the unit cost of their channel.")),
    ]  # fmt: skip


def _money(cents: int, now: Screen) -> str:
    return money(cents / 100, base(now))


def picture(whole: Earned, now: Screen, *, alt: str, key: str = "waterfall") -> None:
    """The waterfall from spread to contribution."""
    steps = [Step(_(part.label), whole.parts[part.key] / 100) for part in PARTS]
    steps.append(Step(_("Profit"), whole.profit / 100, total=True))
    layout.chart(lambda: waterfall(steps, _amount(now), palette=now.colours), alt=alt, key=key)


def _amount(now: Screen) -> Quantity:
    return Quantity("amount", _("Amount over twelve months"), "currency", base(now))


def missing(found: ProfitView) -> None:
    """Which lines there are none of, and why."""
    for part in PARTS:
        if part.key in found.missing:
            text = _("No line for {line}, which counts as zero. {reason}")
            line = _(part.label).lower()
            st.info(text.format(line=line, reason=found.missing[part.key]), icon=":material/info:")


def customers(found: ProfitView, now: Screen) -> None:
    """Customers with their lines; a click shows one customer's."""
    rows = names(now.book, found.customers["customer_id"]).merge(found.customers, on="customer_id")
    rows = rows.sort_values("profit", ascending=False, kind="stable").reset_index(drop=True)
    if len(rows) < found.whole.customers:
        st.caption(_("The {n} best and the {n} worst.").format(n=number(len(rows) // 2)))
    st.caption(_("Choose a row to see that customer's lines by account, month and channel."))
    columns = ["customer_id", "name", "profit", *KEYS]
    chosen = layout.table(
        rows[columns], _quantities(now), labels={"customer_id": _("Customer"), "name": _("Name")},
        key="profit_customers", picks=True, height=340,
    )  # fmt: skip
    if chosen is not None:
        one = small(statement, now.book, now.as_of, str(rows["customer_id"].iloc[chosen]))
        name = rows["name"].iloc[chosen]
        _statement(one, str(name) if pd.notna(name) else one.customer_id, now)


def _quantities(now: Screen) -> dict[str, Quantity]:
    labels = {part.key: _(part.label) for part in PARTS} | {"profit": _("Profit")}
    return {key: Quantity(key, label, "currency", base(now)) for key, label in labels.items()}


def _statement(one: Statement, name: str, now: Screen) -> None:
    """A customer's lines by account, month and channel, each adding up to the cent."""
    text = plural("{name}: {total} from {n} account", "{name}: {total} from {n} accounts", len(one.accounts))
    total = money(one.whole.profit / 100, base(now), full=True)
    st.subheader(layout.plain(text.format(name=name, total=total, n=number(len(one.accounts)))))
    lines_of(one, now)
    if layout.may_open_customers() and st.button(_("Open this customer"), icon=":material/person_search:"):
        layout.open_customer(one.customer_id)


def lines_of(one: Statement, now: Screen) -> None:
    """The three tables of a customer's lines, each with its total."""
    accounts, months, channels = st.tabs([_("By account"), _("By month"), _("By channel")])
    named = one.accounts.assign(account_id=one.accounts["account_id"].replace("", _("no account")))
    with accounts:
        in_cents(named.drop(columns="category"), {"account_id": _("Account"), "product": _("Product")}, now,
                 key="statement_accounts")  # fmt: skip
    with months:
        ends = pd.Series([day(end) for end in one.months["month_end"]], index=one.months.index, dtype="str")
        written = one.months.assign(month_end=ends)  # text, also where there are no months
        in_cents(written, {"month_end": _("Month")}, now, key="statement_months")
    with channels:
        called = one.channels["channel"].map(in_words).replace("", _("no channel"))
        used = one.channels.assign(channel=called)
        in_cents(used, {"channel": _("Channel"), "transactions": _("Transactions")}, now,
                 key="statement_channels")  # fmt: skip


def in_cents(
    rows: pd.DataFrame, labels: Mapping[str, str], now: Screen, *, key: str,
    titles: Mapping[str, str] | None = None,
) -> None:  # fmt: skip
    """A table of lines, exact to the cent, with its total below.

    rows : amounts in whole cents, beside the columns in `labels`; of these, numbers are counts. titles : what
        amounts are called, where they are not lines of profit.
    """
    figures = [name for name in rows.columns if name not in labels]
    figures.sort(key=lambda name: name != "profit")  # the sum comes first: it is read on a phone too
    counts = [name for name in labels if pd.api.types.is_numeric_dtype(rows[name])]
    words = [name for name in labels if name not in counts]
    total = {**dict.fromkeys(words, ""), words[0]: _("Total"), **rows[[*counts, *figures]].sum()}
    shown = pd.concat([rows, pd.DataFrame([total])], ignore_index=True)[[*labels, *figures]]
    shown = shown.astype(dict.fromkeys(figures, "float64") | dict.fromkeys(counts, "int64"))
    shown[figures] = shown[figures] / 100
    known = {name: quantity.label for name, quantity in _quantities(now).items()} | dict(titles or {})
    config = {name: known[name] for name in figures} | dict(labels)
    written = shown.style.format(dict.fromkeys(figures, _in_full))
    st.caption(_("Amounts in {currency}, to the cent.").format(currency=currency_word(base(now))))
    st.dataframe(written, column_config=config, hide_index=True, key=key, height="content")


def _in_full(amount: object) -> str:
    return number(float(str(amount)), 2)


def by_segment(now: Screen, recipe: Recipe) -> None:
    """The lines of each segment of the recipe in use."""
    rows = small(profit_by_segment, now.book, now.as_of, recipe.to_toml())
    named = rows.assign(name=rows["name"].replace("", _("In no segment")))
    in_cents(named.drop(columns="segment"), {"name": _("Segment"), "customers": _("Customers")}, now,
             key="profit_segments")  # fmt: skip
