"""Checks: every row of a source is accepted into its contract table or rejected under one counted reason.

One pass a table: cells are cast, references looked up and the first complaint kept in the same INSERT. Only
repeated keys need a second look (`refused`).
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb

from analytics.errors import BadInput, nearest
from analytics.translation import translate as _
from analytics.warehouse.casting import ZONED, Cell, complaints
from analytics.warehouse.numbering import NAMING
from analytics.warehouse.staging import Source, broken_select, literal, quoted
from analytics.warehouse.tables import NUMBERS, Column, Table
from analytics.warehouse.touched import NEVER

# Not the input's fault: these are for whoever runs the build to explain.
_NOT_THE_INPUT = (
    duckdb.OutOfMemoryException,
    duckdb.InterruptException,
    duckdb.InternalException,
    duckdb.FatalException,
)
# What the checks add to a table while they work on it. `_row` tells which of the source's rows it was: its place in a
# table, the hash of what its line says in a text file.
NOTES = {"_row": "UBIGINT", "_reason": "VARCHAR", "_rounded": "BOOLEAN", "_raw": "VARCHAR[]"}


@dataclass
class Work:
    """One build: its connection (accepted rows go to the database `built`), its folder, and what came in.

    `present`: tables in the schema `source`. `given`: those and what an earlier version was given.
    `earlier`: whether `built` began as a copy of that version; `earlier_customers`: whether it was given customers.
    `touched`: from which day on what is added changes what was there (`touched`). `copy`: where a source may be
    repaired, None where it may not.
    """

    con: duckdb.DuckDBPyConnection
    folder: Path
    present: set[str] = field(default_factory=set)
    given: set[str] = field(default_factory=set)
    sources: dict[str, Source] = field(default_factory=dict)
    earlier: bool = False
    earlier_customers: bool = False
    touched: date = NEVER
    copy: Path | None = None
    warnings: list[str] = field(default_factory=list)

    def columns(self, relation: str) -> dict[str, str]:
        """Names and types of a table or view."""
        return {row[0]: row[1] for row in self.con.execute(f"DESCRIBE {relation}").fetchall()}

    def count(self, sql: str) -> int:
        """The single figure that a query gives."""
        row = self.con.execute(sql).fetchone()
        return int(row[0]) if row and row[0] is not None else 0


@dataclass
class Lookup:
    """A join that finds a referred row: the value looked for and the alias where it would be."""

    column: str
    value: str
    alias: str
    table: str
    key: str


def match_columns(work: Work, table: Table) -> list[Cell]:
    """The source's columns that the contract knows, compared without regard to case.

    Raises BadInput where a required one is missing, with the nearest that is there. Others lead to a warning.
    """
    there = work.columns(f"source.{quoted(table.name)}")
    by_name = {name.strip().lower(): name for name in there}
    cells = [
        Cell(column, quoted(by_name[column.name]), there[by_name[column.name]])
        for column in table.columns
        if column.name in by_name
    ]
    _need_plain(cells, table)
    work.warnings += [_in_utc(cell, table) for cell in cells if cell.source_type == ZONED]
    found = {cell.column.name for cell in cells}
    others = [name for name in by_name if name not in found and name not in NUMBERS]
    _need_columns(work, table, found, others)
    if others and not table.keeps_extra:
        work.warnings.append(
            _("{table}: columns that the contract does not know were left out: {columns}.").format(
                table=table.name, columns=", ".join(others)
            )
        )
    return cells


def _need_plain(cells: list[Cell], table: Table) -> None:
    """Refuse lists and the like, and amounts that are yes or no: no cast makes a key or a figure of them."""
    for cell in cells:
        nested = cell.source_type.endswith("]") or cell.source_type.startswith(("STRUCT", "MAP", "UNION"))
        if nested or (cell.source_type == "BOOLEAN" and cell.column.type in ("money", "number", "integer")):
            raise BadInput(
                _("{table}: the column {column} is of the type {type}, which holds no {wanted}.").format(
                    table=table.name, column=cell.column.name, type=cell.source_type, wanted=cell.column.type
                ),
                _("Write it as plain values, or cast it with {table}.sql in a staging folder.").format(
                    table=table.name
                ),
            )


def _in_utc(cell: Cell, table: Table) -> str:
    said = _(
        "{table}: {column} has a time zone, and its moments are taken as UTC has them. Where days begin elsewhere, cast "
        "it in a staging folder, such as {column} AT TIME ZONE 'Asia/Shanghai' AS {column}."
    )
    return said.format(table=table.name, column=cell.column.name)


def _need_columns(work: Work, table: Table, found: set[str], others: list[str]) -> None:
    missing = [column.name for column in table.columns if column.required and column.name not in found]
    if table.either and not found & set(table.either):
        missing.insert(0, table.either[0])
    if not missing:
        return
    source = work.sources.get(table.name)
    close = nearest(missing[0], others)
    if close:
        remedy = _("Is it {nearest}? Rename it, or cast the file with {table}.sql in a staging folder.")
    else:
        remedy = _("Add it, or cast the file with {table}.sql in a staging folder. It has: {columns}.")
    raise BadInput(
        _("{file} has no column {column}, which the table {table} needs.").format(
            file=source.file if source else table.name, column=missing[0], table=table.name
        ),
        remedy.format(nearest=close, table=table.name, columns=", ".join([*sorted(found), *others])),
    )


def extra_columns(work: Work, table: Table, relation: str, cells: list[Cell]) -> list[Cell]:
    """Columns beyond the contract that are kept: as numbers where all of it is numbers, else as text."""
    known = {cell.raw for cell in cells}
    found = []
    for name, source_type in work.columns(relation).items() if table.keeps_extra else ():
        raw, key = quoted(name), name.strip().lower()
        if raw in known or key in NUMBERS:
            continue
        other = f"count_if(TRY_CAST({raw} AS DOUBLE) IS NULL AND {raw} IS NOT NULL)"
        earlier = earlier_columns(work, table).get(key)
        is_text = source_type.startswith(("DATE", "TIME")) or work.count(f"SELECT {other} FROM {relation}")
        is_number = earlier == "DOUBLE" if earlier else not is_text
        found.append(Cell(Column(key, "number" if is_number else "text"), raw, source_type))
    return found


def target_of(work: Work, table: Table) -> str:
    """Where the rows of a source go that are checked: the table itself, or beside it where that has rows already."""
    return "main.incoming" if work.earlier else f"built.{quoted(table.name)}"


def create_table(work: Work, table: Table, target: str, cells: Iterable[Cell] | None = None) -> None:
    """The table with all of the contract's columns, its customers' numbers if they are known, and what checks of
    `cells` note."""
    extra = [cell.column for cell in cells or ()]
    columns = {column.name: column.sql_type for column in (*table.columns, *extra)}
    columns = earlier_columns(work, table) | columns | ({} if cells is None else NOTES)
    if table.name == "customers":
        columns["customer_no"] = "INTEGER"
    elif "customers" in work.given:
        columns |= dict.fromkeys(NAMING.get(table.name, ()), "INTEGER")
    listed = ", ".join(f"{quoted(name)} {type_}" for name, type_ in columns.items())
    work.con.execute(f"CREATE OR REPLACE TABLE {target} ({listed})")


def earlier_columns(work: Work, table: Table) -> dict[str, str]:
    """The columns that came in with the earlier version, if there is one, and their types."""
    if not work.earlier:
        return {}
    columns = work.columns(f"built.{quoted(table.name)}")
    return {name: type_ for name, type_ in columns.items() if name not in NUMBERS}


def lookups(work: Work, table: Table, values: dict[str, str]) -> list[Lookup]:
    """How each reference of a table is looked up; `values` are the columns there are, as SQL."""
    found: list[Lookup] = []
    for column, (other, key) in table.references.items():
        if other not in work.given or (column not in values and column not in table.either):
            continue
        value = values.get(column, "NULL::VARCHAR")
        if column == "customer_id":
            value = _of_account(table, value, found)
        found.append(Lookup(column, value, f"j{len(found)}", other, key))
    return found


def _of_account(table: Table, customer: str, found: list[Lookup]) -> str:
    """The customer that a row names, or whose account it names."""
    account = next(
        (one for one in found if one.column == "account_id" and "account_id" in table.either), None
    )
    return f"coalesce({customer}, {account.alias}.customer_id)" if account else customer


def joins(found: list[Lookup]) -> str:
    """The joins of lookups. They keep no order."""
    return " ".join(
        f"LEFT JOIN built.{quoted(one.table)} {one.alias} ON {one.alias}.{quoted(one.key)} = {one.value}"
        for one in found
    )


@contextmanager
def reading(work: Work, table: Table) -> Iterator[None]:
    """Raise BadInput for what the reader of a source says."""
    try:
        yield
    except duckdb.Error as error:
        if isinstance(error, _NOT_THE_INPUT) or "No space left" in str(error):
            raise
        raise broken_select(work.sources[table.name].file, error) from error


def hash_of_line(cells: list[Cell]) -> str:
    """What a text file's row is known by: equal cells are equal rows."""
    return f"hash({', '.join(cell.raw for cell in cells)})"


def insert_checked(
    table: Table, target: str, relation: str, cells: list[Cell], found: list[Lookup], row: str
) -> str:
    """The one statement that casts, checks and inserts. row : as `select_checked` takes it."""
    columns, checked = select_checked(table, relation, cells, found, row)
    listed = ", ".join(map(quoted, (*columns, *NOTES)))
    return f"INSERT INTO {target} ({listed}) {checked}"


def select_checked(
    table: Table, relation: str, cells: list[Cell], found: list[Lookup], row: str = "rowid"
) -> tuple[list[str], str]:
    """The columns that a source fills, and the SELECT of these and NOTES that casts and checks each of its rows.

    Cell number k is `s.r{k}` raw and `s.c{k}` typed. row : what `_row` is.
    """
    outer = [Cell(cell.column, f"s.r{k}", cell.source_type) for k, cell in enumerate(cells)]
    values = {cell.column.name: f"s.c{k}" for k, cell in enumerate(cells)}
    wrong = [pair for cell in outer for pair in complaints(cell, values[cell.column.name])]
    wrong += _complaints_of_row(table, values, found)
    if "customer_id" in table.either:
        values["customer_id"] = _of_account(table, values.get("customer_id", "NULL::VARCHAR"), found)
    values |= {one.column: one.value for one in found}
    customers = {one.column: one.alias for one in found if one.table == "customers"}
    numbers = NAMING.get(table.name, {})
    values |= {no: f"{customers[key]}.customer_no" for no, key in numbers.items() if key in customers}
    cases = " ".join(f"WHEN {condition} THEN {literal(reason)}" for condition, reason in wrong)
    reason = f"CASE {cases} END" if wrong else "NULL::VARCHAR"
    inner = ", ".join(f"{cell.raw} AS r{k}, {cell.typed} AS c{k}" for k, cell in enumerate(cells))
    # Rows as they came are gathered outside, where only the rejected ones pay for it.
    raw = ", ".join(f"r{k}::VARCHAR" for k in range(len(cells)))
    passed = ", ".join(f"s.r{k}" for k in range(len(cells)))
    columns = ", ".join(map(quoted, values))
    picked = ", ".join(f"{sql} AS {quoted(name)}" for name, sql in values.items())
    checked = (
        f"SELECT {picked}, s._row, {reason} AS _reason, {_rounded(outer, values)} AS _rounded, {passed} "
        f"FROM (SELECT {row} AS _row, {inner} FROM {relation}) s {joins(found)}"
    )
    notes = f"_row, _reason, _rounded, CASE WHEN _reason IS NOT NULL THEN [{raw}] END AS _raw"
    return list(values), f"SELECT {columns}, {notes} FROM ({checked}) AS checked"


def _rounded(cells: list[Cell], values: dict[str, str]) -> str:
    """Whether an amount lost something to the four decimals that are kept."""
    for cell in cells:
        if cell.column.name == "amount" and cell.source_type in ("VARCHAR", "DOUBLE", "FLOAT"):
            kept = f"{values['amount']}::DOUBLE"  # as doubles: wider decimals cost a hundred times as much
            return f"abs(TRY_CAST({cell.raw} AS DOUBLE) - {kept}) > 1e-6 + 1e-15 * abs({kept})"
    return "NULL::BOOLEAN"


def _complaints_of_row(table: Table, values: dict[str, str], found: list[Lookup]) -> list[tuple[str, str]]:
    """What may be wrong between the columns of a row, or with what it refers to."""
    wrong = []
    either = [values[name] for name in table.either if name in values]
    if either:
        names = [name for name in table.either if name in values]
        reason = _("{column}: empty").format(column=names[0])
        if len(names) > 1:
            reason = _("neither {first} nor {second}").format(first=names[0], second=names[1])
        wrong.append((" AND ".join(f"{value} IS NULL" for value in either), reason))
    for one in found:
        reason = _("{column}: not in {table}").format(column=one.column, table=one.table)
        wrong.append((f"{one.value} IS NOT NULL AND {one.alias}.{quoted(one.key)} IS NULL", reason))
    if table.either and not any(one.column == "account_id" for one in found):
        reason = _("account_id: no table of accounts to find its customer in")
        wrong.append((f"{values.get('customer_id', 'NULL')} IS NULL", reason))
    return wrong
