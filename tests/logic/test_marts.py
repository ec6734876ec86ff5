"""Marts: the bank of six customers worked out on paper, and sums that must agree on any bank."""

from datetime import date
from functools import partial

import duckdb
import pytest

from analytics.errors import BadInput
from analytics.warehouse import marts
from analytics.warehouse.demo import DemoOptions, generate
from analytics.warehouse.engine import open_warehouse
from analytics.warehouse.expressions import customer_months
from analytics.warehouse.pricing import compiled
from analytics.warehouse.publish import publish_tables
from analytics.warehouse.volumes import volume_mart_sql
from tests.logic.test_grown import same

MAY, JUNE = date(2026, 5, 31), date(2026, 6, 30)

# customer, month: amounts in cents. Spread = balance x margin x days / 365 at the price of the month's last day.
BY_HAND = {
    # The last price still holds at the end of April: 365,000 x (0.03 - 0.01) x 30 / 365.
    ("C1", date(2026, 4, 30)): {"spread_cents": 600_00, "deposit_cents": 365_000_00, "transactions": 0},
    # The new price begins on the last day of May and counts for all of it: 365,000 x 0.01 x 31 / 365.
    ("C1", MAY): {"spread_cents": 310_00, "profit_cents": 310_00, "active_months": 0},
    # 300.00 and a fee of 0.50; one mobile payment at 0.20 and one at the branch, on a Saturday, at 16.00.
    ("C1", JUNE): {
        "spread_cents": 300_00, "fee_cents": 50, "service_cents": 16_20, "risk_cents": 0,
        "revenue_cents": 300_50, "cost_cents": 16_20, "profit_cents": 284_30,
        "transactions": 2, "mobile_count": 1, "digital_count": 1, "branch_count": 1, "weekend_count": 1,
        "foreign_count": 0, "credit_cents": 1000_00, "debit_cents": 200_00, "salary_cents": 1000_00,
        "card_cents": 200_00, "active_months": 1, "balance_months": 1, "loan_months": 0, "days_past_due": 0,
    },
    # 10,000 dollars at the 7.20 of two days before the month's end: 72,000 x (0.05 - 0.02) x 31 / 365 = 183.452.
    # 100 dollars in, 50 more in the base currency; the fee is 1.25 dollars, the online payment costs 0.50.
    ("C2", MAY): {
        "deposit_cents": 72_000_00, "spread_cents": 183_45, "credit_cents": 770_00, "fee_cents": 9_00,
        "service_cents": 50, "revenue_cents": 192_45, "profit_cents": 191_95, "foreign_count": 1,
    },
    # 72,000 x 0.03 x 30 / 365 = 177.534; 30.55 dollars out; July's 7.50 is not known yet.
    ("C2", JUNE): {"spread_cents": 177_53, "debit_cents": 219_96, "card_cents": 219_96, "profit_cents": 177_33},
    # A loan of 1,000,000: (0.06 - 0.03) x 30 / 365 = 2,465.753 less 1 % of risk, 821.918. The euro has no rate.
    ("C3", JUNE): {
        "loan_cents": 1_000_000_00, "spread_cents": 2465_75, "risk_cents": 821_92, "service_cents": 1_00,
        "revenue_cents": 2465_75, "cost_cents": 822_92, "profit_cents": 1642_83, "debit_cents": 0, "fee_cents": 0,
        "transactions": 2, "foreign_count": 1, "days_past_due": 12, "balance_months": 0, "loan_months": 1,
    },
    # Without transactions: 730 x 0.01 x 30 / 365 = 0.60; the plan brings no spread.
    ("C4", JUNE): {"profit_cents": 60, "deposit_cents": 730_00, "investment_cents": 5_000_00, "transactions": 0},
    ("C6", JUNE): {"profit_cents": -20, "credit_cents": 5_00, "balance_months": 0},
}  # fmt: skip


@pytest.fixture(scope="module")
def months(hand) -> dict:
    rows = hand.query(
        "FROM customer_month JOIN customers USING (customer_no) ORDER BY customer_no, month_end"
    )
    return {(row["customer_id"], row["month_end"]): row for row in rows.to_pylist()}


@pytest.mark.parametrize(("customer", "month"), BY_HAND)
def test_a_month_is_what_paper_says_to_the_cent(months, customer, month):
    row = months[customer, month]
    assert {name: row[name] for name in BY_HAND[customer, month]} == BY_HAND[customer, month]


def test_there_is_a_row_for_every_month_with_transactions_or_balances_and_no_other(months):
    assert [month.isoformat()[:7] for customer, month in months if customer == "C1"] == [
        "2025-05", "2025-06", "2025-07", "2026-04", "2026-05", "2026-06", "2026-07",
    ]  # fmt: skip
    assert {customer for customer, _ in months} == {"C1", "C2", "C3", "C4", "C6"}


def test_first_and_last_dates_run_along_and_each_row_knows_the_next(months):
    april = months["C1", date(2026, 4, 30)]
    assert (april["first_booked_on"], april["last_booked_on"]) == (date(2025, 5, 31), date(2025, 7, 1))
    assert april["until"] == MAY
    assert months["C1", JUNE]["last_booked_on"] == date(2026, 6, 6)
    assert months["C1", date(2026, 7, 31)]["until"] == date(9999, 12, 31)
    assert months["C4", JUNE]["last_booked_on"] is None


def test_an_earlier_months_figures_are_those_of_then(hand, whole_book):
    keys = ("profit_12m", "days_since_last_transaction", "balance_average_3m")
    book = whole_book(hand)
    now = book.frame(keys).set_index("customer_id")
    then = book.frame(keys, as_of=MAY).set_index("customer_id")
    # C1: June 2025's 0.20 is outside the window to June 2026, May's outside the one to May 2026.
    assert now.loc["C1", "profit_12m"] == pytest.approx(-0.20 + 600 + 310 + 284.30)
    assert then.loc["C1", "profit_12m"] == pytest.approx(-0.40 + 600 + 310)
    assert now.loc["C1", "days_since_last_transaction"] == 24
    assert then.loc["C1", "days_since_last_transaction"] == 334
    assert now.loc["C2", "balance_average_3m"] == 72_000
    assert now.loc["C4", "balance_average_3m"] == 5_730


def test_amounts_without_an_exchange_rate_are_told(hand):
    said = [line for line in hand.manifest.report["warnings"] if "EUR" in line]
    assert len(said) == 1
    assert "(transactions: 1, balances: 0)" in said[0]


def test_amounts_before_the_first_exchange_rate_are_told_too(bank_of):
    warehouse = bank_of(
        transactions="customer_id,booked_at,amount,currency\nA,2026-04-10,1,USD\nA,2026-05-10,2,USD\nA,2026-06-30,1,CNY\n",
        accounts="account_id,customer_id,currency\nK,A,USD\n",
        balances="account_id,month_end,average_balance\nK,2026-03-31,300\nK,2026-05-31,300\n",
        fx_rates="currency,rate_date,rate\nUSD,2026-05-05,7\nCNY,2026-05-05,3\n",
    )
    (said,) = [line for line in warehouse.manifest.report["warnings"] if "USD" in line]
    assert "(transactions: 1, balances: 1)" in said
    assert not [line for line in warehouse.manifest.report["warnings"] if "CNY" in line and "rate" in line]
    sums = warehouse.query(
        "SELECT sum(credit_cents) AS credit, sum(deposit_cents) AS held FROM customer_month"
    )
    assert sums.to_pylist() == [
        {"credit": 15_00, "held": 2100_00}
    ]  # the base currency is 1, whatever its rate


def test_an_account_without_a_currency_is_in_its_products(bank_of):
    warehouse = bank_of(
        transactions="customer_id,booked_at,amount\nA,2026-06-30,1\n",
        products="product_id,category,currency\nP,deposit,USD\nQ,deposit,\n",
        accounts="account_id,customer_id,product_id,currency\nK,A,P,\nL,A,P,CNY\nM,A,Q,\n",
        balances="account_id,month_end,average_balance\nK,2026-06-30,10\nL,2026-06-30,1\nM,2026-06-30,2\n",
        fx_rates="currency,rate_date,rate\nUSD,2026-05-05,7\n",
    )
    assert warehouse.query("SELECT sum(deposit_cents) AS held FROM customer_month")["held"].to_pylist() == [
        7300
    ]


def test_profit_is_revenue_less_cost_in_every_row(demo):
    wrong = demo.query(
        """FROM customer_month WHERE revenue_cents <> spread_cents + fee_cents
        OR cost_cents <> risk_cents + service_cents OR profit_cents <> revenue_cents - cost_cents"""
    )
    assert wrong.num_rows == 0


def test_no_transaction_and_no_amount_is_lost_on_the_way_to_the_months(demo, open_raw):
    con = open_raw(demo)
    raw = con.execute(
        """SELECT count(*), count(*) FILTER (channel = 'branch'), count(*) FILTER (currency <> 'CNY')
        FROM bank.transactions"""
    ).fetchone()
    counts = "sum(transactions), sum(branch_count), sum(foreign_count)"
    assert con.execute(f"SELECT {counts} FROM bank.customer_month").fetchone() == raw
    twice = "SELECT 1 FROM bank.customer_month GROUP BY customer_no, month_end HAVING count(*) > 1"
    assert con.execute(twice).fetchall() == []
    amounts = con.execute(
        """SELECT sum(a), count(DISTINCT lot) FROM (
            SELECT 100 * amount::DOUBLE AS a, NULL AS lot FROM bank.transactions WHERE currency = 'CNY'
            UNION ALL SELECT 100 * amount::DOUBLE * rate, (customer_no, last_day(booked_at::DATE), t.currency)
            FROM bank.transactions t ASOF JOIN bank.fx_rates f
            ON f.currency = t.currency AND last_day(booked_at::DATE) >= rate_date WHERE t.currency <> 'CNY')"""
    ).fetchone()
    months = con.execute("SELECT sum(credit_cents - debit_cents)::DOUBLE FROM bank.customer_month").fetchone()
    assert (
        abs(months[0] - amounts[0]) <= amounts[1]
    )  # each lot's two sides are rounded by half a cent at most


@pytest.mark.parametrize("statement", ["customer_month", "volume_month", "balance_month"])
def test_a_build_joins_and_sorts_nothing_wider_than_it_keeps(hand, open_raw, statement):
    """Sums of 128 bits, and months as moments, were carried through every join."""
    con = open_raw(hand)
    con.execute("CREATE TEMP TABLE month AS SELECT DISTINCT month_end FROM month_rate")
    if statement == "customer_month":
        sql = compiled(customer_months, "CNY", (0, 10), None)
    else:
        sql = volume_mart_sql(statement, "CNY", JUNE)
    told, kept = (
        {name: kind for name, kind, *_ in con.execute(f"DESCRIBE {rows}").fetchall()}
        for rows in (sql, statement)
    )
    assert {"HUGEINT", "TIMESTAMP"}.isdisjoint(told.values())
    assert told.keys() == kept.keys()


def test_months_lie_in_order_so_that_a_range_of_dates_is_read_alone(demo):
    rows = demo.query("SELECT customer_no, month_end FROM customer_month").to_pandas()
    assert rows.equals(rows.sort_values(["customer_no", "month_end"], ignore_index=True))


USD = "customer_id,booked_at,amount,currency,channel\nA,2026-06-30,1,USD,mobile\n"
ACCOUNT = "account_id,customer_id,product_id\nK,A,P\n"


@pytest.mark.parametrize(
    "tables",
    [
        {"channel_costs": "channel,unit_cost\nmobile,1e300\n"},
        {"fx_rates": "currency,rate_date,rate\nUSD,2026-01-01,1e300\n"},
        {
            "accounts": ACCOUNT,
            "balances": "account_id,month_end,average_balance,days_past_due\nK,2026-06-30,1,3000000000\n",
        },
    ],
)
def test_figures_that_no_bank_has_are_refused_in_words(bank_of, tables):
    with pytest.raises(BadInput, match="too large to be true"):
        bank_of(transactions=USD, **tables)


@pytest.mark.parametrize(
    ("sizes", "ranges"),
    [
        ([2, 2, 2], [(0, 1), (1, 2), (2, 3)]),
        ([1, 1, 1, 1], [(0, 3), (3, 4)]),
        ([9, 1, 1, 9], [(0, 1), (1, 3), (3, 4)]),
        ([9], [(0, 1)]),
        ([], [(0, 0)]),
    ],
)
def test_units_are_taken_together_by_their_customers(sizes, ranges):
    con = duckdb.connect()
    con.execute("CREATE TABLE customer_unit (customer_no INTEGER, unit_no INTEGER)")
    con.execute("CREATE TABLE volume_unit AS SELECT n AS unit_no FROM range($1) AS t(n)", [len(sizes)])
    for unit, size in enumerate(sizes):
        con.execute("INSERT INTO customer_unit SELECT n, $1 FROM range($2) AS t(n)", [unit, size])
    assert marts._ranges(con, 3) == ranges


def test_a_bank_that_is_built_in_many_passes_is_the_same_bank(tmp_path, monkeypatch):
    def built(name):
        options = DemoOptions(customers=700, transactions_per_customer=30, months=14)
        stage = partial(generate, options=options, truth_folder=tmp_path / "truth")
        publish_tables(tmp_path / name, stage, demo=True, base_currency="CNY")
        return open_warehouse(tmp_path / name)

    at_once = built("at_once")
    monkeypatch.setattr(marts, "CUSTOMERS_AT_ONCE", 90)
    monkeypatch.setattr(marts, "CUSTOMERS_IN_A_PASS", 200)
    in_passes = built("in_passes")
    same(at_once, in_passes)
    for mart, order in (
        ("customer_now", "customer_no"),
        ("volume_month", "unit_no"),
        ("balance_month", "unit_no"),
    ):
        kept = in_passes.query(f"SELECT {order} FROM {mart}")[order].to_pylist()
        assert kept == sorted(kept)
