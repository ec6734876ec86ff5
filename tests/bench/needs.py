"""Needs of one segment beside one statement that counts the products of its customers.

Ours matches peers, counts both sides, gives intervals, and finds what is held together; by hand there are the counts of
the segment alone. Both take the segment's customers as they come from the segmentation, in turn in one process, so
that what else the machine does falls on both.

    python -m tests.bench.needs data/bench-20000      prints the table for a bank that is there
"""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path

from analytics.access.holdings import held_sql
from analytics.needs.habits import ways
from analytics.needs.report import needs_of
from analytics.segmentation import segment_toml
from tests.bench.jobs import ANALYST, book
from tests.bench.measure import Measured, Work, apart, in_turn, peak_memory
from tests.bench.report import kept
from tests.bench.report import table as lined

NEEDS = "needs: a segment"
RUNS, BAR = 9, 3.0
RECIPE = """indicators = ["profit_12m", "balance_average_3m", "transactions_count_12m", "products_held", "tenure_years"]
[method]
key = "kmeans"
segments = 5
"""
BY_HAND = """SELECT product_id, count(*) AS holders FROM ({held}) JOIN customer_now USING (customer_no)
    WHERE customer_id IN (SELECT unnest(?::VARCHAR[])) GROUP BY product_id"""


def a_segment() -> Measured:
    """The most valuable segment; the answer holds the statement's seconds, and those of habits and changes."""
    whole = book(ANALYST)
    found = segment_toml(whole, RECIPE)
    members = found.members.loc[found.members["segment"] == 1, "customer_id"].tolist()
    by_hand = BY_HAND.format(held=held_sql(found.as_of))
    works: dict[str, Work] = {
        "ours": lambda: needs_of(whole, found, 1),
        "floor": lambda: whole.warehouse.query(by_hand, [members]),
    }
    works["ours"]()
    peak = peak_memory()
    works["floor"]()
    told = in_turn(works, RUNS)
    told |= in_turn(
        {"ways": lambda: ways(whole, found, 1)}, 3
    )  # apart: whoever ran after it would begin cold
    sizes = {"customers": len(found.members), "segment": len(members)}
    return Measured(*told["ours"], peak, {**sizes, "floor": told["floor"], "ways": told["ways"]})


JOBS: dict[str, Callable[[], Measured]] = {NEEDS: a_segment}


def table(measured: Mapping[str, Measured]) -> str:
    """Seconds beside those of the statement by hand, as lines for the report."""
    ours = measured[NEEDS]
    (floor, floor_cpu), (ways_seconds, _cpu) = ours.answer["floor"], ours.answer["ways"]
    ratio = ours.seconds / floor
    rows = [
        (f"needs of {ours.answer['segment']:,} of {ours.answer['customers']:,} customers", f"{ours.seconds:.3f}",
         f"{floor:.3f}", f"{ratio:.2f}", f"{BAR:.0f}", kept(ratio, BAR), f"{ours.cpu / floor_cpu:.2f}", f"{ours.peak:,.0f}"),
        ("channels, times, changes, answers", f"{ways_seconds:.3f}", "", "", "", "", "", ""),
    ]  # fmt: skip
    header = ("needs", "ours, s", "by hand, s", "ratio", "bar", "kept", "ratio of CPU", "peak, MiB")
    return lined(header, rows)


def main(folder: Path) -> None:
    """Measure on a bank and print the table."""
    print(table({job: apart(folder, job, 1, module="tests.bench.needs") for job in JOBS}))


if __name__ == "__main__":
    if sys.argv[1] in JOBS:
        print(json.dumps(asdict(JOBS[sys.argv[1]]())))
    else:
        main(Path(sys.argv[1]))
