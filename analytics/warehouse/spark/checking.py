"""The checks of `acceptance`, on Spark: the same statements, said in its dialect, over Parquet.

A table without an order has no first row: of repeated keys the one stays that Spark reads first.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import sqlglot
from sqlglot import exp

from analytics.errors import BadInput
from analytics.translation import translate as _
from analytics.warehouse.acceptance import need_rows, need_transactions, no_customers_said
from analytics.warehouse.casting import Cell
from analytics.warehouse.checks import Work, extra_columns, lookups, match_columns, select_checked
from analytics.warehouse.rejects import Outcome, repeated_reason, rounded_said, write_rows
from analytics.warehouse.relations import relation
from analytics.warehouse.spark.lake import Lake
from analytics.warehouse.staging import Source, left_aside, quoted
from analytics.warehouse.tables import NUMBERS, TABLES, Table, referenced_first
from analytics.warehouse.versions import Progress

KEPT = 10_000  # refused rows of a table that are kept: they come to this machine
_TYPES = {"string": "VARCHAR", "timestamp_ntz": "TIMESTAMP", "timestamp": "TIMESTAMP"}
_NAMES = {"PREFIX": "startswith", "SUFFIX": "endswith"}
PART, PLACE = 33, (1 << 33) - 1  # the bits of monotonically_increasing_id


@dataclass
class SparkWork(Work):
    """A build whose tables are views of a Spark session: `source_<table>` as they came, `<table>` accepted."""

    lake: Any = None

    def columns(self, relation: str) -> dict[str, str]:
        """Names and types, as DuckDB calls them."""
        frame = self.lake.session.table(in_spark(f"FROM {relation}").split()[-1].strip("`"))
        return {name: _TYPES.get(kind, kind.upper()) for name, kind in frame.dtypes}

    def count(self, sql: str) -> int:
        """The single figure that a query gives."""
        found = self.lake.rows(in_spark(sql))[0][0]
        return int(found or 0)


def in_spark(sql: str) -> str:
    """A statement of the checks, written for DuckDB, in Spark's dialect; schemas become parts of names.

    >>> in_spark('SELECT a FROM source."accounts"')
    'SELECT a FROM `source_accounts`'
    """
    return sqlglot.parse_one(sql, read="duckdb").transform(_said).sql("spark")


def _said(node: exp.Expression) -> exp.Expression:
    if isinstance(node, exp.Table) and node.db:
        name = f"source_{node.name}" if node.db == "source" else node.name
        return exp.Table(this=exp.to_identifier(name, quoted=True), alias=node.args.get("alias"))
    if isinstance(node, exp.Column) and node.name == "rowid":
        return exp.Anonymous(this="monotonically_increasing_id")
    if isinstance(node, exp.Trunc):
        return exp.TryCast(this=node.this, to=exp.DataType.build("BIGINT"))
    if isinstance(node, exp.DataType) and node.this == exp.DataType.Type.INT128:
        return exp.DataType.build("DECIMAL(38, 0)")
    if isinstance(node, exp.Length) and isinstance(node.this, exp.ArrayFilter):
        return exp.ArraySize(this=node.this)
    if isinstance(node, exp.Anonymous) and node.name.upper() in _NAMES:
        return exp.Anonymous(this=_NAMES[node.name.upper()], expressions=node.expressions)
    return node


def find_tables(lake: Lake, source: str, work: SparkWork) -> None:
    """Let `source_<table>` mean the Parquet of a folder: `<table>.parquet` or a folder of parts `<table>`."""
    for name in lake.names_in(source):
        stem = name.lower().removesuffix(".parquet")
        if stem in TABLES and stem not in work.present:
            lake.read(f"source_{stem}", f"{source}/{name}")
            work.present.add(stem)
            work.sources[stem] = Source(name)
        elif stem in TABLES:
            raise BadInput(
                _("Both {first} and {second} hold the table {table}.").format(
                    first=work.sources[stem].file, second=name, table=stem
                ),
                _("Keep one of them."),
            )
        elif name.lower().removesuffix(".gz").endswith(".csv"):
            raise BadInput(
                _("{file} is not Parquet, and Spark reads Parquet alone here.").format(file=name),
                _("Write the tables as Parquet, or load without --engine spark."),
            )
        else:
            work.warnings.append(left_aside(name, stem))
    work.given = set(work.present)


def accept_tables(work: SparkWork, say: Progress) -> dict[str, Outcome]:
    """Keep every contract table that is given, its customers numbered; the outcomes. Others are empty views."""
    need_transactions(work)
    outcomes = {}
    for place, table in enumerate(referenced_first()):
        if table.name not in work.present:
            work.lake.sql(in_spark(f"SELECT {_empty(table)} WHERE false")).createOrReplaceTempView(table.name)
            continue
        say(_("Checking {table}").format(table=table.name), 0.5 * place / len(TABLES))
        outcomes[table.name] = _accept(work, table)
    if "customers" not in work.given:
        _derive_customers(work)
    need_rows(work, outcomes, bool(outcomes["transactions"].accepted))
    return {name: outcomes[name] for name in TABLES if name in outcomes}


def _empty(table: Table) -> str:
    """A table's columns without values, as SQL."""
    columns = {column.name: column.sql_type for column in table.columns}
    numbers = dict.fromkeys(_numbers(table.name), "INTEGER")
    return ", ".join(f"CAST(NULL AS {kind}) AS {quoted(name)}" for name, kind in (columns | numbers).items())


def _numbers(table: str) -> list[str]:
    return [name for name in NUMBERS if name in relation(table).columns]


def _accept(work: SparkWork, table: Table) -> Outcome:
    """Check a table and keep its accepted rows under its name."""
    cells = match_columns(work, table)
    source = f"source.{quoted(table.name)}"
    cells += extra_columns(work, table, source, cells)
    found = lookups(work, table, {cell.column.name: f"s.c{k}" for k, cell in enumerate(cells)})
    filled, checked = select_checked(table, source, cells, found)
    work.lake.sql(in_spark(checked)).createOrReplaceTempView("checked")
    reasons, rounded, repeated = _counted(work.lake, table, set(filled))
    work.warnings += rounded_said(work.sources[table.name].file, rounded)
    if repeated:
        work.lake.sql(_placed(table)).createOrReplaceTempView("checked")
        reasons[repeated_reason(table)] = repeated
    total = reasons.pop(None, 0)
    if reasons:
        _write_refused(work, table, cells)
    _keep_accepted(work, table, cells, filled)
    return Outcome(total - repeated, Counter(reasons))


def _counted(lake: Lake, table: Table, filled: set[str]) -> tuple[Counter[Any], int, int]:
    """Rows by reason (None for accepted ones), how many amounts were rounded, how many keys are repeated."""
    sql = (
        "SELECT _reason, count(*) AS n, count_if(_rounded AND _reason IS NULL) AS rounded, 0 AS repeated "
        "FROM checked GROUP BY 1"
    )
    if table.key and set(table.key) <= filled:
        sql += (
            " UNION ALL SELECT '', 0, 0, coalesce(sum(twins - 1), 0) FROM (SELECT count(*) AS twins FROM checked "
            f"WHERE {_sound(table)} GROUP BY {', '.join(table.key)} HAVING count(*) > 1) AS twice"
        )
    rows = sorted(lake.rows(sql), key=lambda row: (-row.n, str(row[0])))
    counted = Counter({row[0]: row.n for row in rows if row.n})
    return counted, sum(row.rounded for row in rows), int(sum(row.repeated for row in rows))


def _sound(table: Table) -> str:
    return " AND ".join(["_reason IS NULL", *(f"{name} IS NOT NULL" for name in table.key)])


def _placed(table: Table) -> str:
    """The checked rows, with the reason that a key was there before."""
    reason = exp.Literal.string(repeated_reason(table)).sql("spark")
    place = f"row_number() OVER (PARTITION BY {', '.join(table.key)}, _reason IS NULL ORDER BY _row)"
    return (
        f"SELECT * EXCEPT (_reason, _place), CASE WHEN {_sound(table)} AND _place > 1 THEN {reason} "
        f"ELSE _reason END AS _reason FROM (SELECT *, {place} AS _place FROM checked) AS placing"
    )


def _keep_accepted(work: SparkWork, table: Table, cells: list[Cell], filled: list[str]) -> None:
    """Keep the contract's columns and the extra ones, those that did not come in empty."""
    columns = {column.name: column.sql_type for column in (*table.columns, *(cell.column for cell in cells))}
    listed = [
        quoted(name) if name in filled else f"CAST(NULL AS {kind}) AS {quoted(name)}"
        for name, kind in columns.items()
    ]
    rows = f"SELECT {', '.join(listed)} FROM checked WHERE _reason IS NULL"
    if table.name == "customers":
        _number_customers(work.lake, in_spark(rows))
    elif _numbers(table.name) and "customers" not in work.given:
        work.lake.keep(f"unnumbered_{table.name}", in_spark(rows))
        work.lake.session.table(f"unnumbered_{table.name}").createOrReplaceTempView(table.name)
    else:
        work.lake.sql(in_spark(rows)).createOrReplaceTempView("accepted")
        _keep_numbered(work.lake, table.name, "accepted")


def _keep_numbered(lake: Lake, table: str, rows: str) -> None:
    """Keep a view's rows with the numbers of the customers that they name; the ledger customer by customer."""
    joins, columns = "", ["r.*"]
    for name in _numbers(table):
        key = {"referred_no": "referred_id", "customer_no": "customer_id"}[name]
        key = "referrer_id" if (table, name) == ("referrals", "customer_no") else key
        joins += f" LEFT JOIN customers AS {name}_of ON {name}_of.customer_id = r.{key}"
        columns.append(f"{name}_of.customer_no AS {name}")
    order = " ORDER BY customer_no, booked_at" if table == "transactions" else ""
    lake.keep(table, f"SELECT {', '.join(columns)} FROM {rows} AS r{joins}{order}")


def _write_refused(work: SparkWork, table: Table, cells: list[Cell]) -> None:
    """The first refused rows, as the other engine keeps all of them; where in its file a row was is not known."""
    typed = ", ".join(f"CAST({quoted(cell.column.name)} AS VARCHAR)" for cell in cells)
    found = work.lake.rows(
        in_spark(
            f"SELECT _reason, coalesce(_raw, [{typed}]) FROM checked WHERE _reason IS NOT NULL "
            f"ORDER BY _row LIMIT {KEPT}"
        )
    )
    told = ((None, why, list(raw), "") for why, raw in found)
    write_rows(work, table, [cell.column.name for cell in cells], told)


def _number_customers(lake: Lake, rows: str) -> None:
    """Keep customers in the order of their ids, numbered from 0; no task ever holds them all."""
    ordered = lake.sql(f"{rows} ORDER BY customer_id").selectExpr(
        "*", "monotonically_increasing_id() AS _place"
    )
    lake.keep("ordered", ordered)
    lake.sql(
        f"""SELECT _part, coalesce(sum(n) OVER (
            ORDER BY _part ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS _before
        FROM (SELECT shiftright(_place, {PART}) AS _part, count(*) AS n FROM ordered GROUP BY 1) AS parts"""
    ).createOrReplaceTempView("parts")
    lake.keep(
        "customers",
        f"""SELECT /*+ BROADCAST(parts) */ ordered.* EXCEPT (_place),
            CAST(_before + (_place & {PLACE}) AS INT) AS customer_no
        FROM ordered JOIN parts ON shiftright(_place, {PART}) = _part""",
    )
    lake.forget("ordered")


def _derive_customers(work: SparkWork) -> None:
    """Without a table of customers: those of the transactions, and then everybody's number."""
    columns = [column for column in TABLES["customers"].columns if column.name != "customer_id"]
    empty = ", ".join(f"CAST(NULL AS {column.sql_type}) AS {quoted(column.name)}" for column in columns)
    rows = f"SELECT customer_id, {empty} FROM (SELECT DISTINCT customer_id FROM transactions) AS known"
    _number_customers(work.lake, in_spark(rows))
    work.warnings.insert(0, no_customers_said(work.count("SELECT count(*) FROM customers")))
    for table in work.present:
        if _numbers(table):
            _keep_numbered(work.lake, table, f"unnumbered_{table}")
            work.lake.forget(f"unnumbered_{table}")
