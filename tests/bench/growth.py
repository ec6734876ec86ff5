"""How much longer an answer takes the more customers a bank has: time grows as their number to a fitted power.

python -m tests.bench.growth                          banks of 10,000, 100,000 and a million, made if need be
python -m tests.bench.growth --largest FOLDER         with a million-customer bank that is elsewhere
"""

import sys
from collections.abc import Mapping, Sequence
from math import log
from pathlib import Path
from statistics import linear_regression

from analytics.warehouse.versions import current_manifest
from tests.bench import volumes
from tests.bench.banks import bank
from tests.bench.jobs import SERVED
from tests.bench.measure import Measured, apart
from tests.bench.report import COMPARED, FLOORS
from tests.bench.report import table as lined

SIZES, TRANSACTIONS, RUNS = (10_000, 100_000), 50, 5


def measure(largest: Path, runs: int = RUNS) -> str:
    """Every figure's seconds on the banks of SIZES that are smaller than the largest, and on it; and the power."""
    most = current_manifest(largest).customers
    banks = [(size, *bank(size, TRANSACTIONS)) for size in SIZES if size < most]
    banks.append((most, *bank(most, TRANSACTIONS, largest)))
    return table(
        [size for size, *_bank in banks], [_seconds(folder, made, runs) for _size, folder, made in banks]
    )


def _seconds(folder: Path, made: Measured | None, runs: int) -> dict[str, float]:
    """Each figure's seconds on one bank."""
    floor = min(apart(folder, job, runs).seconds for job in FLOORS)
    ours = {COMPARED[job][0]: apart(folder, job, runs).seconds for job in SERVED}
    pivots: dict[str, Sequence[float]] = {}
    for job in volumes.JOBS:
        pivots |= apart(folder, job, 1, module="tests.bench.volumes").answer
    making = {"making the bank": made.seconds} if made else {}
    return {
        "the floor, by hand": floor,
        **ours,
        **{name: mine for name, (mine, _raw) in pivots.items()},
        **making,
    }


def power(sizes: Sequence[int], seconds: Sequence[float]) -> float:
    """The exponent of the line that fits best on two logarithmic axes.

    >>> round(power((10, 100, 1000), (0.5, 5, 50)), 3), round(power((10, 100), (2, 2)), 3)
    (1.0, 0.0)
    """
    return linear_regression([log(size) for size in sizes], [log(one) for one in seconds]).slope


def table(sizes: Sequence[int], told: Sequence[Mapping[str, float]]) -> str:
    """Seconds by size, and the power, as lines for the report."""
    rows = []
    for name in told[0]:
        if all(name in one for one in told):
            seconds = [one[name] for one in told]
            rows.append((name, *(f"{one:.3f}" for one in seconds), f"{power(sizes, seconds):.2f}"))
    return lined(("seconds at so many customers", *(f"{size:,}" for size in sizes), "power"), rows)


if __name__ == "__main__":
    print(measure(Path(sys.argv[1])))
