"""Faults of the machine: after each the last good version serves, what is wrong is said, and nothing saved is lost.

A cut-off file is in `test_stand_in`, a full disk in `test_load`, a lost server of the store in `test_database`, a clock
that was put back in `test_versions`.
"""

import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from analytics.access.book import Book
from analytics.errors import AnalyticsError
from analytics.store.store import open_store
from analytics.warehouse import engine, publish
from analytics.warehouse.building import building
from analytics.warehouse.engine import _opened, open_warehouse
from analytics.warehouse.load import load
from analytics.warehouse.versions import current_manifest, current_version, versions

OWNER = "owner@bank.example"
TRANSACTIONS = "transaction_id,customer_id,booked_at,amount\n"
KILLS = 20
# A process that reads, spills and goes.
ANOTHER = """import sys
from pathlib import Path
from analytics.warehouse import engine
engine.READER_SETTINGS["memory_limit"] = "60MB"
engine.open_warehouse(Path(sys.argv[1])).query(sys.argv[2])
"""
# Every write and every flush waits a twentieth of a second, as on a disk that is slow; what waited is written down.
SLOWLY = ["strace", "--follow-forks", "--seccomp-bpf", "--trace=fsync,fdatasync,pwrite64",
          "--inject=fsync,fdatasync,pwrite64:delay_enter=50ms"]  # fmt: skip


def bank(folder: Path, customers: int) -> Path:
    """Transactions of this many customers."""
    folder.mkdir(exist_ok=True)
    rows = [f"{n},C{n},2026-01-05,{n + 1}\n" for n in range(customers)]
    (folder / "transactions.csv").write_text(TRANSACTIONS + "".join(rows))
    return folder


def customers(root: Path) -> int:
    return int(open_warehouse(root).query("SELECT count(*) AS n FROM customers")["n"][0].as_py())


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A bank of two customers, and somebody who saved something."""
    load(bank(tmp_path / "source", 2), tmp_path / "warehouse", owner=OWNER)
    open_store(None, tmp_path / "warehouse").recipes.save(OWNER, "Mine", "title = 'Mine'")
    return tmp_path / "warehouse"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.usefixtures("bare_main")
def test_loads_that_are_killed_at_random_moments_leave_a_whole_bank(root: Path, tmp_path: Path) -> None:
    """One more customer each time: the version before serves whole or the new one does, and the next load finds no litter."""
    source, moments = bank(tmp_path / "source", 3), random.Random()
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["analytics.warehouse.load"])

    def loading() -> multiprocessing.process.BaseProcess:
        process = context.Process(target=load, args=(source, root))
        process.start()
        return process

    loading().join()  # whoever is first waits for the server of processes to be up
    began = time.monotonic()
    loading().join()
    lasts, killed, served = time.monotonic() - began, 0, 3
    for _attempt in range(KILLS):
        bank(source, served + 1)
        process, moment = loading(), moments.uniform(0, lasts)
        process.join(moment)
        if process.is_alive():
            os.kill(process.pid or 0, signal.SIGKILL)
            killed += 1
        process.join()
        found = customers(root)
        assert found in (served, served + 1), f"killed after {moment:.3f} s"
        assert found == current_manifest(root).customers
        assert sum(row["current"] for row in versions(root)) == 1
        served = found
    assert killed > KILLS / 4
    last = load(bank(source, served + 1), root)["version"]
    assert (current_version(root), customers(root)) == (last, served + 1)
    assert {path.stem for path in (root / "versions").iterdir()} == {row["version"] for row in versions(root)}
    assert [recipe.name for recipe in open_store(None, root).recipes.visible(OWNER)] == ["Mine"]


@pytest.fixture
def sealed(root: Path, tmp_path: Path) -> Iterator[Path]:
    """The bank in a folder that nobody may write to: for root another mount of it, for others without the right."""
    if os.getuid():
        for path in (root, *root.rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)
        yield root
        for path in (root, *root.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        return
    place = tmp_path / "sealed"
    place.mkdir()
    subprocess.run(["mount", "-o", "bind,ro", str(root), str(place)], check=True)
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_bank_that_can_only_be_read_is_served_with_its_store_elsewhere(
    sealed: Path, tmp_path: Path, source_of_more: Path
) -> None:
    """As replicas share one: only a new version can't be made, and that is said."""
    store = open_store(f"sqlite:///{tmp_path / 'store.sqlite'}", tmp_path)
    version = current_version(sealed)
    book = Book.open(open_warehouse(sealed), store, OWNER)
    assert len(book.frame(("transactions_count_12m",))) == 2
    store.recipes.save(OWNER, "Another", "title = 'Another'")
    with pytest.raises(AnalyticsError, match="can't be opened") as told:
        load(source_of_more, sealed)
    assert "The version that served before still does." in told.value.remedy
    assert (current_version(sealed), customers(sealed)) == (version, 2)


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Readers that may use little memory, and a statement that needs more."""
    monkeypatch.setitem(engine.READER_SETTINGS, "memory_limit", "60MB")
    _opened.cache_clear()
    texts = "SELECT n, hash(n)::VARCHAR AS text FROM range(3_000_000) AS t(n) ORDER BY text"
    yield f"SELECT n FROM ({texts}) LIMIT 5 OFFSET 2_999_990"
    _opened.cache_clear()


def test_a_bank_that_can_only_be_read_answers_what_outgrows_memory(sealed: Path, narrow: str) -> None:
    assert open_warehouse(sealed).query(narrow).num_rows == 5


def test_what_outgrows_memory_is_answered_after_a_build_and_after_another_reader_has_left(
    root: Path, narrow: str
) -> None:
    """What readers spill is their own: neither a build's broom nor whoever goes takes it from another."""
    first = open_warehouse(root)
    assert first.query(narrow).num_rows == 5
    with building(root):
        pass
    assert first.query(narrow).num_rows == 5
    leaving = subprocess.run([sys.executable, "-c", ANOTHER, str(root), narrow], check=False, timeout=60)
    assert leaving.returncode == 0
    assert first.query(narrow).num_rows == 5
    assert {path.suffix for path in (root / "versions").iterdir()} == {".duckdb", ".json"}


def test_a_store_that_can_only_be_read_records_nothing_and_says_so(sealed: Path) -> None:
    """What can't be recorded is not done; whether it can be opened at all is SQLite's to say."""
    with pytest.raises(AnalyticsError, match="The store of saved recipes and grants") as told:
        open_store(None, sealed).audit.append(OWNER, "signed in", {})
    assert told.value.remedy


@pytest.fixture
def source_of_more(tmp_path: Path) -> Path:
    return bank(tmp_path / "more", 5)


def may_trace() -> bool:
    """Whether this machine has the tracer and lets it do its work: some containers don't."""
    tracer = shutil.which("strace")
    return (
        tracer is not None
        and subprocess.run([tracer, "true"], check=False, capture_output=True).returncode == 0
    )


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a tracer that holds up writes")
def test_on_a_slow_disk_every_answer_is_of_one_whole_version(root: Path, source_of_more: Path) -> None:
    """Whatever is asked while a load waits for its disk is of the version before, and then all of the new one."""
    if not may_trace():
        pytest.skip("no process may be traced here")
    before, trace, answers = current_version(root), root.parent / "trace", set()
    command = [sys.executable, "-m", "analytics", "load", str(source_of_more), "--warehouse", str(root)]
    loading = subprocess.Popen([*SLOWLY, f"--output={trace}", *command], stdout=subprocess.DEVNULL)
    while loading.poll() is None:
        _opened.cache_clear()
        answers.add(customers(root))
        assert current_version(root) == before or customers(root) == 5
        time.sleep(0.02)
    assert loading.returncode == 0
    assert {2} <= answers <= {2, 5}
    assert trace.read_text().count("(DELAYED)") > 20
    assert customers(root) == 5


def test_until_the_new_version_is_kept_for_good_the_one_before_serves(
    root: Path, source_of_more: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A flush that takes for ever: whatever is asked meanwhile is answered from the version before."""
    asked, done, flush = Event(), Event(), publish.flush

    def slow(path: Path) -> None:
        asked.set()
        assert done.wait(60)
        flush(path)

    monkeypatch.setattr(publish, "flush", slow)
    before = current_version(root)
    with ThreadPoolExecutor(1) as pool:
        loading = pool.submit(load, source_of_more, root)
        assert asked.wait(60)
        _opened.cache_clear()
        assert (current_version(root), customers(root)) == (before, 2)
        done.set()
        assert loading.result()["version"] == current_version(root) != before
    assert customers(root) == 5
