"""The Review page's parts: what it is of, its tiles, picture and table, and one cell in detail."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from analytics.charts import segments_by_unit
from analytics.charts.small_multiples import MOST_PANELS
from analytics.errors import AnalyticsError
from analytics.formats import NOTHING, day, in_a_row, labelled, number, percent
from analytics.needs.report import needs_of
from analytics.needs.sentences import headline as need_headline
from analytics.needs.sentences import need_sentences
from analytics.review import sentences
from analytics.review.report import ALL, NOWHERE, UNITS, Review, review
from analytics.review.sight import segment_now, unit_of
from analytics.review.targets import Standing, quantity_of
from analytics.translation import mark
from analytics.translation import translate as _
from analytics.value.concentration import concentration
from analytics.value.quantity import Quantity
from analytics.value.sentences import value_sentence
from pages._ui import choices, comparing, layout
from pages._ui.cache import answer, names
from pages._ui.layout import Tile
from pages._ui.messages import shown_to_user
from pages._ui.screen import Screen
from pages._ui.taking import Table, offer

LISTED = 500
UNIT, SEGMENT = "shown_review_unit", "shown_review_segment"  # as text: they go into the address
SPANS = {"year": mark("a year before"), "month": mark("the month end before")}
# What can be pictured, and whether the whole book's figure is one to hold a unit's against.
PICTURED = {
    "share_of_value": (mark("Share of value"), True),
    "mean": (mark("Value a customer"), True),
    "share_of_customers": (mark("Share of customers"), True),
    "top_share": (mark("The top fifth brings"), True),
    "customers": (mark("Customers"), False),
    "value": (mark("Value"), False),
    "net": (mark("Change in customers"), False),
}
SHARES = ("share_of_value", "share_of_customers", "top_share")


@dataclass(frozen=True)
class Asked:
    """What the page is of. way : the recipe. figure : a key of PICTURED."""

    way: comparing.Way
    by: str
    since: str
    figure: str


def asked(now: Screen) -> Asked:
    """The choices, which stand last on the page: the recipe and the units; behind "more" the rest."""
    ways = comparing.ways(now, choices.recipe())
    left, right = st.columns(2)
    way = left.selectbox(
        _("Segments of"), [comparing.STANDARD, *(key for key in ways if key != comparing.STANDARD)],
        key="review_recipe", format_func=lambda key: ways[key].label, persist_state="session",
    )  # fmt: skip
    units = [by for by in UNITS if by != "region" or now.book.available["region"] is None]
    by = right.selectbox(
        _("Side by side by"), units, index=units.index(_usual(now, ways[way].toml)), key="review_by",
        format_func=lambda key: _(UNITS[key]), persist_state="session",
    )  # fmt: skip
    with st.expander(_("More"), icon=":material/tune:", key="review_more"):
        figure = st.selectbox(
            _("Figure in the picture"), list(PICTURED), key="review_figure",
            format_func=lambda key: _(PICTURED[key][0]), persist_state="session",
        )  # fmt: skip
        since = st.selectbox(
            _("Movement since"), list(SPANS), key="review_since", format_func=lambda key: _(SPANS[key]),
            persist_state="session",
        )  # fmt: skip
        st.caption(
            _(
                "Branch, manager and region are those of today. Movement is by the same rule at both dates. The month "
                "end and what value is measured in are chosen once for all pages, in the sidebar."
            )
        )
    return Asked(ways[way], by, since, figure)


def _usual(now: Screen, recipe: str) -> str:
    """Branches, or where the book has only one its managers."""
    if st.session_state.get("review_by"):
        return "branch"  # what was chosen holds
    try:
        found = answer(review, now.book, recipe, now.as_of, "branch", "year")
    except AnalyticsError:
        return "branch"  # the page says why, in its place
    return "branch" if len(found.units) > 2 else "manager"


def quantity(figure: str, now: Screen) -> Quantity:
    """A figure of a cell as charts and tables write it."""
    title = _(PICTURED[figure][0])
    if figure in SHARES:
        return Quantity(figure, title, "share")
    if figure in ("mean", "value"):
        told = quantity_of(figure, now.value)
        return Quantity(figure, told.label, told.unit, told.currency)
    return Quantity(figure, title)


def tiles(found: Review, targets: Sequence[Standing], now: Screen) -> list[Tile]:
    """Size, what the best segment brings, which segment grew and shrank most, and targets."""
    whole = found.cells[found.cells["unit"] == ALL]
    inside = int(whole.loc[whole["segment"] != NOWHERE, "customers"].sum())
    best = found.cell(ALL, 1)
    shown = [
        Tile(_("In segments"), number(inside),
             help=_("Of {n} whom the recipe asks for.").format(n=number(whole["customers"].sum()))),
    ]  # fmt: skip
    if best is not None:
        shown.append(Tile(_("Segment 1 brings"), percent(best["share_of_value"]),
                          help=_("“{name}”: share of the net total.").format(name=layout.plain(found.names[1]))))  # fmt: skip
    grown = sentences.grown(found)
    if len(grown) > 1:
        shown += [_moved(found, grown.iloc[0], _("Segment {n} grew most")),
                  _moved(found, grown.iloc[-1], _("Segment {n} grew least"))]  # fmt: skip
    if targets:
        about = _("Of those for these segments that you may see and that can be measured in your book.")
        shown.append(Tile(_("Targets reached"), sentences.reached_count(targets), help=about))
    return shown


def _moved(found: Review, row: "pd.Series[Any]", title: str) -> Tile:
    text = _("“{name}”: customers more or fewer than on {day}.")
    about = text.format(name=layout.plain(found.names[int(row["segment"])]), day=day(found.since))
    return Tile(title.format(n=number(row["segment"])), sentences.signed(row["net"]), help=about)


def picture(found: Review, asked: Asked, now: Screen) -> None:
    """Small pictures by unit; a click on a bar shows that cell below."""
    label, against = PICTURED[asked.figure]
    st.subheader(_("{figure}, by {unit}").format(figure=_(label), unit=_(UNITS[asked.by]).lower()))
    called = " · ".join(f"{number(n)} {name}" for n, name in sorted(found.names.items()))
    st.caption(layout.plain(called))
    units = dict(found.units) if against else {key: name for key, name in found.units.items() if key != ALL}
    event = layout.chart(
        lambda: segments_by_unit(
            found.cells, quantity(asked.figure, now), units, found.names, palette=now.colours,
            whole=ALL if against else "",
        ),
        alt=sentences.headline(found, now.value), key="review_chart", on_select="rerun", selection_mode="points",
    )  # fmt: skip
    said = [_("The line across a bar is the whole book's figure.")] if against and len(units) > 1 else []
    if len(units) > MOST_PANELS:
        said.append(_("The {n} largest are drawn; the table has all.").format(n=number(MOST_PANELS)))
    if text := in_a_row(*said):
        st.caption(text)
    points = event.selection.points if event else []
    told = points[0].get("customdata") if points else None
    clicked = str(told[0] if isinstance(told, list) else told) if told else None
    if clicked:
        unit, _bar, segment = clicked.rpartition("|")
        _pick("chart", (unit, segment))
    else:
        _pick("chart", None)


def table(found: Review, asked: Asked, now: Screen) -> None:
    """All cells; a click shows one below."""
    st.subheader(_("All figures"))
    st.caption(_("Choose a row to see more of it below."))
    called = {**found.names, NOWHERE: _("In no segment")}
    rows = found.cells.assign(
        place=found.cells["unit"].map(found.units), called=found.cells["segment"].map(called)
    )
    columns = ["place", "segment", "called", *(key for key in PICTURED if key != "net")]
    columns += ["net", "came", "went"] if found.since else []
    labels = {"place": _(UNITS[asked.by]), "segment": _("No."), "called": _("Segment")}
    moves = {"came": Quantity("came", _("Came")), "went": Quantity("went", _("Went"))}
    quantities = {key: quantity(key, now) for key in PICTURED} | moves
    picked = layout.table(
        rows[columns], quantities, labels=labels, key="review_cells", picks=True, height=340
    )
    row = None if picked is None else found.cells.iloc[picked]
    known = row is not None and int(row["segment"]) in found.names
    _pick("table", (str(row["unit"]), str(row["segment"])) if row is not None and known else None)


def _pick(where: str, cell: tuple[str, str] | None) -> None:
    """Show a cell that was clicked just now; what was clicked before gives way to what is chosen since."""
    last = f"review_clicked_{where}"
    before = st.session_state.get(last)
    st.session_state[last] = cell
    if cell is not None and cell != before:
        st.session_state[UNIT], st.session_state[SEGMENT] = cell
        st.rerun()  # the address is written as a page begins


def chosen(found: Review, asked: Asked) -> tuple[str, int]:
    """The cell that is looked at; at first the most valuable segment in the whole book."""
    st.subheader(_("One segment in one place"))
    called = {str(n): name for n, name in sorted(found.names.items())}
    if st.session_state.get(UNIT) not in found.units:
        st.session_state[UNIT] = ALL
    if st.session_state.get(SEGMENT) not in called:
        st.session_state[SEGMENT] = next(iter(called))
    left, right = st.columns(2)
    segment = left.selectbox(
        _("Segment"), list(called), key=SEGMENT, persist_state="session",
        format_func=lambda key: _("{n}. {name}").format(n=key, name=called[key]),
    )  # fmt: skip
    unit = right.selectbox(
        _(UNITS[asked.by]), list(found.units), key=UNIT, persist_state="session",
        format_func=lambda key: found.units[key],
    )  # fmt: skip
    return str(unit), int(segment)


def detail(found: Review, unit: str, segment: int, now: Screen) -> None:
    """A cell's size and worth, how concentrated that is, and who came and went."""
    row = found.cell(unit, segment)
    if row is None or not row["customers"]:
        st.markdown(_("Nobody is in this segment here."))
    else:
        told = concentration(found.members(unit, segment)["value"])
        name = sentences.cell_name(found, unit, segment)
        said = value_sentence(told, now.quantity(found.found.value), found.as_of, segment=name)
        st.markdown(f"**{layout.plain(said)}**")
        for warning in told.warnings:
            st.info(layout.plain(warning), icon=":material/info:")
    moved = sentences.movement_sentence(found, unit, segment)
    if moved:
        st.markdown(layout.plain(moved))


def panels(found: Review, unit: str, segment: int, targets: Sequence[Standing], now: Screen) -> None:
    """What is asked for by opening it: the need, the customers, all targets."""
    with st.expander(
        _("What this segment needs"), icon=":material/lightbulb:", key="review_needs", on_change="rerun"
    ) as needs:
        if needs.open:
            with shown_to_user():
                _needs(found, segment, now)
    with st.expander(
        _("Customers"), icon=":material/groups:", key="review_members", on_change="rerun"
    ) as who:
        if who.open:
            with shown_to_user():
                _members(found, unit, segment, now)
    with st.expander(
        _("All targets for these segments"), icon=":material/flag:", key="review_targets", on_change="rerun"
    ) as agreed:
        if agreed.open:
            _all_targets(found, targets, now)


def _needs(found: Review, segment: int, now: Screen) -> None:
    """The strongest needs of the segment in the whole book."""
    st.caption(_("Of the segment in your whole book, against comparable customers outside it."))
    told = answer(needs_of, now.book, found.found, segment)
    for line in need_sentences(told) or [need_headline(told)]:
        st.markdown(f"- {layout.plain(line)}")


def _members(found: Review, unit: str, segment: int, now: Screen) -> None:
    rows = found.members(unit, segment)
    if rows.empty:
        st.markdown(_("Nobody is in this segment here."))
        return
    best = names(now.book, rows["customer_id"].head(LISTED)).merge(rows, on="customer_id")
    best = best.sort_values("value", ascending=False, kind="stable", ignore_index=True)
    if len(rows) > LISTED:
        st.caption(_("The {n} most valuable of {all}.").format(n=number(LISTED), all=number(len(rows))))
    layout.table(
        best[["customer_id", "name", "value"]], {"value": now.quantity(found.found.value)}, key="review_customers",
        labels={"customer_id": _("Customer"), "name": _("Name")}, opens_customer=True, height=300,
    )  # fmt: skip
    name = f"segment-{segment}" if unit == ALL else f"segment-{segment}-{unit or 'not-recorded'}"
    offer(now, Table(rows, name, found.as_of, found.found.recipe_hash))


def _all_targets(found: Review, targets: Sequence[Standing], now: Screen) -> None:
    if not targets:
        st.markdown(_("There are no targets for these segments that you may see."))
        return
    rows = pd.DataFrame([_target_row(found, told, now) for told in targets])
    labels = {
        "segment": _("Segment"), "place": _("Where"), "target": _("Target"), "now": _("Now"),
        "share": _("Of the target"), "due": _("Due on"), "by": _("Set by"),
    }  # fmt: skip
    layout.table(rows, {}, labels=labels, key="review_targets_table")


def _target_row(found: Review, told: Standing, now: Screen) -> dict[str, str]:
    target = told.target
    measure, segment, unit = (
        quantity_of(target.measure, now.value),
        segment_now(found.found, target.cell),
        unit_of(target.cell),
    )
    return {
        "segment": target.cell.segment_name if segment is None else found.names[segment],
        "place": found.units.get(unit, unit),
        "target": labelled(measure.label, measure.text(target.figure)),
        "now": NOTHING if told.figure is None else measure.text(told.figure),
        "share": percent(told.share),
        "due": day(target.due_on),
        "by": target.set_by,
    }
