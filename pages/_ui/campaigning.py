"""The Campaigns page's answer: which campaigns there are, tiles, picture and table."""

import math
from collections.abc import Callable, Sequence
from datetime import date

import pandas as pd
import streamlit as st

from analytics.access.earnings import product_names
from analytics.charts import Response
from analytics.errors import AnalyticsError
from analytics.formats import NOTHING, day, money, number, percent
from analytics.needs.campaign_sentences import per_sale_text, points
from analytics.needs.campaigns import Report, chosen_first, loaded_reports, newest_first, own_reports
from analytics.needs.uplift import VERDICTS
from analytics.translation import translate as _
from analytics.value.quantity import Quantity
from analytics.vocabulary import in_words
from pages._ui import cache, layout
from pages._ui.layout import Tile
from pages._ui.messages import record_refusal
from pages._ui.screen import Screen

CHOSEN = "shown_campaign"
NEXT = "next_campaign"  # what an action turns the page to, once it is drawn anew
SAID = "campaigns_said"  # what the last button came to, shown once after it


def act(work: Callable[[], str]) -> None:
    """Do something and start the page over: what it came to is told on top of it."""
    try:
        st.session_state[SAID] = ("done", work())
    except AnalyticsError as error:
        record_refusal(error)
        st.session_state[SAID] = ("failed", str(error))
    st.rerun()


def what_was_done() -> None:
    """The outcome of the last button, once."""
    outcome, said = st.session_state.pop(SAID, ("", ""))
    if outcome:
        show = st.success if outcome == "done" else st.error
        show(layout.plain(said), icon=":material/done:" if outcome == "done" else ":material/error:")


def base(now: Screen) -> str:
    """The base currency."""
    return now.book.warehouse.manifest.base_currency


def customers(now: Screen) -> int:
    """How many there are in the book."""
    return cache.count(now.book, now.as_of)


def reports(now: Screen, today: date) -> list[Report]:
    """Those that were loaded, as of the chosen date, and the app's own, as of today.

    What was published of the app's own is told once, from the store, which knows it first.
    """
    own = own_reports(now.book, now.store, today)
    known = {one.campaign_id for one in own}
    loaded = cache.small(loaded_reports, now.book, now.as_of)
    return newest_first([*own, *(one for one in loaded if one.campaign_id not in known)])


def shown(found: Sequence[Report]) -> Report | None:
    """The campaign that the page is about: the chosen one, else the newest that is through."""
    by_id = {one.campaign_id: one for one in found}
    if NEXT in st.session_state:
        st.session_state[CHOSEN] = st.session_state.pop(NEXT)
    if st.session_state.get(CHOSEN) not in by_id:
        st.session_state.pop(CHOSEN, None)
        first = chosen_first(found)
        if first is not None:
            st.session_state[CHOSEN] = first.campaign_id
        return first
    return by_id[st.session_state[CHOSEN]]


def choose(found: Sequence[Report], one: Report) -> None:
    """Another campaign for the page."""
    names = {each.campaign_id: each for each in found}
    st.selectbox(
        _("Campaign"), list(names), key=CHOSEN, format_func=lambda key: _label(names[key]),
    )  # fmt: skip


def _label(one: Report) -> str:
    return f"{one.name} · {day(one.starts_on)}" if one.starts_on else one.name


def tiles(one: Report, now: Screen) -> list[Tile]:
    """Response of both groups, what contact added, and what that cost."""
    called, left, gap = one.found.contacted, one.found.holdout, one.found.difference
    shares = [percent(group.value, 1) if group else NOTHING for group in (called, left)]
    cost = NOTHING if one.cost is None else money(one.cost, base(now))
    known = one.per_sale is not None and math.isfinite(one.per_sale.high)
    each = money(one.per_sale.value, base(now)) if one.per_sale and known else NOTHING
    return [
        Tile(_("Contacted answered"), shares[0],
             help=_("{n} customers").format(n=number(one.found.arms.contacted))),
        Tile(_("Left alone answered"), shares[1],
             help=_("{n} customers").format(n=number(one.found.arms.holdout))),
        Tile(_("Uplift, in points"), points(gap.value if gap else None),
             help=_("Response of the contacted minus response of those left alone.")),
        Tile(_("Cost"), cost, help=_("{n} contacts, each at the campaign's cost.").format(n=number(one.contacts))),
        Tile(_("Cost of an extra sale"), each, help=per_sale_text(one.per_sale, base(now))),
    ]  # fmt: skip


def groups(one: Report) -> list[Response]:
    """Both groups as the picture draws them."""
    arms, found = one.found.arms, one.found
    both = (
        (_("Contacted"), found.contacted, arms.contacted_answers, arms.contacted, False),
        (_("Left alone"), found.holdout, arms.holdout_answers, arms.holdout, True),
    )
    return [
        Response(label, share.value, share.low, share.high, answers, customers, held)
        for label, share, answers, customers, held in both
        if share is not None
    ]


def explain(one: Report) -> None:
    """How uplift, its interval and the verdict are made."""
    with st.popover(_("How is this computed?"), icon=":material/help:", type="tertiary"):
        st.markdown(
            _(
                "Uplift is the response of the contacted minus the response of the hold-out, whom chance chose to be left "
                "alone. Its interval is Newcombe's hybrid score interval (1998, method 10), those of the two shares "
                "Wilson's. The cost of an extra sale is the cost of all contacts over uplift x contacted."
            )
        )
        if one.number is not None:
            st.markdown(
                _(
                    "The best are called first. So that they are not set against everybody left alone, counted are only "
                    "those whose turn has come: of each manager's members, all down to the last one contacted."
                )
            )
        st.caption(_("Only customers of your book are counted, whose attributes are today's."))


def table(found: Sequence[Report], now: Screen) -> None:
    """Every campaign that reached the book."""
    names = product_names(now.book)
    rows = pd.DataFrame([_row(one, names) for one in found])
    share = {"response": _("Contacted answered"), "left": _("Left alone answered")}
    quantities = {key: Quantity(key, label, "share") for key, label in share.items()}
    quantities |= {key: Quantity(key, label) for key, label in _counts().items()}
    cost = {"cost": _("Cost"), "per_sale": _("Cost of an extra sale")}
    quantities |= {key: Quantity(key, label, "currency", base(now)) for key, label in cost.items()}
    labels = {"name": _("Campaign"), "verdict": _("Verdict"), "uplift": _("Uplift in points"),
              "product": _("Product"), "channel": _("Channel"), "starts_on": _("Start")}  # fmt: skip
    layout.table(rows, quantities, labels=labels, key="campaigns_table")


def _counts() -> dict[str, str]:
    return {"contacted": _("Contacted"), "holdout": _("Left alone")}


def _row(one: Report, products: dict[str, str]) -> dict[str, object]:
    gap, found = one.found.difference, one.found
    interval = _("{value} ({low} to {high})")
    return {
        "name": one.name,
        "verdict": _(VERDICTS[one.verdict]),
        "uplift": interval.format(value=points(gap.value), low=points(gap.low), high=points(gap.high))
        if gap
        else NOTHING,
        "response": found.contacted.value if found.contacted else math.nan,
        "left": found.holdout.value if found.holdout else math.nan,
        "contacted": found.arms.contacted,
        "holdout": found.arms.holdout,
        "cost": one.cost,
        "per_sale": one.per_sale.value if one.per_sale and math.isfinite(one.per_sale.high) else math.nan,
        "product": products.get(one.product_id, one.product_id),
        "channel": in_words(one.channel),
        "starts_on": one.starts_on,
    }
