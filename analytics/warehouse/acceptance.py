"""From staged sources to the accepted tables of a version, in the order in which they refer to each other."""

from analytics.errors import BadInput
from analytics.formats import in_a_row, number
from analytics.jobs import checkpoint
from analytics.translation import plural
from analytics.translation import translate as _
from analytics.warehouse.casting import Cell
from analytics.warehouse.checks import (
    Work,
    create_table,
    extra_columns,
    hash_of_line,
    insert_checked,
    lookups,
    match_columns,
    reading,
    target_of,
)
from analytics.warehouse.rejects import Lines, Outcome, broken_lines, settle
from analytics.warehouse.staging import quoted, stage_text
from analytics.warehouse.tables import TABLES, Table, referenced_first
from analytics.warehouse.text_files import TextFile, repair
from analytics.warehouse.touched import touched_by
from analytics.warehouse.versions import Progress


def accept_all(work: Work, progress: Progress) -> dict[str, Outcome]:
    """Fill the database `built` with every contract table, empty where nothing was given; the outcomes.

    Raises BadInput where a required table or column is missing or keeps no row.
    """
    need_transactions(work)
    if work.earlier:
        _complete_earlier(work)
    outcomes = {}
    for place, table in enumerate(referenced_first()):
        checkpoint()
        if table.name in work.present:
            progress(_("Checking {table}").format(table=table.name), place / len(TABLES))
        outcome = _accept(work, table)
        if outcome:
            outcomes[table.name] = outcome
        if table.name == "customers" and "customers" in work.given:
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
        if not work.earlier:
            create_table(work, table, target_of(work, table))
        return None
    columns = match_columns(work, table)
    source = work.sources.get(table.name)
    lines: str | None = None
    broken: Lines = {}
    if source and source.text:
        cells, broken = _insert_lines(work, table, columns, source.text)
        lines = f"SELECT {hash_of_line(cells)} AS _row FROM source.{quoted(table.name)}"
    else:
        relation = _gather(work, table) if source else f"source.{quoted(table.name)}"
        cells = _insert(work, table, columns, relation)
        work.con.execute(f"DROP TABLE {relation}")
    outcome = settle(work, table, cells, broken, lines)
    if work.copy and work.copy.exists():  # its lines were read until now
        work.copy.write_bytes(b"")
    if work.earlier:
        _add(work, table, target_of(work, table))
    return outcome


def _gather(work: Work, table: Table) -> str:
    """Read a staged view once, into memory as far as it fits, in the source's order; the table that holds it."""
    with reading(work, table):
        work.con.execute(f"CREATE OR REPLACE TEMP TABLE gathered AS FROM source.{quoted(table.name)}")
    return "gathered"


def _insert(
    work: Work, table: Table, columns: list[Cell], relation: str, *, by_hash: bool = False
) -> list[Cell]:
    """Check a relation's rows and put them into the table's target; the cells that each is made of.

    by_hash : a row is known by its hash, else by its place in the relation, a table.
    """
    cells = columns + extra_columns(work, table, relation, columns)
    target = target_of(work, table)
    create_table(work, table, target, cells)
    found = lookups(work, table, {cell.column.name: f"s.c{k}" for k, cell in enumerate(cells)})
    row = hash_of_line(cells) if by_hash else "rowid"
    work.con.execute(insert_checked(table, target, relation, cells, found, row))
    return cells


def _insert_lines(work: Work, table: Table, columns: list[Cell], text: TextFile) -> tuple[list[Cell], Lines]:
    """The same of a text file's lines, and those of them that are no rows.

    One with unbalanced quotes is read a second time from a repaired copy: the reader would lose all that follows
    the quote.
    """
    relation = f"source.{quoted(table.name)}"
    try:
        with reading(work, table):
            cells = _insert(work, table, columns, relation, by_hash=True)
        broken = broken_lines(work, table.name, {})
        if all(reason != _("quotes that don't match") for reason, _line in broken.values()):
            return cells, broken
    except BadInput:
        pass
    beyond = _repair(work, table, text)
    with reading(work, table):
        cells = _insert(work, table, columns, relation, by_hash=True)
    return cells, broken_lines(work, table.name, beyond)


def _repair(work: Work, table: Table, text: TextFile) -> dict[int, str]:
    """Let the table's view read a repaired copy; the lines that are beyond repair."""
    if work.copy is None:
        raise BadInput(
            _("{file} has quotes that don't match, and on this system no copy may be repaired.").format(
                file=text.path.name
            ),
            _("Export it with every quote doubled, or load without encryption."),
        )
    beyond = repair(text, work.copy)
    work.con.execute(f"DROP TABLE IF EXISTS rejects_{table.name}; DROP TABLE IF EXISTS scans_{table.name}")
    stage_text(work.con, table.name, text, work.copy)
    return beyond


def _complete_earlier(work: Work) -> None:
    """Give the tables of an earlier version what this release's have: those and their columns may be fewer."""
    for table in TABLES.values():
        listed = [f"{quoted(column.name)} {column.sql_type}" for column in table.columns]
        work.con.execute(f"CREATE TABLE IF NOT EXISTS built.{quoted(table.name)} ({', '.join(listed)})")
        for column in listed:
            work.con.execute(f"ALTER TABLE built.{quoted(table.name)} ADD COLUMN IF NOT EXISTS {column}")


def _add(work: Work, table: Table, target: str) -> None:
    """Put what was accepted behind an earlier version's rows, and note from when on it changes anything."""
    whole = f"built.{quoted(table.name)}"
    if table.name == "customers" and not work.earlier_customers:
        _complete_made_up(work, target)
    touched = touched_by(work.con, table.name, target, "built")
    work.touched = min(work.touched, touched)
    there = work.columns(whole)
    for name, kind in work.columns(target).items():
        if name not in there:
            work.con.execute(f"ALTER TABLE {whole} ADD COLUMN {quoted(name)} {kind}")
    work.con.execute(f"INSERT INTO {whole} BY NAME FROM {target}")
    work.con.execute(f"DROP TABLE {target}")


def _complete_made_up(work: Work, target: str) -> None:
    """Customers that an earlier version made up from transactions, and the table now given names, keep their number."""
    work.con.execute(
        f"UPDATE {target} SET customer_no = made_up.customer_no FROM built.customers AS made_up "
        f"WHERE made_up.customer_id = {target}.customer_id"
    )
    work.con.execute(f"DELETE FROM built.customers WHERE customer_id IN (SELECT customer_id FROM {target})")


def _number_customers(work: Work) -> None:
    """Numbers from 0 on in the order of ids; those of an earlier version keep theirs, and the others come after."""
    if work.earlier:
        work.con.execute(
            "UPDATE built.customers SET customer_no = place FROM (SELECT customer_id AS id, "
            "(SELECT coalesce(max(customer_no), -1) FROM built.customers) + row_number() OVER (ORDER BY customer_id) "
            "AS place FROM built.customers WHERE customer_no IS NULL) WHERE customer_id = id"
        )
    else:  # and the table in this order
        work.con.execute(
            "CREATE OR REPLACE TABLE built.customers AS SELECT * EXCLUDE (customer_no), "
            "CAST(row_number() OVER (ORDER BY customer_id) - 1 AS INTEGER) AS customer_no "
            "FROM built.customers ORDER BY customer_id"
        )


def _derive_customers(work: Work) -> None:
    """Without a table of customers: those of the transactions."""
    work.con.execute(
        "INSERT INTO built.customers (customer_id) SELECT DISTINCT customer_id FROM built.transactions "
        "ANTI JOIN built.customers USING (customer_id)"
    )
    _number_customers(work)
    work.warnings.insert(0, no_customers_said(work.count("SELECT count(*) FROM built.customers")))


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
            in_a_row(*reversed(sentences)),
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
