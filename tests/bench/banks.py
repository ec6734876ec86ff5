"""The banks that are measured: made once with the product's own command, and kept."""

import json
import shutil
from dataclasses import asdict
from pathlib import Path

from tests.bench.measure import ROOT, Measured, command

NOTE = "bench.json"  # in a bank's folder: what making it took


def bank(
    customers: int, transactions: int, folder: Path | None = None, *, anew: bool = False
) -> tuple[Path, Measured | None]:
    """A bank's folder, and what making it took, where that was measured."""
    folder = folder or ROOT / "data" / f"bench-{customers}"
    if anew and folder.exists():
        shutil.rmtree(folder)
    note = folder / NOTE
    if not (folder / "current").exists():
        made = made_bank(folder, customers, transactions)
        note.write_text(json.dumps(asdict(made)))
    return folder, Measured(**json.loads(note.read_text())) if note.exists() else None


def made_bank(folder: Path, customers: int, transactions: int) -> Measured:
    """Make a bank."""
    print(f"Making a bank of {customers:,} customers with {transactions} transactions each …", flush=True)
    return command(
        folder, "demo", "--customers", str(customers), "--transactions-per-customer", str(transactions)
    )
