"""The Movement page's parts: what is asked, its tiles, picture and flows, who stays, and next year's sizes."""

from dataclasses import dataclass
from datetime import date

import pandas as pd
import streamlit as st

from analytics.calendar import months_before
from analytics.charts import cohort_heatmap, movement_flow, retention_lines
from analytics.errors import NotEnoughData
from analytics.formats import day, number, percent
from analytics.movement.causes import BEHAVIOUR, BOUNDARIES, CAUSES, JOINED, LEFT, NOWHERE
from analytics.movement.forecast import Forecast, forecast_toml
from analytics.movement.report import FROZEN, REFITTED, Movement
from analytics.movement.retention import retention_toml
from analytics.movement.sentences import BECAUSE, called, changed
from analytics.recipe import Recipe
from analytics.translation import translate as _
from analytics.value.quantity import Quantity
from pages._ui import layout
from pages._ui.cache import names, small
from pages._ui.comparing import IN_USE, Way, ways
from pages._ui.layout import Tile
from pages._ui.messages import shown_to_user
from pages._ui.screen import YEAR, Screen
from pages._ui.taking import Table, offer

LISTED = 500
FROM, BOUNDS = "shown_movement_from", "shown_movement_boundaries"  # they go into the address
SAME = "the same"


@dataclass(frozen=True)
class Asked:
    """What the controls say."""

    way: Way
    first: date
    last: date
    boundaries: str
    then: Way | None

    @property
    def ways(self) -> tuple[Way, ...]:
        return (self.way, self.then) if self.then else (self.way,)

    @property
    def question(self) -> tuple[object, ...]:
        """As `movement_toml` takes it."""
        return self.way.toml, self.first, self.last, self.boundaries, self.then.toml if self.then else ""


def asked(now: Screen, current: Recipe) -> Asked:
    """The controls: a recipe, the earlier month end, boundaries, and another definition if there is one."""
    st.subheader(_("What is set side by side"))
    known = ways(now, current)
    left, right = st.columns(2)
    chosen = left.selectbox(
        _("Recipe"), list(known), key="movement_recipe", format_func=lambda key: known[key].label,
        persist_state="session",
    )  # fmt: skip
    then = right.selectbox(
        _("Definition at the later date"), [SAME, *known], key="movement_then", persist_state="session",
        format_func=lambda key: _("The same recipe") if key == SAME else known[key].label,
    )  # fmt: skip
    first = _first(now, left)
    bounds = {FROZEN: _("Those of the earlier date"), REFITTED: _("Found anew at the later date")}
    if st.session_state.get(BOUNDS) not in bounds:
        st.session_state[BOUNDS] = REFITTED
    boundaries = right.selectbox(
        _("Boundaries"), list(bounds), key=BOUNDS, format_func=lambda key: bounds[key], persist_state="session",
        help=_("Held where they were, only what customers do moves them. Found anew, it is also told who moved because "
               "the boundaries did."),
    )  # fmt: skip
    changed_to = known[then] if then != SAME else None
    return Asked(known.get(chosen, known[IN_USE]), first, now.as_of, boundaries, changed_to)


def lacking(now: Screen) -> NotEnoughData | None:
    """What is said where nothing comes before the date."""
    if _earlier(now):
        return None
    return NotEnoughData(
        _("There is no month end before this one to compare with."), _("Choose a later date.")
    )


def _earlier(now: Screen) -> list[date]:
    return [end for end in reversed(now.book.warehouse.month_ends) if end < now.as_of]


def _first(now: Screen, place: st.delta_generator.DeltaGenerator) -> date:
    """The earlier month end: a year before, or as far back as there is; the later one is every page's date."""
    ends = _earlier(now)
    texts = [end.isoformat() for end in ends]
    if st.session_state.get(FROM) not in texts:
        year = months_before(now.as_of, YEAR).isoformat()
        st.session_state[FROM] = year if year in texts else texts[-1]
    text = place.selectbox(
        _("Earlier date"), texts, key=FROM, format_func=lambda each: day(date.fromisoformat(each)), persist_state="session",
        help=_("To {day}, the date that holds on every page.").format(day=day(now.as_of)),
    )  # fmt: skip
    return date.fromisoformat(text)


def tiles(found: Movement, now: Screen) -> list[Tile]:
    """Who changed segment, what they are worth, why, and who came and went."""
    counts, value = found.causes["customers"], now.quantity(found.value)
    joined, left = number(int(counts[JOINED])), number(int(counts[LEFT]))
    moved, n = changed(found), found.of_both_dates
    worth = float(found.causes.loc[list(BECAUSE), "value"].sum())
    shown = [
        Tile(_("Changed segment"), _("{n} ({share})").format(n=number(moved), share=percent(moved / n if n else 0.0)),
             help=_("Of those who are in a segment at both dates; who joined and who left apart.")),
        Tile(_("Value with them"), value.text(worth),
             help=_("{label} of those who changed segment, at the later date.").format(label=value.label)),
        Tile(_("By behaviour"), number(int(counts[BEHAVIOUR])),
             help=_("Their figures put them elsewhere within the boundaries of the earlier date.")),
    ]  # fmt: skip
    if found.boundaries == REFITTED:
        shown.append(Tile(_("By moved boundaries"), number(int(counts[BOUNDARIES])),
                          help=_("Within the boundaries of the earlier date they would be where they were.")))  # fmt: skip
    shown.append(
        Tile(_("Joined and left"), _("{joined} / {left}").format(joined=joined, left=left),
             help=_("In no segment at the earlier date, and at the later: new to the bank, or into and out of whom the "
                    "recipe is about.")))  # fmt: skip
    return shown


def picture(found: Movement, now: Screen) -> None:
    """The streams between the two dates."""
    value = now.quantity(found.value)
    layout.chart(
        lambda: movement_flow(found, value, palette=now.colours), alt=found.sentence, key="movement_flow"
    )


def flows(found: Movement, now: Screen) -> None:
    """Every flow with its cause and value; a click lists its customers."""
    if found.flows.empty:
        return
    st.subheader(_("Who moved"))
    st.caption(_("Choose a row to see its customers."))
    value = now.quantity(found.value)
    rows = found.flows.assign(
        first=[_called(found, at, _("Joined")) for at in found.flows["first"]],
        last=[_called(found, at, _("Left")) for at in found.flows["last"]],
        cause=[_(CAUSES[cause]) for cause in found.flows["cause"]],
    )
    picked = layout.table(
        rows, {"customers": Quantity("customers", _("Customers")), "value": value},
        labels={"first": _("From"), "last": _("To"), "cause": _("Cause")}, key="movement_flows", picks=True, height=300,
    )  # fmt: skip
    row = found.flows.iloc[picked or 0]
    _customers(found, int(row["first"]), int(row["last"]), str(row["cause"]), now)
    offer(now, Table(found.movers, "moved", found.last, found.recipe_hash))


def _called(found: Movement, segment: int, nowhere: str) -> str:
    return called(found, segment) if segment != NOWHERE else nowhere


def _customers(found: Movement, first: int, last: int, cause: str, now: Screen) -> None:
    rows = found.customers_of(first, last, cause)
    said = _("From “{first}” to “{last}”, {cause}: {n} customers.")
    st.caption(said.format(
        first=layout.plain(_called(found, first, _("Joined"))), last=layout.plain(_called(found, last, _("Left"))),
        cause=_(CAUSES[cause]).lower(), n=number(len(rows)),
    ))  # fmt: skip
    top = rows.head(LISTED)
    listed = names(now.book, top["customer_id"]).merge(top, on="customer_id")
    listed = listed.sort_values("value", ascending=False, kind="stable")
    layout.table(
        listed[["customer_id", "name", "value"]], {"value": now.quantity(found.value)},
        labels={"customer_id": _("Customer"), "name": _("Name")}, key="movement_customers", opens_customer=True, height=320,
    )  # fmt: skip


def who_stays(asked: Asked, now: Screen) -> None:
    """Retention of each segment, and of those who joined together."""
    with shown_to_user():
        found = small(retention_toml, now.book, asked.way.toml, asked.first, asked.last)
        st.markdown(layout.plain(found.sentence))
        st.caption(_("Active: a transaction or a balance in the three months to a month end."))
        layout.chart(
            lambda: retention_lines(found.segments, palette=now.colours),
            alt=found.sentence,
            key="movement_retention",
        )
        words = {"month": _("month"), "quarter": _("quarter"), "year": _("year")}
        st.markdown("**" + _("By when they joined, by {grain}").format(grain=words[found.grain]) + "**")
        layout.chart(
            lambda: cohort_heatmap(found.cohorts, found.grain, palette=now.colours), key="movement_cohorts",
            alt=_("Share of customers still active, by when they joined and months since"),
        )  # fmt: skip


def ahead(asked: Asked, now: Screen) -> None:
    """The chances of each segment's customers a year on, next year's sizes, and how well that went last time."""
    try:
        found = small(forecast_toml, now.book, asked.way.toml, asked.last)
    except NotEnoughData as error:
        st.info(layout.plain(str(error)), icon=":material/hourglass_empty:")
        return
    st.markdown(layout.plain(found.sentence))
    st.caption(
        _("Moves of the year to {day}, by the boundaries of that day at all dates. It is expected that {joining} join, as "
          "last year, and {leaving} leave.").format(
            day=day(found.as_of), joining=number(found.joining), leaving=number(found.leaving))
    )  # fmt: skip
    _sizes(found)
    _chances(found)


def _sizes(found: Forecast) -> None:
    labels = {"name": _("Segment"), "before": _("A year ago"), "now": _("Now"), "forecast": _("In a year, forecast"),
              "change": _("Change")}  # fmt: skip
    rows = found.sizes.round({"forecast": 0, "change": 0})
    figures = {key: Quantity(key, label) for key, label in labels.items() if key != "name"}
    layout.table(rows[list(labels)], figures, labels=labels, key="movement_sizes")
    if found.backtest is not None:
        labels = {"name": _("Segment"), "forecast": _("Forecast a year ago"), "came": _("What came"),
                  "unchanged": _("No change")}  # fmt: skip
        figures = {key: Quantity(key, label) for key, label in labels.items() if key != "name"}
        st.markdown("**" + _("How it went last time") + "**")
        layout.table(
            found.backtest.round({"forecast": 0})[list(labels)],
            figures,
            labels=labels,
            key="movement_backtest",
        )


def _chances(found: Forecast) -> None:
    st.markdown("**" + _("Where customers of each segment are a year on") + "**")
    rows = found.chances.rename(columns=str)  # by number: names are anybody's, and may be the same
    rows.insert(0, "from", [found.names[int(at)] for at in found.chances.index])
    figures = {
        str(at): Quantity(str(at), found.names.get(int(at), _("Left")), "share")
        for at in found.chances.columns
    }
    layout.table(pd.DataFrame(rows), figures, labels={"from": _("From")}, key="movement_chances")
