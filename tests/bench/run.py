"""`make bench`: how fast and how small, against the best statement written by hand, on one bank in one run.

    python tests/bench/run.py                          a million customers, 50 transactions each
    python tests/bench/run.py --customers 20000        a quick look
    python tests/bench/run.py --only volumes --write   one part, and into docs/performance.md with the machine's name

The bank is made once and kept in data/bench-<customers>; `--anew` makes it again. Nothing here fails: it tells.
"""

import argparse
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import ModuleType

from tests.bench import (
    browser,
    concentration,
    gate,
    growth,
    lifetime,
    loading,
    methods,
    movement,
    needs,
    offers,
    report,
    trust,
    users,
    value,
    volumes,
)  # fmt: skip
from tests.bench.banks import bank, made_bank
from tests.bench.measure import Measured, apart

# What each part tells of the bank in a folder, in the order of docs/performance.md.
Part = Callable[[Path, argparse.Namespace], str]


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--transactions-per-customer", type=int, default=50)
    parser.add_argument("--folder", type=Path, help="a bank's warehouse; made there if there is none")
    parser.add_argument("--runs", type=int, default=5, help="of which the median counts, after a first one")
    parser.add_argument("--anew", action="store_true", help="make the bank again")
    parser.add_argument("--only", nargs="+", choices=list(PARTS), help="these parts alone")
    parser.add_argument("--write", action="store_true", help="put what is measured into docs/performance.md")
    parser.add_argument(
        "--pymc", type=Path, help="a Python that has PyMC-Marketing, to fit lifetimes beside it"
    )
    return parser.parse_args()


def speed(folder: Path, asked: argparse.Namespace) -> str:
    """Figures beside the floor, and what serving them takes."""
    measured = {}
    for job, runs in report.jobs(asked.runs):
        print(f"  {job} …", flush=True)
        measured[job] = apart(folder, job, runs)
    return report.speed(measured) + "\n\n" + report.serving(measured)


def jobs_of(module: ModuleType, runs: int, folder: Path, _asked: argparse.Namespace) -> str:
    """All jobs of a module, each in a process of its own."""
    measured = {}
    for job in module.JOBS:
        print(f"  {job} …", flush=True)
        measured[job] = apart(folder, job, runs, module=module.__name__)
    return str(module.table(measured))


def making(folder: Path, asked: argparse.Namespace) -> str:
    """What making this bank took, and what the bank of a first `make run` takes."""
    _folder, made = bank(asked.customers, asked.transactions_per_customer, folder)
    with tempfile.TemporaryDirectory() as scratch:
        return report.making(asked, made, usual_bank(Path(scratch))[1])


def needed(_folder: Path, asked: argparse.Namespace) -> str:
    """The needs of a segment in the bank of a first `make run`."""
    with tempfile.TemporaryDirectory() as scratch:
        return jobs_of(needs, 1, usual_bank(Path(scratch))[0], asked)


def usual_bank(scratch: Path) -> tuple[Path, Measured]:
    """The bank that a first `make run` builds, and what making it takes."""
    folder = scratch / "warehouse"
    return folder, made_bank(folder, 20_000, 100)


PARTS: dict[str, Part] = {
    "speed": speed,
    "methods": partial(jobs_of, methods, 1),
    "trust": partial(jobs_of, trust, 1),
    "value": partial(jobs_of, value, 1),
    "concentration": partial(jobs_of, concentration, concentration.RUNS),
    "lifetime": lambda _folder, asked: lifetime.measured(asked.pymc),
    "needs": needed,
    "offers": partial(jobs_of, offers, offers.RUNS),
    "volumes": partial(jobs_of, volumes, 1),
    "movement": partial(jobs_of, movement, movement.RUNS),
    "growth": lambda folder, asked: growth.measure(folder, asked.runs),
    "loading": lambda folder, _asked: loading.measure(folder),
    "making": making,
    "gate": partial(jobs_of, gate, gate.RUNS),
    "browser": lambda folder, asked: browser.measure(folder, asked.runs),
    "people": lambda folder, _asked: users.measure(folder),
}


def main() -> None:
    """Measure, print, and keep where that is asked for."""
    asked = arguments()
    folder, _made = bank(asked.customers, asked.transactions_per_customer, asked.folder, anew=asked.anew)
    for name in asked.only or PARTS:
        print(f"{name}:", flush=True)
        told = f"{report.machine()}\n\n{PARTS[name](folder, asked)}"
        print(f"\n{told}\n", flush=True)
        if asked.write:
            report.keep(name, told)


if __name__ == "__main__":
    main()
