"""Campaigns in a book: what they added, who may see and record what, and how it gets into the indicators."""

import io
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from analytics.access.book import Book
from analytics.access.grants import Grant
from analytics.errors import BadInput, NotAllowed, NotEnoughData, UnknownName
from analytics.needs.campaigns import (
    Report,
    loaded_reports,
    own_members,
    own_report,
    own_reports,
    pooled,
    turns,
)
from analytics.needs.eligible import eligible
from analytics.needs.offers import offering
from analytics.needs.plan import known_margin, margin, past, proposed_channel
from analytics.needs.publishing import outreach_of, publish_answers
from analytics.needs.reach import reach
from analytics.needs.running import begin, calls_of, campaign_of, record_answer, record_contact
from analytics.needs.uplift import Arms, Interval, cost_per_sale, uplift
from analytics.store.campaigns import Member, Plan
from analytics.store.store import open_store
from analytics.value.shocks import repriced
from analytics.warehouse.demo.outreach import CAMPAIGNS
from analytics.warehouse.engine import open_warehouse
from analytics.warehouse.load import load
from tests.conftest import HAND, write_tables
from tests.permissions import STEWARD

RM = Grant("rm@x.example", "relationship_manager", "own", "E0001", columns=frozenset({"profit"}))
BOSS = Grant("boss@x.example", "manager", "bank", columns=frozenset({"profit"}), may_export=True)
RECIPE = 'value = "credit_amount_12m"\nindicators = ["credit_amount_12m"]\n[method]\nkey = "value_tiers"\n'
PLAN = Plan("Deposits", RECIPE, 1, "D03", "phone", "Hello", 10.0, 5, 0.05, 0.03, 0.2)
DAY = date(2026, 10, 1)
RUN = {
    one.campaign_id for one in CAMPAIGNS if one.months_before < 24
}  # the bank that tests share has 24 months


@pytest.fixture
def open_as(demo, store):
    """Open the demo bank's book of whoever holds this grant, and no other."""

    def opened(grant):
        store.grants.give(grant, by=STEWARD)
        return Book.open(demo, store, grant.user_email)

    return opened


def everybody(book):
    """All of a book's customers, worth what their place in the alphabet says."""
    ids = book.frame(())["customer_id"]
    return pd.DataFrame({"customer_id": ids, "worth": np.arange(len(ids), dtype=float)})


def started(book, store, plan=PLAN, worths=None):
    worths = everybody(book) if worths is None else worths
    number = begin(book, store, plan, worths, worths["customer_id"], DAY, seed=11)
    return next(one for one in store.campaigns.all() if one.id == number)


# --- what was loaded


def test_the_figures_of_loaded_campaigns_are_those_of_plain_sql(demo, whole_book, open_raw):
    found = {one.campaign_id: one for one in loaded_reports(whole_book(demo), demo.newest_as_of)}
    told = (
        open_raw(demo)
        .execute(
            """SELECT campaign_id, count(*) FILTER (NOT is_holdout), count(responded_at) FILTER (NOT is_holdout),
            count(*) FILTER (is_holdout), count(responded_at) FILTER (is_holdout),
            max(contacted_at)::DATE, min(cost_per_contact) * count(*) FILTER (NOT is_holdout)
        FROM contacts JOIN campaigns USING (campaign_id) GROUP BY campaign_id"""
        )
        .fetchall()
    )
    assert {row[0] for row in told} == set(found) == RUN
    for campaign_id, *arms, last, cost in told:
        one = found[campaign_id]
        assert (one.found.arms, one.last_contact) == (Arms(*arms), last)
        assert one.cost == pytest.approx(cost)
        assert one.contacts == arms[0]


def test_a_campaign_is_told_as_of_the_day_and_of_the_book_alone(demo, whole_book, open_as):
    early = loaded_reports(whole_book(demo), date(2025, 3, 31))
    assert {one.campaign_id for one in early} == {"K02", "K03"}
    mine, everyone = (
        loaded_reports(open_as(RM), demo.newest_as_of),
        loaded_reports(whole_book(demo), demo.newest_as_of),
    )
    assert sum(one.contacts for one in mine) < sum(one.contacts for one in everyone) / 3


def test_who_was_left_alone_and_called_after_all_stays_with_those_left_alone(bank_of, whole_book):
    contacts = """campaign_id,customer_id,contacted_at,is_holdout,responded_at
K1,C1,2026-03-01 09:00,false,2026-03-05 09:00
K1,C1,2026-03-08 09:00,false,
K1,C2,2026-03-01 09:00,true,
K1,C2,2026-03-09 09:00,false,2026-07-09 09:00
"""
    bank = bank_of(
        **HAND | {"contacts": contacts, "campaigns": "campaign_id,name,cost_per_contact\nK1,Spring,2.5\n"}
    )
    (one,) = loaded_reports(whole_book(bank), bank.newest_as_of)
    assert one.found.arms == Arms(1, 1, 1, 0)  # the answer of July lies after the date
    assert (one.contacts, one.cost) == (3, 7.5)


def test_without_contacts_there_is_nothing_to_tell(bank_of, whole_book):
    bank = bank_of(transactions=HAND["transactions"], customers=HAND["customers"], accounts=HAND["accounts"])
    assert loaded_reports(whole_book(bank), bank.newest_as_of) == []


# --- beginning one


def test_a_campaign_is_of_the_eligible_of_this_book_and_of_nobody_else(demo, store, open_as, whole_book):
    boss, book = whole_book(demo), open_as(RM)
    ids = set(everybody(book)["customer_id"])
    some = sorted(ids)[::2]
    number = begin(book, store, PLAN, everybody(boss), some, DAY)
    members = store.campaigns.members(number)
    assert [one.customer_id for one in members] == some
    held = sum(one.is_holdout for one in members)
    assert abs(held - 0.2 * len(some)) < 1
    entry = store.audit.entries(action="campaign started")[0]
    assert (entry.details["customers"], entry.details["holdout"]) == (len(some), held)


def test_the_same_seed_leaves_the_same_customers_alone(store, open_as):
    book = open_as(RM)
    first, second = (
        [one.is_holdout for one in store.campaigns.members(started(book, store).id)] for _ in range(2)
    )
    assert first == second


def test_too_few_are_no_campaign_and_an_analyst_begins_none(store, open_as):
    book = open_as(RM)
    with pytest.raises(NotEnoughData, match="Only 9 customers"):
        started(book, store, worths=everybody(book).head(9))
    analyst = open_as(replace(BOSS, user_email="a@x.example", role="analyst"))
    with pytest.raises(NotAllowed, match="does not run campaigns"):
        started(analyst, store)
    with pytest.raises(BadInput, match="room for"):
        started(book, store, replace(PLAN, capacity=0))
    assert store.campaigns.all() == []


# --- recording


def test_a_person_whose_book_shrinks_stops_seeing_those_members_at_once(demo, store, open_as):
    book = open_as(BOSS)
    campaign = started(book, store)
    assert len(own_members(book, store, campaign.id)) == demo.manifest.customers
    store.grants.give(replace(BOSS, departments=("Premier",)), by=STEWARD)
    smaller = Book.open(demo, store, BOSS.user_email)
    assert len(own_members(smaller, store, campaign.id)) == smaller.count() < demo.manifest.customers / 2
    store.grants.revoke(BOSS, by=STEWARD)
    nobody = Book.open(demo, store, BOSS.user_email)
    assert own_members(nobody, store, campaign.id).empty
    with pytest.raises(NotAllowed):
        calls_of(nobody, store, campaign)


def test_a_campaign_without_a_member_in_the_book_does_not_exist_there(demo, store, open_as):
    book = open_as(RM)
    campaign = started(book, store)
    other = open_as(replace(RM, user_email="other@x.example", employee_id="E0008"))
    assert own_reports(other, store, DAY) == []
    for asked in (str(campaign.id), campaign.campaign_id, "99"):
        with pytest.raises(UnknownName, match="no campaign"):
            campaign_of(other, store, asked)
    assert campaign_of(book, store, campaign.campaign_id) == campaign


def test_a_manager_sees_and_records_the_same_campaign_for_their_own_customers_alone(store, open_as):
    boss, book = open_as(BOSS), open_as(RM)
    campaign = started(boss, store)
    mine = calls_of(book, store, campaign)
    assert set(mine["manager_id"]) == {"E0001"}
    assert set(mine["customer_id"]) <= set(everybody(book)["customer_id"])
    theirs = calls_of(boss, store, campaign)
    pd.testing.assert_frame_equal(
        mine, theirs[theirs["manager_id"] == "E0001"].reset_index(drop=True), check_dtype=False
    )
    record_contact(book, store, campaign, mine["customer_id"][0], DAY, DAY)
    called = calls_of(boss, store, campaign).set_index("customer_id")["contacted_on"]
    assert called[mine["customer_id"][0]] == DAY


def test_nothing_is_recorded_of_a_customer_outside_the_book_and_the_attempt_is(store, open_as):
    boss, book = open_as(BOSS), open_as(RM)
    campaign = started(boss, store)
    inside = set(everybody(book)["customer_id"])
    outside = next(
        one.customer_id for one in store.campaigns.members(campaign.id) if one.customer_id not in inside
    )
    for verb in (record_contact, record_answer):
        for customer in (outside, "no such"):
            with pytest.raises(UnknownName, match=r"no customer .* of yours in this campaign"):
                verb(book, store, campaign, customer, DAY, DAY)
    assert store.audit.count(action="refused", person=RM.user_email) == 4
    assert all(one.contacted_on is None for one in store.campaigns.members(campaign.id))


@pytest.mark.parametrize("on", [DAY - timedelta(days=1), DAY + timedelta(days=2)])
def test_a_day_before_the_campaign_or_after_today_is_refused(store, open_as, on):
    book = open_as(RM)
    campaign = started(book, store)
    customer = calls_of(book, store, campaign)["customer_id"][0]
    with pytest.raises(BadInput, match="not a day of this campaign"):
        record_contact(book, store, campaign, customer, on, DAY + timedelta(days=1))


def test_a_contact_and_the_entry_that_says_so_stand_or_fall_together(store, open_as, monkeypatch):
    book = open_as(RM)
    campaign = started(book, store)
    customer = calls_of(book, store, campaign)["customer_id"][0]

    def fail(*_given):
        raise RuntimeError("the disk went away")

    with monkeypatch.context() as patched:
        patched.setattr(store.campaigns, "contacted", fail)
        with pytest.raises(RuntimeError):
            record_contact(book, store, campaign, customer, DAY, DAY)
    assert store.audit.count(action="contact recorded") == 0
    record_contact(book, store, campaign, customer, DAY, DAY)
    (entry,) = store.audit.entries(action="contact recorded")
    assert (entry.person, entry.details["customer_id"]) == (RM.user_email, customer)
    assert store.audit.verify().whole


# --- what it came to


def test_the_best_are_set_against_those_of_the_hold_out_whose_turn_has_come(store, open_as):
    """Whoever is worth most answers, called or not: the call adds nothing. Against the whole hold-out the first
    calls would look like a success."""
    boss = open_as(BOSS)
    campaign = started(boss, store, replace(PLAN, holdout_share=0.5))
    members = own_members(boss, store, campaign.id)
    best = members["worth"] > members["worth"].quantile(0.8)
    members = members.assign(
        contacted_on=[
            DAY if first and not held else None
            for first, held in zip(best, members["is_holdout"], strict=True)
        ],
        responded_on=[DAY if first else None for first in best],
    )
    members = members.assign(turn_on=turns(members))
    one = own_report(campaign, members, DAY + timedelta(days=60))
    assert one.found.difference.value == pytest.approx(0.0, abs=0.1)
    assert members["is_holdout"].sum() - one.found.arms.holdout > 0.7 * members["is_holdout"].sum()
    naive = uplift(
        Arms(one.contacts, one.contacts, int(members["is_holdout"].sum()), one.found.arms.holdout_answers)
    )
    assert naive.difference.value > 0.7
    assert one.verdict == "early"  # most are still to be called


def test_a_turn_comes_with_the_first_contact_of_somebody_who_is_not_before_one():
    members = pd.DataFrame(
        {
            "customer_id": list("ABCDEF"),
            "manager_id": ["E1", "E1", "E1", "E1", "E2", None],
            "worth": [9.0, 8.0, 7.0, 6.0, 9.0, 1.0],
            "contacted_on": [None, date(2026, 1, 5), date(2026, 1, 3), None, None, None],
        }
    )
    third = date(2026, 1, 3)
    assert list(turns(members)) == [third, third, third, None, None, None]


def test_an_app_campaign_that_is_through_says_what_it_added_and_what_that_cost(store, open_as):
    boss = open_as(BOSS)
    campaign = started(boss, store, replace(PLAN, holdout_share=0.5))
    members = own_members(boss, store, campaign.id)
    held = members["is_holdout"].astype(bool)
    chance = np.random.default_rng(1).random(len(members)) < np.where(held, 0.05, 0.15)
    members = members.assign(
        contacted_on=[None if each else DAY for each in held],
        responded_on=[DAY if yes else None for yes in chance],
    )
    one = own_report(campaign, members.assign(turn_on=turns(members)), DAY + timedelta(days=30))
    assert (one.verdict, one.waiting) == ("works", 0)
    assert one.found.difference.low < 0.10 < one.found.difference.high
    assert one.cost == 10.0 * (~held).sum()
    assert (
        own_report(campaign, members.assign(turn_on=turns(members)), DAY + timedelta(days=29)).verdict
        == "early"
    )


def test_several_campaigns_are_one_weighted_mean_with_a_narrower_interval():
    each = [uplift(Arms(500, 60, 400, 28)), uplift(Arms(900, 80, 300, 20))]
    both = pooled(each)
    ends = sorted(one.difference.value for one in each)
    assert ends[0] < both.value < ends[1]
    assert both.high - both.low < min(one.difference.high - one.difference.low for one in each)
    assert pooled([uplift(Arms(5, 1, 0, 0))]) is None
    assert pooled([each[0]]) == Interval(
        *(pytest.approx(getattr(each[0].difference, end)) for end in ("value", "low", "high"))
    )


# --- the mix


def test_the_price_room_is_where_the_average_holder_brings_nothing_any_more(demo, whole_book):
    """Moved by its room, a product's lines add up to nothing: checked by repricing it as Profit does."""
    book = whole_book(demo)
    for product in ("D03", "L01"):
        found = margin(book, demo.newest_as_of, product)
        by = found.room if found.upwards else -found.room
        after = repriced(book, demo.newest_as_of, ((product, by),))
        brought = found.each * found.holders * 100
        assert found.room > 0
        assert after.before - after.after == pytest.approx(brought, rel=0.01)


def test_without_profit_there_is_a_reason_instead_of_a_margin(demo, whole_book):
    assert "do not show" in known_margin(whole_book(demo, ""), demo.newest_as_of, "D03")


def a_report(campaign_id, channel, arms, price, product="D03", **said):
    rows = {"campaign_id": campaign_id, "name": campaign_id, "product_id": product, "channel": channel}
    found = uplift(Arms(*arms))
    return Report(
        **rows, starts_on=DAY, as_of=DAY, found=found, verdict=said.get("verdict", "works"), contacts=arms[0],
        last_contact=DAY, cost=price * arms[0], per_sale=cost_per_sale(found, price * arms[0]),
    )  # fmt: skip


DEAR = a_report("DEAR", "phone", (1000, 200, 500, 50), 10.0)
CHEAP = a_report("CHEAP", "online", (1000, 150, 500, 50), 1.0, product="C02")
VAIN = a_report("VAIN", "mobile", (1000, 50, 500, 25), 0.1, product="F02", verdict="does not")


def test_the_channel_is_the_cheapest_that_worked_where_the_segment_can_be_met():
    everything = [DEAR, CHEAP, VAIN]
    assert proposed_channel(pd.Series({"mobile": 900, "online": 100}), everything).key == "online"
    assert proposed_channel(pd.Series({"mobile": 990, "online": 10}), everything).key == "phone"
    assert proposed_channel(pd.Series({"system": 990, "mobile": 10}), [VAIN]).key == "mobile"
    assert proposed_channel(pd.Series(dtype="int64"), []).key == "phone"


def test_what_earlier_campaigns_say_is_of_the_product_else_of_the_channel_else_of_all():
    everything = [DEAR, CHEAP, VAIN]
    found = past(everything, "D03", "online")
    assert (found.about, found.campaigns, found.base) == ("product", 1, 0.1)
    assert found.uplift.value == pytest.approx(0.1)
    assert (past(everything, "W01", "mobile").about, past(everything, "W01", "mobile").base) == (
        "channel",
        0.05,
    )
    assert past(everything, "W01", "branch").campaigns == 3
    early = replace(DEAR, verdict="early")
    assert past([early], "D03", "phone").uplift is None


def test_nobody_is_eligible_without_consent_a_fresh_assessment_and_room_for_the_risk(
    demo, whole_book, open_raw
):
    book, raw = whole_book(demo), open_raw(demo)
    for product in ("F02", "D03", "I01"):
        found = set(eligible(book, demo.newest_as_of, product, list(everybody(book)["customer_id"])))
        told = raw.execute(
            """SELECT customer_id, marketing_consent, risk_tolerance, risk_assessed_on FROM customers"""
        ).fetchall()
        (level,) = raw.execute("SELECT risk_level FROM products WHERE product_id = ?", [product]).fetchone()
        held = {
            row[0]
            for row in raw.execute(
                """SELECT DISTINCT customer_id FROM accounts WHERE product_id = ?
            AND opened_on <= '2026-10-31' AND (closed_on IS NULL OR closed_on > '2026-10-31')""",
                [product],
            ).fetchall()
        }
        fits = {
            row[0]
            for row in told
            if row[1]
            and row[2]
            and row[2] >= level
            and row[3]
            and date(2025, 10, 31) <= row[3] <= date(2026, 10, 31)  # twelve months old, not older
        }
        assert found == fits - held
        assert found


def test_whoever_is_likeliest_to_take_it_is_worth_most_and_without_models_it_is_the_recipes_value(
    demo, whole_book, tmp_path
):
    book = whole_book(demo)
    whom, found = reach(book, demo.newest_as_of, RECIPE, 1, "D03"), offering(book, demo.newest_as_of)
    chance = pd.Series(
        found.probability[:, found.seen.known.products.index.get_loc("D03")], index=found.seen.known.ids
    )
    assert len(whom.worths) > 10
    np.testing.assert_allclose(whom.worths["worth"], chance[whom.worths["customer_id"]], rtol=1e-6)
    small = whole_book(hand_bank(tmp_path))
    told = reach(small, small.as_of(), RECIPE, 1, "P1").worths
    value = small.frame(["credit_amount_12m"]).set_index("customer_id")["credit_amount_12m"]
    assert dict(zip(told["customer_id"], told["worth"], strict=True)) == value[told["customer_id"]].to_dict()


# --- into the indicators


def hand_bank(tmp_path, store=None, source="source", **changed):
    tables = write_tables(tmp_path / source, HAND | changed)
    load(tables, tmp_path / "bank", outreach=outreach_of(store) if store else None)
    return open_warehouse(tmp_path / "bank")


@pytest.fixture
def hand_campaign(tmp_path, store):
    """A campaign among the bank of six, begun by hand, with one contact that was answered."""
    bank = hand_bank(tmp_path)
    store.grants.give(replace(BOSS, user_email="hand@x.example"), by=STEWARD)
    book = Book.open(bank, store, "hand@x.example")
    ids = list(everybody(book)["customer_id"])
    with store.audit.recorded("hand@x.example", "campaign started", {}) as (_entry, connection):
        members = [Member(key, place == 1, float(-place)) for place, key in enumerate(ids)]
        store.campaigns.begin(
            PLAN, members, seed=1, recipe_hash="abc", version="v", by="hand@x.example", starts_on=date(2026, 5, 1),
            within=connection,
        )  # fmt: skip
    campaign = store.campaigns.all()[0]
    record_contact(book, store, campaign, ids[2], date(2026, 5, 4))
    record_answer(book, store, campaign, ids[2], date(2026, 5, 9))
    return book, campaign, ids


def rates(bank, whole_book):
    frame = whole_book(bank).frame(["response_rate", "contacts_count_12m", "responses_count"])
    return frame.set_index("customer_id")


def test_what_was_recorded_is_in_the_indicators_once_it_is_published(
    tmp_path, store, hand_campaign, whole_book
):
    book, campaign, ids = hand_campaign
    before = rates(book.warehouse, whole_book)
    manifest = publish_answers(tmp_path / "bank", store, "hand@x.example")
    bank = open_warehouse(tmp_path / "bank")
    assert bank.version == manifest.version != book.warehouse.version
    after = rates(bank, whole_book)
    changed = after["contacts_count_12m"] - before["contacts_count_12m"]
    assert changed[changed != 0].to_dict() == {ids[2]: 1}
    assert after.loc[ids[2], "responses_count"] == before.loc[ids[2], "responses_count"] + 1
    assert after.loc[ids[2], "response_rate"] == after.loc[ids[2], "responses_count"] / 1
    (loaded,) = [
        one
        for one in loaded_reports(whole_book(bank), bank.newest_as_of)
        if one.campaign_id == campaign.campaign_id
    ]
    own = own_report(campaign, own_members(book, store, campaign.id), bank.newest_as_of)
    assert loaded.found.arms.contacted_answers == own.found.arms.contacted_answers == 1
    assert (loaded.name, loaded.contacts, loaded.starts_on) == (campaign.title, 1, campaign.starts_on)


def test_publishing_twice_counts_once_and_what_is_taken_back_goes(tmp_path, store, hand_campaign, whole_book):
    book, campaign, ids = hand_campaign
    for _ in range(2):
        publish_answers(tmp_path / "bank", store, "hand@x.example")
    first = rates(open_warehouse(tmp_path / "bank"), whole_book)
    record_answer(book, store, campaign, ids[2], None)
    record_contact(book, store, campaign, ids[2], None)
    publish_answers(tmp_path / "bank", store, "hand@x.example")
    pd.testing.assert_frame_equal(
        rates(open_warehouse(tmp_path / "bank"), whole_book), rates(book.warehouse, whole_book)
    )
    assert (
        first.loc[ids[2], "contacts_count_12m"]
        == rates(book.warehouse, whole_book).loc[ids[2], "contacts_count_12m"] + 1
    )


def test_a_load_brings_it_in_again_but_not_where_the_source_has_that_campaign(
    tmp_path, store, hand_campaign, whole_book
):
    book, campaign, ids = hand_campaign
    before = rates(book.warehouse, whole_book)
    after = rates(hand_bank(tmp_path, store, "again"), whole_book)
    assert after.loc[ids[2], "contacts_count_12m"] == before.loc[ids[2], "contacts_count_12m"] + 1
    theirs = {
        "campaigns": HAND["campaigns"] + f"{campaign.campaign_id},Theirs\n",
        "contacts": HAND["contacts"] + f"{campaign.campaign_id},{ids[3]},2026-06-01 09:00,false,\n",
    }
    loaded = rates(hand_bank(tmp_path, store, "theirs", **theirs), whole_book)
    moved = loaded["contacts_count_12m"] - before["contacts_count_12m"]
    assert moved[moved != 0].to_dict() == {ids[3]: 1}
    publish_answers(tmp_path / "bank", store, "hand@x.example")
    pd.testing.assert_frame_equal(rates(open_warehouse(tmp_path / "bank"), whole_book), loaded)


def test_a_bank_without_campaigns_of_its_own_gets_the_apps(tmp_path, store, hand_campaign, whole_book):
    _book, campaign, ids = hand_campaign
    rows = pd.read_csv(io.StringIO(HAND["transactions"]))
    source = tmp_path / "poor"
    source.mkdir()
    rows.to_csv(source / "transactions.csv", index=False)
    for name in ("customers", "accounts"):
        (source / f"{name}.csv").write_text(HAND[name])
    load(source, tmp_path / "other", outreach=outreach_of(store))
    bank = open_warehouse(tmp_path / "other")
    assert bank.manifest.recorded == [campaign.campaign_id]
    assert whole_book(bank).available["response_rate"] is None
    assert rates(bank, whole_book).loc[ids[2], "response_rate"] == 1.0


def test_nothing_recorded_publishes_nothing(tmp_path, store):
    hand_bank(tmp_path)
    assert publish_answers(tmp_path / "bank", open_store(None, tmp_path / "bank"), "x@x.example") is None
