"""Plans: made from the segments of the recipe in use, kept, shared, and started in one's own book."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import streamlit as st

from analytics.access.roles import ROLES
from analytics.formats import currency_word, day, labelled, money, number, percent
from analytics.needs.calls import MOST_A_WEEK
from analytics.needs.campaign_sentences import design_sentence, expected_sentence, past_sentence, points
from analytics.needs.campaigns import Report
from analytics.needs.plan import (
    USUAL_RESPONSE,
    Margin,
    expected,
    known_margin,
    past,
    products_on_offer,
    proposed_channel,
    proposed_message,
    used_by,
)
from analytics.needs.power import Design, design
from analytics.needs.reach import Reach, reach
from analytics.needs.running import begin
from analytics.needs.uplift import WORTH_FINDING, Interval
from analytics.segmentation import segment_toml
from analytics.store.campaigns import Plan, SavedPlan
from analytics.translation import plural
from analytics.translation import translate as _
from analytics.vocabulary import in_words
from pages._ui import choices, layout
from pages._ui.cache import answer, small
from pages._ui.campaigning import NEXT, act, base
from pages._ui.screen import Screen

USUAL_CAPACITY = 20
MOST_ANSWER = 99.0  # percent, without contact: something is left to find


def make(now: Screen, reports: Sequence[Report]) -> None:
    """Product, channel, message and hold-out for a segment of the recipe in use, with cost and result."""
    recipe = choices.recipe().model_copy(update={"as_of": None})
    found = answer(segment_toml, now.book, recipe.to_toml())
    names = dict(zip(found.segments["segment"], found.segments["name"], strict=True))
    left, right = st.columns(2)
    segment = left.selectbox(
        _("Segment"), list(names), key="plan_segment", format_func=lambda key: f"{key}. {names[key]}"
    )
    products = products_on_offer(now.book)
    if not products:
        st.info(_("The warehouse has no products that could be offered."))
        return
    product = right.selectbox(
        _("Product"), list(products), key="plan_product", format_func=lambda key: products[key]
    )
    newest = now.book.warehouse.newest_as_of
    whom: Reach = answer(reach, now.book, newest, recipe.to_toml(), int(segment), product)
    _whom(whom)
    each = small(known_margin, now.book, newest, product)
    _margin(each, products[product], base(now))
    ids = tuple(whom.worths["customer_id"])
    proposed = proposed_channel(answer(used_by, now.book, newest, ids), reports)
    room = each.room if isinstance(each, Margin) else None
    with st.container(key="plan_mix"):
        left, right = st.columns(2)
        channel = left.selectbox(
            _("Channel"), proposed.choices, proposed.choices.index(proposed.key), key=f"plan_channel_{product}",
            format_func=in_words,
            help=_("Proposed: {channel}, {why}.").format(channel=in_words(proposed.key), why=proposed.why),
        )  # fmt: skip
        cost = right.number_input(
            _("Cost of one contact ({currency})").format(currency=currency_word(base(now))), 0.0, None,
            _usual_cost(reports, str(channel)), key=f"plan_cost_{channel}",
        )  # fmt: skip
        message = st.text_area(
            _("Message"), proposed_message(products[product]), key=f"plan_message_{product}", max_chars=2000
        )
    capacity = st.number_input(
        _("Calls a week for each manager"), 1, MOST_A_WEEK, USUAL_CAPACITY, key="plan_capacity"
    )
    shown = _hold_out(now, reports, whom, product, str(channel), float(cost), each)
    _weeks(shown.contacted, int(capacity))
    plan = Plan(
        "", recipe.to_toml(), int(segment), product, str(channel), message, float(cost), int(capacity),
        shown.base, shown.uplift, shown.share, room,
    )  # fmt: skip
    _keep(now, plan, f"{products[product]} · {names[segment]}")


def _whom(whom: Reach) -> None:
    all_of, fits = len(whom.worths), len(whom.eligible)
    st.caption(
        _(
            "{n} customers are in this segment; {fits} of them may be offered it, by consent, risk and what they hold."
        ).format(n=number(all_of), fits=number(fits))
    )


def _margin(each: Margin | str, product: str, currency: str) -> None:
    """What the product brings, and its price room."""
    if isinstance(each, str):
        st.caption(layout.plain(_("What it brings is not known here. {reason}").format(reason=each)))
        return
    if each.each is None:
        st.caption(_("No line of profit in your book names it, so what it would bring is not known."))
        return
    said = plural(
        "{n} holder in your book brought {each} in twelve months.",
        "{n} holders in your book brought {each} each in twelve months.", each.holders,
    ).format(n=number(each.holders), each=money(each.each, currency))  # fmt: skip
    if each.room is None:
        room = _("It has no rate that could move.")
    elif each.upwards:
        room = _("Price room: its rate could rise by {points} points until that is gone.")
    else:
        room = _("Price room: its rate could fall by {points} points until that is gone.")
    shown = number((each.room or 0) * 100, 2)
    st.caption(layout.plain(f"{said} {room.format(points=shown)}"))


def _usual_cost(reports: Sequence[Report], channel: str) -> float:
    """What a contact in this channel cost last time."""
    for one in reports:
        if one.channel == channel and one.cost and one.contacts:
            return round(one.cost / one.contacts, 2)
    return 0.0


def _hold_out(
    now: Screen, reports: Sequence[Report], whom: Reach, product: str, channel: str, cost: float,
    each: Margin | str,
) -> Design:  # fmt: skip
    """The hold-out with its power calculation, and what the campaign would bring."""
    known = past(reports, product, channel)
    st.markdown("**" + _("Hold-out") + "**")
    left, middle, right = st.columns(3)
    usual = min(MOST_ANSWER, round(100 * (USUAL_RESPONSE if known.base is None else known.base), 1))
    own = left.number_input(
        _("Response without contact, %"), 0.0, MOST_ANSWER, usual, 0.5, key=f"plan_base_{product}_{channel}"
    )  # fmt: skip
    least = middle.number_input(
        _("Least uplift worth finding, points"), 0.1, 50.0, 100 * WORTH_FINDING, 0.5, key="plan_least"
    )
    worth = min(least / 100, 1 - own / 100)
    best = design(len(whom.eligible), own / 100, worth)
    share = right.number_input(
        _("Left alone, %"), 10, 50, round(100 * best.share), key=f"plan_share_{best.share}_{best.reach}",
        help=_("Recommended: {share}. The smallest that shows the uplift, within 10% and 50%.").format(
            share=percent(best.share)
        ),
    )  # fmt: skip
    shown = design(len(whom.eligible), own / 100, worth, share=share / 100)
    (st.success if shown.enough else st.warning)(layout.plain(design_sentence(shown)))
    st.caption(layout.plain(past_sentence(known)))
    gap = known.uplift
    if gap is None:
        hope = st.number_input(_("Uplift that you expect, points"), 0.0, 50.0, least, 0.5, key="plan_hope")
        gap = Interval(hope / 100, hope / 100, hope / 100)
    margin = each.each if isinstance(each, Margin) else None
    st.markdown(layout.plain(expected_sentence(expected(shown, gap, cost, margin), base(now))))
    return shown


def _weeks(contacted: int, capacity: int) -> None:
    weeks = -(-contacted // capacity)
    text = plural("One manager alone would need {n} week.", "One manager alone would need {n} weeks.", weeks)
    st.caption(text.format(n=number(weeks)))


def _keep(now: Screen, plan: Plan, title: str) -> None:
    """Title, with whom to share, and the button."""
    given = st.text_input(_("Title"), title[:200], key=f"plan_title_{plan.product_id}_{plan.segment}")
    kinds = {"private": _("Nobody"), "role": _("A role"), "branch": _("A branch"), "person": _("A person")}
    kind = st.segmented_control(
        _("Share with"), list(kinds), default="private", key="plan_share_kind", required=True,
        format_func=lambda key: kinds[key],
    )  # fmt: skip
    target = _target(now, str(kind))
    if st.button(_("Keep this plan"), key="keep_plan", type="primary"):
        act(lambda: _kept(now, plan, given, str(kind), target))


def _target(now: Screen, kind: str) -> str:
    if kind == "role":
        return str(
            st.selectbox(_("Role"), list(ROLES), key="plan_role", format_func=lambda key: _(ROLES[key]))
        )
    if kind == "branch":
        return str(st.selectbox(_("Branch"), list(now.book.person.branches), key="plan_branch"))
    return st.text_input(_("E-mail address"), key="plan_person") if kind == "person" else ""


def _kept(now: Screen, plan: Plan, title: str, kind: str, target: str) -> str:
    shares = [] if kind == "private" else [(kind, target)]
    now.store.campaigns.save_plan(now.book.person.email, replace(plan, title=title), shares)
    st.session_state["plans"] = True
    return _("Kept “{title}”. Start it under Plans; whoever else opens it runs it in their own book.").format(
        title=title
    )


def plans(now: Screen, today: date) -> None:
    """One's own plans and those shared with one: start or forget them."""
    person = now.book.person
    known = {one.id: one for one in now.store.campaigns.plans(person.email, person.roles, person.branches)}
    if not known:
        st.caption(_("No plan is kept yet, and none is shared with you."))
        return
    chosen = st.selectbox(
        _("Plan"), list(known), key="plan_chosen",
        format_func=lambda key: _owned(known[key], person.email),
    )  # fmt: skip
    one = known[chosen]
    plan, newest = one.plan, now.book.warehouse.newest_as_of
    whom: Reach = answer(reach, now.book, newest, plan.recipe, plan.segment, plan.product_id)
    if not whom.name:
        st.info(_("Its recipe gives no such segment in your book."))
        return
    shown = design(len(whom.eligible), plan.base_rate, plan.worth_finding, share=plan.holdout_share)
    _summary(one, whom, base(now))
    (st.success if shown.enough else st.warning)(layout.plain(design_sentence(shown)))
    starts_on = st.date_input(_("Starts on"), today, min_value=today, key="plan_starts", format="YYYY-MM-DD")
    with st.container(horizontal=True):
        if st.button(_("Start this campaign"), key="start_campaign", type="primary"):
            act(lambda: _started(now, plan, whom, date.fromisoformat(str(starts_on))))
        if one.owner == person.email and st.button(_("Delete"), key="delete_plan"):
            act(lambda: _deleted(now, one))


def _owned(one: SavedPlan, mine: str) -> str:
    return one.plan.title if one.owner == mine else f"{one.plan.title} · {one.owner}"


def _summary(one: SavedPlan, whom: Reach, currency: str) -> None:
    plan = one.plan
    lines = [
        labelled(_("Segment"), whom.name),
        labelled(_("Channel"), in_words(plan.channel)),
        labelled(_("Cost of one contact"), money(plan.cost_per_contact, currency, full=True)),
        labelled(_("Calls a week for each manager"), number(plan.capacity)),
        labelled(_("Least uplift worth finding, points"), points(plan.worth_finding, signed=False)),
        labelled(_("Made on"), day(one.created_at.date())),
    ]
    st.caption(layout.plain(" · ".join(lines)))
    st.markdown(f"> {layout.plain(plan.message)}".replace("\n", " "))


def _started(now: Screen, plan: Plan, whom: Reach, starts_on: date) -> str:
    number_ = begin(now.book, now.store, plan, whom.worths, whom.eligible, starts_on)
    started = next(one for one in now.store.campaigns.all() if one.id == number_)
    st.session_state[NEXT] = started.campaign_id
    return _("“{title}” has begun. Its call list is below.").format(title=plan.title)


def _deleted(now: Screen, one: SavedPlan) -> str:
    now.store.campaigns.delete_plan(one.id, one.owner)
    return _("“{title}” is forgotten; campaigns that it became stay.").format(title=one.plan.title)
