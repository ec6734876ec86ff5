"""A warehouse at rest: with a key nothing of it lies in the clear, and without the key it does not open."""

import shutil
import traceback
from pathlib import Path

import duckdb
import pytest

from analytics.errors import BadInput, NoWarehouse
from analytics.settings import warehouse_key
from analytics.warehouse import building
from analytics.warehouse.demo import DemoOptions, generate
from analytics.warehouse.engine import Warehouse, open_warehouse
from analytics.warehouse.load import check, load, publish_tables
from analytics.warehouse.rates.importing import import_rates
from analytics.warehouse.versions import current_manifest, rollback, version_file, versions
from tests.conftest import HAND, write_tables

KEY, OTHER = "0123456789abcdef" * 4, "fedcba9876543210" * 4
NAMES = ("Anna Berg", "陈波", "corvus.example", "13800138001", KEY)
# One row's quote is not closed: without a repair all rows after it are lost.
BROKEN = HAND["customers"].replace("\nC2,", '\nC7,personal,"Anna Berg,,,,,,,,,,,\nC2,')
RATE = b"currency,rate_date,rate\nUSD,2026-06-30,7.30\n"


@pytest.fixture
def key(monkeypatch):
    """Set the key, another one, or none."""

    def given(value):
        monkeypatch.delenv("CLIENTELE_WAREHOUSE_KEY", raising=False)
        if value is not None:
            monkeypatch.setenv("CLIENTELE_WAREHOUSE_KEY", value)

    given(KEY)
    return given


def hand_source(folder, **changed):
    return write_tables(folder, HAND | changed)


def in_the_clear(folder):
    """The names of the hand-written bank's customers that a folder's bytes give away."""
    found = []
    for path in Path(folder).rglob("*"):
        if path.is_file():
            held = path.read_bytes()
            found += [(path.name, name) for name in NAMES if name.encode() in held]
    return found


class Watch:
    """A build's progress, at every step of which the folder is searched."""

    def __init__(self, folder):
        self.folder, self.steps, self.found = folder, 0, []

    def __call__(self, step, share):
        self.steps += 1
        self.found += in_the_clear(self.folder)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The encrypted bank of six customers, and what a search of its folder found while it was built."""
    folder = tmp_path_factory.mktemp("encrypted")
    watch = Watch(folder / "bank")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CLIENTELE_WAREHOUSE_KEY", KEY)
        load(hand_source(folder / "source"), folder / "bank", progress=watch)
    return watch


@pytest.fixture
def bank(built, tmp_path):
    """The encrypted bank of six customers, to be changed by this test; its source is beside it."""
    shutil.copytree(built.folder.parent, tmp_path, dirs_exist_ok=True)
    return tmp_path / "bank"


def counted(warehouse):
    return warehouse.query("SELECT count(*) AS n FROM customers WHERE name IS NOT NULL")["n"][0].as_py()


def the_rest_of(root):
    """Another way to read what serves: as another process would, whatever this one has opened."""
    return Warehouse(root, current_manifest(root))


def test_an_encrypted_version_holds_no_name_and_gives_the_same_figures(built, bank, key, whole_book, hand):
    assert built.steps > 5
    assert built.found == []
    assert in_the_clear(bank) == []
    asked = ["profit_12m", "balance_average_3m", "region"]
    assert whole_book(open_warehouse(bank)).frame(asked).equals(whole_book(hand).frame(asked))
    assert [row["encrypted"] for row in versions(bank)] == [True]


def test_the_same_search_finds_the_names_in_a_plain_version(tmp_path, key):
    key(None)
    load(hand_source(tmp_path / "source"), tmp_path / "bank")
    assert ("Anna Berg" in dict(map(reversed, in_the_clear(tmp_path / "bank")))) is True
    assert [row["encrypted"] for row in versions(tmp_path / "bank")] == [False]


def test_without_its_key_or_with_another_one_it_does_not_open_and_says_so(bank, key):
    file = version_file(bank, current_manifest(bank).version)
    for value, said in ((None, "is encrypted, and no key is given"), (OTHER, "does not open the warehouse")):
        key(value)
        with pytest.raises(NoWarehouse, match=said) as trouble:
            open_warehouse(bank)
        assert file.name in str(trouble.value)
        assert not any(
            secret in "".join(traceback.format_exception(trouble.value)) for secret in (KEY, OTHER)
        )
    with pytest.raises(duckdb.Error):
        duckdb.connect(str(file), read_only=True)
    key(KEY)
    assert counted(open_warehouse(bank)) == 6


def test_what_is_added_or_republished_stays_encrypted(bank, tmp_path, key):
    root = bank
    more = {"transactions": "transaction_id,customer_id,booked_at,amount\nT90,C1,2026-06-30,5\n"}
    watch = Watch(root)
    load(write_tables(tmp_path / "more", more), root, append=True, progress=watch)
    import_rates(root, "fx", RATE, "fx.csv", progress=watch)
    assert [row["encrypted"] for row in versions(root)] == [True] * 3
    assert watch.found == []
    assert in_the_clear(root) == []
    assert the_rest_of(root).manifest.transactions == 13
    first = versions(root)[0]["version"]
    rollback(root, first)
    assert open_warehouse(root).version == first


def test_a_plain_version_stays_readable_under_a_key_and_the_next_one_is_encrypted(tmp_path, key):
    root = tmp_path / "bank"
    key(None)
    load(hand_source(tmp_path / "source"), root)
    plain = current_manifest(root).version
    key(KEY)
    assert counted(the_rest_of(root)) == 6
    watch = Watch(root)
    import_rates(root, "fx", RATE, "fx.csv", progress=watch)
    assert {name for name, _ in watch.found} == {f"{plain}.duckdb"}
    assert [row["encrypted"] for row in versions(root)] == [False, True]
    assert counted(open_warehouse(root)) == 6
    load(write_tables(tmp_path / "more", {"transactions": HAND["transactions"]}), root, append=True)
    assert versions(root)[-1]["encrypted"]


def test_a_key_that_was_forgotten_leaves_nothing_in_the_clear(bank, tmp_path, key):
    key(None)
    for append in (False, True):
        with pytest.raises(BadInput, match="is encrypted, and without a key"):
            load(tmp_path / "source", bank, append=append)
    with pytest.raises(BadInput, match="is encrypted, and without a key"):
        publish_tables(bank, lambda con: None, demo=True, base_currency="CNY")
    assert len(versions(bank)) == 1
    assert in_the_clear(bank) == []


def test_another_key_can_take_over_with_a_new_load_alone(bank, tmp_path, key):
    key(OTHER)
    with pytest.raises(NoWarehouse, match="does not open"):
        load(tmp_path / "source", bank, append=True)
    report = load(tmp_path / "source", bank)
    assert any("not known" in line for line in report["warnings"])
    assert counted(open_warehouse(bank)) == 6


def test_the_demo_bank_can_be_encrypted(tmp_path, key):
    root = tmp_path / "bank"
    options = DemoOptions(customers=200, transactions_per_customer=5, months=14)
    publish_tables(
        root, lambda con: generate(con, options, tmp_path / "truth"), demo=True, base_currency="CNY"
    )
    serving = open_warehouse(root)
    name = serving.query("SELECT name FROM customers WHERE length(name) > 5 LIMIT 1")["name"][0].as_py()
    assert name.encode() not in version_file(root, serving.version).read_bytes()


def test_a_broken_quote_is_repaired_without_a_copy_on_the_disk(tmp_path, key):
    root = tmp_path / "bank"
    watch = Watch(root)
    report = load(hand_source(tmp_path / "source", customers=BROKEN), root, progress=watch)
    assert report["tables"]["customers"]["accepted"] == 6
    assert watch.found == []
    assert in_the_clear(root) == []
    assert check(tmp_path / "source")["tables"] == report["tables"]


def test_where_no_copy_can_be_kept_in_memory_a_broken_quote_is_refused_in_words(tmp_path, key, monkeypatch):
    monkeypatch.delattr("os.memfd_create")
    with pytest.raises(BadInput, match="no copy may be repaired"):
        load(hand_source(tmp_path / "source", customers=BROKEN), tmp_path / "bank")


def test_refused_rows_are_kept_by_place_and_reason_without_their_values(tmp_path, key):
    root = tmp_path / "bank"
    wrong = HAND["customers"].replace("1990-07-01", "Anna Berg's birthday")
    load(hand_source(tmp_path / "source", customers=wrong), root)
    (kept,) = (root / "rejects").rglob("customers.csv")
    lines = kept.read_text().splitlines()
    assert lines[0] == "file,line,reason"
    assert lines[1].startswith("customers.csv,2,")
    assert in_the_clear(root) == []


def test_what_does_not_fit_into_memory_is_spilled_encrypted(tmp_path, key, monkeypatch):
    monkeypatch.setattr(building, "MEMORY_LIMIT", "60MB")
    spilled = []

    def after(value):
        spilled.extend(path.read_bytes() for path in (tmp_path / "spill").iterdir())
        return value

    with building.connect(building.prepared(tmp_path), "build") as con:
        con.execute("SET threads = 1")
        con.create_function("after", after, ["BIGINT"], "BIGINT")
        con.execute(
            "CREATE TEMP TABLE long AS SELECT 'Anna Berg ' || hash(i) AS name FROM range(4000000) t(i)"
        )
        con.execute("SELECT after(1)")
    assert sum(map(len, spilled)) > 1_000_000
    assert not any(b"Anna Berg" in held for held in spilled)


@pytest.mark.parametrize(
    "statement",
    [
        "SET memory_limit = '8GB'",
        "SET enable_external_access = true",
        "SELECT * FROM read_csv('/etc/hostname')",
        "CREATE TABLE t (a INT)",
        "ATTACH '/tmp/other.duckdb'",
        "COPY (SELECT 1) TO '/tmp/out.csv'",
    ],
)
def test_a_reader_of_an_encrypted_version_is_locked_as_any_other(built, key, statement):
    with pytest.raises(duckdb.Error):
        open_warehouse(built.folder).query(statement)


def test_no_query_sees_the_key_and_the_manifest_does_not_hold_it(built, key):
    serving = open_warehouse(built.folder)
    for table in ("duckdb_settings()", "duckdb_databases()", "duckdb_variables()", "duckdb_logs"):
        assert KEY not in str(serving.query(f"FROM {table}").to_pylist())
    assert not any(KEY.encode() in path.read_bytes() for path in built.folder.rglob("*") if path.is_file())


def test_the_key_may_be_a_file_and_must_be_long_and_one(tmp_path, monkeypatch):
    monkeypatch.delenv("CLIENTELE_WAREHOUSE_KEY", raising=False)
    assert warehouse_key() is None
    monkeypatch.setenv("CLIENTELE_WAREHOUSE_KEY_FILE", str(tmp_path / "key"))
    with pytest.raises(BadInput, match="can't be read"):
        warehouse_key()
    (tmp_path / "key").write_text(f"{KEY}\n")
    assert warehouse_key() == KEY
    (tmp_path / "key").write_text("too short to keep anything\n")
    with pytest.raises(BadInput, match="fewer than 32") as trouble:
        warehouse_key()
    assert "too short" not in str(trouble.value)
    monkeypatch.setenv("CLIENTELE_WAREHOUSE_KEY", KEY)
    with pytest.raises(BadInput, match="Both"):
        warehouse_key()
    monkeypatch.delenv("CLIENTELE_WAREHOUSE_KEY_FILE")
    monkeypatch.setenv("CLIENTELE_WAREHOUSE_KEY", "")
    with pytest.raises(BadInput, match="fewer than 32"):
        warehouse_key()
