"""Opening the store's database: SQLite by default, or any URL that SQLAlchemy knows."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from analytics.errors import AnalyticsError
from analytics.translation import translate as _

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_SECONDS = 10


def open_engine(url: str) -> Engine:
    """An engine on an up-to-date schema; a SQLite file and its folder are made when missing.

    Raises AnalyticsError where that can't be, without repeating the URL: it may hold a password.
    """
    try:
        engine = _engine(url)
        _migrate(engine)
    except (SQLAlchemyError, CommandError, OSError, ImportError) as error:
        raise AnalyticsError(
            _("The store of saved recipes and grants can't be opened."),
            _("Its folder must be writable, or CLIENTELE_STORE a SQLAlchemy URL whose driver is installed."),
        ) from error
    return engine


def _engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, pool_pre_ping=True)
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that will write; SQLite waits for its turn at the start instead of failing later."""
    with engine.execution_options(will_write=True).begin() as connection:
        yield connection


def now() -> datetime:
    """The moment, in UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


def in_utc(moment: datetime) -> datetime:
    """A moment read back from the store: SQLite forgets the zone, which is always UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # Python's driver begins transactions by its own rules, and not before DDL: see _begin_sqlite.
    connection.isolation_level = None
    for pragma in ("journal_mode = WAL", "foreign_keys = ON", "synchronous = NORMAL"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("will_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _migrate(engine: Engine) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    newest = ScriptDirectory.from_config(config).get_current_head()
    with engine.connect() as connection:
        if MigrationContext.configure(connection).get_current_revision() == newest:
            return
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
