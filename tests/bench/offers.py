"""What offers for every customer of a bank cost beside the SQL that counts each customer's products.

python -m tests.bench.offers data/bench-1000000    prints the table for a bank that is there; the jobs are in JOBS.
Learning and pricing are done once a version and book; ranking is what a list of offers then asks, in batches.
"""

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path

import duckdb

from analytics.needs.margins import margins
from analytics.needs.offers import Offering, offering, scored
from analytics.needs.propensity import propensities
from analytics.needs.suitability import held_back
from analytics.needs.traits import people
from analytics.warehouse.engine import open_warehouse
from analytics.warehouse.versions import version_file
from tests.bench import measure
from tests.bench.jobs import ANALYST, book
from tests.bench.measure import Measured, Work, once, timed, warehouse_folder
from tests.bench.report import kept
from tests.bench.report import table as lined

BAR, RUNS, MOST_MIB = 30, 3, 4096
COUNTED, MADE = "offers: count each customer's products", "offers: read, score, hold back and rank everybody"


def counted() -> Work:
    """How many products each customer holds, as Arrow, by the engine that holds them."""
    warehouse = open_warehouse(warehouse_folder())
    con = duckdb.connect()
    con.execute(f"ATTACH '{version_file(warehouse.root, warehouse.version)}' AS bank (READ_ONLY); USE bank")
    sql = f"""SELECT customer_id, count(DISTINCT product_id) AS products FROM accounts
        WHERE opened_on <= DATE '{warehouse.newest_as_of}'
            AND (closed_on IS NULL OR closed_on > DATE '{warehouse.newest_as_of}') GROUP BY customer_id"""
    return lambda: con.execute(sql).to_arrow_table().num_rows


def made() -> Work:
    """The three best offers of every customer with their reasons, from what was learnt and priced before."""
    of = book(ANALYST)
    day = of.as_of()
    model, seen = propensities(of, day), people(of, day)
    found = margins(of, seen.known, day)

    def work() -> int:
        now = people(of, day)
        return len(Offering(now, held_back(now.known), model, scored(model, now), found, ()).best())

    return work


def learnt() -> Work:
    """One model a product, from the year before."""
    of = book(ANALYST)
    return lambda: propensities(of, of.as_of()).customers


def priced() -> Work:
    """What each product brings per holder."""
    of = book(ANALYST)
    known = people(of, of.as_of()).known
    return lambda: len(margins(of, known, of.as_of()))


def whole() -> Work:
    """All of it from nothing."""
    of = book(ANALYST)
    return lambda: len(offering(of, of.as_of()).best())


JOBS: dict[str, Callable[[], Work]] = {
    COUNTED: counted,
    MADE: made,
    "offers: learn who takes what": learnt,
    "offers: price products": priced,
    "offers: everything from nothing": whole,
}
apart = partial(measure.apart, module="tests.bench.offers")


def table(measured: Mapping[str, Measured]) -> str:
    """Seconds beside the count's, as lines for the report."""
    floor, rows = measured[COUNTED], []
    for job in JOBS:
        ours = measured[job]
        ratio = ours.seconds / floor.seconds
        rows.append(
            (job.removeprefix("offers: "), f"{ours.seconds:.3f}", f"{ratio:.1f}", f"{BAR}" if job == MADE else "",
             kept(ratio, BAR if job == MADE else None), f"{ours.peak:,.0f}", kept(ours.peak, MOST_MIB),
             f"{ours.answer:,}")
        )  # fmt: skip
    header = ("offers", "s", "ratio to the count", "bar", "kept", "peak, MiB", "below 4 GiB", "rows")
    return lined(header, rows)


def main() -> None:
    """Measure one job, or all of them for a bank's folder."""
    if sys.argv[1] in JOBS:
        work, runs = JOBS[sys.argv[1]](), int(sys.argv[2])
        print(json.dumps(asdict(timed(work, runs) if runs else once(work))))
        return
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    print(table({job: apart(folder, job, RUNS) for job in JOBS}))


if __name__ == "__main__":
    main()
