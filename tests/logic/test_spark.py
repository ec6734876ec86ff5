"""Spark beside DuckDB: one bank with hard cases, loaded once on a real standalone cluster of two workers, one of which
is killed in the middle. Every table, mart and indicator must come out as DuckDB's."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import duckdb
import numpy as np
import pytest

from analytics.commands import run
from analytics.errors import BadInput
from analytics.indicators import CATALOGUE
from analytics.indicators.sources import FITTED
from analytics.warehouse.engine import open_warehouse
from analytics.warehouse.load import load
from analytics.warehouse.spark import session as sessions
from analytics.warehouse.spark.checking import SparkWork, find_tables
from analytics.warehouse.spark.load import load_with_spark
from analytics.warehouse.tables import TABLES
from tests.conftest import HAND
from tests.screens.session import opened, serve_to_owner, texts, whole

HARD = {
    # Half cents either way, one that no float holds, blanks around an id, capitals, the same id twice, and four
    # rows to refuse: an unknown account, no number, no date, before 1800.
    "transactions": """H1,C1,A1,2026-06-07 10:00:00,0.125,USD,card,MOBILE,0.0050
H2,C1,A1,2026-06-07 10:00:00,-0.125,USD,card,Web,
H3,C1,A1,2026-06-07 10:00:00,2.675,CNY,,branch,0.015
H4, C2 ,A2,2026-06-08,-0.005,CNY,card,,
H5,C2,,2024-02-29 00:00:00,1.005,CNY,transfer,internet,
H5,C3,,2024-02-29 00:00:00,7,CNY,transfer,internet,
H6,C1,A99,2026-06-07,1,CNY,,,
H7,C1,A1,2026-06-07,many,CNY,,,
H8,C1,A1,some day,1,CNY,,,
H9,C1,A1,1799-12-31,1,CNY,,,
""",
    "balances": "A1,2026-03-31,0.125,\nA3,2026-05-31,-123456.785,3\nA1,2026-06-29,5,\nA3,2026-04-30,10.0050,31\n",
    "surveys": "C1,2026-06-20,\nC3,2026-06-30,10\n",  # the newest of C1 has no answer
    "contacts": "K1,C1,2026-06-30 23:59,,2026-07-01 00:30\nK1,C3,2025-06-30 00:00,false,\n",
    "customers": ",personal,Nobody,,,,,,,,,,,\nC1,personal,Twice,,,,,,,,,,,\n",
    "accounts": "A8,C2,P9,EUR,,2026-05-31\n",
}
# What the bank of six customers does not know of them, so that every indicator has its columns.
LABELS = (
    "occupation", "education", "marital_status", "home_ownership", "lifestyle", "personality", "purchase_motive",
    "brand_loyalty", "price_attitude",
)  # fmt: skip
MORE = "".join(f", CASE WHEN name < 'D' THEN '{label}' END AS {label}" for label in LABELS) + (
    ", '1234.565' AS annual_income, '3' AS risk_tolerance, '2024-02-29' AS risk_assessed_on"
)
CHANNELS, CURRENCIES = ("mobile", "Online", "branch", "atm", ""), ("CNY", "USD", "EUR", "")
QUICK = {
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",  # a few rows cost less than compiling for them
    "spark.executor.memory": "480m",
    "spark.driver.memory": "600m",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.shuffle.io.maxRetries": "1",
    "spark.shuffle.io.retryWait": "100ms",
    "spark.eventLog.enabled": "true",
    "spark.eventLog.compress": "false",
}
LIGHT = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
PATIENCE = 120  # seconds for processes to come up on a busy machine


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def written_on(rng: np.random.Generator, n: int) -> str:
    """A transaction of one of the six customers, some time in two years, of up to four decimals."""
    day = np.datetime64("2024-07-01") + rng.integers(0, 730)
    amount, fee = rng.normal(0, 500), rng.choice(["", f"{rng.random():.4f}"])
    words = [
        f"R{n}",
        f"C{rng.integers(1, 7)}",
        "",
        f"{day} 12:00:00",
        f"{amount:.4f}",
        rng.choice(CURRENCIES),
    ]
    return ",".join([*words, rng.choice(["salary", "card", ""]), rng.choice(CHANNELS), fee])


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bank as Parquet of texts; the ledger in a folder, as Spark itself writes."""
    folder = tmp_path_factory.mktemp("lake")
    rng = np.random.default_rng(7)
    ledger = "\n".join(written_on(rng, n) for n in range(400)) + "\n"
    for name, text in HAND.items():
        rows = folder / f"{name}.csv"
        rows.write_text(
            text + HARD.get(name, "") + (ledger if name == "transactions" else ""), encoding="utf-8"
        )
        target = folder / name if name == "transactions" else folder
        target.mkdir(exist_ok=True)
        more = MORE if name == "customers" else ""
        read = f"SELECT *{more} FROM read_csv('{rows}', all_varchar = true)"
        duckdb.sql(f"COPY ({read}) TO '{target / name}.parquet'")
        rows.unlink()
    return folder


class Cluster:
    """A master and two workers, each in a process group of its own with the executors that it starts."""

    def __init__(self, folder: Path) -> None:
        from pyspark.find_spark_home import _find_spark_home

        self.folder, self.program = folder, Path(_find_spark_home()) / "bin" / "spark-class"
        self.port, self.page = free_port(), free_port()
        self.master = f"spark://127.0.0.1:{self.port}"
        self.groups: list[subprocess.Popen[bytes]] = []
        self.start("master.Master", "--port", self.port, "--webui-port", self.page)
        self.until(lambda: self.told()["status"] == "ALIVE")
        for n in (1, 2):
            self.start(
                "worker.Worker",
                "-c",
                1,
                "-m",
                "512m",
                "-d",
                folder / f"worker{n}",
                "--webui-port",
                0,
                self.master,
            )
        self.until(lambda: self.told()["aliveworkers"] == 2)

    def start(self, name: str, *words: object) -> None:
        environment = os.environ | {
            "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_DAEMON_MEMORY": "256m", "SPARK_DAEMON_JAVA_OPTS": LIGHT,
            "SPARK_LOCAL_DIRS": str(self.folder),
        }  # fmt: skip
        command = [self.program, f"org.apache.spark.deploy.{name}", "--host", "127.0.0.1", *words]
        with (self.folder / f"{len(self.groups)}.log").open("wb") as log:
            self.groups.append(
                subprocess.Popen(
                    list(map(str, command)), env=environment, stdout=log, stderr=log, start_new_session=True
                )
            )

    def told(self) -> dict:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.page}/json/", timeout=10) as answer:
            return json.load(answer)

    def until(self, holds) -> None:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            with suppress(OSError, ValueError):
                if holds():
                    return
            time.sleep(0.1)
        raise AssertionError([log.read_text()[-2000:] for log in sorted(self.folder.glob("*.log"))])

    def signal(self, n: int, what: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.groups[n].pid, what)

    def end(self) -> None:
        for n, one in enumerate(self.groups):
            self.signal(n, signal.SIGKILL)
            one.wait()


def stages() -> tuple:
    """The stages that run, each with its tasks that run and that are done."""
    from pyspark import SparkContext

    tracker = SparkContext._active_spark_context.statusTracker()
    found = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds()]
    return tuple((one.stageId, one.numActiveTasks, one.numCompletedTasks) for one in found if one)


# Seconds in which no task starts or ends, though some run: what others do at the cores takes less.
HELD_UP = 8


class Accident:
    """A worker freezes when a step begins; once its tasks hold the job up, it and its executor are killed."""

    def __init__(self, cluster: Cluster, step: str) -> None:
        self.cluster, self.step, self.held_up = cluster, step, ()
        self.thread = threading.Thread(target=self.happen)

    def progress(self, step: str, _share: float | None) -> None:
        if self.step in step:
            self.cluster.signal(2, signal.SIGSTOP)
            self.thread.start()

    def happen(self) -> None:
        since, seen = time.monotonic(), ()
        while time.monotonic() - since < HELD_UP or not any(running for _stage, running, _done in seen):
            now = stages()
            if now != seen:
                since, seen = time.monotonic(), now
            time.sleep(0.1)
        self.held_up = seen
        self.cluster.signal(2, signal.SIGKILL)


@pytest.fixture(scope="module")
def loaded(source, tmp_path_factory):
    """The bank in two warehouses: by DuckDB, and by Spark with the accident; and what was seen of that."""
    folder = tmp_path_factory.mktemp("banks")
    (folder / "events").mkdir()
    by_hand = load_of_texts(source, folder)
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    try:
        accident = Accident(cluster, "customer_month")
        settings = QUICK | {
            "spark.eventLog.dir": (folder / "events").as_uri(),
            "spark.driver.extraJavaOptions": LIGHT,
            "spark.executor.extraJavaOptions": LIGHT,
        }
        report = load_with_spark(
            str(source), folder / "spark", master=cluster.master, settings=settings, owner="o@x.example",
            progress=accident.progress,
        )  # fmt: skip
        accident.thread.join()
    finally:
        cluster.end()
    return {"folder": folder, "reports": (by_hand, report), "accident": accident}


def load_of_texts(source: Path, folder: Path) -> dict:
    """The same files for DuckDB, which wants one a table."""
    flat = folder / "flat"
    flat.mkdir()
    for path in source.rglob("*.parquet"):
        shutil.copy(path, flat)
    return load(flat, folder / "duckdb", owner="o@x.example")


@pytest.fixture(scope="module")
def banks(loaded):
    return [open_warehouse(loaded["folder"] / engine) for engine in ("duckdb", "spark")]


def tables_of(bank) -> list[str]:
    return sorted(bank.query("SELECT table_name FROM duckdb_tables()")["table_name"].to_pylist())


def test_the_same_rows_are_accepted_and_refused_for_the_same_reasons(loaded):
    by_hand, by_spark = (
        {key: value for key, value in one.items() if key != "version"} for one in loaded["reports"]
    )
    assert by_spark == by_hand
    assert by_spark["tables"]["transactions"]["rejected"] == 5


def test_both_engines_make_the_same_tables_with_the_same_columns(banks):
    columns = [
        {table: [row[:2] for row in map(list, zip(*bank.query(f"DESCRIBE {table}").to_pydict().values(), strict=True))]
         for table in tables_of(bank)}
        for bank in banks
    ]  # fmt: skip
    assert columns[0] == columns[1]
    assert set(TABLES) < set(columns[0])


def test_every_table_and_mart_holds_the_same_rows_to_the_cent(banks):
    for table in set(tables_of(banks[0])) - {"customer_now"}:
        first, second = (sorted(map(repr, bank.query(f"FROM {table}").to_pylist())) for bank in banks)
        assert first == second, table
    assert len(banks[1].query("FROM customer_month")) > 100


@pytest.mark.parametrize("key", [key for key, row in CATALOGUE.items() if row.source != FITTED])
def test_every_indicator_is_the_same_on_both_engines(banks, key):
    first, second = (
        bank.query(f"SELECT {key} FROM customer_now ORDER BY customer_no")[key].to_pylist() for bank in banks
    )
    if CATALOGUE[key].unit in ("currency", "share", "years"):
        assert [value is None for value in second] == [value is None for value in first]
        known = [value for value in first if value is not None]
        assert [value for value in second if value is not None] == pytest.approx(known, rel=1e-9, abs=0)
    else:
        assert second == first
    assert len(first) == 6


def test_a_version_made_by_spark_answers_at_earlier_dates_too(banks, whole_book):
    keys = [key for key, row in CATALOGUE.items() if row.source != FITTED]
    early = banks[0].month_ends[-7]
    first, second = (whole_book(bank).frame(keys, as_of=early) for bank in banks)
    assert first.equals(second)


@pytest.mark.parametrize("page", ["", "customers", "segments", "value", "profit", "volumes", "movement"])
def test_a_page_says_the_same_over_a_version_made_by_spark(loaded, banks, monkeypatch, page):
    said = []
    for bank in banks:
        serve_to_owner(bank.root, monkeypatch, "o@x.example")
        said.append(texts(whole(opened(page))).replace(bank.version, "version"))
    assert said[1] == said[0]
    assert len(said[0]) > 200


def test_the_marts_lie_beside_the_version_as_parquet(loaded, banks):
    place = loaded["folder"] / "spark" / "marts" / banks[1].version
    for mart in ("transactions", "customer_month", "customer_now"):
        kept = duckdb.sql(f"SELECT count(*) FROM '{place / mart}/*.parquet'").fetchone()
        assert kept[0] == banks[1].query(f"SELECT count(*) AS n FROM {mart}")["n"][0].as_py()


def test_a_worker_was_killed_in_the_middle_of_a_job(loaded):
    assert sum(running for _stage, running, _done in loaded["accident"].held_up) >= 1
    files = [
        path for path in (loaded["folder"] / "events").rglob("*") if path.is_file() and path.suffix != ".crc"
    ]
    events = [json.loads(line) for path in files for line in path.read_text().splitlines()]
    removed = [event for event in events if event["Event"] == "SparkListenerExecutorRemoved"]
    ends = [
        event["Task End Reason"]["Reason"] for event in events if event["Event"] == "SparkListenerTaskEnd"
    ]
    assert removed
    assert {"ExecutorLostFailure", "FetchFailed"} & set(ends)


def test_no_master_is_said_in_words(source, tmp_path):
    with pytest.raises(BadInput, match=r"There is no Spark master at spark://127\.0\.0\.1:") as said:
        load_with_spark(str(source), tmp_path, master=f"spark://127.0.0.1:{free_port()}")
    assert "--master" in said.value.remedy
    assert not (tmp_path / "current").exists()


def test_what_spark_lacks_is_said_in_words(source, tmp_path, monkeypatch):
    with pytest.raises(BadInput, match="There is no folder"):
        load_with_spark(str(tmp_path / "nowhere"), tmp_path, master="local")
    monkeypatch.setattr(sessions, "find_spec", lambda name: None)
    with pytest.raises(BadInput, match=r"Spark is not installed.*requirements-spark\.txt"):
        load_with_spark(str(source), tmp_path, master="local")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(BadInput, match="Spark needs Java"):
        load_with_spark(str(source), tmp_path, master="local")


@pytest.mark.parametrize(
    ("words", "said"),
    [(["--append"], "neither --append nor"), (["--conf", "cores"], "cores is not a setting")],
)
def test_options_that_spark_cannot_follow_are_refused(source, tmp_path, monkeypatch, capfd, words, said):
    line = ["analytics", "load", str(source), "--engine", "spark", "--warehouse", str(tmp_path), *words]
    monkeypatch.setattr(sys, "argv", line)
    with pytest.raises(SystemExit) as ended:
        run()
    assert ended.value.code == 1
    assert said in capfd.readouterr().err


def test_a_source_that_is_not_parquet_is_refused_by_name():
    class Folder:
        def names_in(self, _url: str) -> list[str]:
            return ["transactions.csv.gz"]

    with pytest.raises(BadInput, match=r"transactions\.csv\.gz is not Parquet"):
        find_tables(Folder(), "s3a://bank", SparkWork(None, Path()))
