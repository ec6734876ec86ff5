"""Measuring: each job in a process of its own, so that no job warms or burdens another."""

import atexit
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parents[2]
KIB_PER_UNIT = 1 / 1024 if sys.platform == "darwin" else 1  # what getrusage counts memory in
Work = Callable[[], Any]


@dataclass(frozen=True)
class Measured:
    """One job.

    seconds : of the median run. cpu : processor seconds of the median run, which others on the machine disturb
    less. peak : MiB that the process held at most. answer : what the job gave back. cold : seconds of the first run.
    """

    seconds: float
    cpu: float
    peak: float
    answer: Any = None
    cold: float = 0.0


def warehouse_folder() -> Path:
    """The bank that is measured."""
    return Path(os.environ["CLIENTELE_WAREHOUSE"])


def scratch() -> Path:
    """A folder of this process's own; it goes when the process ends."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def environment(folder: Path) -> dict[str, str]:
    """What a measured process sees: this bank, and no store but the bank's own."""
    kept = {name: text for name, text in os.environ.items() if name != "CLIENTELE_STORE"}
    return {**kept, "CLIENTELE_WAREHOUSE": str(folder.resolve()), "PYTHONPATH": str(ROOT)}


def apart(folder: Path, job: str, runs: int, module: str = "tests.bench.jobs") -> Measured:
    """Run a job of a module's JOBS in a process of its own."""
    words = [sys.executable, "-m", module, job, str(runs)]
    done = subprocess.run(
        words, cwd=ROOT, env=environment(folder), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"The job {job} failed:\n{done.stderr[-3000:]}")
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


def timed(work: Work, runs: int) -> Measured:
    """One warm-up, then the median of several runs."""
    start = time.perf_counter()
    answer, cold = work(), time.perf_counter() - start
    walls, cpus = [], []
    for _ in range(runs):
        wall, cpu = time.perf_counter(), time.process_time()
        answer = work()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return Measured(median(walls), median(cpus), peak_memory(), answer, cold)


def in_turn(works: Mapping[str, Work], runs: int) -> dict[str, tuple[float, float]]:
    """Median wall and processor seconds of each, one after the other, so that what else the machine does falls on all."""
    clocks: dict[str, list[tuple[float, float]]] = {name: [] for name in works}
    for _run in range(runs):
        for name, work in works.items():
            wall, cpu = time.perf_counter(), time.process_time()
            work()
            clocks[name].append((time.perf_counter() - wall, time.process_time() - cpu))
    return {name: (median(w for w, _ in runs), median(c for _, c in runs)) for name, runs in clocks.items()}


def once(work: Work) -> Measured:
    """What is measured by its memory and its answer: run a single time."""
    wall, cpu = time.perf_counter(), time.process_time()
    answer = work()
    return Measured(time.perf_counter() - wall, time.process_time() - cpu, peak_memory(), answer)


def peak_memory() -> float:
    """MiB that this process held at most. Where the kernel keeps a mark for this program alone it is taken:
    that of getrusage begins with whoever started us."""
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KIB_PER_UNIT / 1024


def command(folder: Path, *words: str) -> Measured:
    """Run `python -m analytics …` once."""
    start = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "analytics", *words],
            cwd=ROOT, env=environment(folder), stdout=subprocess.DEVNULL, stderr=said,
        )  # fmt: skip
        _pid, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        if status:
            said.seek(0)
            raise SystemExit(f"`{' '.join(words)}` failed:\n{said.read().decode()[-3000:]}")
    return Measured(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss * KIB_PER_UNIT / 1024)
