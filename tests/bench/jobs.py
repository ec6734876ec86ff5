"""What is measured, each job by name: `python -m tests.bench.jobs <job> <runs>` prints one line of JSON."""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from functools import partial

from analytics.access.book import Book
from analytics.access.personas import PERSONAS
from analytics.calendar import months_before
from analytics.store.store import open_store
from analytics.value.report import book_concentration
from analytics.warehouse.engine import open_warehouse
from tests.bench import floor
from tests.bench.measure import Work, once, scratch, timed, warehouse_folder

EIGHT = (
    "transactions_count_12m", "credit_amount_12m", "debit_amount_12m", "net_amount_12m", "average_ticket_12m",
    "active_months_12m", "days_since_last_transaction", "months_since_first_transaction",
)  # fmt: skip
MANAGER, ANALYST = PERSONAS[0].email, PERSONAS[2].email
EARLIER = 6  # months before the newest


def book(email: str) -> Book:
    """The book of a persona of the demo bank, with a store of this process's own."""
    store = open_store(f"sqlite:///{scratch()}/store.sqlite", warehouse_folder())
    return Book.open(open_warehouse(warehouse_folder()), store, email)


def days(of: Book) -> tuple[date, date]:
    """The newest month end, and an earlier one."""
    newest = of.warehouse.newest_as_of
    return newest, months_before(newest, EARLIER)


def table(*, earlier: bool) -> Work:
    """Eight indicators of every customer of the bank, as Arrow."""
    whole = book(ANALYST)
    return lambda: whole.table(EIGHT, as_of=days(whole)[earlier]).num_rows


def frame() -> Work:
    """The same as a frame."""
    whole = book(ANALYST)
    return lambda: len(whole.frame(EIGHT))


def curve(indicator: str) -> Work:
    """Concentration of an indicator over the bank, with its curve."""
    whole = book(ANALYST)
    return lambda: len(book_concentration(whole, indicator).curve)


def own(*, earlier: bool) -> Work:
    """Eight indicators of one relationship manager's customers, as a frame."""
    mine = book(MANAGER)
    return lambda: len(mine.frame(EIGHT, as_of=days(mine)[earlier]))


def serve() -> Work:
    """All that a figure asks for, one after the other in one process."""
    works = [work() for name, work in JOBS.items() if name in SERVED]
    return lambda: [work() for work in works]


def pages() -> Work:
    """The five pages, and what changing one widget asks."""
    from tests.bench.screens import walk  # only this job needs streamlit

    return walk


JOBS: dict[str, Callable[[], Work]] = {
    **{f"floor: {name}": partial(floor.floor, name) for name in floor.VARIANTS},
    "table": partial(table, earlier=False),
    "frame": frame,
    "table, earlier": partial(table, earlier=True),
    "curve, credit": partial(curve, "credit_amount_12m"),
    "curve, profit": partial(curve, "profit_12m"),
    "own": partial(own, earlier=False),
    "own, earlier": partial(own, earlier=True),
    "serve": serve,
    "screens": pages,
}
SERVED = ("table", "frame", "table, earlier", "curve, credit", "curve, profit", "own", "own, earlier")


def main(job: str, runs: int) -> None:
    """Measure a job; one that runs no times after its warm-up is measured by the warm-up."""
    work = JOBS[job]()
    print(json.dumps(asdict(timed(work, runs) if runs else once(work))))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
