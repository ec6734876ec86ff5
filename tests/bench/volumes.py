"""Pivots of the whole bank and of a branch, beside the same question asked of the raw transactions.

Both are warm, in one process and in turn, so that what else the machine does falls on both. By hand there is one
statement over `transactions` that joins what labels them.

    python -m tests.bench.volumes data/bench-1000000      prints the table for a bank that is there
"""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path

from analytics.access.book import Book
from analytics.access.person import Person
from analytics.access.scope import RowRule, Scope
from analytics.warehouse.engine import Warehouse, open_warehouse
from tests.bench.measure import Measured, Work, apart, in_turn, peak_memory, warehouse_folder
from tests.bench.report import kept
from tests.bench.report import table as lined

RUNS, BAR = 5, 0.1
# divisions, measures, months back from the newest, whether of one branch alone
PIVOTS: dict[str, tuple[tuple[str, ...], tuple[str, ...], int, bool]] = {
    "a month by branch": (("branch",), ("transactions", "amount_in", "amount_out", "fees"), 1, False),
    "a year by month, product and channel": (("month", "product", "channel"), ("amount_in", "fees"), 12, False),
    "all months by branch, region, kind": (("branch", "region", "kind"), ("transactions", "amount_in"), 999, False),
    "all months by everything but the month": (
        ("branch", "region", "department", "product", "channel", "kind", "currency"), ("amount_out",), 999, False,
    ),
    "a branch's year by product and month": (("product", "month"), ("amount_in", "amount_out"), 12, True),
    "a year's customers by region": (("region",), ("customers",), 12, False),
    "a year's customers by product": (("product",), ("customers",), 12, False),
    "a year's customers by quarter, product, channel, kind": (
        ("quarter", "product", "channel", "kind"), ("customers",), 12, False,
    ),
    "a year's customers by month, product, channel": (("month", "product", "channel"), ("customers",), 12, False),
}  # fmt: skip
RAW = {
    "month": "last_day(booked_at::DATE)", "quarter": "date_trunc('quarter', booked_at)",
    "branch": "branch_id", "region": "region", "department": "business_line",
    "product": "product_id", "channel": "channel", "kind": "kind", "currency": "transactions.currency",
    "transactions": "count(*)", "customers": "count(DISTINCT transactions.customer_no)",
    "amount_in": "sum(round(greatest(amount, 0)::DOUBLE * rate, 2))",
    "amount_out": "sum(round(greatest(-amount, 0)::DOUBLE * rate, 2))", "fees": "sum(round(fee::DOUBLE * rate, 2))",
}  # fmt: skip


def pivots() -> Measured:
    """Each pivot's seconds, ours and by hand, in the answer; the whole's seconds are ours."""
    warehouse = open_warehouse(warehouse_folder())
    told = {name: _compared(warehouse, *PIVOTS[name]) for name in PIVOTS}
    return Measured(sum(ours for ours, _raw in told.values()), 0.0, peak_memory(), told)


def _compared(
    warehouse: Warehouse, by: tuple[str, ...], measures: tuple[str, ...], months: int, one_branch: bool
) -> tuple[float, float]:
    first = warehouse.month_ends[-min(months, len(warehouse.month_ends))]
    branch = warehouse.query("SELECT min(branch_id) AS branch FROM customers")["branch"][0].as_py()
    rule = RowRule("branch_id", (branch,)) if one_branch else RowRule(None)
    book = Book(Person("bench@x.example", "Bench", ("analyst",)), Scope((rule,)), warehouse, lambda _: None)
    raw = _raw_sql(by, measures, first, branch if one_branch else None)
    works: dict[str, Work] = {
        "ours": lambda: book.volumes(by, first, None, measures),
        "raw": lambda: warehouse.query(raw).to_pandas(),
    }
    in_turn(works, 1)
    told = in_turn(works, RUNS)
    return told["ours"][0], told["raw"][0]


def _raw_sql(by: tuple[str, ...], measures: tuple[str, ...], first: date, branch: str | None) -> str:
    told = ", ".join(f"{RAW[name]} AS {name}" for name in (*by, *measures))
    where = f"AND branch_id = '{branch}'" if branch else ""
    return f"""SELECT {told} FROM transactions JOIN customers USING (customer_no)
    LEFT JOIN districts USING (district_id) LEFT JOIN accounts USING (account_id)
    LEFT JOIN month_rate ON month_rate.currency = transactions.currency AND month_end = last_day(booked_at::DATE)
    WHERE booked_at >= date_trunc('month', DATE '{first}') {where} GROUP BY ALL"""


JOBS: dict[str, Callable[[], Measured]] = {"volumes: pivots": pivots}


def table(measured: Mapping[str, Measured]) -> str:
    """Seconds beside those of the raw transactions, as lines for the report."""
    (job,) = JOBS
    rows = [
        (name, f"{ours:.3f}", f"{raw:.3f}", f"{ours / raw:.3f}", f"{BAR}", kept(ours / raw, BAR))
        for name, (ours, raw) in measured[job].answer.items()
    ]
    return lined(("volumes", "ours, s", "raw transactions, s", "ratio", "bar", "kept"), rows)


def main(folder: Path) -> None:
    """Measure on a bank and print the table."""
    print(table({job: apart(folder, job, 1, module="tests.bench.volumes") for job in JOBS}))


if __name__ == "__main__":
    if sys.argv[1] in JOBS:
        print(json.dumps(asdict(JOBS[sys.argv[1]]())))
    else:
        main(Path(sys.argv[1]))
