"""`make bench`: how fast and how small, against the best statement written by hand, on one bank in one run.

    python tests/bench/run.py                        a million customers, 50 transactions each
    python tests/bench/run.py --customers 20000      a quick look

The bank is made once and kept in data/bench-<customers>; `--anew` makes it again. Nothing here fails: it tells.
"""

import argparse
import json
import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path

from tests.bench import (
    browser,
    concentration,
    gate,
    lifetime,
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
from tests.bench.measure import ROOT, Measured, apart, command

NOTE = "bench.json"  # in the bank's folder: what making it took


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--transactions-per-customer", type=int, default=50)
    parser.add_argument("--folder", type=Path, help="a bank's warehouse; made there if there is none")
    parser.add_argument("--runs", type=int, default=5, help="of which the median counts, after one warm-up")
    parser.add_argument("--anew", action="store_true", help="make the bank again")
    parser.add_argument(
        "--pymc", type=Path, help="a Python that has PyMC-Marketing, to fit lifetimes beside it"
    )
    parser.add_argument("--only-make", action="store_true", help="make the bank and measure that alone")
    return parser.parse_args()


def bank(asked: argparse.Namespace) -> tuple[Path, Measured | None]:
    """The bank's folder, and what making it took, where that was measured."""
    folder = asked.folder or ROOT / "data" / f"bench-{asked.customers}"
    if asked.anew and folder.exists():
        shutil.rmtree(folder)
    note = folder / NOTE
    if not (folder / "current").exists():
        made = made_bank(folder, asked.customers, asked.transactions_per_customer)
        note.write_text(json.dumps(asdict(made)))
    return folder, Measured(**json.loads(note.read_text())) if note.exists() else None


def made_bank(folder: Path, customers: int, transactions: int) -> Measured:
    """Make a bank with the product's own command."""
    print(f"Making a bank of {customers:,} customers with {transactions} transactions each …", flush=True)
    return command(
        folder, "demo", "--customers", str(customers), "--transactions-per-customer", str(transactions)
    )


def usual_bank() -> tuple[Measured, dict[str, Measured]]:
    """The bank of 20,000 that a first `make run` builds: what making it took, and the needs of a segment in it."""
    with tempfile.TemporaryDirectory() as folder:
        warehouse = Path(folder) / "warehouse"
        made = made_bank(warehouse, 20_000, 100)
        return made, {job: apart(warehouse, job, 1, module="tests.bench.needs") for job in needs.JOBS}


def main() -> None:
    """Measure everything and print the tables."""
    asked = arguments()
    folder, made = bank(asked)
    if asked.only_make:
        print(report.making(asked, made, None))
        return
    measured = {}
    for job, runs in report.jobs(asked.runs):
        print(f"  {job} …", flush=True)
        measured[job] = apart(folder, job, runs)
    for job in trust.JOBS:
        print(f"  {job} …", flush=True)
        measured[job] = trust.apart(folder, job)
    for name, part in (("methods", methods), ("value", value), ("volumes", volumes)):
        for job in part.JOBS:
            print(f"  {job} …", flush=True)
            measured[job] = apart(folder, job, 1, module=f"tests.bench.{name}")
    for module, runs in (
        (concentration, asked.runs),
        (offers, offers.RUNS),
        (movement, movement.RUNS),
        (gate, gate.RUNS),
    ):
        for job in module.JOBS:
            print(f"  {job} …", flush=True)
            measured[job] = module.apart(folder, job, runs)
    usual, needed = usual_bank()
    parts = (
        report.machine(),
        report.speed(measured),
        report.serving(measured),
        methods.table(measured),
        trust.table(measured),
        concentration.table(measured),
        value.table(measured),
        volumes.table(measured),
        movement.table(measured),
        offers.table(measured),
        gate.table(measured),
        needs.table(needed),
        lifetime.measured(asked.pymc),
        users.measure(folder),
        browser.measure(folder),
        report.making(asked, made, usual),
    )
    print("\n" + "\n\n".join(parts))


if __name__ == "__main__":
    main()
