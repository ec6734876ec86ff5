"""From staged sources to the accepted tables of a version, in the order in which they refer to each other."""

import duckdb

from analytics.errors import BadInput
from analytics.formats import number
from analytics.jobs import checkpoint
from analytics.translation import plural
from analytics.translation import translate as _
from analytics.warehouse.checks import (
    Work,
    create_table,
    earlier_columns,
    extra_columns,
    insert_checked,
    lookups,
    match_columns,
)
from analytics.warehouse.rejects import Lines, Outcome, broken_lines, settle
from analytics.warehouse.staging import broken_select, quoted, stage_text
from analytics.warehouse.tables import TABLES, Table, referenced_first
from analytics.warehouse.text_files import TextFile, repair
from analytics.warehouse.versions import Progress

# Not the input's fault: these are for whoever runs the build to explain.
_NOT_THE_INPUT = (duckdb.OutOfMemoryException, duckdb.InterruptException, duckdb.InternalException)


def accept_all(work: Work, progress: Progress) -> dict[str, Outcome]:
    """Fill the database `built` with every contract table, empty where nothing was given; the outcomes.

    Raises BadInput where a required table or column is missing or keeps no row.
    """
    need_transactions(work)
    outcomes = {}
    for place, table in enumerate(referenced_first()):
        checkpoint()
        if table.name in work.present:
            progress(_("Checking {table}").format(table=table.name), place / len(TABLES))
        outcome = _accept(work, table)
        if outcome:
            outcomes[table.name] = outcome
        if table.name == "customers" and "customers" in work.given:
            _keep_earlier_customers(work)
            _number_customers(work)
    if "customers" not in work.given:
        _derive_customers(work)
    need_rows(work, outcomes, bool(work.count("SELECT count(*) FROM (FROM built.transactions LIMIT 1)")))
    return {name: outcomes[name] for name in TABLES if name in outcomes}


def need_transactions(work: Work) -> None:
    """Refuse a source without the one table that must be there."""
    if "transactions" not in work.given:
        raise BadInput(
            _("There is no table of transactions in the source."),
            _("Name its file transactions.csv, .csv.gz or .parquet, or write transactions.sql as staging."),
        )


def _accept(work: Work, table: Table) -> Outcome | None:
    if table.name not in work.present:
        create_table(work, table)
        _copy_earlier(work, table)
        return None
    columns = match_columns(work, table)
    relation, broken = _gather(work, table)
    cells = columns + extra_columns(work, table, relation, columns)
    create_table(work, table, cells)
    earlier_rows = _copy_earlier(work, table)
    found = lookups(work, table, {cell.column.name: f"s.c{k}" for k, cell in enumerate(cells)})
    work.con.execute(insert_checked(table, relation, cells, found))
    work.con.execute(f"DROP TABLE {relation}")
    return settle(work, table, cells, earlier_rows, broken)


def _gather(work: Work, table: Table) -> tuple[str, Lines]:
    """The table that holds the rows as they came, in the source's order, and the lines that are no rows.

    A text file with unbalanced quotes is read a second time from a repaired copy: the reader would lose all
    that follows the quote.
    """
    source = work.sources.get(table.name)
    if source is None:
        return f"source.{quoted(table.name)}", {}
    try:
        relation = _read(work, table)
        if source.text is None:
            return relation, {}
        broken = broken_lines(work, table.name, {})
        if all(reason != _("quotes that don't match") for reason, _line in broken.values()):
            return relation, broken
    except BadInput:
        if source.text is None:
            raise
    return _gather_repaired(work, table, source.text)


def _gather_repaired(work: Work, table: Table, text: TextFile) -> tuple[str, Lines]:
    copy = work.copy
    if copy is None:
        raise BadInput(
            _("{file} has quotes that don't match, and on this system no copy may be repaired.").format(
                file=text.path.name
            ),
            _("Export it with every quote doubled, or load without encryption."),
        )
    beyond = repair(text, copy)
    work.con.execute(f"DROP TABLE IF EXISTS rejects_{table.name}; DROP TABLE IF EXISTS scans_{table.name}")
    stage_text(work.con, table.name, text, copy)
    relation = _read(work, table)
    copy.write_bytes(b"")
    return relation, broken_lines(work, table.name, beyond)


def _read(work: Work, table: Table) -> str:
    """Read a staged view once, into memory as far as it fits. Raises BadInput for what its reader says."""
    try:
        work.con.execute(f"CREATE OR REPLACE TEMP TABLE gathered AS FROM source.{quoted(table.name)}")
    except duckdb.Error as error:
        if isinstance(error, _NOT_THE_INPUT) or "No space left" in str(error):
            raise
        raise broken_select(work.sources[table.name].file, error) from error
    return "gathered"


def _copy_earlier(work: Work, table: Table) -> int:
    """The earlier version's rows, first, for the first of a repeated key stays; how many."""
    made_up = table.name == "customers" and not work.earlier_customers
    if not work.earlier or made_up:
        return 0
    picked = {quoted(name): f"s.{quoted(name)}" for name in earlier_columns(work, table)}
    join = ""
    if table.name == "transactions" and "customers" in work.given:
        picked["customer_no"], join = "c.customer_no", "LEFT JOIN built.customers c USING (customer_id)"
    work.con.execute(
        f"INSERT INTO built.{quoted(table.name)} ({', '.join(picked)}) SELECT {', '.join(picked.values())} "
        f"FROM earlier.{quoted(table.name)} s {join}"
    )
    return work.count(f"SELECT count(*) FROM built.{quoted(table.name)}")


def _keep_earlier_customers(work: Work) -> None:
    """Customers that an earlier version made up from transactions, and the table now given does not name."""
    if work.earlier and not work.earlier_customers:
        work.con.execute(
            "INSERT INTO built.customers (customer_id) SELECT customer_id FROM earlier.customers "
            "WHERE customer_id NOT IN (SELECT customer_id FROM built.customers)"
        )


def _number_customers(work: Work) -> None:
    work.con.execute(
        "CREATE OR REPLACE TABLE built.customers AS SELECT * EXCLUDE (customer_no), "
        "CAST(row_number() OVER (ORDER BY customer_id) - 1 AS INTEGER) AS customer_no "
        "FROM built.customers ORDER BY customer_id"
    )


def _derive_customers(work: Work) -> None:
    """Without a table of customers: those of the transactions, and then everybody's number."""
    work.con.execute(
        "INSERT INTO built.customers (customer_id) SELECT DISTINCT customer_id FROM built.transactions"
    )
    _number_customers(work)
    work.warnings.insert(0, no_customers_said(work.count("SELECT count(*) FROM built.customers")))
    work.con.execute(
        "CREATE OR REPLACE TABLE built.transactions AS SELECT s.* REPLACE (c.customer_no AS customer_no) "
        "FROM built.transactions s LEFT JOIN built.customers c USING (customer_id)"
    )


def no_customers_said(count: int) -> str:
    """What is said of customers that were made up from transactions."""
    said = plural(
        "There is no table of customers: the {n} customer of the transactions stands in for it.",
        "There is no table of customers: the {n} customers of the transactions stand in for it.",
        count,
    )
    return said.format(n=number(count))


def need_rows(work: Work, outcomes: dict[str, Outcome], any_transactions: bool) -> None:
    """Refuse a version without transactions; tell of other tables that came to nothing."""
    empty = {name: outcome for name, outcome in outcomes.items() if not outcome.accepted}
    sentences = [_came_to_nothing(name, outcome) for name, outcome in empty.items()]
    if not any_transactions:
        raise BadInput(
            " ".join(reversed(sentences)),
            _("Correct the source, or cast it with SELECT files in a staging folder."),
        )
    work.warnings += sentences


def _came_to_nothing(name: str, outcome: Outcome) -> str:
    if not outcome.reasons:
        return _("The table {table} is empty.").format(table=name)
    reason, count = outcome.reasons.most_common(1)[0]
    return _(
        "No row of {table} was accepted; the most frequent reason of {total} was {reason} ({n})."
    ).format(table=name, total=number(outcome.reasons.total()), reason=f"“{reason}”", n=number(count))
