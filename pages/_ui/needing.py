"""The Needs page's parts: whose needs, the picture, the needs in words, habits, changes, answers."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from analytics.charts import gap_chart, share_chart
from analytics.errors import AnalyticsError
from analytics.formats import NOTHING, day, number, percent
from analytics.indicators import CATALOGUE
from analytics.needs import sentences
from analytics.needs.gaps import LESS, MORE, common_needs
from analytics.needs.habits import FEW, Ways, ways
from analytics.needs.report import Needs, lacking
from analytics.segmentation import Segmentation
from analytics.translation import translate as _
from analytics.value.quantity import Quantity
from analytics.vocabulary import in_words as worded
from pages._ui import layout
from pages._ui.cache import answer, names, small
from pages._ui.layout import Tile
from pages._ui.messages import shown_to_user
from pages._ui.screen import Screen
from pages._ui.taking import Table, offer

CHOSEN = "shown_needs"  # the segment's number as text: it goes into the address
LISTED = 500
SHARES = ("held_share", "peer_share", "low", "high")


def chosen(found: Segmentation, place: st.delta_generator.DeltaGenerator) -> int:
    """The segment that is looked at; at first the most valuable."""
    called = {str(n): name for n, name in zip(found.segments["segment"], found.segments["name"], strict=True)}
    if st.session_state.get(CHOSEN) not in called:
        st.session_state[CHOSEN] = next(iter(called))
    number_of = place.selectbox(
        _("Segment"), list(called), key=CHOSEN, persist_state="session",
        format_func=lambda key: _("{n}. {name}").format(n=key, name=called[key]),
    )  # fmt: skip
    return int(number_of)


def offer_needs(segment: int) -> None:
    """A way from a segment to its needs."""
    if st.button(_("Needs of this segment"), icon=":material/lightbulb:", key="open_needs"):
        st.session_state[CHOSEN] = str(segment)
        st.switch_page("needs.py")


def plan_for(told: Needs) -> None:
    """A way on: a campaign for this segment, with what it most surely lacks."""
    if st.button(_("Make a plan for this segment"), icon=":material/edit_note:", key="plan_needs"):
        st.session_state.update({"make_plan": True, "plan_segment": told.number})
        for key in common_needs(told.gaps[told.gaps["is_active"]], 1).index:
            st.session_state["plan_product"] = str(key)
        st.switch_page("campaigns.py")


def tiles(told: Needs) -> list[Tile]:
    """Who is compared with whom, what surely differs, and who lacks the strongest need."""
    beside, differs = told.match, told.gaps["differs"]
    shown = [
        Tile(_("Customers"), number(beside.customers),
             help=_("Of the segment; {n} of them found comparable customers.").format(n=number(beside.count))),
        Tile(_("Comparable customers"), number(beside.peers),
             help=_("Outside the segment, weighted to its make-up; they count as {n} of equal weight.").format(
                 n=number(beside.effective))),
        Tile(_("Held more"), number(int((differs == MORE).sum())),
             help=_("Products that the segment surely holds more than comparable customers: at most one in twenty of "
                    "them by chance.")),
        Tile(_("Held less"), number(int((differs == LESS).sum())),
             help=_("Products that the segment surely holds less than comparable customers.")),
    ]  # fmt: skip
    best = common_needs(told.gaps, 1)
    if not best.empty:
        row = best.iloc[0]
        share = percent(row["customers"] / row["segment"])
        shown.append(Tile(_("Have the first need unmet"), _("{n} ({share})").format(n=number(row["customers"]), share=share),
                          help=_("Customers of the segment without {product}.").format(
                              product=layout.plain(told.names[str(best.index[0])]))))  # fmt: skip
    return shown


def picture(told: Needs, now: Screen) -> None:
    """Shares of the segment and of its peers, product by product."""
    st.caption(
        _(
            "Dot: the segment; hollow where the difference may be chance. Diamond: comparable customers outside it. "
            "Bars: 95% intervals."
        )
    )
    layout.chart(
        lambda: gap_chart(told.gaps, told.names, palette=now.colours, number=told.number),
        alt=sentences.headline(told), key="gaps",
    )  # fmt: skip


def in_words(told: Needs) -> None:
    """The strongest three needs, or what may be one; what the segment holds less; how it was compared."""
    said = sentences.need_sentences(told)
    st.subheader(_("Their strongest needs"))
    if not said:
        st.markdown(_("No need is sure. What stands out most may be chance:"))
        said = sentences.hint_sentences(told) or [_("Nothing stands out.")]
    for line in said:
        st.markdown(f"- {layout.plain(line)}")
    less = sentences.shortfall_sentences(told)
    if less:
        st.markdown(_("They hold less than comparable customers do:"))
        for line in less:
            st.markdown(f"- {layout.plain(line)}")
    labels = {key: _(row.label) for key, row in CATALOGUE.items()}
    st.caption(layout.plain(sentences.compared_sentence(told, labels)))
    for doubt in told.doubts:
        st.info(layout.plain(doubt), icon=":material/info:")


def products(found: Segmentation, told: Needs, now: Screen) -> None:
    """Every product; a click lists the segment's customers who have none."""
    rows = told.gaps.assign(name=[told.names[str(key)] for key in told.gaps.index], sure=_sure(told.gaps))
    titles = {
        "name": _("Product"), "held_share": _("Segment"), "peer_share": _("Comparable"), "lift": _("Times as many"),
        "low": _("Difference from"), "high": _("to"), "sure": _("Surely"), "holders": _("Hold it"),
        "peer_holders": _("Peers who hold it"), "customers": _("Have none"),
    }  # fmt: skip
    quantities = {key: Quantity(key, titles[key], "share") for key in SHARES}
    st.subheader(_("By product"))
    st.caption(
        _("Choose a row to see who has none. Differences in percentage points, with their 95% interval.")
    )
    picked = layout.table(
        rows[list(titles)].assign(lift=[_times(one) for one in rows["lift"]]),
        quantities,
        labels=titles,
        key="needs_products",
        picks=True,
        height=340,
    )
    if picked is not None:
        key = str(rows.index[picked])
        _without(found, told, key, now)


def _times(lift: float) -> str:
    return NOTHING if np.isnan(lift) else number(lift, 2)


def _sure(rows: pd.DataFrame) -> "pd.Series[str]":
    return rows["differs"].map({MORE: _("more"), LESS: _("less"), 0: ""})


def _without(found: Segmentation, told: Needs, product: str, now: Screen) -> None:
    """Who of the segment lacks a product, the most valuable first; a click opens the customer."""
    listed = answer(lacking, now.book, found, told.number, product)
    title = _("{n} customers without {product}").format(n=number(len(listed)), product=told.names[product])
    st.subheader(layout.plain(title))
    best = listed.head(LISTED)
    rows = (
        names(now.book, best["customer_id"])
        .merge(best, on="customer_id")
        .sort_values("value", ascending=False)
    )
    layout.table(
        rows[["customer_id", "name", "value"]], {"value": now.quantity(found.value)}, key="needs_without",
        labels={"customer_id": _("Customer"), "name": _("Name")}, opens_customer=True, height=300,
    )  # fmt: skip
    offer(now, Table(listed, f"without-{product}-segment-{told.number}", found.as_of, found.recipe_hash))


def together(told: Needs) -> None:
    """Products that are held together, in words and as a table."""
    rows = told.associations
    if rows.empty:
        st.markdown(_("No products are surely held together by five customers or more."))
        return
    for row in rows.head(3).to_dict("records"):
        st.markdown(f"- {layout.plain(sentences.together_sentence(told, row))}")
    shown = rows.assign(
        given=[_(" and ").join(told.names[key] for key in keys) for keys in rows["if"]],
        then=rows["then"].map(told.names),
    ).round({"lift": 2})
    titles = {
        "given": _("Who holds"), "then": _("holds too"), "confidence": _("of these"), "base": _("of all"),
        "lift": _("Times as many"), "support": _("Hold all of it"), "customers": _("Customers"),
    }  # fmt: skip
    quantities = {key: Quantity(key, titles[key], "share") for key in ("confidence", "base", "support")}
    layout.table(shown[list(titles)], quantities, labels=titles, key="needs_together")


def panels(found: Segmentation, told: Needs, now: Screen) -> None:
    """What is asked for by opening it: combinations, channels and times, what changed, surveys."""
    parts: tuple[tuple[str, str, str, Callable[[], None]], ...] = (
        ("together", _("Held together"), ":material/join_inner:", partial(together, told)),
        ("channels", _("Channels and times"), ":material/schedule:", partial(_habits, found, told, now)),
        (
            "changes",
            _("What changed in six months"),
            ":material/trending_up:",
            partial(_changes, found, told, now),
        ),
        ("surveys", _("What they answered"), ":material/reviews:", partial(_answers, found, told, now)),
    )
    for key, title, icon, draw in parts:
        with st.expander(title, icon=icon, key=f"needs_{key}", on_change="rerun") as part:
            if part.open:
                with shown_to_user():
                    draw()


def _ways(found: Segmentation, told: Needs, now: Screen) -> Ways:
    known: Ways = small(ways, now.book, found, told.number)
    return known


def _habits(found: Segmentation, told: Needs, now: Screen) -> None:
    known = _ways(found, told, now)
    st.caption(_("Shares of a customer's transactions in twelve months, on average over customers with any."))
    used = [worded(name) if name else _("other channels") for name in known.channels["what"]]
    _shares(known.channels, used, _("Share of transactions"), "needs_channels_chart", told, now)
    _shares(known.weekdays, [_(name) for name in known.weekdays["what"]], _("Share of transactions"),
            "needs_weekdays_chart", told, now)  # fmt: skip
    if known.weekdays.empty:
        return
    hours = known.hours[(known.hours["here"] > 0.01) | (known.hours["there"] > 0.01)]
    if hours.empty:
        st.markdown(_("The transactions have no time of day."))
        return
    labels = [_("{n}:00").format(n=hour) for hour in hours["what"]]
    _shares(hours, labels, _("Share of transactions"), "needs_hours_chart", told, now)


def _shares(rows: pd.DataFrame, labels: list[str], title: str, key: str, told: Needs, now: Screen) -> None:
    alt = sentences.shares_sentence(rows, labels)
    st.markdown(layout.plain(alt))
    if rows.empty:
        return
    layout.chart(
        lambda: share_chart(rows, labels, title, palette=now.colours, number=told.number), alt=alt, key=key
    )


def _changes(found: Segmentation, told: Needs, now: Screen) -> None:
    """Indicators against six months before, of those who were customers then."""
    known = _ways(found, told, now)
    if known.since is None or known.changes.empty:
        st.markdown(_("The data do not reach back six months."))
        return
    since = _("Mean change a customer since {day}, with 95% intervals.").format(day=day(known.since))
    st.caption(since)
    for row in known.changes.to_dict("records"):
        quantity = now.quantity(str(row["what"]))
        st.markdown(f"- {layout.plain(sentences.change_sentence(row, quantity))}")


def _answers(found: Segmentation, told: Needs, now: Screen) -> None:
    """Scores and attitudes of those who answered; few answers are said to be few."""
    known = _ways(found, told, now)
    asked = pd.concat([known.scores, known.attitudes])
    if asked.empty:
        st.markdown(_("Nobody of them, or of comparable customers, has answered a survey."))
        return
    for row in known.scores.to_dict("records"):
        st.markdown(layout.plain(sentences.score_sentence(row)))
    if asked[["size", "peers"]].min().min() < FEW:
        st.info(_("So few answers that the differences say little."), icon=":material/info:")
    for question, rows in known.attitudes.groupby("question", sort=False):
        counts = _("{n} of the segment answered, {peers} of comparable customers.")
        st.caption(counts.format(n=number(rows["size"].max()), peers=number(rows["peers"].max())))
        labels = [worded(one) for one in rows["what"]]
        _shares(rows, labels, _("Share of answers"), f"needs_answers_{question}", told, now)


def where_not(error: AnalyticsError, place: st.delta_generator.DeltaGenerator) -> None:
    """Where nothing can be compared: that as the page's answer, and what to try."""
    layout.headline(error.what, place)
    if error.remedy:
        st.markdown(layout.plain(error.remedy))
