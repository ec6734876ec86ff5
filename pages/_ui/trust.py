"""How far a result can be trusted: structure, each indicator's part, the reasons, the number of segments."""

from typing import Any

import streamlit as st

from analytics.access.book import Book
from analytics.charts import count_curve, differences_chart, sensitivity_bars, stability_bars
from analytics.formats import number, percent
from analytics.recipe import Recipe
from analytics.segmentation import Segmentation
from analytics.translation import language
from analytics.translation import translate as _
from analytics.trust.count import counts_toml
from analytics.trust.report import Trust, trust_toml
from analytics.value.quantity import Quantity
from pages._ui import layout
from pages._ui.cache import later
from pages._ui.messages import shown_to_user
from pages._ui.screen import Screen

SMALL = 2_000  # customers up to which a check takes seconds
ICONS = {"structure": ":material/verified:", "weak": ":material/help:", "none": ":material/blur_on:"}
SHARE = Quantity("share", "", "share")


def trust_panel(result: Segmentation, value: Quantity, now: Screen, current: Recipe) -> None:
    """The verdict in a sentence, and behind tabs what it rests on."""
    st.subheader(_("How far can this be trusted?"))
    if not _wanted(_question(now.book, current), small=result.customers <= SMALL):
        return
    with shown_to_user():
        found: Trust | None = later(trust_toml, now.book, _asked_of(current), key="trust")
        if found is None:
            return
        st.session_state["trusted"] = (_question(now.book, current), found.quality())
        st.markdown(f"{ICONS[found.verdict]} {layout.plain(found.sentence)}")
        for warning in found.warnings:
            st.info(layout.plain(warning), icon=":material/info:")
        _tabs(found, result, value, now, current)


def known_quality(book: Book, current: Recipe) -> dict[str, Any]:
    """What was found out in this session about this recipe over this book, to be kept with it; else empty."""
    question, quality = st.session_state.get("trusted", ((), {}))
    return quality if question == _question(book, current) else {}


def _question(book: Book, current: Recipe) -> tuple[str, str, str]:
    """What a check belongs to: another person, permission, version or language asks another."""
    return book.key, language(), _asked_of(current)


def _asked_of(current: Recipe) -> str:
    """The recipe as the check asks it: what it and its segments are called does not matter."""
    return current.model_copy(update={"title": "", "names": {}}).to_toml()


def _wanted(question: tuple[str, str, str], *, small: bool) -> bool:
    """Whether this is to be checked. Who asked once gets every result over a small book checked."""
    asked = st.session_state.get("trust_asked")
    if asked == question or (asked and small):
        return True
    st.caption(
        _("The segments are made again 100 times from customers drawn at random, and without each indicator.")
    )
    if st.button(_("Check it"), key="check_trust", icon=":material/verified:"):
        st.session_state["trust_asked"] = question
        st.rerun()
    return False


def _tabs(found: Trust, result: Segmentation, value: Quantity, now: Screen, current: Recipe) -> None:
    labels = (_("Stability"), _("Each indicator"), _("Why these segments"), _("How many"))
    stability, indicators, reasons, count = st.tabs(labels, key="trust_tab", on_change="rerun")
    with stability:
        _stability(found, result, now)
    with indicators:
        _indicators(found, value, now)
    with reasons:
        _reasons(found, result, now)
    with count:
        if count.open:
            _count(now, current)


def _stability(found: Trust, result: Segmentation, now: Screen) -> None:
    names = dict(zip(result.segments["segment"], result.segments["name"], strict=True))
    layout.chart(
        lambda: stability_bars(found, names, palette=now.colours),
        alt=_("How much of each segment comes back when customers are drawn anew"), key="stability",
    )  # fmt: skip
    st.caption(
        _("Share of a segment's customers found together again (Jaccard), mean of {n} draws: below 0.6 don't "
          "trust it, from 0.75 it is stable, from 0.85 highly stable. Worked out on {sampled} of {all} customers.").format(
            n=found.resamples, sampled=number(found.sampled), all=number(found.customers))
    )  # fmt: skip


def _indicators(found: Trust, value: Quantity, now: Screen) -> None:
    for one, other, correlation in found.duplicates:
        note = _("{one} and {other} say the same thing (correlation {r}): together they count double.")
        st.warning(
            note.format(one=now.label(one), other=now.label(other), r=number(correlation, 2)),
            icon=":material/content_copy:",
        )
    if found.sensitivity.empty:
        st.caption(_("This method reads fixed indicators: none can be left out."))
        return
    layout.chart(
        lambda: sensitivity_bars(found, {key: now.label(key) for key in found.sensitivity["indicator"]},
                                 palette=now.colours),
        alt=_("What changes when an indicator is left out or put twice"), key="sensitivity",
    )  # fmt: skip
    people = Quantity("customers", _("Customers"))
    layout.table(
        found.sensitivity.assign(indicator=found.sensitivity["indicator"].map(now.label)),
        {"agreement": SHARE, "moved_customers": people, "moved_value": value,
         "twice_agreement": SHARE, "twice_moved_customers": people},
        labels={"indicator": _("Indicator"), "agreement": _("Agreement without it"),
                "moved_customers": _("Moved without it"), "moved_value": _("Value moved without it"),
                "twice_agreement": _("Agreement with it twice"), "twice_moved_customers": _("Moved with it twice")},
        key="sensitivity_table",
    )  # fmt: skip


def _reasons(found: Trust, result: Segmentation, now: Screen) -> None:
    names = dict(zip(result.segments["segment"], result.segments["name"], strict=True))
    left, right = st.columns([2, 3])
    with left:
        segment = st.selectbox(
            _("Segment"), list(names), key="reason_segment", format_func=lambda key: f"{key}. {names[key]}"
        )
        row = found.reasons[found.reasons["segment"] == segment].iloc[0]
        st.markdown(f"**{layout.plain(row['rule'])}**")
        st.caption(
            _("Of the customers whom this rule fits {precision} are in the segment; it fits {cover} of the segment.").format(
                precision=percent(row["precision"]), cover=percent(row["cover"]))
        )  # fmt: skip
        _rename(result.made_names[segment - 1], names[segment])
    with right:
        own = found.differences[found.differences["segment"] == segment]
        labels = {key: now.label(key) for key in own["indicator"]}
        layout.chart(
            lambda: differences_chart(own, labels, palette=now.colours),
            alt=_("How far the segment lies from the book, in standard deviations, with intervals"),
            key="differences",
        )


def _rename(made: str, shown: str) -> None:
    key = f"rename_{made}"
    st.text_input(
        _("Call it"), value=shown, key=key, max_chars=60, on_change=_renamed, args=(made, key),
        help=_("Left empty, the segment has the name that was made for it. Saved with the recipe."),
    )  # fmt: skip


def _renamed(made: str, key: str) -> None:
    chosen: Recipe = st.session_state["recipe"]
    text = str(st.session_state[key]).strip()
    names = {name: own for name, own in chosen.names.items() if name != made}
    if text and text != made:
        names[made] = text
    st.session_state["recipe"] = chosen.model_copy(update={"names": names})


def _count(now: Screen, current: Recipe) -> None:
    with shown_to_user():
        found = later(counts_toml, now.book, _asked_of(current), key="counts")
        if found is None:
            return
        st.markdown(layout.plain(found.sentence))
        layout.chart(lambda: count_curve(found, palette=now.colours), alt=found.sentence, key="count_curve")
