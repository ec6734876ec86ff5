"""What may be wrong with accepted data though no single row is: told in sentences, never swallowed."""

from collections.abc import Iterable
from datetime import date
from typing import Any, Self

from analytics.formats import number, percent
from analytics.translation import plural
from analytics.translation import translate as _
from analytics.warehouse.checks import Work
from analytics.warehouse.staging import quoted
from analytics.warehouse.tables import TABLES, Table

# An id is outsized with this share of all rows and this many times the median customer's.
OUTSIZED = ((0.05, 10), (0.01, 1000))
NAMED = 3
FEW = 3
# Reference tables are full of equal values; these are where one means that an export went wrong.
_VARIED = ("customers", "transactions", "accounts", "balances", "contacts", "surveys")
_USUALLY_EQUAL = ("currency", "customer_type")


class OfACustomer(str):
    """A warning that names a customer. unnamed : the same for whoever may not see customers."""

    unnamed: str

    def __new__(cls, text: str, unnamed: str) -> Self:
        told = super().__new__(cls, text)
        told.unnamed = unnamed
        return told


def unnamed(warnings: Iterable[str]) -> list[str]:
    """The warnings as a version keeps them, which stewards read: no customer is named in them."""
    return [line.unnamed if isinstance(line, OfACustomer) else line for line in warnings]


def suspicions(work: Work) -> list[str]:
    """The warnings about the accepted tables that were given."""
    given = [table for table in TABLES.values() if table.name in work.given]
    warnings = [line for table in given if table.name in _VARIED for line in _constant(work, table)]
    warnings += _outsized(work) + _empty_months(work) + _one_sign(work)
    return warnings + [line for table in given for line in _unknown_mentions(work, table)]


def _constant(work: Work, table: Table) -> list[str]:
    """The columns that are filled in every row with one and the same value; most are told apart by a look."""
    unique = table.key if len(table.key) == 1 else ()
    names = [name for name in table.names if name not in (*unique, *_USUALLY_EQUAL)]
    tests = (
        f"NOT EXISTS (FROM rows WHERE {name} IS NULL OR {name} <> (SELECT {name} FROM one))"
        for name in map(quoted, names)
    )
    found: Any = work.con.execute(
        f"WITH rows AS NOT MATERIALIZED (FROM main.{quoted(table.name)}), one AS MATERIALIZED (FROM rows LIMIT 1) "
        f"SELECT (SELECT count(*) FROM rows), {', '.join(tests)}"
    ).fetchone()
    rows, *equal = found
    constant = [name for name, same in zip(names, equal, strict=True) if same]
    if rows < FEW or not constant:
        return []
    said = plural(
        "{table}: every row has the same value in {columns}.",
        "{table}: every row has the same value in each of these columns: {columns}.",
        len(constant),
    )
    return [said.format(table=table.name, columns=", ".join(constant))]


def _outsized(work: Work) -> list[str]:
    """Customers with far too many rows: often a stand-in for "unknown"."""
    limits = " OR ".join(f"(n >= {share} * total AND n >= {times} * median)" for share, times in OUTSIZED)
    found = work.con.execute(
        f"""
        WITH counted AS (SELECT customer_no, count(*) AS n FROM main.transactions GROUP BY customer_no),
             sized AS (SELECT *, sum(n) OVER () AS total, median(n) OVER () AS median FROM counted)
        SELECT customer_id, n, n / total FROM sized JOIN main.customers USING (customer_no)
        WHERE {limits} ORDER BY n DESC, customer_id LIMIT {NAMED}
        """
    ).fetchall()
    sentence = _(
        "Customer id {id} holds {n} of the transactions, {share} of all: it may stand for “unknown”. "
        "If so, leave its rows out; it distorts every share and ranking."
    )
    nobody = _(
        "One customer id holds {n} of the transactions, {share} of all: it may stand for “unknown”. "
        "If so, leave its rows out; it distorts every share and ranking."
    )
    figures = [(id_, {"n": number(n), "share": percent(share, 1)}) for id_, n, share in found]
    return [OfACustomer(sentence.format(id=id_, **told), nobody.format(**told)) for id_, told in figures]


def _empty_months(work: Work) -> list[str]:
    found = work.con.execute(
        """
        WITH ends AS (SELECT DISTINCT last_day(booked_at) AS ending FROM main.transactions),
             there AS (SELECT date_trunc('month', ending)::DATE AS month FROM ends)
        SELECT month::DATE FROM (
            SELECT unnest(generate_series(min(month), max(month), INTERVAL 1 MONTH)) AS month FROM there
        ) WHERE month::DATE NOT IN (SELECT month FROM there) ORDER BY month
        """
    ).fetchall()
    months = [row[0] for row in found]
    if not months:
        return []
    said = plural(
        "{n} month between the first and the last transaction has none: {months}.",
        "{n} months between the first and the last transaction have none: {months}.",
        len(months),
    )
    return [said.format(n=number(len(months)), months=_named(months))]


def _named(months: list[date]) -> str:
    text = ", ".join(f"{month:%Y-%m}" for month in months[:NAMED])
    return text + (", …" if len(months) > NAMED else "")


def _one_sign(work: Work) -> list[str]:
    into = work.count("SELECT count(*) FROM (FROM main.transactions WHERE amount > 0 LIMIT 1)")
    out = work.count("SELECT count(*) FROM (FROM main.transactions WHERE amount < 0 LIMIT 1)")
    if into and out:
        return []
    if into:
        return [_("No amount is negative: nothing ever leaves an account. Check that the sign was not lost.")]
    if out:
        return [_("No amount is positive: nothing ever comes into an account. Check the sign.")]
    return [_("Every amount is zero.")]


def _unknown_mentions(work: Work, table: Table) -> list[str]:
    """Rows that name a branch, product or the like that its own table does not have."""
    lines = []
    for column, (other, key) in table.mentions.items():
        if other not in work.given:
            continue
        value = f"t.{quoted(column)}"
        unknown = work.count(
            f"SELECT count(*) FROM main.{quoted(table.name)} t WHERE {value} IS NOT NULL "
            f"AND {value} NOT IN (SELECT {quoted(key)} FROM main.{quoted(other)})"
        )
        if unknown:
            said = plural(
                "{table}: {n} row has a {column} that is not in {other}; it is kept.",
                "{table}: {n} rows have a {column} that is not in {other}; they are kept.",
                unknown,
            )
            lines.append(said.format(table=table.name, n=number(unknown), column=column, other=other))
    return lines
