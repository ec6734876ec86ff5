"""What the report of trust costs beside one fit, at 20,000 customers and on the whole bank's sample.

python -m tests.bench.trust data/bench-1000000    prints the table for a bank that is there; the jobs are in JOBS.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from analytics.access.book import Book
from analytics.population import assign, population
from analytics.recipe import Recipe
from analytics.trust.count import segment_counts
from analytics.trust.report import trust
from tests.bench.jobs import ANALYST, EIGHT, book
from tests.bench.measure import Measured, Work, apart, once, timed

CUSTOMERS = 20_000
METHODS = ("kmeans", "gaussian_mixture")
BAR = 130  # fits that the report may cost


class Part:
    """The first 20,000 customers of a book, by id."""

    def __init__(self, whole: Book) -> None:
        self.whole, self.warehouse, self.available = whole, whole.warehouse, whole.available

    def frame(self, keys: tuple[str, ...], *, as_of: date | None = None, where: str = "") -> pd.DataFrame:
        return self.whole.frame(keys, as_of=as_of, where=where).sort_values("customer_id").head(CUSTOMERS)


def recipe(method: str) -> Recipe:
    """Five segments in eight indicators."""
    return Recipe.from_content({"indicators": EIGHT, "method": {"key": method, "segments": 5}})


def fit(method: str) -> Work:
    """One fit to 20,000 customers, read beforehand."""
    asked = recipe(method)
    people = population(Part(book(ANALYST)), asked)
    return lambda: len(assign(people, asked).labels)


def report(method: str, *, whole: bool) -> Work:
    """The report, with everything that it reads."""
    of = book(ANALYST)
    return lambda: _answer(trust(of if whole else Part(of), recipe(method)))


def curve(method: str) -> Work:
    """The curve over the number of segments, on its sample."""
    of = book(ANALYST)
    return lambda: segment_counts(of, recipe(method)).pick


def _answer(found: Any) -> list[object]:
    return [found.verdict, found.customers, found.sampled, round(min(found.stability.values()), 3)]


JOBS: dict[str, Callable[[], Work]] = {
    **{f"fit of 20,000, {method}": partial(fit, method) for method in METHODS},
    **{f"trust at 20,000, {method}": partial(report, method, whole=False) for method in METHODS},
    **{f"trust, {method}": partial(report, method, whole=True) for method in METHODS},
    **{f"curve, {method}": partial(curve, method) for method in METHODS},
}
RUNS = {name: 5 if name.startswith("fit") else 0 for name in JOBS}


def table(measured: dict[str, Measured]) -> str:
    """The ratios, as lines of Markdown."""
    lines = [
        f"| method | one fit s | report s | ratio (bar {BAR}) | peak MiB | all customers s | peak MiB | curve s |"
    ]
    lines.append("|---|" + "--:|" * 7)
    for method in METHODS:
        one, part = measured[f"fit of 20,000, {method}"], measured[f"trust at 20,000, {method}"]
        all_of, drawn = measured[f"trust, {method}"], measured[f"curve, {method}"]
        lines.append(
            f"| {method} | {one.seconds:.2f} | {part.seconds:.0f} | {part.seconds / one.seconds:.0f} "
            f"| {part.peak:.0f} | {all_of.seconds:.0f} | {all_of.peak:.0f} | {drawn.seconds:.0f} |"
        )
    return "\n".join(lines)


def main(job: str) -> None:
    """Measure one job in this process."""
    work, runs = JOBS[job](), RUNS[job]
    print(json.dumps(asdict(timed(work, runs) if runs else once(work))))


if __name__ == "__main__":
    if sys.argv[1] in JOBS:
        main(sys.argv[1])
    else:
        told = {job: apart(Path(sys.argv[1]), job, 1, module="tests.bench.trust") for job in JOBS}
        print(table(told))
