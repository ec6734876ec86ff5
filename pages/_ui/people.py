"""The Customers page's sentence, chart, controls and list."""

from datetime import date
from typing import Any

import streamlit as st

from analytics.charts import category_bars, value_histogram
from analytics.errors import AnalyticsError
from analytics.formats import day, number, percent
from analytics.indicators import CATALOGUE, FAMILIES
from analytics.people import Feature, listing
from analytics.translation import plural
from analytics.translation import translate as _
from analytics.value.quantity import Quantity
from analytics.vocabulary import in_words
from analytics.where import parse
from pages._ui import layout
from pages._ui.cache import answer
from pages._ui.messages import tell
from pages._ui.screen import Screen

LISTED = 500


def chosen_feature(now: Screen) -> str:
    """The indicator that the page is about: the value indicator until another one is chosen."""
    usable = now.book.usable()
    chosen = st.session_state.get("shown_feature")
    return chosen if chosen in usable else now.value.key


def chosen_filter() -> str:
    """The population filter, empty where it can't be read (the control says why)."""
    text = str(st.session_state.get("shown_filter") or "")
    try:
        if text.strip():
            parse(text, CATALOGUE)
    except AnalyticsError as error:
        tell(error)
        return ""
    return text


def feature_sentence(found: Feature, quantity: Quantity, as_of: date) -> str:
    """What half of the customers have, or which label is the commonest."""
    if not found.customers:
        return _("No customer passes this filter. Widen it, or clear it.")
    if found.missing == found.customers:
        return _("None of these customers has a figure for {label}.").format(label=quantity.label)
    people = _people(found)
    if found.spread is None:
        top = found.values.value_counts()
        return _("{label} on {day}: {top} is the commonest, {share} of your {people}.").format(
            label=quantity.label, day=day(as_of), top=in_words(top.index[0]), people=people,
            share=percent(top.iloc[0] / (found.customers - found.missing)),
        )  # fmt: skip
    middle = found.spread.quantiles
    return _("{label} on {day}: at least half of your {people} lie between {low} and {high}.").format(
        label=quantity.label, day=day(as_of), people=people,
        low=quantity.text(middle[0.25]), high=quantity.text(middle[0.75]),
    )  # fmt: skip


def _people(found: Feature) -> str:
    """Those whom a sentence speaks of: whoever has a figure."""
    known = found.customers - found.missing
    if found.missing:
        text = plural("{n} customer with a figure", "{n} customers with a figure", known)
    else:
        text = plural("{n} customer", "{n} customers", known)
    return text.format(n=number(known))


def feature_chart(found: Feature, quantity: Quantity, now: Screen) -> None:
    """Bars of a label, a histogram of a number; how many have none is said under it."""
    spread, alt = found.spread, feature_sentence(found, quantity, now.as_of)
    if spread is None:
        told = found.values.map(in_words, na_action="ignore").tolist()
        layout.chart(
            lambda: category_bars(told, quantity, palette=now.colours),
            alt=alt,
            key="feature",
        )
    else:
        layout.chart(lambda: value_histogram(spread, quantity, palette=now.colours), alt=alt, key="feature")
    if found.missing:
        empty = plural("{n} customer has no figure", "{n} customers have no figure", found.missing)
        st.caption(empty.format(n=number(found.missing)))
    layout.explain(quantity.key)


def indicator_label(key: str) -> str:
    """Label and family, so that a long list can be searched by either."""
    row = CATALOGUE[key]
    return f"{_(row.label)} · {_(FAMILIES[row.family])}"


def controls(now: Screen) -> None:
    """Which feature, which customers, or one customer by name or number."""
    left, middle, right = st.columns(3)
    usable = list(now.book.usable())
    st.session_state.setdefault("shown_feature", chosen_feature(now))
    left.selectbox(
        _("Feature"), usable, key="shown_feature", format_func=indicator_label, persist_state="session"
    )
    middle.text_input(
        _("Only customers with"), key="shown_filter", persist_state="session",
        placeholder="tenure_years >= 1 and region in ('East', 'South')",
        help=_("Indicator keys with =, <, >, in (…), joined by and, or, not. The glossary lists the keys."),
    )  # fmt: skip
    finder(now, right)


def finder(now: Screen, place: Any = st) -> None:
    """One customer by name or number; who is found is listed below."""
    text = place.text_input(_("Find a customer"), key="find_customer", placeholder=_("name or number"))
    if text.strip():
        _found(now, text)


def _found(now: Screen, text: str) -> None:
    rows = now.book.find(text)
    if rows.empty:
        st.info(_("Nobody in your book has “{text}” in name or number.").format(text=layout.plain(text)))
        return
    layout.table(rows, {}, labels=_names(), key="found_customers", opens_customer=True)


def _names() -> dict[str, str]:
    return {"customer_id": _("Customer"), "name": _("Name")}


def the_list(now: Screen, key: str, where: str) -> None:
    """The customers themselves, highest first; a click opens one."""
    usable = now.book.usable()
    beside = st.multiselect(
        _("Columns"), [name for name in usable if name != key], key="list_columns", format_func=indicator_label,
        default=[name for name in (now.value.key, "tenure_years", "region") if name in usable and name != key],
        max_selections=10, persist_state="session", placeholder=_("Choose"),
    )  # fmt: skip
    keys = (key, *beside)
    rows = answer(listing, now.book, keys, now.as_of, where, LISTED)
    layout.table(
        rows,
        {name: now.quantity(name) for name in keys},
        labels=_names(),
        key="the_list",
        opens_customer=True,
    )
    if len(rows) == LISTED:
        st.caption(_("The first {n} are listed; narrow the filter to see others.").format(n=number(LISTED)))
