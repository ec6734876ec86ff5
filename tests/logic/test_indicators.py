"""Every indicator against plain SQL over the raw tables, and the laws that hold for all of them."""

from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from analytics.calendar import months_before
from analytics.errors import NotAllowed
from analytics.indicators import CATALOGUE, FAMILIES, UNITS
from analytics.indicators.compile import frame_sql
from analytics.indicators.sources import FITTED
from analytics.warehouse.engine import Warehouse, open_warehouse
from analytics.warehouse.load import load
from analytics.warehouse.marts import missing_columns

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "data"
CONTRACT = """transactions_count_12m credit_amount_12m debit_amount_12m net_amount_12m average_ticket_12m
    active_months_12m days_since_last_transaction months_since_first_transaction revenue_12m profit_12m
    balance_average_3m products_held tenure_years age_years channel_mobile_share_12m response_rate
    referrals_count referred_profit_12m lifetime_value_36m region gender business_line""".split()  # noqa: SIM905

# Raw rows with their month end and the last rate known then, worked out per row: no month table is read.
PREPARED = """
CREATE TEMP TABLE tx AS SELECT t.*, booked_at::DATE AS d, last_day(booked_at::DATE) AS m, amount::DOUBLE AS a,
    CASE WHEN coalesce(t.currency, $base) = $base THEN 1.0 ELSE f.rate END AS r
    FROM bank.transactions t ASOF LEFT JOIN bank.fx_rates f
    ON f.currency = t.currency AND last_day(t.booked_at::DATE) >= f.rate_date;
CREATE TEMP TABLE held AS SELECT b.*, b.month_end AS m, o.customer_id, p.category, p.risk_cost_rate,
    b.average_balance::DOUBLE * CASE WHEN coalesce(o.currency, $base) = $base THEN 1.0 ELSE f.rate END AS money,
    day(b.month_end) / 365.0 AS years, pr.customer_rate - pr.transfer_rate AS margin
    FROM bank.balances b JOIN bank.accounts o USING (account_id) LEFT JOIN bank.products p USING (product_id)
    ASOF LEFT JOIN bank.fx_rates f ON f.currency = o.currency AND b.month_end >= f.rate_date
    ASOF LEFT JOIN bank.product_rates pr ON pr.product_id = o.product_id AND b.month_end >= pr.effective_from;
CREATE TEMP TABLE earned AS
    SELECT customer_id, m, sum(money * years * CASE WHEN category = 'deposit' THEN -margin
            WHEN category IN ('loan', 'card') THEN margin ELSE 0 END) AS revenue,
        sum(CASE WHEN category IN ('loan', 'card') THEN money * years * risk_cost_rate ELSE 0 END) AS risk,
        0 AS service, 2 * count(*) AS lines
    FROM held GROUP BY ALL
    UNION ALL BY NAME
    SELECT customer_id, m, sum(fee::DOUBLE * r) AS revenue, 0 AS risk, sum(c.unit_cost) AS service,
        2 * count(DISTINCT currency) AS lines
    FROM tx LEFT JOIN bank.channel_costs c USING (channel) GROUP BY ALL;
"""

YEAR = "m > $y1 AND m <= $d"
QUARTER = "m > $q1 AND m <= $d"
HALF, HALF_BEFORE = "m > $h1 AND m <= $d", "m > $y1 AND m <= $h1"
LENT = "category IN ('loan', 'card')"
INVESTED = "category IN ('fund', 'wealth', 'insurance', 'fx')"


def of_transactions(what: str, where: str = YEAR) -> str:
    return f"SELECT customer_id, {what} FROM tx WHERE {where} GROUP BY customer_id"


def counted(condition: str) -> str:
    return of_transactions(f"count(*) FILTER ({condition}) / count(*)")


def of_customers(what: str) -> str:
    return f"SELECT customer_id, {what} FROM bank.customers"


def earned(what: str) -> str:
    return f"SELECT customer_id, coalesce(sum({what}), 0) FROM earned WHERE {YEAR} GROUP BY customer_id"


def spread(condition: str, sign: int) -> str:
    return f"""SELECT customer_id, sum({sign} * money * years * margin) FILTER ({condition})
        FROM held WHERE {YEAR} GROUP BY customer_id"""


def change(rows: str, what: str) -> str:
    now, before = f"sum({what}) FILTER ({HALF})", f"sum({what}) FILTER ({HALF_BEFORE})"
    ratio = f"CASE WHEN {before} > 0 THEN coalesce({now}, 0) / {before} - 1 END"
    return f"SELECT customer_id, {ratio} FROM {rows} GROUP BY customer_id"


def mean_of_months(what: str, having: str) -> str:
    return f"""SELECT customer_id, sum({what}) / count(DISTINCT m) FILTER ({having})
        FROM held WHERE {QUARTER} GROUP BY customer_id"""


def of_accounts(what: str) -> str:
    return f"""SELECT customer_id, {what} FROM (SELECT *, closed_on IS NULL OR closed_on > $d AS is_open
        FROM bank.accounts LEFT JOIN bank.products USING (product_id)
        WHERE opened_on IS NULL OR opened_on <= $d) GROUP BY customer_id"""


def of_contacts(what: str) -> str:
    return f"""SELECT customer_id, {what} FROM bank.contacts
        WHERE contacted_at < $d + 1 AND is_holdout IS NOT TRUE GROUP BY customer_id"""


ANSWERED = "count(*) FILTER (responded_at < $d + 1)"
REFERRED = "FROM bank.referrals WHERE referred_on <= $d GROUP BY referrer_id"
CREDIT, DEBIT = "greatest(a, 0) * r", "greatest(-a, 0) * r"
MONTHS_TO_D = "(year($d::DATE) - year({0})) * 12 + month($d::DATE) - month({0})"

# Parameters: $d the as-of date; $q1, $h1, $y1, $z1 the month ends 3, 6, 12 and 24 months before it.
PLAIN = {
    "transactions_count_12m": of_transactions("count(*)"),
    "credit_amount_12m": of_transactions(f"sum({CREDIT})"),
    "debit_amount_12m": of_transactions(f"sum({DEBIT})"),
    "net_amount_12m": of_transactions("sum(a * r)"),
    "average_ticket_12m": of_transactions("sum(abs(a) * r) / count(*)"),
    "active_months_12m": of_transactions("count(DISTINCT m)"),
    "days_since_last_transaction": of_transactions("$d::DATE - max(d)", "d <= $d"),
    "months_since_first_transaction": of_transactions(MONTHS_TO_D.format("min(d)"), "d <= $d"),
    "transactions_change_6m": change("tx", "1"),
    "credit_change_6m": change("tx", CREDIT),
    "salary_amount_12m": of_transactions(f"sum({CREDIT}) FILTER (kind = 'salary')"),
    "card_spend_12m": of_transactions(f"sum({DEBIT}) FILTER (kind = 'card')"),
    "channel_mobile_share_12m": counted("channel = 'mobile'"),
    "channel_digital_share_12m": counted("channel IN ('mobile', 'online', 'web')"),
    "channel_branch_share_12m": counted("channel = 'branch'"),
    "weekend_share_12m": counted("isodow(d) > 5"),
    "foreign_share_12m": counted("currency <> 'CNY'"),
    "profit_12m": earned("coalesce(revenue, 0) - coalesce(risk, 0) - coalesce(service, 0)"),
    "revenue_12m": earned("revenue"),
    "cost_12m": earned("coalesce(risk, 0) + coalesce(service, 0)"),
    "risk_cost_12m": earned("risk"),
    "service_cost_12m": earned("service"),
    "deposit_spread_12m": spread("category = 'deposit'", -1),
    "lending_spread_12m": spread(LENT, 1),
    "lifetime_value_36m": f"""WITH seen AS (
            SELECT customer_id, min(m) AS first_m, max(m) AS last_m FROM (SELECT customer_id, m FROM tx
            UNION ALL SELECT customer_id, m FROM held WHERE abs(money) >= 0.005) WHERE m <= $d GROUP BY 1
        ), stay AS (SELECT customer_id, last_m > $q1 AS here, date_diff('month', least(first_m,
            coalesce(onboarded_on, first_m)), $d::DATE) AS t FROM seen JOIN bank.customers USING (customer_id)
        ), year AS (SELECT customer_id, sum(coalesce(revenue, 0) - coalesce(risk, 0) - coalesce(service, 0)) AS profit
            FROM earned WHERE {YEAR} GROUP BY 1
        ), chance AS (SELECT customer_id, any_value(CASE WHEN t >= 11
            THEN coalesce(profit, 0) / 12 ELSE (coalesce(profit, 0) + k * peers) / (t + 1 + k) END) AS margin,
            any_value(here) AS here,
            sum(exp(lgamma(b + t + n) - lgamma(a + b + t + n) - lgamma(b + t) + lgamma(a + b + t)) / pow(1.1, n / 12)) AS worth
            FROM stay LEFT JOIN year USING (customer_id), range(1, 37) AS months(n), fitted WHERE fitted.m = $d
            GROUP BY customer_id
        ) SELECT customer_id, CASE WHEN here THEN margin * worth ELSE 0 END FROM chance""",
    "profit_change_12m": f"""SELECT customer_id, sum((coalesce(revenue, 0) - coalesce(risk, 0) - coalesce(service, 0))
        * CASE WHEN {YEAR} THEN 1 ELSE -1 END) FROM earned WHERE m > $z1 AND m <= $d GROUP BY customer_id""",
    "fees_12m": of_transactions("sum(fee::DOUBLE * r)"),
    "balance_average_3m": mean_of_months(f"CASE WHEN {LENT} THEN 0 ELSE money END", f"NOT {LENT}"),
    "investments_average_3m": mean_of_months(f"CASE WHEN {INVESTED} THEN money ELSE 0 END", f"NOT {LENT}"),
    "loans_average_3m": mean_of_months(f"CASE WHEN {LENT} THEN money ELSE 0 END", LENT),
    "balance_change_6m": change("held", f"CASE WHEN {LENT} OR {INVESTED} THEN 0 ELSE money END"),
    "loan_to_balance": f"""SELECT customer_id, sum(CASE WHEN {LENT} THEN money ELSE 0 END)
        / nullif(sum(CASE WHEN {LENT} THEN 0 ELSE money END), 0) FROM held WHERE {QUARTER} GROUP BY customer_id""",
    "days_past_due_12m": f"SELECT customer_id, max(days_past_due) FROM held WHERE {YEAR} GROUP BY customer_id",
    "tenure_years": of_customers("($d::DATE - onboarded_on) / 365.25"),
    "age_years": of_customers("date_diff('year', birth_date, $d::DATE)"
        " - (strftime(birth_date, '%m%d') > strftime($d::DATE, '%m%d'))::INT"),
    "annual_income": of_customers("annual_income"),
    "risk_tolerance": of_customers("risk_tolerance"),
    "months_since_risk_assessment": of_customers(MONTHS_TO_D.format("risk_assessed_on")),
    "region": "SELECT customer_id, d.region FROM bank.customers LEFT JOIN bank.districts d USING (district_id)",
    "city_tier": "SELECT customer_id, city_tier FROM bank.customers LEFT JOIN bank.districts USING (district_id)",
    "district_population": "SELECT customer_id, population FROM bank.customers LEFT JOIN bank.districts USING (district_id)",
    "branch": "SELECT customer_id, b.name FROM bank.customers c LEFT JOIN bank.branches b USING (branch_id)",
    "manager": """SELECT customer_id, CASE
            WHEN name IN (SELECT name FROM bank.employees GROUP BY name HAVING count(*) > 1)
            THEN name || ' (' || employee_id || ')' ELSE coalesce(name, manager_id) END
        FROM (SELECT customer_id, manager_id FROM bank.customers)
        LEFT JOIN bank.employees ON employee_id = manager_id""",
    "products_held": of_accounts("count(DISTINCT product_id) FILTER (is_open)"),
    "accounts_open": of_accounts("count(*) FILTER (is_open)"),
    "product_categories_held": of_accounts("count(DISTINCT category) FILTER (is_open)"),
    "accounts_closed_share": of_accounts("count(*) FILTER (NOT is_open) / count(*)"),
    "nps": "SELECT customer_id, nps FROM bank.surveys WHERE surveyed_on <= $d AND nps IS NOT NULL "
    "QUALIFY row_number() OVER (PARTITION BY customer_id ORDER BY surveyed_on DESC) = 1",
    "contacts_count_12m": of_contacts("count(*) FILTER (contacted_at >= $y1 + 1)"),
    "responses_count": of_contacts(ANSWERED),
    "response_rate": of_contacts(f"{ANSWERED} / count(*)"),
    "days_since_last_contact": of_contacts("$d::DATE - max(contacted_at)::DATE"),
    "referrals_count": f"SELECT referrer_id, count(*) {REFERRED}",
    "days_since_last_referral": f"SELECT referrer_id, $d::DATE - max(referred_on) {REFERRED}",
    "referred_profit_12m": f"""SELECT referrer_id, sum(coalesce(revenue, 0) - coalesce(risk, 0) - coalesce(service, 0))
        FROM bank.referrals JOIN earned ON customer_id = referred_id
        WHERE referred_on <= $d AND {YEAR} GROUP BY referrer_id""",
    **{
        key: of_customers(key)
        for key in """gender customer_type business_line occupation education marital_status home_ownership
            religion lifestyle personality purchase_motive brand_loyalty price_attitude""".split()  # noqa: SIM905
    },
}  # fmt: skip

# How far rounding each line to the cent may lead away, in the unit of the indicator.
CENTS = "SELECT customer_id, 0.005 * sum(lines) FROM earned WHERE m > $z1 AND m <= $d GROUP BY customer_id"
FOREIGN = (
    "SELECT customer_id, 0.005 * count(DISTINCT m || currency) FROM tx WHERE r <> 1 GROUP BY customer_id"
)
HELD = f"SELECT customer_id, 0.005 * count(*) FROM held WHERE {QUARTER} GROUP BY customer_id"
LIFETIMES = "SELECT customer_id, 36 * 0.005 * sum(lines) FROM earned GROUP BY customer_id"
REFERRERS = "SELECT referrer_id, 0.005 * sum(lines) FROM bank.referrals JOIN earned ON customer_id = referred_id GROUP BY 1"
EARNED = (
    "profit_12m", "revenue_12m", "cost_12m", "risk_cost_12m", "service_cost_12m", "deposit_spread_12m",
    "lending_spread_12m", "profit_change_12m",
)  # fmt: skip
ROUNDED = {
    **dict.fromkeys(EARNED, CENTS),
    **dict.fromkeys(
        ["credit_amount_12m", "debit_amount_12m", "net_amount_12m", "average_ticket_12m"], FOREIGN
    ),
    **dict.fromkeys(["salary_amount_12m", "card_spend_12m", "fees_12m"], FOREIGN),
    **dict.fromkeys(["balance_average_3m", "investments_average_3m", "loans_average_3m"], HELD),
    "referred_profit_12m": REFERRERS,
    "lifetime_value_36m": LIFETIMES,
}
RATIOS = ("credit_change_6m", "balance_change_6m", "loan_to_balance")  # of rounded amounts
every_indicator = pytest.mark.parametrize("key", sorted(CATALOGUE))


def windows(day: date) -> dict[str, date]:
    ends = {
        name: months_before(day, months) for name, months in (("q1", 3), ("h1", 6), ("y1", 12), ("z1", 24))
    }
    return {"d": day} | ends


def series(con: duckdb.DuckDBPyConnection, sql: str, day: date) -> pd.Series:
    used = {name: value for name, value in windows(day).items() if f"${name}" in sql}
    rows = con.execute(sql, used).df()
    return pd.Series(rows.iloc[:, 1].to_numpy(), index=rows.iloc[:, 0].astype(str))


def prepare(con: duckdb.DuckDBPyConnection, base: str) -> duckdb.DuckDBPyConnection:
    for statement in PREPARED.split(";\n"):
        if statement.strip():
            con.execute(statement.replace("$base", f"'{base}'"))
    return con


def expected(con: duckdb.DuckDBPyConnection, key: str, day: date, customers: pd.Index) -> pd.Series:
    found = series(con, PLAIN[key], day).reindex(customers)
    empty = CATALOGUE[key].empty
    return found if empty is None else found.astype(float).fillna(empty)


def assert_same(got: pd.Series, want: pd.Series, allowed: pd.Series, what: str) -> None:
    assert got.isna().tolist() == want.isna().tolist(), what
    there = want.notna()
    got, want = got[there], want[there]
    if want.dtype == object or pd.api.types.is_string_dtype(want):
        assert got.astype(str).tolist() == want.astype(str).tolist(), what
        return
    want = want.astype(float)
    off = (got.astype(float) - want).abs() - 1e-9 * want.abs() - allowed.reindex(want.index).fillna(0.0)
    assert (off <= 1e-9).all(), f"{what}: {off.idxmax()} is off by {off.max()}"


@pytest.fixture(scope="module")
def dates(demo: Warehouse) -> list[date]:
    ends = demo.month_ends
    return [ends[-1], ends[-5], ends[5]]


@pytest.fixture(scope="module")
def frames(demo, whole_book, dates) -> dict[date, pd.DataFrame]:
    """Every indicator of the synthetic bank at the newest month end and at two earlier ones."""
    book = whole_book(demo)
    return {day: book.frame(tuple(CATALOGUE), as_of=day).set_index("customer_id") for day in dates}


@pytest.fixture(scope="module")
def raw(demo, open_raw) -> duckdb.DuckDBPyConnection:
    con = prepare(open_raw(demo), "CNY")
    con.execute("CREATE TEMP TABLE fitted (m DATE, a DOUBLE, b DOUBLE, k DOUBLE, peers DOUBLE)")
    for month, model in demo.manifest.fitted["lifetime_value_36m"].items():
        stays, believed = model["survival"], model["credibility"]
        known = [month, stays["a"], stays["b"], believed["k"], believed["peers"]]
        con.execute("INSERT INTO fitted VALUES (?, ?, ?, ?, ?)", known)
    return con


@every_indicator
def test_plain_sql_over_the_raw_tables_says_the_same(key, raw, frames, dates):
    for day in dates:
        got = frames[day][key]
        allowed = series(raw, ROUNDED[key], day) if key in ROUNDED else pd.Series(dtype=float)
        if key in RATIOS:
            allowed = pd.Series(1e-4, index=got.index)
        assert_same(got, expected(raw, key, day, got.index), allowed, f"{key} at {day}")


def test_all_and_only_the_catalogues_indicators_are_checked():
    assert set(PLAIN) == set(CATALOGUE)


def test_the_contracts_keys_exist():
    assert set(CONTRACT) <= set(CATALOGUE)


def test_there_are_enough_indicators_in_every_family():
    assert len(CATALOGUE) >= 45
    assert {row.family for row in CATALOGUE.values()} == set(FAMILIES)


@every_indicator
def test_a_row_of_the_catalogue_can_be_read_by_a_person(key):
    row = CATALOGUE[key]
    assert row.key == key
    assert row.label[0].isupper()
    assert row.meaning.endswith((".", "?"))
    assert row.unit in UNITS
    assert row.sensitivity in (None, "sensitive", "profit")


def test_what_is_made_from_profit_needs_the_profit_class_and_beliefs_their_own():
    hidden = {key: row.sensitivity for key, row in CATALOGUE.items() if row.sensitivity}
    profit = [*EARNED, "lifetime_value_36m", "referred_profit_12m"]
    beliefs = ["religion", "lifestyle", "personality"]
    assert hidden == dict.fromkeys(profit, "profit") | dict.fromkeys(beliefs, "sensitive")


@pytest.fixture(scope="module")
def computed(demo, whole_book) -> pd.DataFrame:
    """The newest month end, computed from the months instead of read from `customer_now`."""
    sql = frame_sql(tuple(CATALOGUE), demo.newest_as_of)
    table = demo.query(f"WITH spine AS (FROM customer_now) SELECT * FROM ({sql}) ORDER BY customer_no")
    return table.to_pandas().set_index("customer_id")


@every_indicator
def test_what_is_ready_made_is_what_would_be_computed(key, frames, computed, demo):
    pd.testing.assert_series_equal(frames[demo.newest_as_of][key], computed[key], check_exact=True)


@every_indicator
def test_a_small_books_figures_are_those_of_the_whole_bank(key, demo, book_with, frames, dates):
    book = book_with(demo, {"role": "manager", "level": "own", "employee_id": "E0001",
                            "columns": "profit,sensitive"})  # fmt: skip
    if CATALOGUE[key].of_others:
        with pytest.raises(NotAllowed, match="whole bank"):
            book.frame((key,))
        return
    for day in dates:
        part = book.frame((key,), as_of=day).set_index("customer_id")[key]
        assert len(part) > 0
        pd.testing.assert_series_equal(part, frames[day].loc[part.index, key], rtol=1e-12)


@pytest.mark.parametrize(
    "key", sorted(key for key, row in CATALOGUE.items() if row.source not in ("customers", FITTED))
)
def test_a_customer_without_any_rows_counts_zero_and_averages_nothing(key, hand, whole_book):
    row = CATALOGUE[key]
    value = whole_book(hand).frame((key,)).set_index("customer_id").loc["C5", key]
    summed = row.unit == "count" or key.endswith(("amount_12m", "_spend_12m", "fees_12m")) or row.monthly
    assert (value == 0) if summed else (pd.isna(value) or value == row.empty)


@every_indicator
def test_it_is_greyed_naming_each_column_that_it_lacks(key, demo, whole_book):
    book = whole_book(demo)
    row = CATALOGUE[key]
    for need in row.needs:
        table, column = need.split(".")
        tables = demo.manifest.tables
        without = {**tables, table: [name for name in tables[table] if name != column]}
        assert book.available[key] is None
        assert missing_columns(row.needs, without) == [need]


THREE = "customer_id,booked_at,amount\nA,2025-12-31,10\nA,2026-06-30,-4\nB,2025-01-01,7\n"
FROM_THREE = """transactions_count_12m credit_amount_12m debit_amount_12m net_amount_12m average_ticket_12m
    active_months_12m days_since_last_transaction months_since_first_transaction transactions_change_6m
    credit_change_6m weekend_share_12m""".split()  # noqa: SIM905


def test_three_columns_are_enough_for_activity_and_everything_else_says_what_it_lacks(bank_of, whole_book):
    book = whole_book(bank_of(transactions=THREE))
    assert sorted(book.usable()) == sorted(FROM_THREE)
    for key, reason in book.available.items():
        assert (reason is None) == (key in FROM_THREE)
        why = (*CATALOGUE[key].needs, "came on a second day")
        assert reason is None or any(need in reason for need in why)
    got = book.frame(FROM_THREE).set_index("customer_id")
    assert got.loc["A"].tolist() == [2, 10, 4, 6, 7, 2, 0, 6, 0, -1, 0]
    assert got.loc["B", "transactions_count_12m"] == 0
    assert got.loc["B", "days_since_last_transaction"] == 545
    assert np.isnan(got.loc["B", "average_ticket_12m"])


def test_a_window_is_twelve_whole_calendar_months(hand, whole_book):
    book = whole_book(hand)
    may, june = date(2026, 5, 31), date(2026, 6, 30)
    salary = {
        day: book.frame(("salary_amount_12m",), as_of=day).set_index("customer_id") for day in (may, june)
    }
    assert salary[june].loc["C1"].item() == 1060  # not the last second of June 2025, but the first of July
    assert salary[may].loc["C1"].item() == 100  # not the last second of May 2025


def test_months_before_the_data_begin_count_as_empty(hand, whole_book):
    book = whole_book(hand)
    assert hand.month_ends[0] == date(2025, 5, 31)
    first = book.frame(("transactions_count_12m", "active_months_12m"), as_of=hand.month_ends[0])
    assert first.set_index("customer_id").loc["C1"].tolist() == [1, 1]


def test_data_that_span_no_month_end_are_stated_as_of_their_last_day(bank_of, whole_book):
    text = "customer_id,booked_at,amount,fee\nA,2026-06-03,10,1\nA,2026-06-19 23:00,-4,\nB,2026-06-05,2.5,\n"
    warehouse = bank_of(transactions=text)
    assert warehouse.newest_as_of == date(2026, 6, 19)
    assert warehouse.month_ends == (date(2026, 6, 19),)
    keys = ("transactions_count_12m", "net_amount_12m", "fees_12m", "days_since_last_transaction")
    got = whole_book(warehouse).frame(keys).set_index("customer_id")
    assert got.loc["A"].tolist() == [2, 6, 1, 0]
    assert got.loc["B"].tolist() == [1, 2.5, 0, 14]


def test_the_newest_date_is_the_last_month_end_with_whole_data(bank_of):
    text = "customer_id,booked_at,amount\nA,2026-01-31,10\nA,2026-02-27,-4\n"
    assert bank_of(transactions=text).newest_as_of == date(2026, 1, 31)


def test_a_customer_who_joins_later_is_not_in_the_book_yet(hand, whole_book):
    book = whole_book(hand)
    assert "C6" in set(book.frame(()).customer_id)
    assert "C6" not in set(book.frame((), as_of=date(2026, 5, 31)).customer_id)
    assert "C5" in set(book.frame((), as_of=hand.month_ends[0]).customer_id)  # nobody knows since when


def test_balances_older_than_the_first_transaction_carry_money(bank_of, whole_book):
    warehouse = bank_of(
        customers="customer_id\nA\n",
        accounts="account_id,customer_id\nK,A\n",
        balances="account_id,month_end,average_balance\nK,2026-04-30,300\nK,2026-05-31,600\nK,2026-06-30,900\n",
        transactions="customer_id,booked_at,amount\nA,2026-06-10,1\nA,2026-07-02,1\n",
    )
    assert whole_book(warehouse).frame(("balance_average_3m",))["balance_average_3m"].tolist() == [600]


def shop(tmp_path_factory: pytest.TempPathFactory, name: str, file: str, currency: str) -> Warehouse:
    if not (SHARED / file).exists():
        pytest.skip(f"{SHARED / file} is not on this machine")
    root = tmp_path_factory.mktemp(name) / "warehouse"
    load(SHARED / file, root, staging=ROOT / "docs" / "staging" / name, base_currency=currency)
    return open_warehouse(root)


@pytest.fixture(scope="module")
def online_retail(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return shop(tmp_path_factory, "online_retail", "online_retail_II.parquet", "GBP")


@pytest.fixture(scope="module")
def cdnow(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return shop(tmp_path_factory, "cdnow", "cdnow_sample.txt", "USD")


def assert_file_agrees(warehouse: Warehouse, rows: str, book, keys: list[str]) -> None:
    """The file itself, read once more, says what the product says at the newest and two earlier dates."""
    con = duckdb.connect(config={"threads": 2})
    con.execute(
        f"CREATE TABLE tx AS SELECT customer_id, d, last_day(d) AS m, a, 1.0 AS r, 'one' AS currency FROM ({rows})"
    )
    ends = warehouse.month_ends
    for day in (ends[-1], ends[len(ends) // 2], ends[1]):
        frame = book.frame(keys, as_of=day).set_index("customer_id")
        half_cents = series(
            con, "SELECT customer_id, 0.005 * count(DISTINCT m) FROM tx WHERE m <= $d GROUP BY 1", day
        )
        for key in keys:
            allowed = half_cents * 2 if CATALOGUE[key].unit == "currency" else pd.Series(dtype=float)
            want = expected(con, key, day, frame.index)
            assert_same(frame[key], want, allowed, f"{key} at {day}")


SHOPS = [key for key in FROM_THREE if key not in ("credit_change_6m",)]


def test_online_retail_says_what_its_file_says(online_retail, whole_book):
    path = SHARED / "online_retail_II.parquet"
    rows = f"""SELECT "Customer ID"::BIGINT::VARCHAR AS customer_id, InvoiceDate::DATE AS d, Quantity * Price AS a
        FROM '{path}' WHERE "Customer ID" IS NOT NULL"""
    assert_file_agrees(online_retail, rows, whole_book(online_retail), SHOPS)
    con = duckdb.connect()
    countries = con.execute(
        f"""SELECT "Customer ID"::BIGINT::VARCHAR, arg_max(Country, InvoiceDate), count(DISTINCT Country) = 1
        FROM '{path}' WHERE "Customer ID" IS NOT NULL GROUP BY 1"""
    ).fetchall()
    region = whole_book(online_retail).frame(("region",)).set_index("customer_id")["region"]
    assert len(region) == len(countries)
    assert all(region[customer] == country for customer, country, sure in countries if sure)


def test_cdnow_says_what_its_file_says(cdnow, whole_book):
    lines = (SHARED / "cdnow_sample.txt").read_text().splitlines()
    cells = [line.split() for line in lines if line.strip()]
    values = ", ".join(f"('{c[0]}', DATE '{c[2][:4]}-{c[2][4:6]}-{c[2][6:]}', {c[4]})" for c in cells)
    assert len(whole_book(cdnow).frame(())) == 2357
    assert_file_agrees(
        cdnow, f"SELECT * FROM (VALUES {values}) v(customer_id, d, a)", whole_book(cdnow), SHOPS
    )
