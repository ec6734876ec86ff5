"""Opening the store's database: SQLite by default, PostgreSQL by URL."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, event, inspect
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.exc import DataError, OperationalError, SQLAlchemyError

from analytics.errors import AnalyticsError, BadInput
from analytics.translation import translate as _

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_SECONDS = 10
# What the one writer of a PostgreSQL store holds. Any number does that nobody else in the database uses.
TURN = 1_129_072_965
# Troubles of a SQLite file that are no bug: somebody writes for long, the disk, the folder's rights.
_FILE_TROUBLES = ("SQLITE_BUSY", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_CANTOPEN")


def open_engine(url: str, begin: Callable[[Connection], None] | None = None) -> Engine:
    """An engine on an up-to-date schema; a SQLite file and its folder are made when missing.

    begin : called in the transaction that makes the audit trail's tables, and never again.
    Raises AnalyticsError where that can't be, without repeating the URL: it may hold a password.
    """
    try:
        engine = _engine(url)
        _migrate(engine, begin)
    except (SQLAlchemyError, CommandError, OSError, ImportError, ValueError) as error:
        # A ValueError quotes the piece of the URL that it stumbled over.
        known = None if isinstance(error, ValueError) else error
        raise AnalyticsError(
            _("The store of saved recipes and grants can't be opened."),
            _(
                "Its folder must be writable, or CLIENTELE_STORE a SQLAlchemy URL whose driver is installed and whose "
                "server answers and lets this account in."
            ),
        ) from known
    event.listen(engine, "handle_error", _say_in_words)
    return engine


def _engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        return _postgres_engine(parsed)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, pool_pre_ping=True, hide_parameters=True)
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, connect_args={"timeout": BUSY_SECONDS}, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _postgres_engine(url: URL) -> Engine:
    patience = {} if "connect_timeout" in url.query else {"connect_timeout": BUSY_SECONDS}
    engine = create_engine(url, pool_pre_ping=True, hide_parameters=True, connect_args=patience)
    event.listen(engine, "begin", _begin_postgres)
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that will write: one at a time, whatever the database, for each waits for its turn first.

    So what it read stays true until it ends, and two that would add the same row come one after the other.
    """
    with engine.execution_options(will_write=True).begin() as connection:
        yield connection


def now() -> datetime:
    """The moment, in UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


def in_utc(moment: datetime) -> datetime:
    """A moment read back from the store: SQLite forgets the zone, which is always UTC; a server has its own."""
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # Python's driver begins transactions by its own rules, and not before DDL: see _begin_sqlite.
    connection.isolation_level = None
    for pragma in ("journal_mode = WAL", "foreign_keys = ON", "synchronous = NORMAL"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("will_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _begin_postgres(connection: Connection) -> None:
    if connection.get_execution_options().get("will_write"):
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{BUSY_SECONDS}s'")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({TURN})")


def _say_in_words(context: ExceptionContext) -> None:
    """What is nobody's bug becomes a sentence; it names neither the server nor the account."""
    error = context.sqlalchemy_exception
    if isinstance(error, DataError):
        raise BadInput(
            _("The store can't keep this text: it is too long, or holds a character that is no text."),
            _("Shorten it, or type it again."),
        ) from error
    sqlite = getattr(context.original_exception, "sqlite_errorname", None)
    if isinstance(error, OperationalError) and (sqlite is None or sqlite.startswith(_FILE_TROUBLES)):
        raise AnalyticsError(
            _("The store of saved recipes and grants does not answer."),
            _("Try again in a minute. If it stays so, tell the people who run this service."),
        ) from error


def _migrate(engine: Engine, begin: Callable[[Connection], None] | None = None) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    newest = ScriptDirectory.from_config(config).get_current_head()
    with engine.connect() as connection:
        if MigrationContext.configure(connection).get_current_revision() == newest:
            return
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        new = not inspect(connection).has_table("audit_head")
        command.upgrade(config, "head")
        if new and begin:
            begin(connection)
