"""The warehouse's tables as unbound Ibis tables, so that an expression is written once for every engine."""

from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
from ibis.backends.sql.compilers.duckdb import DuckDBCompiler
from ibis.backends.sql.compilers.pyspark import PySparkCompiler
from ibis.config import Config

from analytics.warehouse.doings import COUNTED_BY, LABELS, counted_before
from analytics.warehouse.tables import TABLES

SPARK = "pyspark"  # the dialect


class _SparkOptions(Config):  # type: ignore[misc]  # Ibis has no types
    """What Ibis reads of its Spark backend's options when it compiles; that backend itself is not installed."""

    treat_nan_as_null: bool = False


def _bit_or(compiler: Any, operation: Any, *, arg: Any, where: Any) -> Any:
    """Spark has bit_or; Ibis has no rule for it yet."""
    return compiler.agg.bit_or(arg, where=where)


_summed = DuckDBCompiler.visit_Sum


def _as_wide_as_told(compiler: Any, operation: Any, *, arg: Any, where: Any) -> Any:
    """DuckDB's sum of whole numbers has 128 bits, Ibis's 64: all that is joined and sorted later would be twice as wide."""
    total = _summed(compiler, operation, arg=arg, where=where)
    return compiler.cast(total, operation.dtype) if operation.dtype.is_integer() else total


class LastDay(ops.Unary):  # type: ignore[misc]
    """Both engines have it and Ibis has not; its arithmetic with intervals takes longer, and leaves moments."""

    dtype = dt.date


def _last_day(compiler: Any, _operation: Any, *, arg: Any) -> Any:
    return compiler.f.anon.last_day(arg)


_written = PySparkCompiler.visit_DefaultLiteral


def _as_double(compiler: Any, operation: Any, *, value: Any, dtype: Any) -> Any:
    """Spark reads 365.25 as a decimal, and divides by it to six places."""
    literal = _written(compiler, operation, value=value, dtype=dtype)
    return compiler.cast(literal, dtype) if dtype.is_floating() else literal


ibis.options.pyspark = _SparkOptions()
PySparkCompiler.visit_DefaultLiteral = _as_double
PySparkCompiler.visit_BitOr = _bit_or
DuckDBCompiler.visit_Sum = _as_wide_as_told
DuckDBCompiler.visit_LastDay = PySparkCompiler.visit_LastDay = _last_day

_TYPES = {
    "text": "string",
    "number": "float64",
    "money": "decimal(18, 4)",
    "integer": "int64",
    "date": "date",
    "timestamp": "timestamp",
    "boolean": "boolean",
}
# What the build adds to the contract's columns, so that marts join on small integers.
_NUMBERS: dict[str, dict[str, str]] = {
    "customers": {"customer_no": "int32"},
    "transactions": {"customer_no": "int32"},
    "accounts": {"customer_no": "int32"},
    "contacts": {"customer_no": "int32"},
    "referrals": {"customer_no": "int32", "referred_no": "int32"},
    "surveys": {"customer_no": "int32"},
}
CENTS = (
    "credit_cents",
    "debit_cents",
    "salary_cents",
    "card_cents",
    "fee_cents",
    "spread_cents",
    "lending_spread_cents",
    "service_cents",
    "deposit_cents",
    "investment_cents",
    "loan_cents",
    "revenue_cents",
    "risk_cents",
    "cost_cents",
    "profit_cents",
)
COUNTS = (
    "transactions",
    "active_months",
    "mobile_count",
    "digital_count",
    "branch_count",
    "foreign_count",
    "weekend_count",
    "balance_months",
    "loan_months",
    "days_past_due",
)
_UNIT = {
    "unit_no": "int32",
    **dict.fromkeys(("manager_id", "team_id", "branch_id", "region", "department"), "string"),
}
_OF_PRODUCTS = {"unit_no": "int32", "month_end": "date", "product": "string", "currency": "string"}
_MARTS = {
    "month": {"month_end": "date"},
    "currency_month": {
        "currency": "string",
        "month_end": "date",
        "transactions": "int64",
        "balances": "int64",
    },
    "customer_month": {
        "customer_no": "int32",
        "month_end": "date",
        **dict.fromkeys(COUNTS, "int32"),
        **dict.fromkeys(CENTS, "int64"),
        "first_booked_on": "date",
        "last_booked_on": "date",
        "until": "date",
    },
    "month_rate": {"currency": "string", "month_end": "date", "rate": "float64"},
    "foreign_fee": {"customer_no": "int32", "month_end": "date", "currency": "string", "fee": "float64"},
    "price_period": {
        "product_id": "string",
        "customer_rate": "float64",
        "transfer_rate": "float64",
        "starts": "date",
        "ends": "date",
    },
    "customer_unit": {"customer_no": "int32", **_UNIT},
    "volume_unit": _UNIT,
    "volume_month": {
        "unit_no": "int32",
        "month_end": "date",
        **dict.fromkeys(("product", "channel", "kind", "currency"), "string"),
        **dict.fromkeys(("transactions", "amount_in", "amount_out", "fees"), "int64"),
    },
    "balance_month": {**_OF_PRODUCTS, "balance_held": "int64", "balance_lent": "int64"},
    "account_month": {**_OF_PRODUCTS, "new_accounts": "int64", "closed_accounts": "int64"},
    "joined_month": {
        "unit_no": "int32",
        "month_end": "date",
        "new_customers": "int64",
        "lost_customers": "int64",
    },
    "doing": {"doing_no": "int32", **dict.fromkeys(LABELS, "string")},
    "doing_bits": {
        **dict.fromkeys(("unit_no", "customer_no", "doing_no", "block"), "int32"),
        "months": "int64",
    },
    "doing_months": {
        **dict.fromkeys(("unit_no", "customer_no", "doing_no", "block"), "int32"),
        **dict.fromkeys(("months", *map(counted_before, COUNTED_BY)), "int64"),
    },
    "customer_lifetime": {"customer_no": "int32", "month_end": "date", "lifetime_cents": "int64"},
    "buying_day": {"customer_no": "int32", "day": "date", "spent_cents": "int64"},
    "spine": {"customer_no": "int32", "customer_id": "string"},
}


def last_day(day: Any) -> Any:
    """The last day of a date's month."""
    return LastDay(day).to_expr()


def relation(name: str) -> Any:
    """The table of that name: a contract table with the build's numbers, or a mart.

    >>> relation("referrals").columns[-1]
    'referred_no'
    """
    if name in _MARTS:
        return ibis.table(_MARTS[name], name=name)
    columns = {column.name: _TYPES[column.type] for column in TABLES[name].columns}
    return ibis.table(columns | _NUMBERS.get(name, {}), name=name)


def sql_of(expression: Any, dialect: str = "duckdb") -> str:
    """The statement of an expression for an engine: "duckdb", or SPARK."""
    return str(ibis.to_sql(expression, dialect=dialect))


def columns_of(mart: str) -> str:
    """The column list of a mart's CREATE TABLE: sums are stored no wider than the expressions say.

    >>> columns_of("month_rate")
    '"currency" VARCHAR, "month_end" DATE, "rate" DOUBLE'
    """
    types = {"int32": "INTEGER", "int64": "BIGINT", "date": "DATE", "string": "VARCHAR", "float64": "DOUBLE"}
    return ", ".join(f'"{name}" {types[kind]}' for name, kind in _MARTS[mart].items())
