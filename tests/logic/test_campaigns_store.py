"""Plans and campaigns in the store: whose plans somebody sees, what is frozen, what is recorded."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy.exc import IntegrityError

from analytics.errors import AnalyticsError, BadInput, UnknownName
from analytics.store.campaigns import Member, Plan

pytestmark = pytest.mark.both_stores
ANN, BEN = "ann@bank.example", "ben@bank.example"
DAY = date(2026, 11, 2)
PLAN = Plan(
    "Deposits",
    "[method]\nkey = 'value_tiers'\n",
    1,
    "D03",
    "phone",
    "Hello 您好",
    12.5,
    20,
    0.05,
    0.03,
    0.2,
    0.01,
)
MEMBERS = [Member("A", False, 3.5), Member("B", True, 2.0), Member("C", False)]


def begun(store, plan=PLAN, members=MEMBERS):
    with store.audit.recorded(ANN, "campaign started", {}) as (_entry, connection):
        return store.campaigns.begin(
            plan, members, seed=7, recipe_hash="abc", version="v1", by=ANN, starts_on=DAY, within=connection
        )


def record(store, verb, *given):
    with store.audit.recorded(ANN, "recorded", {}) as (_entry, connection):
        getattr(store.campaigns, verb)(*given, ANN, connection)


def test_a_plan_is_kept_as_it_was_and_over_its_title(store):
    number = store.campaigns.save_plan(" Ann@bank.example", PLAN)
    assert [(one.id, one.owner, one.plan) for one in store.campaigns.plans(ANN)] == [(number, ANN, PLAN)]
    dearer = replace(PLAN, cost_per_contact=30.0)
    assert store.campaigns.save_plan(ANN, dearer) == number
    assert [one.plan for one in store.campaigns.plans(ANN)] == [dearer]


def test_a_plan_is_its_owners_until_it_is_shared(store):
    number = store.campaigns.save_plan(ANN, PLAN)
    assert store.campaigns.plans(BEN, ["manager"], ["B1"]) == []
    for share in (("person", BEN.upper()), ("role", "manager"), ("branch", "B1")):
        assert store.campaigns.save_plan(ANN, PLAN, [share]) == number
        assert [one.id for one in store.campaigns.plans(BEN, ["manager"], ["B1"])] == [number]
    store.campaigns.save_plan(ANN, PLAN)
    assert store.campaigns.plans(BEN, ["manager"], ["B1"]) == []


def test_only_its_owner_forgets_a_plan(store):
    number = store.campaigns.save_plan(ANN, PLAN, [("person", BEN)])
    with pytest.raises(UnknownName):
        store.campaigns.delete_plan(number, BEN)
    store.campaigns.delete_plan(number, ANN)
    assert store.campaigns.plans(ANN) == []


@pytest.mark.parametrize("title", ["", "  ", "x" * 201, "a\0b"])
def test_a_plan_needs_a_title(store, title):
    with pytest.raises(BadInput, match="title of 1 to 200"):
        store.campaigns.save_plan(ANN, replace(PLAN, title=title))


@pytest.mark.parametrize("share", [("standard", "bank"), ("person", " "), ("team", "T1")])
def test_a_plan_is_shared_with_a_role_a_branch_or_a_person_alone(store, share):
    with pytest.raises(BadInput, match="can't be shared"):
        store.campaigns.save_plan(ANN, PLAN, [share])
    assert store.campaigns.plans(ANN) == []


def test_a_campaign_outlives_its_plan_and_keeps_what_it_was(store):
    plan = store.campaigns.save_plan(ANN, PLAN)
    number = begun(store)
    store.campaigns.save_plan(ANN, replace(PLAN, message="Something else"))
    store.campaigns.delete_plan(plan, ANN)
    (kept,) = store.campaigns.all()
    assert (kept.id, kept.campaign_id, kept.title) == (number, f"CLIENTELE-{number}", PLAN.title)
    assert (kept.message, kept.seed, kept.created_by, kept.starts_on) == (PLAN.message, 7, ANN, DAY)
    assert store.campaigns.members(number) == MEMBERS


def test_nobody_is_in_a_campaign_twice(store):
    with pytest.raises((IntegrityError, AnalyticsError)):
        begun(store, members=[*MEMBERS, Member("A", True)])
    assert store.campaigns.all() == []
    assert store.audit.count(action="campaign started") == 0


def test_contacts_and_answers_are_kept_with_who_recorded_them_and_can_be_taken_back(store):
    number = begun(store)
    record(store, "contacted", number, "A", DAY)
    record(store, "answered", number, "A", DAY)
    assert store.campaigns.members(number)[0] == Member("A", False, 3.5, DAY, ANN, DAY, ANN)
    record(store, "answered", number, "A", None)
    record(store, "contacted", number, "A", None)
    assert store.campaigns.members(number) == MEMBERS


def test_a_hold_out_answers_but_is_never_contacted_and_the_trail_does_not_say_so(store):
    number = begun(store)
    with pytest.raises(BadInput, match="left alone on purpose"):
        record(store, "contacted", number, "B", DAY)
    assert store.audit.count(action="recorded") == 0
    record(store, "answered", number, "B", DAY)
    assert store.campaigns.members(number)[1].responded_on == DAY


@pytest.mark.parametrize("verb", ["contacted", "answered"])
def test_nothing_is_recorded_of_whoever_is_no_member(store, verb):
    number = begun(store)
    for campaign, customer in ((number, "Z"), (number + 1, "A")):
        with pytest.raises(UnknownName, match="no customer"):
            record(store, verb, campaign, customer, DAY)
    assert store.audit.count(action="recorded") == 0
