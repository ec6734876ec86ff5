"""Load: a version appears whole or not at all, and the one before it serves until then."""

import errno
import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest

from analytics.access.book import Book
from analytics.errors import AnalyticsError, BadInput, Cancelled, NoWarehouse
from analytics.jobs import Job, current_job
from analytics.warehouse import publish
from analytics.warehouse.building import building
from analytics.warehouse.engine import open_warehouse
from analytics.warehouse.load import check, load, publish_tables
from analytics.warehouse.rates.importing import import_rates
from analytics.warehouse.tables import TABLES
from analytics.warehouse.versions import (
    current_manifest,
    current_version,
    manifest_file,
    rollback,
    version_file,
    versions,
)

REPO = Path(__file__).resolve().parents[2]
TRANSACTIONS = "transaction_id,customer_id,booked_at,amount\n"
FIRST = TRANSACTIONS + "1,A,2026-01-05,10\n2,B,2026-02-05,-3\n"
SECOND = TRANSACTIONS + "2,B,2026-02-05,-3\n3,C,2026-03-05,7.50\n"


def folder(path: Path, **tables: str) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    for name, text in tables.items():
        (path / f"{name}.csv").write_text(text)
    return path


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return folder(tmp_path / "source", transactions=FIRST)


@pytest.fixture
def root(tmp_path: Path, source: Path) -> Path:
    load(source, tmp_path / "warehouse")
    return tmp_path / "warehouse"


def figures(root: Path, sql: str) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in open_warehouse(root).query(sql).to_pylist()]


def everything(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*")}


def test_a_load_is_published_with_its_report_and_marts(tmp_path: Path, source: Path) -> None:
    steps: list[tuple[str, float | None]] = []
    report = load(source, tmp_path / "w", progress=lambda step, share: steps.append((step, share)))
    assert report["published"] is True
    assert report["tables"] == {"transactions": {"read": 2, "accepted": 2, "rejected": 0, "reasons": {}}}
    manifest = current_manifest(tmp_path / "w")
    assert (manifest.version, manifest.report, manifest.demo) == (report["version"], report, False)
    assert (manifest.customers, manifest.transactions, manifest.newest_as_of) == (2, 2, "2026-01-31")
    assert manifest.tables["transactions"][:1] == ["customer_id"]
    assert figures(tmp_path / "w", "SELECT count(*) FROM customer_now") == [(2,)]
    shares = [share for _step, share in steps if share is not None]
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_a_check_says_what_a_load_would_and_changes_nothing(tmp_path: Path, root: Path, source: Path) -> None:
    folder(source, transactions=FIRST + "4,,2026-01-01,1\n")
    before = everything(tmp_path)
    checked = check(source)
    assert everything(tmp_path) == before
    assert (checked["published"], checked["version"]) == (False, None)
    loaded = load(source, root, owner="me@bank.example")  # what a check is told nothing of
    assert checked["tables"] == loaded["tables"]
    assert checked["warnings"] == loaded["warnings"]


def test_rejected_rows_are_kept_under_their_version(root: Path, source: Path) -> None:
    folder(source, transactions=FIRST + "4,,2026-01-01,1\n")
    version = load(source, root)["version"]
    kept = (root / "rejects" / version / "transactions.csv").read_text().splitlines()
    assert kept == [
        "file,line,reason,customer_id,booked_at,amount,transaction_id,row",
        "transactions.csv,4,customer_id: empty,,2026-01-01,1,4,",
    ]


def test_a_load_replaces_and_an_earlier_version_can_come_back(root: Path, source: Path) -> None:
    first = current_version(root)
    folder(source, transactions=SECOND)
    load(source, root)
    assert figures(root, "SELECT customer_id FROM customers ORDER BY 1") == [("B",), ("C",)]
    assert [row["current"] for row in versions(root)] == [False, True]
    rollback(root, str(first))
    assert figures(root, "SELECT customer_id FROM customers ORDER BY 1") == [("A",), ("B",)]


RATES = "currency,rate_date,rate\nUSD,2026-01-30,7.1\n"
LATER = RATES + "USD,2026-02-27,7.2\n"


def test_a_load_says_which_rates_of_the_version_before_it_does_not_bring(tmp_path: Path) -> None:
    root = tmp_path / "w"
    load(folder(tmp_path / "one", transactions=FIRST, fx_rates=LATER), root)
    fewer = load(folder(tmp_path / "two", transactions=FIRST, fx_rates=RATES), root)["warnings"]
    assert [line for line in fewer if "1 rows of the version before" in line and "27 February 2026" in line]
    assert "version before" not in " ".join(load(tmp_path / "one", root)["warnings"])


def test_balances_without_a_price_or_a_category_are_told(tmp_path: Path) -> None:
    source = folder(
        tmp_path / "source",
        transactions=FIRST,
        accounts="account_id,customer_id,product_id\nX,A,P\nY,A,Q\nZ,B,R\n",
        balances="account_id,month_end,average_balance\nX,2026-01-31,10\nY,2026-01-31,10\nZ,2026-01-31,10\n",
        products="product_id,category\nP,deposit\nQ,deposit\nR,\n",
        product_rates="product_id,effective_from,customer_rate,transfer_rate\nP,2025-01-01,0.01,0.03\n",
    )
    told = " ".join(load(source, tmp_path / "w")["warnings"])
    assert "1 balances have no price in effect and earn no spread; products: Q." in told
    assert "1 balances are of no known category of product and earn no spread; products: R." in told


def test_a_reader_finishes_on_the_version_that_it_opened(root: Path, source: Path) -> None:
    reader = open_warehouse(root)
    folder(source, transactions=SECOND)
    load(source, root)
    assert reader.query("SELECT count(*) AS n FROM customers WHERE customer_id = 'A'").to_pylist() == [
        {"n": 1}
    ]
    assert open_warehouse(root).version != reader.version


def test_append_adds_rows_and_the_first_of_a_key_stays(root: Path, source: Path) -> None:
    open_warehouse(root)
    folder(source, transactions=SECOND)
    report = load(source, root, append=True)
    assert report["tables"]["transactions"]["reasons"] == {"transaction_id: same as in an earlier row": 1}
    rows = figures(root, "SELECT transaction_id, customer_id, customer_no FROM transactions ORDER BY 1")
    assert rows == [("1", "A", 0), ("2", "B", 1), ("3", "C", 2)]
    assert current_manifest(root).transactions == 3


@pytest.mark.parametrize("broken", ["current", "manifest"])
def test_a_load_puts_right_what_can_not_be_read(root: Path, source: Path, broken: str) -> None:
    before = current_version(root) or ""
    (root / "current" if broken == "current" else manifest_file(root, before)).write_text("{")
    report = load(source, root)
    assert current_version(root) == report["version"] != before
    assert any("not known" in line for line in report["warnings"])


def test_new_rates_serve_whatever_became_of_an_older_version(root: Path, source: Path) -> None:
    old = current_version(root) or ""
    load(source, root)
    manifest_file(root, old).write_text("{")
    for n in range(1, 6):
        import_rates(root, "fx", f"currency,rate_date,rate\nUSD,2026-01-0{n},7.1{n}\n".encode(), "rates.csv")
    assert len(figures(root, "SELECT * FROM fx_rates")) == 5
    assert old in {row["version"] for row in versions(root)}


def test_append_adds_to_what_serves_when_it_is_its_turn(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another build that ends while this one waits is not lost."""
    more = [
        folder(tmp_path / name, transactions=f"{TRANSACTIONS}{name},{name},2026-03-05,1\n") for name in "XY"
    ]

    @contextmanager
    def waiting(_folder: Path) -> Iterator[None]:
        monkeypatch.undo()
        load(more[0], root, append=True)
        yield

    monkeypatch.setattr("analytics.warehouse.load.working_in", waiting)
    load(more[1], root, append=True)
    assert figures(root, "SELECT string_agg(customer_id, '' ORDER BY customer_id) FROM customers") == [
        ("ABXY",)
    ]


def test_append_keeps_tables_that_are_not_given_again(tmp_path: Path) -> None:
    root = tmp_path / "w"
    customers = "customer_id,name\nB,Bo\nA,Ann\n"
    surveys = "customer_id,surveyed_on,trust\nA,2026-01-01,4\n"
    load(folder(tmp_path / "one", transactions=FIRST, customers=customers, surveys=surveys), root)
    more = folder(tmp_path / "two", customers="customer_id,name\nA,Anna\nC,Cy\n")
    report = load(more, root, append=True)
    assert set(report["tables"]) == {"customers"}
    assert report["tables"]["customers"]["rejected"] == 1
    found = figures(root, "SELECT customer_id, name, customer_no FROM customers ORDER BY customer_no")
    assert found == [("A", "Ann", 0), ("B", "Bo", 1), ("C", "Cy", 2)]
    assert figures(root, "SELECT trust, customer_no FROM surveys") == [(4.0, 0)]
    assert figures(root, "SELECT count(*) FROM transactions WHERE customer_no IS NULL") == [(0,)]
    unknown = folder(tmp_path / "three", transactions=TRANSACTIONS + "9,Z,2026-01-01,1\n")
    report = load(unknown, root, append=True)
    assert report["tables"]["transactions"]["reasons"] == {"customer_id: not in customers": 1}
    assert current_manifest(root).transactions == 2


def test_customers_given_later_complete_those_made_from_transactions(tmp_path: Path, root: Path) -> None:
    more = folder(tmp_path / "more", customers="customer_id,name\nB,Bo\nC,Cy\n")
    report = load(more, root, append=True)
    assert report["tables"]["customers"]["accepted"] == 2
    assert figures(root, "SELECT customer_id, name FROM customers ORDER BY 1") == [
        ("A", None),
        ("B", "Bo"),
        ("C", "Cy"),
    ]


def test_append_keeps_currency_and_owner_and_refuses_a_mixture(tmp_path: Path, source: Path) -> None:
    root = tmp_path / "w"
    load(source, root, base_currency="GBP", owner="Owner@Bank.example")
    folder(source, transactions=SECOND)
    load(source, root, append=True)
    manifest = current_manifest(root)
    assert (manifest.base_currency, manifest.owner) == ("GBP", "Owner@Bank.example")
    assert figures(root, "SELECT count(*) FROM grants") == [(1,)]
    with pytest.raises(BadInput, match="GBP"):
        load(source, root, append=True, base_currency="USD")


def test_append_needs_something_to_add_to(tmp_path: Path, source: Path) -> None:
    with pytest.raises(NoWarehouse):
        load(source, tmp_path / "nothing", append=True)


def bank(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("CREATE SCHEMA source")
    con.execute(
        "CREATE TABLE source.transactions AS SELECT 'A' AS customer_id, DATE '2026-01-01' AS booked_at, 1.5 AS amount"
    )


def test_own_data_are_never_added_to_the_synthetic_bank(tmp_path: Path, source: Path) -> None:
    report = publish_tables(tmp_path / "w", bank, demo=True, base_currency="CNY")
    assert report["tables"]["transactions"]["accepted"] == 1
    assert versions(tmp_path / "w")[0]["demo"] is True
    with pytest.raises(BadInput, match="synthetic"):
        load(source, tmp_path / "w", append=True)


def test_the_owner_gets_the_whole_bank_beside_other_grants(tmp_path: Path, source: Path) -> None:
    folder(source, grants="user_email,role,level\nx@bank.example,manager,branch\n")
    load(source, tmp_path / "w", owner="Me@Bank.example ")
    found = figures(
        tmp_path / "w",
        "SELECT user_email, role, level, columns, may_export, departments, valid_until FROM grants ORDER BY 1",
    )
    assert found[0] == ("me@bank.example", "manager", "bank", "pii,sensitive,profit", True, None, None)
    assert found[1][:3] == ("x@bank.example", "manager", "branch")


@pytest.mark.parametrize("code", ["cny", "EURO", "€€€"])
def test_a_base_currency_is_three_capitals(tmp_path: Path, source: Path, code: str) -> None:
    with pytest.raises(BadInput, match="not a currency"):
        load(source, tmp_path / "w", base_currency=code)


@pytest.mark.parametrize(
    "text", ["", "customer_id,amount\nA,1\n", TRANSACTIONS, TRANSACTIONS + "1,A,never,1\n", "\x00\x01"]
)
def test_a_refused_source_leaves_the_earlier_version_and_no_litter(
    root: Path, source: Path, text: str
) -> None:
    before, version = everything(root), current_version(root)
    folder(source, transactions=text)
    with pytest.raises(BadInput):
        load(source, root)
    assert (everything(root), current_version(root)) == (before, version)


def test_a_fault_in_the_marts_leaves_the_earlier_version(
    root: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> None:
        raise RuntimeError("a bug")

    before = everything(root)
    monkeypatch.setattr(publish, "build_marts", fail)
    with pytest.raises(RuntimeError):
        load(source, root)
    assert everything(root) == before


def test_a_stopped_load_leaves_the_earlier_version(root: Path, source: Path) -> None:
    before, job = everything(root), Job()
    token = current_job.set(job)
    try:
        with pytest.raises(Cancelled):
            load(source, root, progress=lambda _step, _share: job.cancel())
    finally:
        current_job.reset(token)
    assert everything(root) == before


def test_two_builds_do_not_run_at_once(root: Path, source: Path) -> None:
    with building(root), pytest.raises(BadInput, match="Another build"):
        load(source, root)
    load(source, root)


# Where a load is killed, as code that runs in its process; `die` sends it SIGKILL.
MOMENTS = {
    "checking": "step = 'Checking'",
    "summing": "step = 'Summing'",
    "moving the file": "publish.rejects_folder = die",
    "before the manifest": "publish.Manifest.write = die",
    "before the pointer": "publish.point_to = die",
}
KILLED = """
import os, signal, sys
from pathlib import Path
from analytics.warehouse import load, publish
def die(*_arguments): os.kill(os.getpid(), signal.SIGKILL)
step = "never"
{moment}
load.load(Path({source!r}), Path({root!r}), progress=lambda said, _share: step in said and die())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_killed_load_leaves_the_earlier_version_and_the_next_one_works(
    root: Path, source: Path, moment: str
) -> None:
    before = current_version(root)
    folder(source, transactions=SECOND + ",,2026-01-01,1\n")
    script = KILLED.format(moment=MOMENTS[moment], source=str(source), root=str(root))
    done = subprocess.run([sys.executable, "-c", script], cwd=REPO, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    assert current_version(root) == before
    assert figures(root, "SELECT customer_id FROM customers ORDER BY 1") == [("A",), ("B",)]
    assert any(row["version"] == before and row["current"] for row in versions(root))
    version = load(source, root)["version"]
    assert current_version(root) == version
    whole = {row["version"] for row in versions(root)}
    assert {path.stem for path in (root / "versions").iterdir()} == whole
    assert {path.name for path in (root / "rejects").iterdir()} <= whole


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 12 MB; skipped where this account may not mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    options = ["-t", "tmpfs", "-o", "size=12m", "tmpfs", str(disk)]
    if not mount or subprocess.run([mount, *options], capture_output=True, check=False).returncode:
        pytest.skip("a small disk can be mounted by root only")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_full_disk_is_told_and_the_earlier_version_serves(
    tmp_path: Path, small_disk: Path, source: Path
) -> None:
    root = small_disk / "warehouse"
    version = load(source, root)["version"]
    duckdb.sql(
        "SELECT md5(i::TEXT) AS transaction_id, md5((i + 1)::TEXT) AS customer_id, "
        "TIMESTAMP '2026-01-01' + INTERVAL (i) SECOND AS booked_at, i AS amount FROM range(400_000) t(i)"
    ).write_csv(str(source / "transactions.csv"))
    with pytest.raises(AnalyticsError) as told:
        load(source, root)
    assert "is full" in told.value.what
    assert "Free some space" in told.value.remedy
    assert current_version(root) == version
    assert figures(root, "SELECT count(*) FROM customers") == [(2,)]
    assert [path.stem for path in (root / "versions").iterdir()] == [version, version]


def test_a_disk_that_fills_up_while_publishing_is_told(
    root: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    before = current_version(root)
    monkeypatch.setattr(publish, "flush", full)
    with pytest.raises(AnalyticsError, match="is full"):
        load(source, root)
    assert current_version(root) == before


def test_a_folder_that_cant_be_written_is_told(tmp_path: Path, source: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(AnalyticsError, match="can't be opened"):
        load(source, tmp_path / "file" / "warehouse")


def test_every_table_of_the_contract_is_published_even_if_empty(root: Path) -> None:
    with duckdb.connect(str(version_file(root, str(current_version(root)))), read_only=True) as con:
        names = {row[0] for row in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    assert names >= set(TABLES)
    assert not any(name.startswith(("gathered", "rejects_")) for name in names)


def test_the_report_is_plain_json(root: Path) -> None:
    assert json.loads(json.dumps(current_manifest(root).report)) == current_manifest(root).report


@pytest.mark.parametrize("left", [0.0, 0.3, 0.9])
def test_a_load_over_a_version_whose_file_was_cut_off_puts_it_right(
    root: Path, source: Path, left: float
) -> None:
    broken = version_file(root, str(current_version(root)))
    whole = broken.read_bytes()
    broken.write_bytes(whole[: int(left * len(whole))])
    done = load(source, root)
    assert current_version(root) == done["version"] != broken.stem
    assert figures(root, "SELECT count(*) FROM customers") == [(2,)]
    told = any("is not known" in text for text in done["warnings"])
    assert told or left == 0.9  # the rates may lie in what is left of the last one


@pytest.mark.parametrize("header", ["account_id,booked_at,amount", "customer_id,account_id,booked_at,amount"])
def test_customers_are_found_by_their_accounts_where_there_is_no_table_of_them(
    tmp_path: Path, header: str, whole_book: Callable[..., Book]
) -> None:
    """Of a row that names a customer itself, that one counts."""
    own = header.startswith("customer_id")
    rows = [("C9" if own else "", "A1", 5), ("", "A2", 6), ("", "A3", 7), ("", "A2", -1)]
    lines = [f"{who}{',' if own else ''}{account},2026-01-31,{amount}" for who, account, amount in rows]
    source = folder(
        tmp_path / "source",
        transactions="\n".join([header, *lines]),
        accounts="account_id,customer_id\nA1,C1\nA2,C2\nA3,C3\n",
    )
    load(source, tmp_path / "w")
    book = whole_book(open_warehouse(tmp_path / "w"))
    found = book.frame(("credit_amount_12m", "transactions_count_12m"))
    first = "C9" if own else "C1"
    assert sorted(found.values.tolist()) == sorted([[first, 5.0, 1.0], ["C2", 6.0, 2.0], ["C3", 7.0, 1.0]])
