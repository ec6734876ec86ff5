"""Checks: every row is accepted, or rejected under one counted reason, and none is lost."""

import csv
import gzip
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.errors import BadInput
from analytics.warehouse import acceptance
from analytics.warehouse.building import prepared
from analytics.warehouse.checks import Work
from analytics.warehouse.load import accept_tables, check
from analytics.warehouse.rejects import Outcome, settle
from analytics.warehouse.staging import stage
from analytics.warehouse.tables import TABLES

TRANSACTIONS = "customer_id,booked_at,amount"
Report = dict[str, Any]


@pytest.fixture
def report(tmp_path: Path) -> Callable[..., Report]:
    """Check CSV texts by table name; the load document without its publishing."""

    def check_texts(**tables: str) -> Report:
        source = tmp_path / "source"
        source.mkdir(exist_ok=True)
        for name, text in tables.items():
            (source / f"{name}.csv").write_text(text, encoding="utf-8")
        return accepted(source, tmp_path / "build")

    return check_texts


def accepted(source: Path, build: Path) -> Report:
    work, outcomes = accept_tables(prepared(build), lambda con: stage(con, source, None))
    return {"tables": {name: one.document() for name, one in outcomes.items()}, "warnings": work.warnings}


def rows(tmp_path: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(tmp_path / "build" / "build.duckdb"), read_only=True) as con:
        return con.execute(sql).fetchall()


def rejects(tmp_path: Path, table: str) -> list[dict[str, str]]:
    path = tmp_path / "build" / "rejects" / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def day(offset: int) -> str:
    return f"{datetime.now(UTC) + timedelta(days=offset):%Y-%m-%d}"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (",2026-01-01,1", "customer_id: empty"),
        ("   ,2026-01-01,1", "customer_id: empty"),
        ("A,,1", "booked_at: empty"),
        ("A,2026-13-01,1", "booked_at: not a date"),
        ("A,31.12.2025,1", "booked_at: not a date"),
        (f"A,{day(3)},1", "booked_at: in the future"),
        ("A,1066-10-14,1", "booked_at: before the year 1800"),
        ("A,2026-01-01,", "amount: empty"),
        ("A,2026-01-01,ten", "amount: not a number"),
        ("A,2026-01-01,NaN", "amount: not a number"),
        ('A,2026-01-01,"1,000.50"', "amount: not a number"),
        ("A,2026-01-01,1e300", "amount: not a number"),
        ("A,2026-01-01", "too few columns"),
        ("A,2026-01-01,1,2,3", "too many columns"),
        ('A,2026-01-01,"1', "quotes that don't match"),
        ('A,2026-01-01,"1"x', "quotes that don't match"),
    ],
)
def test_a_bad_row_is_rejected_with_its_reason_and_line(
    report: Callable[..., Report], tmp_path: Path, line: str, reason: str
) -> None:
    done = report(transactions=f"{TRANSACTIONS}\nA,2026-01-01,5\n{line}\nB,2026-01-02,-6\nC,2026-01-03,7\n")
    assert done["tables"]["transactions"] == {
        "read": 4,
        "accepted": 3,
        "rejected": 1,
        "reasons": {reason: 1},
    }
    kept = rejects(tmp_path, "transactions")
    assert [(row["file"], row["line"], row["reason"]) for row in kept] == [("transactions.csv", "3", reason)]


@pytest.mark.parametrize(
    ("header", "cell", "reason"),
    [
        ("customer_type", "robot", "customer_type: not one of personal, business"),
        ("birth_date", "yesterday", "birth_date: not a date"),
        ("birth_date", "2001-02-03 and more", "birth_date: not a date"),
        ("annual_income", "a lot", "annual_income: not a number"),
        ("risk_tolerance", "6", "risk_tolerance: above 5"),
        ("risk_tolerance", "0", "risk_tolerance: below 1"),
        ("risk_tolerance", "2.5", "risk_tolerance: not a whole number"),
        ("marketing_consent", "perhaps", "marketing_consent: neither true nor false"),
        ("onboarded_on", "2999-01-01", "onboarded_on: in the future"),
    ],
)
def test_a_cell_outside_the_contract_rejects_its_row(
    report: Callable[..., Report], header: str, cell: str, reason: str
) -> None:
    done = report(
        customers=f"customer_id,{header}\nA,\nB,{cell}\n",
        transactions=f"{TRANSACTIONS}\nA,2026-01-01,5\nB,2026-01-01,5\n",
    )
    assert done["tables"]["customers"]["reasons"] == {reason: 1}
    assert done["tables"]["transactions"]["reasons"] == {"customer_id: not in customers": 1}


def test_what_the_contract_allows_is_accepted_as_it_means(
    report: Callable[..., Report], tmp_path: Path
) -> None:
    done = report(
        customers="Customer_ID,CUSTOMER_TYPE,risk_tolerance,marketing_consent,birth_date\n"
        " 007 ,Business,3.0,yes,1990-05-06 00:00:00\n",
        transactions=f"{TRANSACTIONS},fee\n007,2026-01-05T10:30:00+08:00,12.345,\n007,{day(0)},-0.1,0.5\n",
    )
    assert done["tables"]["customers"]["rejected"] == done["tables"]["transactions"]["rejected"] == 0
    found = rows(
        tmp_path,
        "SELECT customer_id, customer_type, risk_tolerance, marketing_consent, birth_date::TEXT FROM customers",
    )
    assert found == [("007", "business", 3, True, "1990-05-06")]
    booked = rows(tmp_path, "SELECT booked_at::TEXT, amount::TEXT, customer_no FROM transactions")
    assert booked[0] == ("2026-01-05 10:30:00", "12.3450", 0)


def test_the_first_of_repeated_customers_stays(report: Callable[..., Report], tmp_path: Path) -> None:
    done = report(
        customers="customer_id,name,risk_tolerance\nA,broken,9\nA,first,1\nB,other,1\nA,second,1\n",
        transactions=f"{TRANSACTIONS}\nA,2026-01-01,5\n",
    )
    assert done["tables"]["customers"]["reasons"] == {
        "customer_id: same as in an earlier row": 1,
        "risk_tolerance: above 5": 1,
    }
    assert rows(tmp_path, "SELECT name FROM customers ORDER BY customer_no") == [("first",), ("other",)]
    assert [row["line"] for row in rejects(tmp_path, "customers")] == ["2", "5"]


def test_the_first_stays_however_long_the_source(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    con = duckdb.connect()
    con.execute(
        f"COPY (SELECT 'T' || (i % 280_001) AS transaction_id, 'C' || (i % 97) AS customer_id, "
        f"TIMESTAMP '2026-01-01' + INTERVAL (i) SECOND AS booked_at, i AS amount FROM range(300_000) t(i)) "
        f"TO '{source}/transactions.csv'"
    )
    con.execute(f"COPY (SELECT 'C' || i AS customer_id FROM range(97) t(i)) TO '{source}/customers.csv'")
    done = accepted(source, tmp_path / "build")
    assert done["tables"]["transactions"]["accepted"] == 280_001
    found = rows(tmp_path, "SELECT max(amount), count(DISTINCT amount) FROM transactions")
    assert [int(figure) for figure in found[0]] == [280_000, 280_001]
    assert [int(row["line"]) for row in rejects(tmp_path, "transactions")] == list(range(280_003, 300_002))


def test_equal_transactions_with_different_or_no_id_are_both_kept(report: Callable[..., Report]) -> None:
    done = report(
        transactions=f"transaction_id,{TRANSACTIONS}\n1,A,2026-01-01,5\n2,A,2026-01-01,5\n,A,2026-01-01,5\n"
        ",A,2026-01-01,5\n1,B,2026-02-01,7\n"
    )
    counted = done["tables"]["transactions"]
    assert (counted["accepted"], counted["rejected"]) == (4, 1)
    assert counted["reasons"] == {"transaction_id: same as in an earlier row": 1}


def test_a_customer_is_found_by_way_of_the_account(report: Callable[..., Report], tmp_path: Path) -> None:
    done = report(
        accounts="account_id,customer_id\n1,A\n2,B\n3,Z\n",
        customers="customer_id\nB\nA\n",
        transactions="account_id,customer_id,booked_at,amount\n1,,2026-01-01,5\n2,B,2026-01-01,5\n"
        "9,A,2026-01-01,5\n,,2026-01-01,5\n,Q,2026-01-01,5\n3,,2026-01-01,5\n,A,2026-01-02,5\n",
    )
    assert done["tables"]["accounts"]["reasons"] == {"customer_id: not in customers": 1}
    assert done["tables"]["transactions"]["reasons"] == {
        "account_id: not in accounts": 2,
        "customer_id: not in customers": 1,
        "neither customer_id nor account_id": 1,
    }
    found = rows(tmp_path, "SELECT customer_id, customer_no, account_id FROM transactions")
    assert found == [("A", 0, "1"), ("B", 1, "2"), ("A", 0, None)]


def test_an_account_without_a_table_of_accounts_leads_nowhere(report: Callable[..., Report]) -> None:
    done = report(transactions="account_id,customer_id,booked_at,amount\n1,,2026-01-01,5\n1,A,2026-01-01,5\n")
    assert done["tables"]["transactions"]["reasons"] == {
        "account_id: no table of accounts to find its customer in": 1
    }


def test_unknown_branches_and_managers_cost_no_row(report: Callable[..., Report]) -> None:
    done = report(
        customers="customer_id,branch_id,manager_id\nA,B1,E1\nB,B9,\n",
        branches="branch_id\nB1\n",
        transactions=f"{TRANSACTIONS}\nA,2026-01-01,5\nB,2026-01-01,-5\nB,2026-01-02,-6\n",
    )
    assert done["tables"]["customers"]["accepted"] == 2


def test_rows_of_every_other_table_are_checked(report: Callable[..., Report]) -> None:
    done = report(
        customers="customer_id\nA\nB\n",
        transactions=f"{TRANSACTIONS}\nA,2026-01-01,5\n",
        accounts="account_id,customer_id\n1,A\n",
        balances="account_id,month_end,average_balance\n1,2026-01-31,5\n1,2026-01-31,6\n1,2026-02-27,5\n2,2026-01-31,5\n",
        products="product_id,category,risk_level\nP,Deposit,1\nQ,gamble,1\n",
        product_rates="product_id,effective_from,customer_rate,transfer_rate\nP,2026-01-01,0.01,0.02\nX,2026-01-01,1,1\n",
        fx_rates="currency,rate_date,rate\nUSD,2026-01-01,7\nUSD,2026-01-02,0\n",
        referrals="referrer_id,referred_id,referred_on\nA,B,2026-01-01\nA,Z,2026-01-01\n",
        surveys="customer_id,surveyed_on,nps,Trust,mood\nA,2026-01-01,10,4.5,good\nA,2026-02-01,11,4,bad\n",
        grants='user_email,role,level,columns\nx@y,manager,Bank,"pii, profit"\nx@y,manager,planet,\nx@y,manager,bank,all\n',
    )
    reasons = {name: table["reasons"] for name, table in done["tables"].items()}
    assert reasons["balances"] == {
        "account_id, month_end: same as in an earlier row": 1,
        "month_end: not the last day of a month": 1,
        "account_id: not in accounts": 1,
    }
    assert list(reasons["products"].values()) == [1]
    assert reasons["product_rates"] == {"product_id: not in products": 1}
    assert reasons["fx_rates"] == {"rate: below 1e-12": 1}
    assert reasons["referrals"] == {"referred_id: not in customers": 1}
    assert reasons["surveys"] == {"nps: above 10": 1}
    assert sum(reasons["grants"].values()) == 2


def test_attitude_columns_of_surveys_are_kept_as_what_they_are(
    report: Callable[..., Report], tmp_path: Path
) -> None:
    report(
        transactions=f"{TRANSACTIONS}\nA,2026-01-01,5\n",
        surveys="customer_id,surveyed_on,Trust,mood\nA,2026-01-01,4.5,good\nA,2026-02-01,,7\n",
    )
    assert rows(tmp_path, "SELECT trust, mood FROM surveys") == [(4.5, "good"), (None, "7")]


def test_every_table_and_column_of_the_contract_exists_afterwards(
    report: Callable[..., Report], tmp_path: Path
) -> None:
    report(transactions=f"{TRANSACTIONS}\nA,2026-01-01,5\n")
    found = rows(
        tmp_path, "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal"
    )
    there = {(table, column): kind for table, column, kind in found}
    for table in TABLES.values():
        for column in table.columns:
            assert there[table.name, column.name] == column.sql_type


@pytest.mark.parametrize("missing", ["booked_at", "amount"])
def test_a_missing_required_column_is_named_with_the_nearest(tmp_path: Path, missing: str) -> None:
    header = TRANSACTIONS.replace(missing, missing + "s")
    (tmp_path / "transactions.csv").write_text(f"{header}\nA,2026-01-01,5\n")
    with pytest.raises(BadInput) as refused:
        check(tmp_path)
    assert missing in refused.value.what
    assert "transactions" in refused.value.what
    assert missing + "s" in refused.value.remedy


def test_transactions_need_a_customer_or_an_account(tmp_path: Path) -> None:
    (tmp_path / "transactions.csv").write_text("kunde,booked_at,amount\nA,2026-01-01,5\n")
    with pytest.raises(BadInput, match="customer_id"):
        check(tmp_path)


@pytest.mark.parametrize("body", ["", "A,never,5\nB,never,5\n"])
def test_transactions_that_keep_no_row_are_an_error(tmp_path: Path, body: str) -> None:
    (tmp_path / "transactions.csv").write_text(f"{TRANSACTIONS}\n{body}")
    with pytest.raises(BadInput) as refused:
        check(tmp_path)
    assert "transactions" in str(refused.value)
    assert not body or "booked_at: not a date" in str(refused.value)


def test_another_table_that_keeps_no_row_is_told(report: Callable[..., Report]) -> None:
    done = report(
        transactions=f"{TRANSACTIONS}\nA,2026-01-01,5\n", branches="branch_id\n", products='product_id\n" "\n'
    )
    told = " ".join(done["warnings"])
    assert "The table branches is empty" in told
    assert "No row of products was accepted" in told


def test_unknown_columns_are_left_out_and_named(report: Callable[..., Report]) -> None:
    done = report(transactions=f"{TRANSACTIONS},shoe_size\nA,2026-01-01,5,43\n")
    assert any("shoe_size" in line for line in done["warnings"])


def test_lines_in_another_encoding_are_set_aside_and_told(
    report: Callable[..., Report], tmp_path: Path
) -> None:
    source = tmp_path / "source"
    source.mkdir()
    body = f"{TRANSACTIONS},kind\nA,2026-01-01,5,ok\nB,2026-01-01,5,工资\nC,2026-01-01,5,ok\n"
    (source / "transactions.csv").write_bytes(body.encode("gb18030"))
    done = report()
    assert done["tables"]["transactions"]["reasons"] == {"not UTF-8 text": 1}
    assert any("gb18030" in line for line in done["warnings"])
    assert rejects(tmp_path, "transactions")[0]["line"] == "3"


def test_an_open_quote_does_not_swallow_what_follows(report: Callable[..., Report], tmp_path: Path) -> None:
    lines = [f"C{k},2026-01-01,5,ok" for k in range(2000)]
    lines[700] = 'C700,2026-01-01,5,"open'
    lines[1500] = 'C1500,2026-01-01,5,"two\nlines"'
    done = report(transactions=f"{TRANSACTIONS},kind\n" + "\n".join(lines) + "\n")
    counted = done["tables"]["transactions"]
    assert (counted["read"], counted["accepted"]) == (2000, 1999)
    kept = rejects(tmp_path, "transactions")
    assert [(row["line"], row["row"]) for row in kept] == [("702", lines[700])]


def test_mixed_line_ends_are_no_trouble(report: Callable[..., Report], tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "transactions.csv").write_bytes(
        f"{TRANSACTIONS}\r\nA,2026-01-01,5\nB,2026-01-01,bad\r\nC,2026-01-01,7\n".encode()
    )
    done = report()
    assert done["tables"]["transactions"]["accepted"] == 2
    assert [row["line"] for row in rejects(tmp_path, "transactions")] == ["3"]


def test_packed_files_and_parquet_say_the_same_as_csv(tmp_path: Path) -> None:
    text = f"{TRANSACTIONS}\nA,2026-01-01,5\n,2026-01-01,6\nB,2026-01-02,-2.5\n"
    said = []
    for name in ("csv", "csv.gz", "parquet"):
        folder = tmp_path / name
        folder.mkdir()
        path = folder / f"transactions.{name}"
        if name == "parquet":
            duckdb.sql(f"FROM '{tmp_path}/csv/transactions.csv'").write_parquet(str(path))
        else:
            path.write_bytes(gzip.compress(text.encode()) if name == "csv.gz" else text.encode())
        said.append(check(folder))
    assert said[0] == said[1] == said[2]


def test_ids_that_pandas_made_decimal_are_whole_again(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    duckdb.sql(
        "SELECT 12345.0::DOUBLE AS customer_id, DATE '2026-01-01' AS booked_at, 5 AS amount"
    ).write_parquet(str(tmp_path / "s" / "transactions.parquet"))
    accepted(tmp_path / "s", tmp_path / "build")
    assert rows(tmp_path, "SELECT customer_id FROM customers") == [("12345",)]


def test_decimal_ids_and_those_with_gaps_are_the_same_ids(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    for kind in ("DECIMAL(18,2)", "DOUBLE", "BIGINT"):
        duckdb.sql(
            f"SELECT 12345::{kind} AS customer_id, DATE '2026-01-01' AS booked_at, 5 AS amount"
        ).write_parquet(str(tmp_path / "s" / "transactions.parquet"))
        accepted(tmp_path / "s", tmp_path / kind[:3])
        con = duckdb.connect(str(tmp_path / kind[:3] / "build.duckdb"), read_only=True)
        assert con.execute("SELECT customer_id FROM customers").fetchall() == [("12345",)]
        con.close()


@pytest.mark.parametrize(
    ("columns", "name"),
    [
        ("[1] AS customer_id, DATE '2026-01-01' AS booked_at, 5 AS amount", "customer_id"),
        ("'A' AS customer_id, DATE '2026-01-01' AS booked_at, true AS amount", "amount"),
        ("'A' AS customer_id, {'y': 2026} AS booked_at, 5 AS amount", "booked_at"),
    ],
)
def test_what_no_cast_makes_sense_of_is_refused_by_its_column(
    tmp_path: Path, columns: str, name: str
) -> None:
    duckdb.sql(f"SELECT {columns}").write_parquet(str(tmp_path / "transactions.parquet"))
    with pytest.raises(BadInput, match=f"the column {name} is of the type"):
        check(tmp_path)


def test_moments_with_a_zone_are_of_the_same_day_on_every_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    try:
        (tmp_path / "s").mkdir()
        duckdb.sql(
            "SELECT 'A' AS customer_id, TIMESTAMPTZ '2026-01-31 23:30:00+00' AS booked_at, 5 AS amount"
        ).write_parquet(str(tmp_path / "s" / "transactions.parquet"))
        accepted(tmp_path / "s", tmp_path / "build")
        assert rows(tmp_path, "SELECT booked_at FROM transactions") == [(datetime(2026, 1, 31, 23, 30),)]
    finally:
        monkeypatch.undo()
        time.tzset()
    assert any("booked_at has a time zone" in line for line in check(tmp_path / "s")["warnings"])


def test_currencies_are_the_same_in_small_letters(report: Callable[..., Report], tmp_path: Path) -> None:
    report(
        transactions=f"{TRANSACTIONS},currency\nA,2026-01-01,5,usd\nA,2026-01-01,5, USD \n",
        fx_rates="currency,rate_date,rate\nusd,2026-01-01,7\n",
    )
    assert rows(tmp_path, "SELECT DISTINCT currency FROM transactions") == [("USD",)]
    assert rows(tmp_path, "SELECT currency FROM fx_rates") == [("USD",)]


def test_amounts_beyond_four_decimals_are_rounded_and_told(report: Callable[..., Report]) -> None:
    done = report(
        transactions=f"{TRANSACTIONS}\nA,2026-01-01,0.00001\nA,2026-01-01,-1.2345\nA,2026-01-02,83.4\n"
    )
    assert any("1 amount has more than four decimals" in line for line in done["warnings"])


cells = st.sampled_from(["A", "B", "", " ", "2026-01-01", "x", "5", "-1.5", "1e999", "'", "工"])


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(cells, cells, cells, cells), min_size=1, max_size=12))
def test_no_row_is_lost(tmp_path_factory: pytest.TempPathFactory, table: list[tuple[str, ...]]) -> None:
    folder = tmp_path_factory.mktemp("lost")
    with (folder / "transactions.csv").open("w", newline="", encoding="utf-8") as out:
        header = ("transaction_id", *TRANSACTIONS.split(","))
        csv.writer(out).writerows([header, ("sure", "A", "2026-01-01", "1"), *table])
    counted = accepted(folder, folder / "build")["tables"]["transactions"]
    assert counted["read"] == 1 + len(table) == counted["accepted"] + counted["rejected"]
    assert sum(counted["reasons"].values()) == counted["rejected"]


few = st.sampled_from(["1", "2", "3"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(few, st.sampled_from(["A", "B", ""]), few), min_size=1, max_size=14))
def test_refused_rows_are_told_with_their_lines_and_the_first_of_each_id_stays(
    tmp_path_factory: pytest.TempPathFactory, table: list[tuple[str, str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("lines")
    lines = [f"{id_},{who},2026-01-01,{amount}" for id_, who, amount in table] + ["0,A,2026-01-01,0"]
    (folder / "transactions.csv").write_text(f"transaction_id,{TRANSACTIONS}\n" + "\n".join(lines) + "\n")
    accepted(folder, folder / "build")
    kept: dict[str, float] = {}
    refused = []
    for number, line in enumerate(lines, 2):
        id_, who, _day, amount = line.split(",")
        if who and id_ not in kept:
            kept[id_] = float(amount)
        else:
            refused.append(
                (number, "customer_id: empty" if not who else "transaction_id: same as in an earlier row")
            )
    assert dict(rows(folder, "SELECT transaction_id, amount::DOUBLE FROM transactions")) == kept
    path = folder / "build" / "rejects" / "transactions.csv"
    told = (
        [(int(row["line"]), row["reason"]) for row in rejects(folder, "transactions")]
        if path.exists()
        else []
    )
    assert told == refused


def test_a_file_that_goes_away_while_it_is_read_is_named(
    report: Callable[..., Report], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*args: Any) -> Outcome:
        (tmp_path / "source" / "transactions.csv").unlink()
        return settle(*args)

    monkeypatch.setattr(acceptance, "settle", gone)
    with pytest.raises(BadInput, match=r"transactions\.csv"):
        report(transactions=f"{TRANSACTIONS}\nA,2026-01-01,5\nA,2026-01-01,ten\n")


def test_a_foreign_byte_in_a_column_that_is_left_out_costs_no_row(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    body = f"{TRANSACTIONS},remark\nA,2026-01-01,5,ok\nB,2026-01-02,6,caf\xe9\n"
    (source / "transactions.csv").write_bytes(body.encode("latin-1"))
    assert accepted(source, tmp_path / "build")["tables"]["transactions"]["accepted"] == 2


def test_no_line_is_told_of_a_file_that_changed_while_it_was_read(
    report: Callable[..., Report], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = f"{TRANSACTIONS}\nA,2026-01-01,5\nA,2026-01-01,ten\n"

    def changed(*args: Any) -> Outcome:
        (tmp_path / "source" / "transactions.csv").write_text(whole.replace("ten", "twelve"))
        return settle(*args)

    monkeypatch.setattr(acceptance, "settle", changed)
    report(transactions=whole)
    assert [(row["line"], row["amount"]) for row in rejects(tmp_path, "transactions")] == [("", "ten")]


def test_a_table_that_was_checked_is_not_held_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[int] = []

    def looked(work: Work, *rest: Any) -> Outcome:
        held.append(work.count("SELECT count(*) FROM duckdb_tables() WHERE schema_name = 'source'"))
        return settle(work, *rest)

    def made(con: duckdb.DuckDBPyConnection) -> None:
        con.execute("CREATE SCHEMA source")
        con.execute(
            "CREATE TABLE source.transactions AS SELECT 'A' AS customer_id, DATE '2026-01-01' AS booked_at, 5 AS amount"
        )

    monkeypatch.setattr(acceptance, "settle", looked)
    accept_tables(prepared(tmp_path / "build"), made)
    assert held == [0]
