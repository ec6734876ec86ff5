from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import duckdb
import pytest

from analytics.errors import NotAllowed
from analytics.warehouse.engine import Warehouse, open_warehouse
from analytics.warehouse.load import load
from analytics.warehouse.versions import Manifest, current_manifest, current_version, version_file


def test_a_version_can_be_opened_again_while_an_earlier_opening_is_still_in_use(hand_folder):
    version = current_version(hand_folder)
    with ThreadPoolExecutor(4) as sessions:
        opened = list(
            sessions.map(lambda _: Warehouse(hand_folder, Manifest.read(hand_folder, version)), range(8))
        )
    counts = {warehouse.query("SELECT count(*) AS n FROM customers")["n"][0].as_py() for warehouse in opened}
    assert counts == {6}


@pytest.mark.parametrize(
    "statement",
    [
        "SET memory_limit = '8GB'",
        "SET enable_external_access = true",
        "SELECT * FROM read_csv('/etc/hostname')",
        "CREATE TABLE t (a INT)",
    ],
)
def test_a_reader_can_neither_change_its_settings_nor_reach_files_nor_write(hand_folder, statement):
    with pytest.raises(duckdb.Error):
        open_warehouse(hand_folder).query(statement)


def test_an_indicator_newer_than_the_version_is_told_not_asked_for(tmp_path, whole_book):
    source = tmp_path / "source"
    source.mkdir()
    (source / "customers.csv").write_text("customer_id,manager_id\nA,E1\n")
    (source / "transactions.csv").write_text("customer_id,booked_at,amount\nA,2026-06-30,10\n")
    load(source, tmp_path / "bank")
    manifest = current_manifest(tmp_path / "bank")
    file = version_file(tmp_path / "bank", manifest.version)
    with duckdb.connect(str(file)) as built:
        built.execute("ALTER TABLE customer_now DROP COLUMN manager")
    replace(manifest, bytes=file.stat().st_size).write(tmp_path / "bank")
    book = whole_book(open_warehouse(tmp_path / "bank"))
    assert "load the data again" in book.available["manager"]
    with pytest.raises(NotAllowed, match="manager"):
        book.frame(("manager",))
    assert book.frame(("credit_amount_12m",))["credit_amount_12m"].tolist() == [10]


def test_facts_of_a_version_are_asked_once(hand, monkeypatch):
    asked = "SELECT name FROM employees WHERE employee_id = ? ORDER BY name"
    assert hand.facts(asked, ["E1"]) == [{"name": "Eve One"}]
    monkeypatch.setattr(hand, "query", None)  # would fail if it were asked again
    assert hand.facts(asked, ["E1"]) == [{"name": "Eve One"}]
