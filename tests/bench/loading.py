"""Loading a bank from CSV with all checks and marts, beside DuckDB's own CREATE TABLE AS from the same files.

And one more month, by `load --append`, beside loading everything.

    python -m tests.bench.loading FOLDER        writes the bank's own tables as CSV, and loads them elsewhere
"""

import json
import shutil
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import duckdb

from analytics.calendar import months_before
from analytics.warehouse.engine import open_warehouse
from tests.bench.measure import Measured, apart, command, once, warehouse_folder
from tests.bench.report import kept
from tests.bench.report import table as lined
from tests.parts import part_by_month, written

LOAD, APPEND = 4.0, 0.2  # the bars
FLOOR = "tables"


def measure(bank: Path) -> str:
    """Load what is in a bank anew, whole and month by month; the table of it."""
    with tempfile.TemporaryDirectory(dir=bank.resolve().parent) as scratch:  # /tmp may lie in memory
        place, warehouse = Path(scratch), open_warehouse(bank)
        written(warehouse, place / "all")
        words = ("--base-currency", warehouse.manifest.base_currency)
        floor = apart(place / "all", FLOOR, 1, module="tests.bench.loading")
        whole = command(place / "whole", "load", str(place / "all"), *words)
        shutil.rmtree(place / "whole")
        part_by_month(place, months_before(warehouse.newest_as_of, 1))
        command(place / "more", "load", str(place / "before"), *words)
        month = command(place / "more", "load", str(place / "month"), "--append")
    return table(warehouse.manifest.transactions, floor, whole, month)


def tables() -> Measured:
    """The floor: each file becomes a table of a database, and nothing else is asked of it."""
    folder = warehouse_folder()

    def made() -> int:
        with (
            tempfile.TemporaryDirectory(dir=folder.parent) as scratch,
            duckdb.connect(f"{scratch}/t.duckdb") as con,
        ):
            for file in sorted(folder.glob("*.csv")):
                con.execute(f"CREATE TABLE {file.stem} AS SELECT * FROM read_csv('{file}')")
            con.execute("CHECKPOINT")
        return 0

    return once(made)


def table(rows: int, floor: Measured, whole: Measured, month: Measured) -> str:
    """Seconds beside the floor's, as lines for the report."""
    told = [
        (f"CREATE TABLE AS of {rows:,} transactions and all else", floor, None, None),
        ("`load`: checked, with all marts", whole, whole.seconds / floor.seconds, LOAD),
        (
            "`load --append` of the newest month, beside the load",
            month,
            month.seconds / whole.seconds,
            APPEND,
        ),
    ]
    lines = [
        (name, f"{one.seconds:.1f}", f"{one.cpu:.1f}", f"{one.peak:,.0f}", f"{ratio:.2f}" if ratio else "",
         f"{bar:g}" if bar else "", kept(ratio, bar) if ratio else "")
        for name, one, ratio, bar in told
    ]  # fmt: skip
    return lined(("loading", "s", "CPU s", "peak, MiB", "ratio", "bar", "kept"), lines)


if __name__ == "__main__":
    if sys.argv[1] == FLOOR:
        print(json.dumps(asdict(tables())))
    else:
        print(measure(Path(sys.argv[1])))
