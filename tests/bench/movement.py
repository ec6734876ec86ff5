"""Movement of a whole bank between two month ends beside one frame of the same indicators at the earlier of them.

Ours reads both month ends, runs the recipe, places everybody by its boundaries, runs it anew, and says who moved, why and
with how much value. Both are measured in turn in one process, so that what else the machine does falls on both.

    python -m tests.bench.movement data/bench-20000      prints the table for a bank that is there
"""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from analytics.calendar import months_before
from analytics.movement.report import FROZEN, REFITTED, movement
from analytics.movement.runs import reads
from analytics.recipe import Recipe
from tests.bench import measure
from tests.bench.jobs import ANALYST, book
from tests.bench.measure import Measured, in_turn, peak_memory
from tests.bench.report import kept
from tests.bench.report import table as lined

RUNS, BAR, APART = 5, 2.5, 6  # APART: months between the two ends
FIVE = [
    "credit_amount_12m",
    "debit_amount_12m",
    "transactions_count_12m",
    "average_ticket_12m",
    "days_since_last_transaction",
]
METHODS: dict[str, dict[str, Any]] = {
    "value tiers": {"key": "value_tiers"},
    "RFM": {"key": "rfm"},
    "k-means, 5 segments": {"key": "kmeans", "segments": 5},
}


def moved(method: str, boundaries: str, runs: int) -> Measured:
    """Movement to the newest month end; the answer holds the seconds of one frame at the earlier."""
    whole = book(ANALYST)
    last = whole.warehouse.newest_as_of
    first = months_before(last, APART)
    recipe = Recipe.from_content(
        {"value": "credit_amount_12m", "indicators": FIVE, "method": METHODS[method]}
    )
    works: dict[str, Callable[[], Any]] = {
        "ours": lambda: movement(whole, recipe, first, last, boundaries),
        "frame": lambda: whole.frame(reads(recipe), as_of=first),
    }
    found = works["ours"]()
    peak = peak_memory()
    works["frame"]()
    told = in_turn(works, runs)
    return Measured(
        *told["ours"], peak, {"customers": found.customers, "moved": found.moved, "frame": told["frame"]}
    )


JOBS: dict[str, Callable[[int], Measured]] = {
    f"movement: {method}, {boundaries}": partial(moved, method, boundaries)
    for method in METHODS
    for boundaries in (FROZEN, REFITTED)
}


def apart(folder: Path, job: str, runs: int) -> Measured:
    """A job in a process of its own, so often after its warm-up."""
    return measure.apart(folder, job, runs, module="tests.bench.movement")


def table(measured: Mapping[str, Measured]) -> str:
    """Seconds beside those of one frame, as lines for the report."""
    rows = []
    for job in JOBS:
        ours = measured[job]
        frame, frame_cpu = ours.answer["frame"]
        ratio = ours.seconds / frame
        what = f"{job.removeprefix('movement: ')}: {ours.answer['moved']:,} of {ours.answer['customers']:,}"
        rows.append(
            (what, f"{ours.seconds:.3f}", f"{frame:.3f}", f"{ratio:.2f}", f"{BAR}", kept(ratio, BAR),
             f"{ours.cpu / frame_cpu:.2f}", f"{ours.peak:,.0f}")
        )  # fmt: skip
    return lined(
        ("movement", "ours, s", "one frame, s", "ratio", "bar", "kept", "ratio of CPU", "peak, MiB"), rows
    )


def main(folder: Path) -> None:
    """Measure on a bank and print the table."""
    print(table({job: apart(folder, job, RUNS) for job in JOBS}))


if __name__ == "__main__":
    if sys.argv[1] in JOBS:
        print(json.dumps(asdict(JOBS[sys.argv[1]](int(sys.argv[2])))))
    else:
        main(Path(sys.argv[1]))
