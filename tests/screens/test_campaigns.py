"""The Campaigns page: did it work, a plan with its hold-out, a campaign with its call list."""

from dataclasses import replace
from datetime import date

import pytest

from analytics.access.book import Book
from analytics.access.grants import Grant
from analytics.access.personas import PERSONAS
from analytics.needs.campaigns import chosen_first, loaded_reports
from analytics.store.campaigns import Plan
from analytics.translation import in_language
from analytics.warehouse.engine import open_warehouse
from tests.screens.session import (
    ANALYST,
    BRANCH_MANAGER,
    NO_SUCH_PAGE,
    RM,
    STEWARD,
    marked,
    opened,
    table_with,
    texts,
    whole,
)

RECIPE = 'value = "credit_amount_12m"\nindicators = ["credit_amount_12m"]\n[method]\nkey = "value_tiers"\n'
PLAN = Plan("Cards", RECIPE, 2, "C02", "phone", "A *bold* [offer](http://x)", 4.0, 10, 0.05, 0.03, 0.3)


def book_of(bank, bank_store, persona):
    return Book.open(open_warehouse(bank), bank_store, persona)


def open_plans(at):
    at.session_state["plans"] = True
    return whole(at.run())


def begun(bank_store, persona=BRANCH_MANAGER, plan=PLAN):
    """A session in which the plan was started by its button."""
    bank_store.campaigns.save_plan(persona, plan)
    at = open_plans(whole(opened("campaigns", persona=persona)))
    at.button(key="start_campaign").click().run()
    return whole(at)


def press(at, key):
    at.button(key=key).click().run()
    return whole(at)


@pytest.mark.parametrize("persona", [RM, BRANCH_MANAGER])
def test_the_page_begins_with_what_the_newest_campaign_added_in_this_book(bank, bank_store, persona):
    at = whole(opened("campaigns", persona=persona))
    book = book_of(bank, bank_store, persona)
    found = loaded_reports(book, book.as_of())
    one = chosen_first(found)
    assert f"“{one.name}”" in at.title[0].value
    assert "as of 31 October 2026" in texts(at)
    assert [metric.label for metric in at.metric][:3] == [
        "Contacted answered",
        "Left alone answered",
        "Uplift, in points",
    ]
    listed = table_with(at, "verdict", "uplift", "contacted")
    assert sorted(listed["name"]) == sorted(each.name for each in found)
    assert listed["contacted"].sum() == sum(each.found.arms.contacted for each in found)


def test_another_campaign_is_chosen_and_an_unknown_one_in_the_address_is_not(bank, bank_store):
    at = whole(opened("campaigns", persona=BRANCH_MANAGER, link={"on_campaign": "K05"}))
    assert "Working capital" in at.title[0].value
    at.selectbox(key="shown_campaign").set_value("K03").run()
    assert "Spring deposits" in whole(at).title[0].value
    whole(opened("campaigns", persona=BRANCH_MANAGER, link={"on_campaign": "<b>no</b>"}))


def test_an_analyst_has_no_such_page(bank):
    with pytest.raises(ValueError, match=NO_SUCH_PAGE):
        opened("campaigns", persona=ANALYST)


def test_a_bank_without_campaigns_says_so(own_bank):
    own_bank(transactions="customer_id,booked_at,amount\nA,2026-06-30,1\nB,2026-06-30,2\n")
    at = whole(opened("campaigns"))
    assert at.title[0].value.startswith("No campaign has reached your customers yet")
    assert not at.metric
    for key in ("make_plan", "plans"):
        at.session_state[key] = True
    assert "no products that could be offered" in texts(whole(at.run()))


def test_a_plan_shows_its_power_calculation_and_is_kept(bank, bank_store):
    at = whole(opened("campaigns", persona=BRANCH_MANAGER))
    at.session_state["make_plan"] = True
    whole(at.run())
    at.selectbox(key="plan_product").set_value("D03").run()
    whole(at)
    said = texts(at) + "".join(str(note.value) for note in (*at.success, *at.warning))
    assert "may be offered it, by consent, risk and what they hold" in said
    assert "would be found with a chance of" in said or "is then found with a chance of" in said
    assert "Price room: its rate could rise by" in said
    at.number_input(key="plan_least").set_value(30.0).run()
    assert "left alone" in "".join(str(note.value) for note in whole(at).success)
    press(at, "keep_plan")
    (kept,) = bank_store.campaigns.plans(BRANCH_MANAGER)
    assert (kept.plan.product_id, kept.plan.segment, kept.plan.worth_finding) == ("D03", 1, 0.3)
    assert kept.plan.price_room > 0
    assert "Start this campaign" in [button.label for button in at.button]


def test_a_plans_channels_and_its_cost_are_in_the_readers_language(bank):
    with in_language("zh_CN"):
        at = whole(opened("campaigns", persona=BRANCH_MANAGER, link={"lang": "zh_CN"}))
        at.session_state["make_plan"] = True
        whole(at.run())
    channel = next(box for box in at.selectbox if str(box.key).startswith("plan_channel_"))
    cost = next(box for box in at.number_input if str(box.key).startswith("plan_cost_"))
    assert "电话" in channel.options
    assert not [name for name in channel.options if name.isascii()]
    assert "元" in cost.label


def test_a_plan_is_started_and_its_call_list_ticked_off(bank, bank_store):
    at = begun(bank_store)
    (campaign,) = bank_store.campaigns.all()
    members = bank_store.campaigns.members(campaign.id)
    called = [one for one in members if not one.is_holdout]
    assert "“Cards”: too early to tell" in texts(at)
    calls = table_with(at, "week", "place", "customer_id")
    assert set(calls["customer_id"]) == {one.customer_id for one in called}
    first = calls["customer_id"][0]
    at.multiselect(key="tick_customers").set_value([first])
    press(at, "tick_contacted")
    assert "Recorded for 1 customer." in [note.value.replace("\\", "") for note in at.success]
    at.multiselect(key="tick_customers").set_value([first])
    press(at, "tick_answered")
    kept = {one.customer_id: one for one in bank_store.campaigns.members(campaign.id)}[first]
    assert (kept.contacted_on, kept.responded_on, kept.contacted_by) == (
        date.today(),
        date.today(),
        BRANCH_MANAGER,
    )
    assert at.metric[0].value == "100.0%"
    held = next(one.customer_id for one in members if one.is_holdout)
    at.multiselect(key="left_customers").set_value([held])
    press(at, "left_answered")
    assert {one.customer_id: one for one in bank_store.campaigns.members(campaign.id)}[
        held
    ].responded_on == date.today()
    actions = [entry.action for entry in bank_store.audit.entries(person=BRANCH_MANAGER)]
    assert actions.count("answer recorded") == 2
    assert len(at.get("download_button")) == 2


def test_a_message_is_shown_as_it_stands(bank, bank_store):
    at = begun(bank_store)
    assert "A *bold* [offer](http://x)" in texts(at)
    assert "\\[offer\\]" in marked(at)
    assert "[offer](" not in marked(at)


def test_a_shared_plan_runs_in_the_viewers_book(bank, bank_store):
    bank_store.campaigns.save_plan(BRANCH_MANAGER, PLAN, [("person", RM)])
    at = open_plans(whole(opened("campaigns", persona=RM)))
    assert BRANCH_MANAGER in at.selectbox(key="plan_chosen").options[0]
    assert "Delete" not in [button.label for button in at.button]
    at.button(key="start_campaign").click().run()
    whole(at)
    (campaign,) = bank_store.campaigns.all()
    mine = set(book_of(bank, bank_store, RM).frame(())["customer_id"])
    members = {one.customer_id for one in bank_store.campaigns.members(campaign.id)}
    assert members
    assert members <= mine


def test_what_a_book_loses_is_gone_from_the_call_list_at_once(bank, bank_store):
    at = begun(bank_store)
    before = len(table_with(at, "week", "customer_id"))
    own = Grant(
        BRANCH_MANAGER,
        "manager",
        "own",
        PERSONAS[0].employee_id,
        columns=frozenset({"profit"}),
        may_export=True,
    )
    boss = next(one for one in PERSONAS if one.email == BRANCH_MANAGER)
    loaded = Grant(BRANCH_MANAGER, boss.role, boss.level, boss.employee_id, boss.unit_id)
    bank_store.grants.revoke(loaded, by=STEWARD)
    bank_store.grants.give(own, by=STEWARD)
    whole(at.run())
    calls = table_with(at, "week", "customer_id")
    mine = set(book_of(bank, bank_store, BRANCH_MANAGER).frame(())["customer_id"])
    assert len(calls) < before
    assert set(calls["customer_id"]) <= mine


def test_too_small_a_segment_is_refused_in_words(bank, bank_store):
    few = RECIPE.replace("[method]", 'where = "age_years > 70"\n[method]')
    bank_store.campaigns.save_plan(RM, replace(PLAN, recipe=few, segment=1))
    at = open_plans(whole(opened("campaigns", persona=RM)))
    press(at, "start_campaign")
    assert "too few for a hold-out" in texts(at)
    assert bank_store.campaigns.all() == []


def test_a_relationship_manager_does_not_publish_and_a_manager_may(bank, bank_store):
    at = begun(bank_store)
    assert "publish_answers" in [button.key for button in at.button]
    assert "does not know of this campaign yet" in texts(at)
    at = begun(bank_store, RM, replace(PLAN, title="Mine"))
    assert "publish_answers" not in [button.key for button in at.button]
    assert "A manager or a data steward can publish it now." in texts(at)
