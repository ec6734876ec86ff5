"""A Spark session, and in words what keeps it from starting or makes it fail. The only module that imports pyspark."""

import os
import shutil
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from analytics.errors import AnalyticsError, BadInput
from analytics.translation import translate as _
from analytics.warehouse.mart_tables import absurd

# What a build needs to give the same figures as DuckDB: moments have no time zone, nothing wraps around.
SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
}
# What can be set otherwise with --conf.
DEFAULTS = {
    "spark.app.name": "Clientele",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.parquet.compression.codec": "zstd",
}
ANSWERS_WITHIN = 5  # seconds, for a master
WORKS_WITHIN = 60  # seconds, for the first executor
_ABSURD = ("ARITHMETIC_OVERFLOW", "CAST_OVERFLOW", "NUMERIC_VALUE_OUT_OF_RANGE", "BINARY_ARITHMETIC_OVERFLOW")


@contextmanager
def session_on(master: str, settings: Mapping[str, str], log: Path) -> Iterator[Any]:
    """A session on a master, ended afterwards.

    master : as Spark writes it: spark://host:port, yarn, k8s://https://host:port, local[2].
    log : the file that gets what Spark's driver writes to stderr.
    Raises BadInput where pyspark or Java is missing, or the master does not answer or gives nobody to work.
    """
    _need_java()
    _need_answer(master)
    _need_pyspark()
    with explained_spark():
        with _stderr_to(log):
            session = _started(master, {**DEFAULTS, **settings, **SETTINGS})
        try:
            _need_workers(session, master)
            yield session
        finally:
            _end(session)


def _end(session: Any) -> None:
    """Stop the session and the Java process behind it, which would stay until this one ends."""
    from pyspark import SparkContext

    session.stop()
    gateway = SparkContext._gateway
    SparkContext._gateway = SparkContext._jvm = None
    if gateway is not None:
        gateway.shutdown()
        gateway.proc.stdin.close()
        gateway.proc.wait()


def _started(master: str, settings: Mapping[str, str]) -> Any:
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(master)
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    # Where DuckDB has a function and Spark has none of that name.
    session.sql(
        "CREATE OR REPLACE TEMPORARY FUNCTION isfinite(x DOUBLE) RETURNS BOOLEAN "
        "RETURN NOT isnan(x) AND abs(x) < DOUBLE('Infinity')"
    )
    return session


@contextmanager
def _stderr_to(log: Path) -> Iterator[None]:
    """Let a process that is started meanwhile write its errors there for good: a person reads ours, in words."""
    sys.stderr.flush()
    before = os.dup(2)
    try:
        with log.open("wb") as file:
            os.dup2(file.fileno(), 2)
        yield
    finally:
        os.dup2(before, 2)
        os.close(before)


def _need_pyspark() -> None:
    if find_spec("pyspark") is None:
        raise BadInput(_("Spark is not installed."), _("Install it: pip install -r requirements-spark.txt."))


def _need_java() -> None:
    home = os.environ.get("JAVA_HOME")
    if not shutil.which(str(Path(home) / "bin" / "java") if home else "java"):
        raise BadInput(
            _("Spark needs Java, and there is none."),
            _("Install Java 17 or 21, on Debian openjdk-17-jre-headless, or set JAVA_HOME."),
        )


def _need_answer(master: str) -> None:
    """Spark itself asks a standalone master for a minute before it gives up."""
    if not master.startswith("spark://"):
        return
    for place in master.removeprefix("spark://").split(","):
        host, _colon, port = place.rpartition(":")
        try:
            socket.create_connection((host, int(port)), ANSWERS_WITHIN).close()
        except (OSError, ValueError, OverflowError):
            continue
        return
    raise BadInput(
        _("There is no Spark master at {master}.").format(master=master),
        _("Check --master; a standalone master shows its own address, spark://host:7077, on its page."),
    )


def _need_workers(session: Any, master: str) -> None:
    """Without workers Spark would wait for ever."""
    until = time.monotonic() + WORKS_WITHIN
    context = session.sparkContext._jsc.sc()
    while not master.startswith("local") and context.getExecutorMemoryStatus().size() < 2:
        if time.monotonic() > until:
            raise BadInput(
                _("{master} gave no worker within {n} seconds.").format(master=master, n=WORKS_WITHIN),
                _(
                    "Start workers, or ask for less with --conf spark.executor.memory=… and spark.cores.max=…."
                ),
            )
        time.sleep(0.1)


@contextmanager
def explained_spark() -> Iterator[None]:
    """Say in words what Spark says, in one line."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError) as error:
        said = str(error)
        if any(sign in said for sign in _ABSURD):
            raise absurd() from error
        raise AnalyticsError(
            _("Spark stopped: {reason}").format(reason=_reason(said)),
            _("Its log and the master's page tell more. The version that served before still does."),
        ) from error


def _reason(said: str) -> str:
    """The line that tells most: the innermost cause without the trace.

    >>> _reason("An error occurred while calling o1.parquet.\\n: java.lang.X: outer\\n\\tat y\\nCaused by: java.io.Z: inner")
    'java.io.Z: inner'
    """
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    causes = [line.removeprefix("Caused by: ") for line in lines if line.startswith("Caused by: ")]
    told = [line.removeprefix(": ") for line in lines if line.startswith(": ")]
    return (causes[-1:] or told or lines[:1] or [""])[0][:300]
