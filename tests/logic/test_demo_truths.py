"""The truths planted in the synthetic bank, each found again by plain SQL over its tables."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from analytics.warehouse.demo import DemoOptions, generate
from analytics.warehouse.demo.affinities import AFFINITIES, read
from analytics.warehouse.demo.archetypes import ARCHETYPES
from analytics.warehouse.demo.period import PERIOD_END

# Profit contribution of the last twelve months, written from definitions.md without the marts.
PROFITS = """
WITH fx AS (
    SELECT currency, last_day(rate_date) AS month_end, arg_max(rate, rate_date) AS rate FROM source.fx_rates GROUP BY ALL
), rates AS (
    SELECT *, lead(effective_from, 1, DATE '9999-01-01') OVER (PARTITION BY product_id ORDER BY effective_from) AS until
    FROM source.product_rates
), spread AS (
    SELECT a.customer_id, sum(CAST(b.average_balance AS DOUBLE) * coalesce(fx.rate, 1) * day(b.month_end) / 365
        * CASE p.category WHEN 'deposit' THEN transfer_rate - customer_rate
            WHEN 'loan' THEN customer_rate - transfer_rate - risk_cost_rate ELSE 0 END) AS earned
    FROM source.balances b JOIN source.accounts a USING (account_id) JOIN source.products p USING (product_id)
    JOIN rates r ON r.product_id = p.product_id AND b.month_end >= r.effective_from AND b.month_end < r.until
    LEFT JOIN fx ON fx.currency = a.currency AND fx.month_end = b.month_end
    WHERE b.month_end > DATE '2025-10-31' GROUP BY 1
), rest AS (
    SELECT t.customer_id, sum(CAST(t.fee AS DOUBLE) * coalesce(fx.rate, 1) - c.unit_cost) AS earned
    FROM source.transactions t JOIN source.channel_costs c USING (channel)
    LEFT JOIN fx ON fx.currency = t.currency AND fx.month_end = last_day(CAST(t.booked_at AS DATE))
    WHERE t.booked_at >= TIMESTAMP '2025-11-01' GROUP BY 1
)
SELECT customer_id, manager_id, coalesce(s.earned, 0) + coalesce(r.earned, 0) AS profit
FROM source.customers LEFT JOIN spread s USING (customer_id) LEFT JOIN rest r USING (customer_id)
"""
CONCENTRATION = """
SELECT count(*) AS n, sum(profit) AS net, sum(profit) FILTER (place <= ceil(0.2 * total)) / sum(profit) AS top,
    avg(CAST(profit < 0 AS INTEGER)) AS losing
FROM (SELECT *, {book} AS book, row_number() OVER (PARTITION BY {book} ORDER BY profit DESC) AS place,
    count(*) OVER (PARTITION BY {book}) AS total FROM profits) GROUP BY book
"""


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("truth")


@pytest.fixture(scope="module")
def bank(truth: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        generate(con, DemoOptions(customers=3_000, transactions_per_customer=70), truth)
        con.execute(f"CREATE VIEW truth AS FROM '{truth / 'archetypes.parquet'}'")
        con.execute(f"CREATE TABLE profits AS {PROFITS}")
        yield con


@pytest.fixture(scope="module")
def planted(bank: duckdb.DuckDBPyConnection, truth: Path) -> dict:
    return json.loads((truth / "truth.json").read_text(encoding="utf-8"))


def value(con: duckdb.DuckDBPyConnection, query: str):
    return con.sql(query).fetchone()[0]


def shares(con: duckdb.DuckDBPyConnection, query: str) -> dict:
    return dict(con.sql(query).fetchall())


def test_a_fifth_of_customers_bring_four_fifths_of_a_positive_net_profit_and_some_lose(bank, planted):
    _, net, top, losing = bank.sql(CONCENTRATION.format(book="0")).fetchone()
    low, high = planted["whale"]["top_share"]
    assert net > 0
    assert low <= top <= high
    assert planted["whale"]["losing_customers"][0] <= losing <= planted["whale"]["losing_customers"][1]


def test_a_typical_managers_book_has_the_same_shape(bank):
    books = bank.sql(
        f"SELECT median(top), median(losing), min(net), min(n) FROM ({CONCENTRATION.format(book='manager_id')})"
    )
    top, losing, poorest, smallest = books.fetchone()
    assert 0.75 <= top <= 0.92
    assert 0.08 <= losing <= 0.25
    assert poorest > 0
    assert smallest > 150


def test_archetypes_come_in_the_planted_shares(bank, planted):
    found = shares(bank, "SELECT archetype, count(*) / sum(count(*)) OVER () FROM truth GROUP BY 1")
    for archetype in planted["archetypes"]:
        assert found[archetype["key"]] == pytest.approx(archetype["expected_share"], abs=0.03)


def test_managers_books_differ_in_mix(bank, planted):
    found = shares(
        bank,
        """SELECT manager_id, avg(CAST(archetype = 'small_business' AS INTEGER))
        FROM source.customers JOIN truth USING (customer_id) GROUP BY 1""",
    )
    mixes = planted["books"]["managers"]
    business = [share for manager, share in found.items() if mixes[manager] == "business"]
    others = [share for manager, share in found.items() if mixes[manager] != "business"]
    assert min(business) > 1.3 * max(others)


@pytest.mark.parametrize(
    ("archetype", "law"),
    [
        ("mobile_first_young", "mobile > 0.6"),
        ("branch_heavy", "branch > 0.5 AND profit < 0"),
        ("affluent_saver", "balance > 300000 AND profit > 3000"),
        ("small_business", "turnover > 1000000"),
        ("pensioner", "age > 60 AND pensions > 8"),
        ("salary_family", "salaries > 8"),
        ("dormant", "n < 8"),
    ],
)
def test_an_archetype_shows_in_its_behaviour(bank, archetype, law):
    assert value(
        bank,
        f"""
        WITH acts AS (
            SELECT customer_id, count(*) AS n, avg(CAST(channel = 'mobile' AS INTEGER)) AS mobile,
                avg(CAST(channel = 'branch' AS INTEGER)) AS branch, sum(greatest(amount, 0)) AS turnover,
                count(*) FILTER (kind = 'salary') AS salaries, count(*) FILTER (kind = 'pension') AS pensions
            FROM source.transactions WHERE booked_at >= '2025-11-01' GROUP BY 1
        ), held AS (
            SELECT customer_id, sum(average_balance) AS balance FROM source.balances JOIN source.accounts USING (account_id)
            WHERE month_end = '{PERIOD_END}' GROUP BY 1
        )
        SELECT {law} FROM (
            SELECT avg(coalesce(n, 0)) AS n, avg(mobile) AS mobile, avg(branch) AS branch, avg(turnover) AS turnover,
                avg(salaries) AS salaries, avg(pensions) AS pensions, avg(balance) AS balance, avg(profit) AS profit,
                avg(date_diff('year', birth_date, DATE '{PERIOD_END}')) AS age
            FROM truth JOIN source.customers USING (customer_id) JOIN profits USING (customer_id)
            LEFT JOIN acts USING (customer_id) LEFT JOIN held USING (customer_id) WHERE archetype = '{archetype}'
        )""",
    )


def test_salaries_come_on_the_planted_days_and_to_nobody_else(bank, planted):
    assert (
        value(
            bank,
            """SELECT count(*) FROM source.transactions JOIN truth USING (customer_id)
        WHERE kind IN ('salary', 'pension') AND (pay_day IS NULL OR day(booked_at) <> pay_day)""",
        )
        == 0
    )
    days = {
        row[0]
        for row in bank.sql(
            "SELECT DISTINCT day(booked_at) FROM source.transactions WHERE kind = 'salary'"
        ).fetchall()
    }
    assert days <= set(planted["salary_days"])


def test_seasons_show_in_months_and_on_their_days(bank, planted):
    per_month = shares(
        bank,
        """SELECT last_day(CAST(booked_at AS DATE)), count(*) / count(DISTINCT customer_id)
        FROM source.transactions JOIN truth USING (customer_id) WHERE archetype = 'mobile_first_young' GROUP BY 1""",
    )
    month = {date.fromisoformat(m["ends_on"]): m["season"] for m in planted["seasons"]}
    ordinary = [count for end, count in per_month.items() if month[end] <= 1]
    assert min(count for end, count in per_month.items() if month[end] >= 1.3) > sum(ordinary) / len(ordinary)
    by_day = shares(
        bank,
        """SELECT day(booked_at), count(*) / sum(count(*)) OVER () FROM source.transactions
        WHERE kind = 'card' AND month(booked_at) = 11 GROUP BY 1""",
    )
    assert by_day[11] > planted["share_of_card_payments_on_peak_days"]


def test_joiners_come_and_leavers_stop(bank, planted):
    start = planted["period"]["start"]
    for archetype in ARCHETYPES:
        joined = value(
            bank,
            f"SELECT avg(CAST(onboarded_on >= '{start}' AS INTEGER)) FROM truth WHERE archetype = '{archetype.key}'",
        )
        assert joined == pytest.approx(archetype.joins, abs=0.08)
    assert (
        value(
            bank,
            """SELECT count(*) FROM truth JOIN source.transactions USING (customer_id)
        WHERE booked_at < onboarded_on OR CAST(booked_at AS DATE) > left_on""",
        )
        == 0
    )
    assert value(bank, 'SELECT avg(CAST("left" AS INTEGER)) FROM truth') == pytest.approx(0.06, abs=0.025)
    assert (
        value(
            bank,
            """SELECT count(*) FROM truth JOIN source.accounts USING (customer_id)
        WHERE "left" AND (closed_on IS NULL OR closed_on > left_on)""",
        )
        == 0
    )


def test_archetypes_hold_the_products_they_favour(bank):
    found = {
        (a, p): share
        for a, p, share in bank.sql("""
        SELECT archetype, product_id, count(*) / any_value(n) FROM source.accounts JOIN truth USING (customer_id)
        JOIN (SELECT archetype, count(*) AS n FROM truth GROUP BY 1) USING (archetype) GROUP BY 1, 2""").fetchall()
    }
    wanted = {
        (a, p): n / 100
        for a, slots in AFFINITIES.items()
        for line in slots.values()
        for p, _, n in read(line)
    }
    assert found.keys() <= wanted.keys()
    for pair, share in wanted.items():
        assert found.get(pair, 0) == pytest.approx(share, abs=0.08), pair


def test_insurance_is_likelier_with_a_loan(bank):
    held = """SELECT customer_id, bool_or(product_id = 'I01') AS insured, bool_or(product_id = 'L01') AS borrows
        FROM source.accounts JOIN truth USING (customer_id) WHERE archetype = 'salary_family' GROUP BY 1"""
    by_loan = shares(bank, f"SELECT borrows, avg(CAST(insured AS INTEGER)) FROM ({held}) GROUP BY 1")
    assert by_loan[True] > 1.5 * by_loan[False]


def test_referrals_form_chains_and_point_back_in_time(bank, planted):
    assert value(bank, "SELECT count(*) - count(DISTINCT referred_id) FROM source.referrals") == 0
    assert (
        value(
            bank,
            """SELECT count(*) FROM source.referrals
        JOIN source.customers r ON r.customer_id = referrer_id JOIN source.customers n ON n.customer_id = referred_id
        WHERE r.onboarded_on > n.onboarded_on OR referred_on <> n.onboarded_on OR r.manager_id <> n.manager_id""",
        )
        == 0
    )
    assert planted["referrals"]["longest_chain"] >= 2


def test_the_holdout_gives_back_the_planted_uplift(bank, planted):
    """Pooled over campaigns, weighted by size; the interval is 2.6 standard errors of the difference."""
    rows = bank.sql("""SELECT campaign_id, is_holdout, count(*), avg(CAST(responded_at IS NOT NULL AS INTEGER))
        FROM source.contacts GROUP BY ALL""").fetchall()
    groups = {(campaign, holdout): (n, rate) for campaign, holdout, n, rate in rows}
    contacted = sum(n for (_, holdout), (n, _) in groups.items() if not holdout)
    found = true = variance = 0.0
    for campaign in planted["campaigns"]:
        (n, rate), (n0, rate0) = (groups[campaign["campaign_id"], holdout] for holdout in (False, True))
        weight = n / contacted
        found += weight * (rate - rate0)
        true += weight * campaign["uplift"]
        variance += weight**2 * (rate * (1 - rate) / n + rate0 * (1 - rate0) / n0)
    assert true > 0.02
    assert found == pytest.approx(true, abs=2.6 * variance**0.5)
    assert contacted / sum(n for n, _ in groups.values()) == pytest.approx(1 - planted["holdout"], abs=0.03)
