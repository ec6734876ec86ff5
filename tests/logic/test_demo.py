"""The synthetic bank: whole, repeatable, and within the contract."""

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from analytics.access.personas import PERSONAS
from analytics.errors import BadInput
from analytics.warehouse.demo import DemoOptions, generate
from analytics.warehouse.demo.customers import CUSTOMER_ID, facts
from analytics.warehouse.demo.period import PERIOD_END, Period
from analytics.warehouse.tables import TABLES

ECB = Path(__file__).parents[3] / "shared" / "data" / "eurofxref-hist.zip"
SMALL = DemoOptions(customers=3_000, transactions_per_customer=70)
TINY = DemoOptions(customers=400, transactions_per_customer=30, months=14)


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        generate(con, SMALL, tmp_path_factory.mktemp("truth"))
        yield con


def value(con: duckdb.DuckDBPyConnection, query: str):
    return con.sql(query).fetchone()[0]


def shares(con: duckdb.DuckDBPyConnection, query: str) -> dict:
    return dict(con.sql(query).fetchall())


def fingerprint(options: DemoOptions, folder: Path, threads: int = 2) -> dict[str, tuple]:
    with duckdb.connect(config={"threads": threads}) as con:
        generate(con, options, folder)
        return {t: con.sql(f"SELECT count(*), sum(hash(x)) FROM source.{t} x").fetchone() for t in TABLES}


def test_the_same_seed_gives_the_same_bank_on_any_number_of_threads(tmp_path):
    assert fingerprint(TINY, tmp_path, threads=1) == fingerprint(TINY, tmp_path, threads=4)


def test_another_seed_gives_another_bank(tmp_path):
    other = DemoOptions(TINY.customers, TINY.transactions_per_customer, TINY.months, seed=2)
    ours, theirs = fingerprint(TINY, tmp_path), fingerprint(other, tmp_path)
    drawn = (
        "customers",
        "transactions",
        "accounts",
        "balances",
        "contacts",
        "referrals",
        "surveys",
        "employees",
    )
    assert all(ours[table] != theirs[table] for table in drawn)


@pytest.mark.parametrize("wrong", [{"customers": 0}, {"months": 2}, {"transactions_per_customer": 9_999}])
def test_impossible_sizes_are_refused_by_name(wrong, tmp_path):
    with pytest.raises(BadInput, match="--" + next(iter(wrong)).replace("_", "-")):
        generate(duckdb.connect(), DemoOptions(**wrong), tmp_path)


@pytest.mark.parametrize("customers", [1, 9_999_999, 10_000_000, 100_000_000])
def test_customers_of_a_bank_of_any_size_have_numbers_of_their_own_in_order(customers):
    DemoOptions(customers=customers).check()
    most = [no for digits in range(9) for no in (10**digits - 2, 10**digits - 1) if 0 <= no < customers]
    digits = facts(customers, 1, Period(36))["digits"]
    with duckdb.connect() as con:
        said = f"SELECT {CUSTOMER_ID} FROM unnest($places::INTEGER[]) AS t(customer_no) ORDER BY customer_no"
        ids = [row[0] for row in con.execute(said, {"places": most, "digits": digits}).fetchall()]
    assert ids == sorted(set(ids))
    assert [int(one[1:]) for one in ids] == [no + 1 for no in most]


def test_a_short_period_makes_a_bank_too(tmp_path):
    with duckdb.connect() as con:
        generate(con, DemoOptions(customers=100, transactions_per_customer=3, months=3), tmp_path)
        assert value(con, "SELECT count(*) FROM source.campaigns") == 1


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_every_table_has_rows_and_the_contracts_columns_and_types(bank, table):
    have = bank.sql(f"SELECT * FROM source.{table.name} LIMIT 0")
    types = dict(zip(have.columns, map(str, have.types), strict=True))
    assert {c.name: c.sql_type for c in table.columns}.items() <= types.items()
    assert set(types) - set(table.names) == ({"attitude"} if table.name == "surveys" else set())
    assert value(bank, f"SELECT count(*) FROM source.{table.name}") > 0


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_every_value_is_within_its_limits(bank, table):
    for column in table.columns:
        wrong = ["false"]
        if column.required:
            wrong.append(f"{column.name} IS NULL")
        if column.choices and not column.many:
            wrong.append(f"{column.name} NOT IN {column.choices}")
        if column.low is not None:
            wrong.append(f"{column.name} < {column.low}")
        if column.high is not None:
            wrong.append(f"{column.name} > {column.high}")
        if column.past:
            wrong.append(f"CAST({column.name} AS DATE) > DATE '{PERIOD_END}'")
        if column.ends_month:
            wrong.append(f"{column.name} <> last_day({column.name})")
        assert value(bank, f"SELECT count(*) FROM source.{table.name} WHERE {' OR '.join(wrong)}") == 0, (
            column
        )


@pytest.mark.parametrize("table", [t for t in TABLES.values() if t.key], ids=lambda table: table.name)
def test_keys_are_unique(bank, table):
    assert (
        value(bank, f"SELECT count(*) - count(DISTINCT ({', '.join(table.key)})) FROM source.{table.name}")
        == 0
    )


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_every_reference_resolves(bank, table):
    for column, (other, key) in {**table.references, **table.mentions}.items():
        unknown = f"{column} IS NOT NULL AND {column} NOT IN (SELECT {key} FROM source.{other})"
        assert value(bank, f"SELECT count(*) FROM source.{table.name} WHERE {unknown}") == 0, column


def test_only_optional_attributes_are_missing_and_only_some(bank):
    row = bank.sql(
        "SELECT count(*), count(branch_id), count(manager_id), count(email) FROM source.customers"
    ).fetchone()
    customers, branches, managers, emails = row
    assert branches == managers == customers
    assert 0.94 < emails / customers < 0.995


def test_transactions_and_balances_stay_within_their_accounts_life(bank):
    assert (
        value(
            bank,
            """SELECT count(*) FROM source.transactions t JOIN source.accounts a USING (account_id)
        WHERE a.customer_id <> t.customer_id OR CAST(booked_at AS DATE) < opened_on
            OR CAST(booked_at AS DATE) > coalesce(closed_on, '9999-01-01') OR t.currency <> a.currency""",
        )
        == 0
    )
    assert (
        value(
            bank,
            """SELECT count(*) FROM source.balances b JOIN source.accounts a USING (account_id)
        WHERE month_end < opened_on OR month_end > last_day(coalesce(closed_on, DATE '9999-01-01'))""",
        )
        == 0
    )


def test_the_bank_is_as_busy_as_asked_up_to_its_last_day(bank):
    asked = SMALL.customers * SMALL.transactions_per_customer
    assert value(bank, "SELECT count(*) FROM source.transactions") == pytest.approx(asked, rel=0.05)
    assert value(bank, "SELECT max(CAST(booked_at AS DATE)) FROM source.transactions") == PERIOD_END
    assert value(bank, "SELECT count(*) FROM source.balances") < 34 * SMALL.customers


def test_exchange_rates_are_the_european_central_banks(bank):
    rate = "SELECT rate FROM source.fx_rates WHERE currency = '{}' AND rate_date = '2026-10-30'"
    assert value(bank, rate.format("USD")) == pytest.approx(7.4326 / 1.1172)
    assert value(bank, rate.format("EUR")) == pytest.approx(7.4326)


@pytest.mark.skipif(not ECB.exists(), reason="../shared/data/eurofxref-hist.zip is not here")
def test_every_exchange_rate_equals_the_published_file(bank):
    with zipfile.ZipFile(ECB) as archive:
        rows = list(csv.DictReader(io.StringIO(archive.read("eurofxref-hist.csv").decode())))
    first = Period(SMALL.months).start - timedelta(days=10)
    quoted = {
        (currency, date.fromisoformat(row["Date"])): float(row["CNY"])
        / (1 if currency == "EUR" else float(row[currency]))
        for row in rows
        for currency in ("USD", "EUR", "HKD", "JPY", "GBP")
        if first <= date.fromisoformat(row["Date"]) <= PERIOD_END
    }
    found = {(c, d): r for c, d, r in bank.sql("SELECT * FROM source.fx_rates").fetchall()}
    assert found == pytest.approx(quoted)


def test_foreign_accounts_are_held_and_used(bank):
    used = shares(
        bank, "SELECT currency, count(*) FROM source.transactions WHERE currency <> 'CNY' GROUP BY 1"
    )
    assert {"USD", "EUR", "HKD", "JPY"} == used.keys()


def test_personas_have_their_rows_and_the_first_a_mixed_book_in_b011(bank):
    emails = shares(bank, "SELECT employee_id, email FROM source.employees")
    granted = {
        row[:4] for row in bank.sql("SELECT user_email, role, level, unit_id FROM source.grants").fetchall()
    }
    for persona in PERSONAS:
        assert emails[persona.employee_id] == persona.email
        assert (persona.email, persona.role, persona.level, persona.unit_id) in granted
    book = "FROM source.customers WHERE manager_id = 'E0001'"
    assert 160 < value(bank, f"SELECT count(*) {book}") < 270
    assert value(bank, f"SELECT count(DISTINCT business_line) {book}") == 3
    assert value(bank, f"SELECT DISTINCT branch_id {book}") == "B011"


def test_the_truths_are_kept_out_of_the_bank(bank):
    columns = bank.sql(
        "SELECT DISTINCT column_name FROM duckdb_columns() WHERE schema_name = 'source'"
    ).fetchall()
    assert not {"archetype", "uplift", "base", "mix"} & {name for (name,) in columns}
    assert value(bank, "SELECT count(*) FROM duckdb_tables() WHERE starts_with(table_name, 'demo_')") == 0
