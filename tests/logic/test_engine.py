from concurrent.futures import ThreadPoolExecutor

import duckdb
import pytest

from analytics.warehouse.engine import Warehouse, open_warehouse
from analytics.warehouse.versions import Manifest, current_version


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
