"""Staging: what a SELECT file may do, what it may see, and how sources are found."""

import os
from pathlib import Path

import duckdb
import pytest

from analytics.errors import BadInput, UnknownName
from analytics.warehouse.load import check
from analytics.warehouse.staging import find_selects, find_sources, stage, working_in

REPO = Path(__file__).resolve().parents[2]
REAL = REPO.parent / "shared" / "data"
TRANSACTIONS = "customer_id,booked_at,amount\nA,2026-01-05,10\nB,2026-02-05,-3\n"
TAKE_ALL = "SELECT customer_id, booked_at, amount FROM 'foreign.csv'"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "foreign.csv").write_text(TRANSACTIONS)
    return folder


def staged(tmp_path: Path, sql: str, name: str = "transactions") -> Path:
    folder = tmp_path / "staging"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.sql").write_text(sql)
    return folder


def refusal(source: Path, staging: Path | None = None) -> BadInput:
    with pytest.raises(BadInput) as refused:
        check(source, staging=staging)
    return refused.value


def test_a_select_reads_files_by_their_name_in_the_source_folder(source: Path, tmp_path: Path) -> None:
    report = check(source, staging=staged(tmp_path, TAKE_ALL + ";  -- the end"))
    assert report["tables"]["transactions"]["accepted"] == 2


@pytest.mark.parametrize(
    "reading",
    [
        "read_csv('{outside}')",
        "read_text('{outside}')",
        "read_csv('../secret.csv')",
        "'{outside}'",
        "glob('{folder}/*')",
        "read_parquet('{folder}/*.parquet')",
        "duckdb_secrets()",
    ],
)
def test_a_select_sees_nothing_outside_the_source(source: Path, tmp_path: Path, reading: str) -> None:
    outside = tmp_path / "secret.csv"
    outside.write_text("customer_id,booked_at,amount\nSECRET,2026-01-01,1\n")
    sql = f"SELECT * FROM {reading.format(outside=outside, folder=tmp_path)}"
    refused = refusal(source, staged(tmp_path, sql))
    assert "SECRET" not in str(refused)
    assert "transactions.sql" in str(refused) or "no column" in str(refused)


@pytest.mark.parametrize("suffix", ["csv", "csv.gz", "parquet"])
def test_a_link_leads_nowhere_outside_the_source(source: Path, tmp_path: Path, suffix: str) -> None:
    secret = tmp_path / f"secret.{suffix}"
    secret.write_text("SECRET,booked_at,amount\n")
    (source / f"transactions.{suffix}").symlink_to(secret)
    refused = refusal(source)
    assert "SECRET" not in str(refused)
    assert f"transactions.{suffix} is a link" in str(refused)


def test_a_link_within_the_source_is_followed(source: Path) -> None:
    (source / "transactions.csv").symlink_to(source / "foreign.csv")
    assert check(source)["tables"]["transactions"]["accepted"] == 2


@pytest.mark.parametrize(
    "sql",
    [
        "COPY (SELECT 1) TO 'written.csv'",
        "ATTACH 'other.duckdb'",
        "SET memory_limit = '1GB'",
        "CREATE TABLE t AS SELECT 1",
        "INSTALL httpfs",
        f"{TAKE_ALL}; DROP SCHEMA source CASCADE",
        "",
        "-- nothing but a remark",
        "SELEC customer_id",
        "SELECT nowhere FROM 'foreign.csv'",
        "SELECT * FROM 'foreign.csv' WHERE amount > ?",
    ],
)
def test_anything_but_one_sound_select_is_refused_by_file_name(
    source: Path, tmp_path: Path, sql: str
) -> None:
    before = sorted(os.listdir(source))
    assert "transactions.sql" in str(refusal(source, staged(tmp_path, sql)))
    assert sorted(os.listdir(source)) == before


def test_a_select_that_fails_while_it_runs_names_its_file(source: Path, tmp_path: Path) -> None:
    sql = "SELECT customer_id, booked_at, CAST(customer_id AS INTEGER) AS amount FROM 'foreign.csv'"
    assert "transactions.sql" in str(refusal(source, staged(tmp_path, sql)))


def test_the_working_directory_is_what_it_was_even_after_a_failure(source: Path, tmp_path: Path) -> None:
    before = Path.cwd()
    refusal(source, staged(tmp_path, "SELECT 1 AS x"))
    assert Path.cwd() == before
    with working_in(source):
        assert Path.cwd() == source.resolve()
    assert Path.cwd() == before


def test_the_connection_can_neither_read_nor_be_unlocked_after_staging(source: Path, tmp_path: Path) -> None:
    con = duckdb.connect(str(tmp_path / "b.duckdb"))
    (source / "transactions.csv").write_text(TRANSACTIONS)
    stage(con, source, None)
    for sql in (
        "SET enable_external_access = true",
        "FROM read_text('/etc/hostname')",
        "ATTACH ':memory:' AS m2; COPY (SELECT 1) TO '/tmp/x.csv'",
    ):
        with pytest.raises(duckdb.Error):
            con.execute(sql)
    assert con.execute("SELECT count(*) FROM source.transactions").fetchone() == (2,)


def test_a_staging_file_for_no_table_is_refused_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="transactions"):
        find_selects(staged(tmp_path, TAKE_ALL, "transaction"))


def test_a_staging_folder_without_files_is_refused(source: Path, tmp_path: Path) -> None:
    (tmp_path / "staging").mkdir()
    assert "no .sql file" in str(refusal(source, tmp_path / "staging"))
    assert "no staging folder" in str(refusal(source, tmp_path / "nowhere"))


def test_one_file_named_after_a_table_is_a_source(source: Path) -> None:
    path = source / "Transactions.CSV"
    path.write_text(TRANSACTIONS)
    (source / "customers.csv").write_text("customer_id\nA\n")
    report = check(path)
    assert list(report["tables"]) == ["transactions"]
    assert report["tables"]["transactions"]["accepted"] == 2


def test_one_file_is_all_that_its_staging_can_read(source: Path, tmp_path: Path) -> None:
    (source / "other.csv").write_text(TRANSACTIONS)
    staging = staged(tmp_path, "SELECT * FROM 'other.csv'")
    assert "transactions.sql" in str(refusal(source / "foreign.csv", staging))
    assert check(source / "foreign.csv", staging=staged(tmp_path, TAKE_ALL))["tables"]


def test_two_files_for_one_table_are_refused(source: Path) -> None:
    (source / "transactions.csv").write_text(TRANSACTIONS)
    (source / "transactions.csv.gz").write_bytes(b"")
    with pytest.raises(BadInput, match="Keep one"):
        find_sources(source)


def test_a_path_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert "nowhere" in str(refusal(tmp_path / "nowhere"))


def test_a_source_without_transactions_is_refused(source: Path) -> None:
    assert "transactions" in str(refusal(source))


def test_a_file_that_no_table_is_named_after_is_told_with_the_nearest(source: Path) -> None:
    (source / "transactions.csv").write_text(TRANSACTIONS)
    (source / "acounts.csv").write_text("account_id,customer_id\n")
    (source / "readme.txt").write_text("not a table")
    told = " ".join(check(source)["warnings"])
    assert "acounts.csv" in told
    assert "accounts?" in told
    assert "readme" not in told


def test_a_parquet_file_that_is_none_is_refused_by_name(source: Path) -> None:
    (source / "transactions.parquet").write_bytes(b"PAR1 but no more")
    assert "transactions.parquet" in str(refusal(source))


def test_a_truncated_archive_is_refused_by_name(source: Path) -> None:
    import gzip

    whole = gzip.compress((TRANSACTIONS + "C,2026-03-01,5\n" * 5000).encode())
    (source / "transactions.csv.gz").write_bytes(whole[: len(whole) // 2])
    assert "transactions.csv.gz" in str(refusal(source))


def test_an_archive_that_is_not_whole_is_refused_wherever_it_is_cut(source: Path) -> None:
    """DuckDB's reader stops at a line's end and does not ask whether that is all."""
    import gzip

    rows = (TRANSACTIONS + "".join(f"C{n},2026-03-01,{n}\n" for n in range(4000))).encode()
    whole, path = gzip.compress(rows, mtime=0), source / "transactions.csv.gz"
    (source / "transactions.csv").unlink(missing_ok=True)
    wrong_sum = bytearray(whole)
    wrong_sum[-6] ^= 1
    for damaged in (
        *(whole[:end] for end in range(9000, 9012)),
        whole + whole[:5],
        whole + whole[:40],
        bytes(wrong_sum),
    ):
        path.write_bytes(damaged)
        assert "can't be unpacked to its end" in str(refusal(source))
    path.write_bytes(whole + whole)
    assert check(source)["tables"]["transactions"]["read"] > 8000


def needs(name: str) -> Path:
    path = REAL / name
    if not path.exists():
        pytest.skip(f"{path} is not here: the real data are not part of the project")
    return path


def test_online_retail_is_taken_with_its_rows_without_a_customer_counted() -> None:
    needs("online_retail_II.parquet")
    report = check(REAL, staging=REPO / "docs" / "staging" / "online_retail", base_currency="GBP")
    assert report["tables"]["transactions"] == {
        "read": 525_461,
        "accepted": 417_534,
        "rejected": 107_927,
        "reasons": {"customer_id: empty": 107_927},
    }
    assert report["tables"]["customers"]["accepted"] == 4_383


def test_online_retail_keeps_its_net_through_cancellations(tmp_path: Path) -> None:
    needs("online_retail_II.parquet")
    con = duckdb.connect()
    with working_in(REAL):
        stage(con, REAL, REPO / "docs" / "staging" / "online_retail")
        net = con.execute("SELECT round(sum(amount), 2) FROM source.transactions").fetchone()
        cancelled = con.execute(
            "SELECT count(*), sum(amount) < 0 FROM source.transactions WHERE kind = 'cancellation'"
        ).fetchone()
    assert net == (9_539_484.63,)
    assert cancelled == (10_206, True)


def test_three_columns_of_cdnow_are_enough() -> None:
    path = needs("cdnow_sample.txt")
    report = check(path, staging=REPO / "docs" / "staging" / "cdnow", base_currency="USD")
    assert report["tables"]["transactions"]["accepted"] == 6_919
    assert any("2,357 customers" in line for line in report["warnings"])
    assert any("No amount is negative" in line for line in report["warnings"])
