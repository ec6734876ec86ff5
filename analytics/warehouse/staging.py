"""Staging: foreign files become `source.<table>`, by a SELECT file a table or as they are."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

import duckdb

from analytics.errors import BadInput, UnknownName, nearest
from analytics.translation import translate as _
from analytics.warehouse.tables import TABLES
from analytics.warehouse.text_files import TextFile, read_header, require_whole_packing

SUFFIXES = (".csv", ".csv.gz", ".parquet")
BUFFER = 64_000_000  # bytes of a file at a time: by DuckDB's own 32 MB a ledger took a third longer to read
# The semicolon that ends a statement, with nothing but remarks behind it.
_END = re.compile(r";(\s|--[^\n]*(\n|$)|/\*.*?\*/)*$", re.DOTALL)
_folder_lock = Lock()


@dataclass(frozen=True)
class Source:
    """Where a table's rows come from: `file` is its name for people; `text` where it is a delimited file."""

    file: str
    text: TextFile | None = None


@dataclass
class Staged:
    """What staging found: a source a table, and sentences about what it left aside."""

    sources: dict[str, Source] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def quoted(name: str) -> str:
    """A name as a SQL identifier.

    >>> quoted('Customer "ID"')
    '"Customer ""ID\"""'
    """
    return '"' + name.replace('"', '""') + '"'


def literal(text: object) -> str:
    """A text as a SQL literal.

    >>> literal("it's")
    "'it''s'"
    """
    return "'" + str(text).replace("'", "''") + "'"


@contextmanager
def working_in(folder: Path) -> Iterator[None]:
    """Run in this folder, for file names in a staging SELECT are relative to the source; then go back.

    The working directory belongs to the whole process, so two loads in one process take turns.
    """
    with _folder_lock:
        before = Path.cwd()
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)


def find_sources(source: Path) -> tuple[dict[str, Path], list[Path]]:
    """The files named after a table, and the other tables-like files. `source` is a folder or one file.

    Raises BadInput where there is no such path, two files claim the same table, or one lies elsewhere.
    """
    if not source.exists():
        raise BadInput(_("There is no {path}.").format(path=source), _("Check the path's spelling."))
    found: dict[str, Path] = {}
    others: list[Path] = []
    for path in sorted(source.iterdir()) if source.is_dir() else [source]:
        table = _stem(path)
        if table not in TABLES:
            others += [path] if table else []
        elif table in found:
            raise BadInput(
                _("Both {first} and {second} hold the table {table}.").format(
                    first=found[table].name, second=path.name, table=table
                ),
                _("Keep one of them."),
            )
        elif source.is_dir() and not path.resolve().is_relative_to(source.resolve()):
            raise BadInput(
                _("{file} is a link to a place outside of the source folder.").format(file=path.name),
                _("Put the file itself into the folder."),
            )
        else:
            found[table] = path
    return found, others


def _stem(path: Path) -> str:
    """The table that a file is named after; empty for other kinds of files."""
    name = path.name.lower()
    return next((name.removesuffix(suffix) for suffix in SUFFIXES if name.endswith(suffix)), "")


def find_selects(staging: Path) -> dict[str, Path]:
    """The `<table>.sql` files of a staging folder. Raises BadInput where there are none."""
    if not staging.is_dir():
        raise BadInput(
            _("There is no staging folder {path}.").format(path=staging), _("Check the path's spelling.")
        )
    found = {path.stem.lower(): path for path in sorted(staging.glob("*.sql"))}
    for name, path in found.items():
        if name not in TABLES:
            raise UnknownName(
                _("{file} is named after no table.").format(file=path.name), _did_you_mean(name)
            )
    if not found:
        raise BadInput(
            _("{path} holds no .sql file.").format(path=staging),
            _("Write one SELECT a table, such as transactions.sql."),
        )
    return found


def _did_you_mean(name: str) -> str:
    close = nearest(name, list(TABLES))
    if close:
        return _("Did you mean {nearest}?").format(nearest=close)
    return _("Tables are: {tables}.").format(tables=", ".join(TABLES))


def read_select(con: duckdb.DuckDBPyConnection, path: Path) -> str:
    """The one SELECT that a staging file holds. Raises BadInput for anything else."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        statements = con.extract_statements(text)
    except UnicodeDecodeError as error:
        raise BadInput(
            _("{file} is not UTF-8 text.").format(file=path.name), _("Save it as UTF-8.")
        ) from error
    except duckdb.Error as error:
        raise broken_select(path.name, error) from error
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise BadInput(
            _("{file} must hold exactly one SELECT.").format(file=path.name),
            _("Take out everything else; the load itself creates and fills the table."),
        )
    return _END.sub("", text)


def broken_select(file: str, error: Exception) -> BadInput:
    """What DuckDB says about a staging file or a source, in one line."""
    said = " ".join(str(error).split())
    return BadInput(
        _("{file} can't be run: {reason}").format(file=file, reason=said[:300]),
        _("Correct the SELECT or the file that it reads; file names are relative to the source folder."),
    )


def stage(con: duckdb.DuckDBPyConnection, source: Path, staging: Path | None) -> Staged:
    """Create `source.<table>` views for all that is there, after closing every other file to the connection.

    Run inside `working_in(folder of source)`. Views read when they are asked, so their files must stay.
    """
    selects = find_selects(staging) if staging else {}
    files, others = find_sources(source)
    staged = Staged()
    if not staging:
        staged.warnings += [left_aside(path.name, _stem(path)) for path in others]
    con.execute("CREATE SCHEMA IF NOT EXISTS source")
    lock(con, source)
    for table in TABLES:
        if table in selects:
            _stage_select(con, table, selects[table])
            staged.sources[table] = Source(selects[table].name)
        elif table in files:
            staged.sources[table] = _stage_file(con, table, files[table])
    return staged


def left_aside(file: str, stem: str) -> str:
    """What is said of a file that is named after no table."""
    close = nearest(stem, list(TABLES))
    if close:
        return _("{file} was not read: no table has this name. Did you mean {table}?").format(
            file=file, table=close
        )
    return _("{file} was not read: no table has this name.").format(file=file)


def lock(con: duckdb.DuckDBPyConnection, source: Path) -> None:
    """Leave the source, and the build's own folder, as all that this database can read from now on."""
    setting = "allowed_directories" if source.is_dir() else "allowed_paths"
    con.execute(f"SET {setting} = list_append(current_setting('{setting}'), {literal(source.resolve())})")
    con.execute("SET python_enable_replacements = false")
    # How many rows a text file has is not known before: a ledger was taken for the smaller side of its joins. As they
    # are written, the right side of each is the one that is kept in memory.
    con.execute("SET disabled_optimizers = 'build_side_probe_side'")
    con.execute("SET enable_external_access = false")
    con.execute("SET lock_configuration = true")


def _stage_select(con: duckdb.DuckDBPyConnection, table: str, path: Path) -> None:
    select = read_select(con, path)
    try:
        # The line break ends a comment on the last line.
        con.execute(f"CREATE VIEW source.{quoted(table)} AS SELECT * FROM (\n{select}\n)")
    except duckdb.Error as error:
        raise broken_select(path.name, error) from error


def _stage_file(con: duckdb.DuckDBPyConnection, table: str, path: Path) -> Source:
    if path.suffix.lower() != ".parquet":
        text = read_header(path, TABLES[table].names)
        require_whole_packing(path)
        stage_text(con, table, text)
        return Source(path.name, text)
    try:
        con.execute(
            f"CREATE VIEW source.{quoted(table)} AS SELECT * FROM read_parquet({literal(path.resolve())})"
        )
    except duckdb.Error as error:
        raise BadInput(
            _("{file} is not a Parquet file that can be read.").format(file=path.name), _("Export it again.")
        ) from error
    return Source(path.name)


def stage_text(con: duckdb.DuckDBPyConnection, table: str, text: TextFile, path: Path | None = None) -> None:
    """Read a delimited file as text, broken lines set aside in `rejects_<table>`.

    path : a whole path to read instead of its own.
    """
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in text.names)
    options = (
        f"columns = {{{columns}}}, delim = {literal(text.delimiter)}, auto_detect = false, header = true, "
        "quote = '\"', escape = '\"', nullstr = '', store_rejects = true, rejects_limit = 0, "
        f"rejects_table = 'rejects_{table}', rejects_scan = 'scans_{table}', buffer_size = {BUFFER}"
    )
    file = literal(path or text.path.resolve())
    con.execute(f"CREATE OR REPLACE VIEW source.{quoted(table)} AS SELECT * FROM read_csv({file}, {options})")
