"""Uplift and its interval: published answers, the verdicts, and the demo bank's planted truths."""

from collections import defaultdict
from datetime import date, timedelta
from math import isinf

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as some

from analytics.needs.uplift import ANSWER_DAYS, Arms, cost_per_sale, uplift, verdict, wilson
from analytics.warehouse.demo import DemoOptions, _write_frame
from analytics.warehouse.demo.outreach import CAMPAIGNS, _contacts
from analytics.warehouse.demo.period import Period
from analytics.warehouse.demo.writing import help_with

TODAY = date(2026, 10, 31)
LONG_AGO = TODAY - timedelta(days=ANSWER_DAYS)
SEEDS = range(1, 21)


@pytest.mark.parametrize(
    ("arms", "low", "high"),
    [
        ((70, 56, 80, 48), 0.0524, 0.3339),
        ((10, 9, 10, 3), 0.1705, 0.8090),
        ((7, 6, 7, 2), 0.0582, 0.8062),
        ((56, 5, 29, 0), -0.0381, 0.1926),
        ((10, 0, 20, 0), -0.1611, 0.2775),
        ((10, 0, 10, 0), -0.2775, 0.2775),
        ((10, 10, 20, 0), 0.6791, 1.0),
        ((10, 10, 10, 0), 0.6075, 1.0),
    ],
)
def test_the_interval_is_that_of_newcombes_table(arms, low, high):
    """Newcombe 1998, Statistics in Medicine 17, 873-890, table II, method 10."""
    found = uplift(Arms(*arms)).difference
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


groups = some.integers(1, 400).flatmap(lambda n: some.tuples(some.just(n), some.integers(0, n)))


@given(groups, groups)
def test_the_uplift_lies_within_its_interval_and_that_within_what_is_possible(called, left):
    found = uplift(Arms(*called, *left))
    gap = found.difference
    assert -1 <= gap.low <= gap.value <= gap.high <= 1
    assert gap.value == pytest.approx(called[1] / called[0] - left[1] / left[0])
    turned = uplift(Arms(*left, *called)).difference
    assert (turned.low, turned.high) == (pytest.approx(-gap.high), pytest.approx(-gap.low))


@given(groups)
def test_a_share_lies_within_its_interval(group):
    found = wilson(group[1], group[0])
    assert 0 <= found.low <= found.value <= found.high <= 1


def test_a_group_of_nobody_leaves_the_uplift_unknown():
    found = uplift(Arms(10, 3, 0, 0))
    assert found.difference is None
    assert found.holdout is None
    assert found.extra_sales is None
    assert cost_per_sale(found, 100.0) is None


def test_the_cost_of_an_extra_sale_is_open_above_where_there_may_be_none():
    sure = cost_per_sale(uplift(Arms(1000, 100, 1000, 50)), 1000.0)
    assert sure.value == pytest.approx(20.0)
    assert sure.low < 20.0 < sure.high < 40.0
    unsure = cost_per_sale(uplift(Arms(100, 10, 100, 8)), 1000.0)
    assert unsure.value == pytest.approx(500.0)
    assert isinf(unsure.high)
    assert cost_per_sale(uplift(Arms(100, 8, 100, 10)), 1000.0) is None


@pytest.mark.parametrize(
    ("arms", "last", "said"),
    [
        ((1000, 100, 1000, 50), LONG_AGO, "works"),
        ((1000, 50, 1000, 100), LONG_AGO, "harms"),
        ((4000, 200, 4000, 200), LONG_AGO, "does not"),
        ((200, 12, 200, 10), LONG_AGO, "wide"),
        ((200, 5, 200, 4), LONG_AGO, "few"),
        ((1000, 100, 1000, 50), LONG_AGO + timedelta(days=1), "early"),
        ((1000, 100, 1000, 50), None, "early"),
        ((1000, 100, 0, 0), LONG_AGO, "unknown"),
        ((0, 0, 100, 25), LONG_AGO, "nobody"),
        ((0, 0, 0, 0), None, "early"),
    ],
)
def test_the_verdict_says_what_the_interval_and_the_days_allow(arms, last, said):
    assert verdict(uplift(Arms(*arms)), last, TODAY) == said


def test_what_is_worth_finding_decides_whether_nothing_found_means_it_does_not_work():
    found = uplift(Arms(1000, 55, 1000, 50))
    assert verdict(found, LONG_AGO, TODAY, worth_finding=0.01) == "wide"
    assert verdict(found, LONG_AGO, TODAY, worth_finding=0.05) == "does not"


# --- the demo bank


def planted(seed, customers=20_000):
    """Arms of each of the demo bank's campaigns, from its own generator, without the rest of the bank."""
    con, period = duckdb.connect(), Period(36)
    con.execute("CREATE SCHEMA source")
    _write_frame(con, DemoOptions(customers=customers, seed=seed), period)
    starts = {month.month_no: month.starts_on for month in period.calendar()}
    rows = [
        (c.campaign_id, starts[period.months - 1 - c.months_before], c.base, c.uplift, list(c.reach))
        for c in CAMPAIGNS
    ]
    help_with(con, "demo_campaigns", "campaign_id starts_on base uplift reach", rows)
    counted = con.execute(
        f"""SELECT campaign_id, count(*) FILTER (NOT is_holdout), count(responded_at) FILTER (NOT is_holdout),
            count(*) FILTER (is_holdout), count(responded_at) FILTER (is_holdout)
        FROM ({_contacts(period.end)}) GROUP BY campaign_id"""
    ).fetchall()
    con.close()
    return {row[0]: Arms(*row[1:]) for row in counted}


def test_the_true_uplift_is_inside_its_interval_in_17_of_20_banks_for_every_campaign():
    """Eight campaigns in each of the demo banks of 20,000 customers of seeds 1 to 20; of a 95 % interval 19 of
    20 are expected. Seen: 19, 17, 19, 20, 20, 20, 20 and 18 of 20 for K01 to K08, 153 of 160 (95.6 %) in all."""
    inside, seen = defaultdict(int), 0
    for seed in SEEDS:
        arms = planted(seed)
        assert len(arms) == len(CAMPAIGNS)
        for campaign in CAMPAIGNS:
            gap = uplift(arms[campaign.campaign_id]).difference
            inside[campaign.campaign_id] += gap.low <= campaign.uplift <= gap.high
            seen += 1
    assert min(inside.values()) >= 17, dict(inside)
    assert 0.93 <= sum(inside.values()) / seen <= 0.99
