"""The result of a segmentation: sentence, pictures, members."""

from typing import Any

import pandas as pd
import streamlit as st

from analytics.charts import members_scatter, profile_heatmap, segment_pairs
from analytics.formats import day, labelled, number, percent
from analytics.segmentation import Segmentation
from analytics.translation import translate as _
from analytics.value.quantity import Quantity
from pages._ui import cache, layout, needing
from pages._ui.fragments import by_itself
from pages._ui.screen import Screen
from pages._ui.taking import Table, offer

LISTED = 500
SHARE = Quantity("share", "", "share")


def result_sentence(result: Segmentation, value: Quantity) -> str:
    """What the best segment is, and what it brings."""
    best, rows = result.segments.iloc[0], result.segments
    told = {"n": len(rows), "name": best["name"], "day": day(result.as_of)}
    if pd.isna(best["share_of_value"]):
        text = _("{n} segments on {day}; “{name}” is worth most: {value} from {people} customers.")
        return text.format(value=value.text(best["value"]), people=number(best["customers"]), **told)
    text = _(
        "{n} segments on {day}; “{name}” is {customers} of your customers and brings {share} of {label}."
    )
    return text.format(
        customers=percent(best["share_of_customers"]), share=percent(best["share_of_value"]),
        label=value.label.lower(), **told,
    )  # fmt: skip


def pictures(result: Segmentation, value: Quantity, now: Screen) -> None:
    """Shares of customers and value, and what sets each segment apart."""
    names = dict(zip(result.segments["segment"], result.segments["name"], strict=True))
    left, right = st.columns(2)
    with left:
        st.subheader(_("Share of customers and of value"))
        event = layout.chart(
            lambda: segment_pairs(result.segments, value, palette=now.colours),
            alt=result_sentence(result, value), key="segment_pairs", on_select="rerun", selection_mode="points",
        )  # fmt: skip
        _clicked_segment(event)
    with right:
        st.subheader(_("What sets them apart"))
        quantities = {str(key): now.quantity(str(key)) for key in result.profile["indicator"].unique()}
        layout.chart(
            lambda: profile_heatmap(result.profile, quantities, names, palette=now.colours),
            alt=_("Typical figures of each segment, and how far they lie from the book's"), key="profile",
        )  # fmt: skip
    for warning in (*_left_out(result), *result.warnings):
        st.info(layout.plain(warning), icon=":material/info:")
    layout.table(
        result.segments[["segment", "name", "customers", "share_of_customers", "value", "share_of_value", "rule"]],
        {"customers": Quantity("customers", _("Customers")), "value": value,
                          "share_of_customers": SHARE, "share_of_value": SHARE},
        labels={"segment": _("No."), "name": _("Segment"), "rule": _("Rule"), "customers": _("Customers"),
                "share_of_customers": _("Share of customers"), "share_of_value": _("Share of value")},
        key="segments_table",
    )  # fmt: skip


def _left_out(result: Segmentation) -> list[str]:
    """Who is in no segment, said beside the picture that does not show them."""
    note = _("{n} of {all} customers are in no segment: {reason}.")
    return [
        note.format(n=number(count), all=number(result.customers), reason=reason)
        for reason, count in result.left_out.items()
    ]


def openly(result: Segmentation, now: Screen) -> None:
    """What was done to the figures first, and who was left out."""
    with st.expander(_("What was done to the figures"), icon=":material/science:"):
        for treatment in result.treatments:
            st.markdown(
                "- " + labelled(f"**{now.label(treatment.indicator)}**", layout.plain(treatment.what))
            )
        quality = result.quality.get("silhouette")
        if quality is not None:
            st.markdown(
                _("- Silhouette {figure}: 1 is well apart, 0 is no structure.").format(
                    figure=number(quality, 2)
                )
            )
        st.caption(
            _("Recipe {hash}, seed {seed}, warehouse {version}.").format(
                hash=result.recipe_hash, seed=result.recipe.method.seed, version=result.version
            )
        )


@by_itself
def members(now: Screen, result: Segmentation, value: Quantity) -> None:
    """The customers: of all segments, of one, or those picked in the chart."""
    st.subheader(_("Customers"))
    names = dict(zip(result.segments["segment"], result.segments["name"], strict=True))
    chosen = st.selectbox(
        _("Segment"), [0, *names], key="shown_segment_number",
        format_func=lambda key: f"{key}. {names[key]}" if key else _("All segments"),
    )  # fmt: skip
    rows = result.members if not chosen else result.members[result.members["segment"] == chosen]
    if chosen and "needs" in now.book.person.pages:
        needing.offer_needs(chosen)
    picked = _picked(result, now)
    if picked:
        rows = rows[rows["customer_id"].isin(picked)]
        st.caption(_("{n} customers picked in the chart.").format(n=number(len(rows))))
        _offer_to_open(rows["customer_id"].tolist())
    # Sorting a million rows would be felt at each click.
    shown = rows.loc[rows["value"].nlargest(LISTED).index]
    keys = [key for key in result.recipe.indicators if key != result.value]
    listed = cache.names(now.book, shown["customer_id"]).merge(shown, on="customer_id")
    listed = listed.sort_values("value", ascending=False, kind="stable")
    layout.table(
        listed[["customer_id", "name", "segment", "segment_name", "value", *keys]],
        {"value": value, **{key: now.quantity(key) for key in keys}},
        labels={"customer_id": _("Customer"), "name": _("Name"), "segment": _("No."), "segment_name": _("Segment")},
        key="members", opens_customer=True, height=360,
    )  # fmt: skip
    taken = rows[["customer_id", "segment", "segment_name"]]
    offer(now, Table(taken, f"segments-{result.recipe_hash}", result.as_of, result.recipe_hash))


def _picked(result: Segmentation, now: Screen) -> list[str]:
    """The customers that were clicked or boxed in the chart of two indicators.

    Two thousand points are more than the rest of the page: they are sent where the panel is open, or holds a choice.
    """
    keys = dict.fromkeys((result.value, *result.recipe.indicators))
    numeric = [key for key in keys if now.quantity(key).unit != "category"]
    if len(numeric) < 2:
        return []
    panel = st.expander(
        _("Pick customers in a chart"), icon=":material/scatter_plot:", on_change="rerun", key="pick_in_chart"
    )
    chosen = st.session_state.get("scatter")
    if not panel.open and not (chosen and chosen.selection.points):
        return []
    with panel:
        return _picked_in(result, now, numeric)


def _picked_in(result: Segmentation, now: Screen, numeric: list[str]) -> list[str]:
    left, middle, right = st.columns(3)
    x = left.selectbox(_("Across"), numeric, index=1, key="scatter_x", format_func=now.label)
    y = middle.selectbox(_("Up"), numeric, key="scatter_y", format_func=now.label)
    ways = {"box": _("a box"), "click": _("a click")}
    way = right.segmented_control(
        _("Pick by"), list(ways), default="box", key="pick_by", required=True,
        format_func=lambda key: ways[key],
    )  # fmt: skip

    across, up, boxes = now.quantity(x), now.quantity(y), way == "box"
    event = layout.chart(
        lambda: members_scatter(result.members, across, up, palette=now.colours, boxes=boxes),
        alt=_("Customers by two indicators"), key="scatter", on_select="rerun",
        selection_mode=("points", "box"),
    )  # fmt: skip
    return [_customer_of(point) for point in event.selection.points] if event else []


def _offer_to_open(picked: list[str]) -> None:
    """A point that was clicked leads to its customer."""
    if len(picked) == 1 and layout.may_open_customers():
        says = _("Open customer {id}").format(id=layout.plain(picked[0]))
        if st.button(says, key="open_picked", icon=":material/person_search:"):
            layout.open_customer(picked[0])


def _customer_of(point: dict[str, Any]) -> str:
    data = point["customdata"]
    return str(data[0] if isinstance(data, list) else data)


def _clicked_segment(event: Any) -> None:
    """A click on a segment's bar lists its members; the list can be changed by hand afterwards."""
    points = event.selection.points if event else []
    clicked = int(_customer_of(points[0])) if points else None
    if clicked and clicked != st.session_state.get("clicked_segment"):
        st.session_state["shown_segment_number"] = clicked
    st.session_state["clicked_segment"] = clicked
