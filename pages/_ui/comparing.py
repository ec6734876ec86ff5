"""The Compare page's choice of two recipes, its flow, cross table and list of those who moved."""

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from analytics.charts import flow
from analytics.compare import Comparison
from analytics.errors import AnalyticsError
from analytics.formats import NOTHING, number, percent
from analytics.indicators import CATALOGUE
from analytics.methods import METHODS
from analytics.recipe import Recipe
from analytics.standard import standard
from analytics.translation import translate as _
from analytics.value.quantity import Quantity
from pages._ui import cache, layout
from pages._ui.layout import Tile
from pages._ui.screen import Screen

LISTED = 500
IN_USE, STANDARD = "in use", "standard"


@dataclass(frozen=True)
class Way:
    """A recipe as it can be chosen here. lost : its indicators that this person can't use; it runs without."""

    label: str
    toml: str
    lost: tuple[str, ...] = ()


def chosen(now: Screen, current: Recipe) -> tuple[Way, Way]:
    """The two recipes to hold against each other: mine and the bank's own until others are chosen."""
    found = ways(now, current)
    left, right = st.columns(2)
    picked = [
        column.selectbox(
            label, list(found), index=start, key=key, format_func=lambda key: found[key].label,
            persist_state="session",
        )
        for column, label, start, key in ((left, _("First"), 0, "compare_first"), (right, _("Second"), 1, "compare_second"))
    ]  # fmt: skip
    return found[picked[0]], found[picked[1]]


def ways(now: Screen, current: Recipe) -> dict[str, Way]:
    """All recipes within reach, at the date and in the value that hold on every page."""
    person = now.book.person
    bank = standard(now.store)
    found = {
        IN_USE: _way(_("In use now: {title}").format(title=_title(current)), current, now, current),
        STANDARD: _way(_("The bank's standard: {title}").format(title=_title(bank)), bank, now, current),
    }
    for saved in now.store.recipes.visible(person.email, person.roles, person.branches):
        recipe = _readable(saved.toml)
        if recipe is not None:
            label = saved.name if saved.owner == person.email else f"{saved.name} · {saved.owner}"
            found[str(saved.id)] = _way(label, recipe, now, current)
    return found


def _way(label: str, recipe: Recipe, now: Screen, current: Recipe) -> Way:
    usable = now.book.usable()
    lost = tuple(key for key in recipe.indicators if key not in usable)
    kept = tuple(key for key in recipe.indicators if key in usable)
    held = {"as_of": current.as_of, "value": current.value, "indicators": kept}
    return Way(label, recipe.model_copy(update=held).to_toml(), lost)


def lost(shown: tuple[Way, ...], now: Screen) -> None:
    """Which indicators were left out for this person, so that nobody takes the result for the whole recipe's."""
    for way in shown:
        if way.lost:
            note = _("“{name}” is run without {indicators}, which you can't use here.")
            st.info(
                note.format(
                    name=layout.plain(way.label), indicators=_(", ").join(now.label(key) for key in way.lost)
                ),
                icon=":material/visibility_off:",
            )


def _title(recipe: Recipe) -> str:
    return recipe.title or _(METHODS[recipe.method.key].label)


def _readable(toml: str) -> Recipe | None:
    """Somebody's recipe; None where it can't be read any more."""
    try:
        recipe = Recipe.from_toml(toml)
        recipe.check(CATALOGUE, METHODS)
    except AnalyticsError:
        return None
    return recipe


def picture(found: Comparison, now: Screen) -> None:
    """Agreement and what moved as tiles, and the flow between the two."""
    value = now.quantity(found.value)
    share = percent(found.moved_customers / found.customers) if found.customers else NOTHING
    layout.tiles([
        Tile(_("Agreement"), number(found.adjusted_rand, 2),
             help=_("Adjusted Rand index: 1 where both put the same customers together, about 0 by chance.")),
        Tile(_("Customers who move"), _("{n} ({share})").format(n=number(found.moved_customers), share=share),
             help=_("They are not in the segment that matches theirs best, each matched once.")),
        Tile(_("Value that moves"), value.text(found.moved_value),
             help=_("{label} of the customers who move.").format(label=value.label)),
    ])  # fmt: skip
    layout.chart(lambda: flow(found, value, palette=now.colours), alt=found.sentence, key="flow")


def cross_table(found: Comparison, now: Screen) -> None:
    """How many customers each pair of segments shares, as a table of one row a first segment."""
    with st.expander(_("All pairs of segments"), icon=":material/table_rows:"):
        rows = found.table.rename(columns=str)  # by number: names are anybody's, and may be the same
        rows.insert(0, "first", [found.first_names[int(at)] for at in found.table.index])
        named = {str(at): Quantity(str(at), found.second_names[int(at)]) for at in found.table.columns}
        layout.table(rows, named, labels={"first": _("First")}, key="cross_table")


def moved(found: Comparison, now: Screen) -> None:
    """The streams, largest first, and the customers of the one that is picked."""
    streams = _streams(found)
    if streams.empty:
        return
    st.subheader(_("Who moves"))
    value = now.quantity(found.value)
    shown = streams.assign(first=streams["first"].map(found.first_names),
                           second=streams["second"].map(found.second_names))  # fmt: skip
    picked = layout.table(
        shown, {"customers": Quantity("customers", _("Customers")), "value": value},
        labels={"first": _("From"), "second": _("To")}, key="streams", picks=True, height=240,
    )  # fmt: skip
    stream = streams.iloc[0 if picked is None else picked]
    _customers(found, int(stream["first"]), int(stream["second"]), now)


def _streams(found: Comparison) -> pd.DataFrame:
    """first, second, customers, value of each stream of customers who move."""
    inside = found.members[found.members["moved"]]
    grouped = inside.groupby(["first", "second"], as_index=False)
    streams = grouped.agg(customers=("customer_id", "size"), value=("value", "sum"))
    return streams.sort_values("customers", ascending=False, kind="stable", ignore_index=True)


def _customers(found: Comparison, first: int, second: int, now: Screen) -> None:
    rows = found.members[(found.members["first"] == first) & (found.members["second"] == second)]
    st.caption(
        _("From “{first}” to “{second}”: {n} customers.").format(
            first=layout.plain(found.first_names[first]), second=layout.plain(found.second_names[second]),
            n=number(len(rows)))
    )  # fmt: skip
    top = rows.sort_values("value", ascending=False, kind="stable").head(LISTED)
    listed = cache.names(now.book, top["customer_id"]).merge(top, on="customer_id")
    listed = listed.sort_values("value", ascending=False, kind="stable")
    layout.table(
        listed[["customer_id", "name", "value"]], {"value": now.quantity(found.value)},
        labels={"customer_id": _("Customer"), "name": _("Name")}, key="movers", opens_customer=True, height=320,
    )  # fmt: skip
