"""The measured tables, as Markdown that reads well in a terminal, beside the bars that were set."""

import argparse
import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from tests.bench.floor import VARIANTS
from tests.bench.jobs import SERVED
from tests.bench.measure import ROOT, Measured

PAGE = ROOT / "docs" / "performance.md"
# What is compared with the floor: the job, how it reads, and the ratio that it must stay within (None: no bar).
COMPARED: dict[str, tuple[str, float | None]] = {
    "table": ("eight indicators of the bank, newest month end, Arrow", 0.15),
    "frame": ("the same as a pandas frame", 0.15),
    "table, earlier": ("eight indicators of the bank, six months earlier, Arrow", 0.8),
    "curve, credit": ("concentration of money in, with its curve", 0.3),
    "curve, profit": ("concentration of profit, with its curve", 0.3),
    "own": ("one relationship manager's book, newest month end", 0.05),
    "own, earlier": ("one relationship manager's book, six months earlier", None),
}
SERVE, SCREENS = "serve", "screens"
MOST_MEMORY, MOST_POINTS = 2048, 2000  # MiB, points
FLOORS = tuple(f"floor: {name}" for name in VARIANTS)


def jobs(runs: int) -> list[tuple[str, int]]:
    """Every job and how often it runs after its warm-up; the last ones are measured by memory alone."""
    return [*((job, runs) for job in (*FLOORS, *SERVED)), (SERVE, 1), (SCREENS, 0)]


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table whose columns line up.

    >>> print(table(("a", "b"), [("one", "1")]))
    | a   | b |
    | --- | - |
    | one | 1 |
    """
    widths = [max(len(row[place]) for row in (header, *rows)) for place in range(len(header))]
    lines = [header, ["-" * width for width in widths], *rows]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |"
        for line in lines
    )


def kept(value: float, most: float | None) -> str:
    """Whether a bar was kept.

    >>> kept(0.2, 0.15), kept(0.1, 0.15), kept(0.1, None)
    ('NO', 'yes', '')
    """
    return "" if most is None else "yes" if value <= most else "NO"


def machine() -> str:
    """What it ran on."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    described = Path("/proc/cpuinfo")
    lines = described.read_text().splitlines() if described.exists() else []
    model = next(
        (line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine()
    )
    load = os.getloadavg()[0]
    return (
        f"{date.today():%Y-%m-%d}, {cores} cores ({model}), {memory:.0f} GiB of memory, load {load:.1f}, "
        f"Python {platform.python_version()}:"
    )


def keep(part: str, told: str, page: Path = PAGE) -> None:
    """Put what a part told into the page, between its marks, in place of what it told before."""
    start, end = f"<!-- measured: {part} -->", f"<!-- end: {part} -->"
    before, _start, rest = page.read_text().partition(start)
    _old, _end, after = rest.partition(end)
    if not after:
        raise SystemExit(f"{page} has no place for {part}: {start} … {end}")
    page.write_text(f"{before}{start}\n{told}\n\n{end}{after}")


def speed(measured: Mapping[str, Measured]) -> str:
    """Seconds beside the floor's."""
    floor = min((measured[job] for job in FLOORS), key=lambda one: one.seconds)
    cheapest = min(measured[job].cpu for job in FLOORS)
    rows = []
    for job, (label, most) in COMPARED.items():
        ours = measured[job]
        ratio = ours.seconds / floor.seconds
        rows.append(
            (label, f"{ours.seconds:.3f}", f"{floor.seconds:.3f}", f"{ratio:.3f}", "" if most is None else f"{most}",
             kept(ratio, most), f"{ours.cpu / cheapest:.3f}", f"{ours.peak:,.0f}", f"{ours.cold:.3f}")
        )  # fmt: skip
    header = ("what", "ours, s", "floor, s", "ratio", "bar", "kept", "ratio of CPU", "peak, MiB", "cold, s")
    return table(header, rows) + "\n\n" + _floors(measured)


def _floors(measured: Mapping[str, Measured]) -> str:
    rows = [
        (job.removeprefix("floor: "), f"{measured[job].seconds:.3f}", f"{measured[job].cpu:.3f}",
         f"{measured[job].peak:,.0f}")
        for job in FLOORS
    ]  # fmt: skip
    return table(("the floor, written as", "s", "CPU s", "peak, MiB"), rows)


def serving(measured: Mapping[str, Measured]) -> str:
    """Memory, points, and what a change of one widget asks."""
    served, screens = measured[SERVE], measured[SCREENS]
    points = screens.answer["points"]
    rows = [
        ("memory of a process that answered all of the above, MiB", f"{served.peak:,.0f}", f"{MOST_MEMORY:,}",
         kept(served.peak, MOST_MEMORY)),
        ("memory of a process that drew the five pages over the bank, MiB", f"{screens.peak:,.0f}",
         f"{MOST_MEMORY:,}", kept(screens.peak, MOST_MEMORY)),
        ("points of the largest chart on them", f"{points:,}", f"{MOST_POINTS:,}", kept(points, MOST_POINTS)),
        *_asked(screens.answer["asked"]),
    ]  # fmt: skip
    return table(("serving", "measured", "bar", "kept"), rows)


def _asked(asked: Mapping[str, Mapping[str, int]]) -> Iterator[tuple[str, str, str, str]]:
    """Rows of queries by change, beside what the change's answer needs."""
    for change, counts in asked.items():
        figures, needed = counts["figures"], counts["needed"]
        yield f"queries for figures, {change}", f"{figures}", f"{needed}", kept(figures, needed)


def making(asked: argparse.Namespace, made: Measured | None, usual: Measured | None) -> str:
    """Time and memory of making banks."""
    known = [
        ("the usual bank: 20,000 customers, 100 transactions each", usual, 60, None),
        (f"{asked.customers:,} customers, {asked.transactions_per_customer} transactions each", made,
         600 if asked.customers == 1_000_000 else None, 6 * 1024),
    ]  # fmt: skip
    rows = [
        (label, f"{one.seconds:.0f}", f"{one.cpu:.0f}", "" if most is None else f"{most}", kept(one.seconds, most),
         f"{one.peak:,.0f}", "" if memory is None else f"{memory:,}", kept(one.peak, memory))
        for label, one, most, memory in known if one
    ]  # fmt: skip
    header = ("making a bank with `demo`", "s", "CPU s", "bar", "kept", "peak, MiB", "bar", "kept")
    return table(header, rows)
