"""The Value page's groups: what each brings, how it is spread in each, and how the 80/20 moved."""

from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from analytics.charts import between_within, ridgeline, small_multiples
from analytics.formats import day, number, percent
from analytics.recipe import Recipe
from analytics.translation import mark
from analytics.translation import translate as _
from analytics.value.findings import decomposition_sentence, movement_sentence
from analytics.value.group_view import GroupView, group_history, group_view
from analytics.value.grouped import BY_PRODUCT, PRODUCT, SEGMENT
from analytics.value.over_time import over_time
from analytics.value.quantity import Quantity
from analytics.vocabulary import in_words
from pages._ui import layout
from pages._ui.cache import answer, later
from pages._ui.screen import Screen

FIRST = ("branch", "manager")  # what is asked for most; any other label of the catalogue follows
MEASURES = {
    "top_share": mark("Top fifth brings"),
    "for_80_share": mark("Customers for 80%"),
    "peak_share": mark("Peak of the whale curve"),
}
SHARE, COUNT = Quantity("share", "", "share"), Quantity("count", "", "count")


def panel(now: Screen, recipe: Recipe) -> None:
    """One way to group the book: whether it explains the value, then each group three ways."""
    offered = groupings(now)
    by = st.selectbox(
        _("Group by"), list(offered), key="group_by", format_func=lambda key: offered[key],
        persist_state="session", help=_("Labels such as the branch are today's, on every date."),
    )  # fmt: skip
    text = recipe.to_toml() if by == SEGMENT else ""
    view = _in_words(answer(group_view, now.book, now.value.key, now.as_of, by, text))
    if by == PRODUCT:
        st.caption(
            _("A customer is in every product that brought or cost something, so one can be in several.")
        )
    _whether_it_explains(view, offered[by], now)
    spread, figures, since = st.tabs(
        [_("How it is spread"), _("Figures of each"), _("Over time")],
        key="group_tabs",
        on_change="rerun",
    )
    if spread.open:
        with spread:
            _spread(view, now)
    if figures.open:
        with figures:
            _figures(view, now.value)
    if since.open:
        with since:
            _since(view, now, by, text)


def groupings(now: Screen) -> dict[str, str]:
    """What the book can be grouped by: segments, products where value is profit, every label one may see."""
    labels = {key: _(row.label) for key, row in now.book.usable().items() if not row.is_number}
    first = {key: labels.pop(key) for key in FIRST if key in labels}
    products = {PRODUCT: _("Product")} if now.value.key == BY_PRODUCT else {}
    return {SEGMENT: _("Segment"), **first, **products, **labels}


def _in_words(view: GroupView) -> GroupView:
    """Labels of the data in the reader's language; segments and products are called what they are."""
    if view.found.by in (SEGMENT, PRODUCT):
        return view
    table = view.found.table.assign(group=view.found.table["group"].map(in_words))
    shapes = [replace(shape, name=in_words(shape.name)) for shape in view.spread.shapes]
    return replace(view, found=replace(view.found, table=table), spread=replace(view.spread, shapes=shapes))


def _whether_it_explains(view: GroupView, name: str, now: Screen) -> None:
    if len(view.found.table) == 1:
        st.info(
            _("All your customers are in one group here: {group}.").format(
                group=layout.plain(view.found.table["group"][0])
            ),
            icon=":material/info:",
        )
    parts = view.found.decomposition
    said = decomposition_sentence(parts, name)
    if parts is None or not said:
        return
    st.markdown(layout.plain(said))
    layout.chart(lambda: between_within(parts, palette=now.colours), alt=said, key="between_within")


def _spread(view: GroupView, now: Screen) -> None:
    """Shapes of the groups, and the quantiles that they are read by."""
    if len(view.found.table) > len(view.shown):
        text = _("The {n} groups with the largest totals; all {all} are under the figures.")
        st.caption(text.format(n=number(len(view.shown)), all=number(len(view.found.table))))
    numbers = [view.numbers[name] for name in view.shown] if view.numbers else None
    layout.chart(
        lambda: ridgeline(view.spread, now.value, palette=now.colours, numbers=numbers),
        alt=_("{label}, group by group: shapes with the middle half and the median").format(label=now.value.label),
        key="ridgeline",
    )  # fmt: skip
    st.caption(
        _("Under each group: thick the middle half, thin from the lowest tenth to the highest, a ring at the median. "
          "Shapes are equally high, whatever the number of customers; small groups show each customer as a dot.")
    )  # fmt: skip
    _quantiles(view, now.value)


def _quantiles(view: GroupView, value: Quantity) -> None:
    """The amount that this part of a group's customers lie at or below."""
    rows = [
        {"group": _named(shape.name, view), "customers": shape.customers}
        | {str(share): amount for share, amount in shape.quantiles.items()}
        for shape in view.spread.shapes
    ]
    shares = {str(share): percent(share) for share in view.spread.shapes[0].quantiles} if rows else {}
    st.markdown(
        _("{label} that so many of a group's customers have at most").format(label=layout.plain(value.axis))
    )
    layout.table(
        pd.DataFrame(rows), {"customers": COUNT, **dict.fromkeys(shares, value)},
        labels={"group": _("Group"), "customers": _("Customers"), **shares}, key="group_quantiles",
    )  # fmt: skip


def _named(name: str, view: GroupView) -> str:
    """A segment with its number, any other group as it is called."""
    return f"{view.numbers[name]} {name}" if name in view.numbers else name


def _figures(view: GroupView, value: Quantity) -> None:
    """Concentration within each group, and the total."""
    labels = {
        "group": _("Group"), "customers": _("Customers"), "share": _("Share of total"),
        "top_share": _("Its top fifth brings"), "for_80": _("Customers for 80%"),
        "gini_normalised": _("Unevenness (Gini)"),
    }  # fmt: skip
    kinds = {
        "customers": COUNT, "total": value, "share": SHARE, "mean": _as(value, _("Mean")),
        "median": _as(value, _("Median")), "top_share": SHARE, "for_80": COUNT,
        "losses": _as(value, _("Lost on loss-makers")),
    }  # fmt: skip
    table = view.found.table
    rows = table.assign(
        group=[_named(str(name), view) for name in table["group"]],
        gini_normalised=table["gini_normalised"].round(2),
    )
    layout.table(rows, kinds, labels=labels, key="groups")


def _as(value: Quantity, label: str) -> Quantity:
    return Quantity(value.key, label, value.unit, value.currency)


def _since(view: GroupView, now: Screen, by: str, text: str) -> None:
    """The same groups month end by month end, beside the whole book."""
    points = later(group_history, now.book, now.value.key, now.as_of, by, text, key="group_history")
    if points is None:
        return
    if by == PRODUCT:
        st.caption(_("What each product brought then; the grey line is the whole book."))
    else:
        st.caption(_("Customers are in the groups that they are in now; the grey line is the whole book."))
    if by not in (SEGMENT, PRODUCT):
        points = points.assign(group=points["group"].map(in_words))
    column = _measure("group_measure")
    first = ["", *view.shown]
    shown = points[points["group"].isin(first)]
    shown = shown.iloc[shown["group"].map(first.index).argsort(kind="stable")]
    label = _(MEASURES[column])
    layout.chart(
        lambda: small_multiples(shown, column, label, palette=now.colours, numbers=view.numbers),
        alt=_("{label} over time, group by group").format(label=label), key="group_history",
    )  # fmt: skip


def whole_book(now: Screen) -> None:
    """How concentrated the book was at each quarter's end, over three years."""
    points = later(over_time, now.book, now.value.key, now.as_of, key="book_history")
    if points is None:
        return
    said = movement_sentence(points)
    if said:
        st.markdown(layout.plain(said))
    column = _measure("book_measure")
    label = _(MEASURES[column])
    layout.chart(
        lambda: small_multiples(points, column, label, palette=now.colours),
        alt=said or label,
        key="book_history",
    )
    written = points.iloc[::-1].drop(columns="group").reset_index(drop=True)
    written["month_end"] = [day(end) for end in written["month_end"]]
    labels = {name: _(text) for name, text in MEASURES.items()}
    layout.table(
        written, {"customers": COUNT, "total": now.value, **dict.fromkeys(MEASURES, SHARE)},
        labels={"month_end": _("Month end"), "customers": _("Customers"), **labels}, key="history",
    )  # fmt: skip


def _measure(key: str) -> str:
    chosen: Any = st.segmented_control(
        _("Measure"), list(MEASURES), key=key, default="top_share", required=True, persist_state="session",
        format_func=lambda name: _(MEASURES[name]), label_visibility="collapsed",
    )  # fmt: skip
    return chosen or "top_share"
