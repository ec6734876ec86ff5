"""What the curve and all figures of concentration cost beside DuckDB's own ORDER BY of the column.

python -m tests.bench.concentration data/bench-1000000    prints the table for a bank that is there; the jobs are in
JOBS. The interval, the parts between and within groups and the shapes of groups stand apart.
"""

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path

import duckdb

from analytics.value.concentration import concentration
from analytics.value.decomposition import theil
from analytics.value.grouped import by_group
from analytics.value.interval import top_share_interval
from analytics.value.report import book_amounts, book_concentration
from analytics.value.shapes import by_group_distribution
from analytics.warehouse.engine import open_warehouse
from analytics.warehouse.versions import version_file
from tests.bench import measure
from tests.bench.jobs import ANALYST, book
from tests.bench.measure import Measured, Work, timed, warehouse_folder
from tests.bench.report import kept
from tests.bench.report import table as lined

VALUE, LABEL = "profit_12m", "region"
BAR, RUNS, MOST_SECONDS = 3, 5, 1.0
ORDERED = "concentration: order by"


def ordered() -> Work:
    """The column in order, as Arrow, by the engine that holds it."""
    warehouse = open_warehouse(warehouse_folder())
    con = duckdb.connect()
    con.execute(f"ATTACH '{version_file(warehouse.root, warehouse.version)}' AS bank (READ_ONLY); USE bank")
    sql = f"SELECT {VALUE} FROM customer_now ORDER BY {VALUE}"
    return lambda: con.execute(sql).to_arrow_table().num_rows


def whole() -> Work:
    """Every figure of concentration with its curve, from the book."""
    of = book(ANALYST)
    return lambda: len(book_concentration(of, VALUE).curve)


def figures() -> Work:
    """The same without reading the column."""
    amounts = book_amounts(book(ANALYST), VALUE)
    return lambda: concentration(amounts).customers


def interval() -> Work:
    """The interval of the top fifth's share."""
    amounts = book_amounts(book(ANALYST), VALUE)
    return lambda: asdict(found) if (found := top_share_interval(amounts)) else None


def decomposition() -> Work:
    """What lies between groups and within them."""
    frame = book(ANALYST).frame((VALUE, LABEL))
    groups = frame[LABEL].astype("category")
    return lambda: theil(frame[VALUE], groups).between


def groups() -> Work:
    """Every figure for every group, with reading them."""
    of = book(ANALYST)
    return lambda: len(by_group(of, VALUE, of.warehouse.newest_as_of, LABEL).table)


def shapes() -> Work:
    """The distribution in every group."""
    frame = book(ANALYST).frame((VALUE, LABEL)).rename(columns={VALUE: "value", LABEL: "segment_name"})
    frame["segment_name"] = frame["segment_name"].astype("category")
    frame["segment"] = frame["segment_name"].cat.codes
    return lambda: len(by_group_distribution(frame).shapes)


JOBS: dict[str, Callable[[], Work]] = {
    ORDERED: ordered,
    "concentration: all figures and the curve, from the book": whole,
    "concentration: the same on a column in memory": figures,
    "concentration: interval": interval,
    "concentration: between and within groups": decomposition,
    "concentration: every group": groups,
    "concentration: shapes of groups": shapes,
}
apart = partial(measure.apart, module="tests.bench.concentration")


def table(measured: Mapping[str, Measured]) -> str:
    """Seconds beside the ORDER BY's, as lines for the report."""
    floor, rows = measured[ORDERED], []
    for job in JOBS:
        ours = measured[job]
        ratio = ours.seconds / floor.seconds
        barred = job.endswith("from the book")
        kept_in = (
            kept(ratio, BAR) if barred else kept(ours.seconds, MOST_SECONDS if "interval" in job else None)
        )
        rows.append(
            (job.removeprefix("concentration: "), f"{ours.seconds:.3f}", f"{ratio:.2f}",
             f"{BAR}" if barred else "", kept_in, f"{ours.cpu / floor.cpu:.2f}", f"{ours.peak:,.0f}")
        )  # fmt: skip
    header = ("concentration of profit", "s", "ratio to ORDER BY", "bar", "kept", "ratio of CPU", "peak, MiB")
    return lined(header, rows)


def main() -> None:
    """Measure one job, or all of them for a bank's folder."""
    if sys.argv[1] in JOBS:
        print(json.dumps(asdict(timed(JOBS[sys.argv[1]](), int(sys.argv[2])))))
        return
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    print(table({job: apart(folder, job, RUNS) for job in JOBS}))


if __name__ == "__main__":
    main()
