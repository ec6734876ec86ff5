"""Many people at once, over Streamlit's own websocket, against one process.

    python -m tests.bench.users data/bench-20000      a bank's folder
    python -m tests.bench.users data/bench-20000 --sessions 30 --think 10
    python -m tests.bench.users data/bench-20000 --throughput      two and four processes beside one, where there are cores for it

Everybody is the same relationship manager, so that answers are shared; they read, and turn to another page.
"""

import argparse
import asyncio
import os
import random
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles

from tests.bench.report import kept, machine
from tests.bench.report import table as lined
from tests.e2e.conftest import Server
from tests.visitor import Screen, visitor

PAGES = ("", "segments", "value", "customers", "profit")
ONE, SOME, MANY = 1, 30, 200  # sessions
THINK = 10.0  # seconds between two screens of one person, on average
ROUNDS = 6
BUSY = "Many people are here"  # pages/_ui/admission.py
PROCESSES = (1, 2, 4)
EAGER, TWICE = 8, 1.7  # people who never pause; bar: how many times one process's screens two make
SLOWER, MORE_MEMORY = 4.0, 10.0  # bars: times the single person's median; MiB a session


@dataclass
class Load:
    """What many people saw. seconds : of every screen. turned_away : screens that said "busy". memory : MiB of the
    server's process while all of them were there. cpu : its processor seconds."""

    sessions: int
    seconds: list[float] = field(default_factory=list)
    turned_away: int = 0
    faults: list[str] = field(default_factory=list)
    memory: float = 0.0
    cpu: float = 0.0

    def take(self, screen: Screen) -> None:
        self.faults += screen.faults
        if BUSY in screen.text:
            self.turned_away += 1
        else:
            self.seconds.append(screen.seconds)

    @property
    def p50(self) -> float:
        return median(self.seconds)

    @property
    def p95(self) -> float:
        return quantiles(self.seconds, n=20, method="inclusive")[-1]


@dataclass
class Party:
    """People who stay until all are done, so that the memory looked at is everybody's."""

    done: int = 0
    over: asyncio.Event = field(default_factory=asyncio.Event)


async def _person(url: str, load: Load, number: int, rounds: int, think: float, party: Party) -> None:
    """One session: a page, a pause, the next page."""
    chance = random.Random(number)
    try:
        await asyncio.sleep(chance.uniform(0, think) if load.sessions > 1 else 0)
        async with visitor(url) as me:
            for turn in range(rounds):
                load.take(await me.turn_to(PAGES[(number + turn) % len(PAGES)] if turn else ""))
                await asyncio.sleep(chance.uniform(0.5, 1.5) * think)
            party.done += 1
            await party.over.wait()
    except Exception as error:  # noqa: BLE001  # whatever it was, a person would have seen it: it is counted
        load.faults.append(f"{type(error).__name__}: {error}")
        party.done += not party.over.is_set()


async def visits(url: str, sessions: int, *, rounds: int, think: float, process: int) -> Load:
    """Let this many people use the app at once. process : the server's, whose memory is looked at."""
    load, party, before = Load(sessions), Party(), cpu_of(process)
    people = [asyncio.create_task(_person(url, load, n, rounds, think, party)) for n in range(sessions)]
    while party.done < sessions:
        await asyncio.sleep(0.1)
    load.memory, load.cpu = memory_of(process), cpu_of(process) - before
    party.over.set()
    await asyncio.gather(*people)
    return load


def memory_of(process: int) -> float:
    """MiB of a process now (Linux)."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def cpu_of(process: int) -> float:
    """Processor seconds of a process so far (Linux)."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _measured(server: Server, sizes: Sequence[int], rounds: int, think: float) -> list[Load]:
    """One person twice, of which the first time only warms the answers, then more and more."""
    await visits(server.url, ONE, rounds=2 * len(PAGES), think=0.1, process=server.process)
    loads = [await visits(server.url, ONE, rounds=4 * len(PAGES), think=0.3, process=server.process)]
    for size in sizes:
        loads.append(await visits(server.url, size, rounds=rounds, think=think, process=server.process))
    return loads


def measure(
    folder: Path, sizes: Sequence[int] = (SOME, MANY), rounds: int = ROUNDS, think: float = THINK
) -> str:
    """The table, for a bank's folder."""
    with tempfile.TemporaryDirectory() as place, served(folder, Path(place)) as server:
        return table(asyncio.run(_measured(server, sizes, rounds, think)), think)


@contextmanager
def served(folder: Path, place: Path, app: str = "app.py") -> Iterator[Server]:
    """A server over the bank, with a store of its own. The files are linked one by one: what a statement spills
    goes to the folder that they are read from."""
    bank = place / "bank"
    (bank / "versions").mkdir(parents=True)
    for file in (folder / "versions").resolve().iterdir():
        (bank / "versions" / file.name).symlink_to(file)
    shutil.copy(folder / "current", bank / "current")
    server = Server(bank, place / "log.txt", app=app)
    try:
        yield server
    finally:
        server.stop()


def table(loads: Sequence[Load], think: float) -> str:
    """What each number of people saw, beside the bars; `loads` begins with one person."""
    one, *more = loads
    rows = []
    for load in loads:
        ratio = load.p95 / one.p50
        grown = (load.memory - one.memory) / (load.sessions - 1) if load is not one else None
        is_barred = load in more and load.sessions <= SOME
        rows.append(
            (
                f"{load.sessions}", f"{len(load.seconds)}", f"{load.p50:.2f}", f"{load.p95:.2f}", f"{ratio:.1f}",
                kept(ratio, SLOWER if is_barred else None), f"{load.cpu / len(load.seconds):.2f}",
                f"{load.turned_away}", f"{len(load.faults)}",
                "" if grown is None else f"{grown:.1f}", "" if grown is None else kept(grown, MORE_MEMORY),
            )
        )  # fmt: skip
    header = (f"people, {think:.0f} s between screens", "screens", "p50, s", "p95, s", f"p95 / one's p50 (bar {SLOWER:.0f})",
              "kept", "CPU s a screen", "told busy", "faults", f"MiB a session (bar {MORE_MEMORY:.0f})", "kept")  # fmt: skip
    told = sorted({fault[:200] for load in loads for fault in load.faults})
    return "\n".join((lined(header, rows), *(f"Fault: {fault}" for fault in told)))


async def _throughput(servers: Sequence[Server], seconds: float) -> float:
    """Screens a second of people who never pause, shared out among processes."""
    urls = [server.url for server in servers for _ in range(EAGER // len(servers))]
    loads = [Load(1) for _ in urls]

    async def eager(url: str, load: Load) -> None:
        async with visitor(url) as me:
            for page in PAGES:
                await me.turn_to(page)
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                load.take(await me.turn_to(PAGES[len(load.seconds) % len(PAGES)]))

    await asyncio.gather(*(eager(url, load) for url, load in zip(urls, loads, strict=True)))
    return sum(len(load.seconds) for load in loads) / seconds


def throughput(folder: Path, seconds: float = 15.0) -> str:
    """Screens a second of one process, of two and of four, one after the other on the same machine."""
    with ExitStack() as running:
        servers = [
            running.enter_context(served(folder, Path(running.enter_context(tempfile.TemporaryDirectory()))))
            for _ in range(max(PROCESSES))
        ]
        told = {n: asyncio.run(_throughput(servers[:n], seconds)) for n in PROCESSES}
    one = told[1]
    rows = [
        (f"{n}", f"{many:.1f}", f"{many / one:.2f}", f"{TWICE}" if n == 2 else "",
         kept(TWICE, many / one) if n == 2 else "")
        for n, many in told.items()
    ]  # fmt: skip
    return f"{machine()}\n\n" + lined(("processes", "screens a second", "times one's", "bar", "kept"), rows)


def main() -> None:
    """Measure as asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sessions", type=int, nargs="*", default=(SOME, MANY))
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="screens a person")
    parser.add_argument("--think", type=float, default=THINK, help="seconds between two of them, on average")
    parser.add_argument("--throughput", action="store_true", help="of one process, two and four, instead")
    asked = parser.parse_args()
    if asked.throughput:
        return print(throughput(asked.folder))
    return print(measure(asked.folder, asked.sessions, asked.rounds, asked.think))


if __name__ == "__main__":
    main()
