"""Which rows of a source are refused for their key, and where in the source the refused rows stood.

The rows of a text file go straight into their table: to keep their order would take a copy of them, as large as the
file. A row is known by the hash of its line instead, and where one is refused the file's lines are read once more, as
hashes alone. Rows of equal lines are equal, so that it does not matter which of them stood where.
"""

from analytics.warehouse.checks import Work, reading
from analytics.warehouse.staging import quoted
from analytics.warehouse.tables import Table


def find_refused(work: Work, table: Table, target: str, names: set[str], lines: str | None) -> int:
    """Note the rows of `target` that are refused for their key in the temporary table `repeated` (id), and where these
    and those with a reason stood in `placed` (id, position from 0 on, NULL where it can't be found); how many are
    repeated.

    names : columns that came in. lines : a SELECT of the `_row` of each of the source's lines, in their order; None
    where `_row` is the position already.
    """
    con = work.con
    con.execute("CREATE OR REPLACE TEMP TABLE repeated (id BIGINT)")
    key = ", ".join(map(quoted, table.key))
    sound = " AND ".join(["_reason IS NULL", *(f"{quoted(name)} IS NOT NULL" for name in table.key)])
    wanted = "_reason IS NOT NULL"
    has_key = bool(table.key) and set(table.key) <= names
    if has_key:
        # Hashes first: grouping fixed-size numbers takes a fraction of the memory that the texts would.
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE twins AS SELECT hash({key}) AS h FROM {target} "
            f"WHERE {sound} GROUP BY h HAVING count(*) > 1"
        )
        wanted += (
            f" OR ({sound} AND hash({key}) IN (SELECT h FROM twins)) OR rowid IN (SELECT id FROM repeated)"
        )
    if has_key and work.earlier and (table.name != "customers" or work.earlier_customers):
        con.execute(
            f"INSERT INTO repeated SELECT id FROM (SELECT rowid AS id, {key} FROM {target} WHERE {sound}) "
            f"SEMI JOIN (SELECT {key} FROM built.{quoted(table.name)} "
            f"SEMI JOIN (SELECT {key} FROM {target} WHERE {sound}) USING ({key})) USING ({key})"
        )
    placed = _place(work, table, target, wanted, lines)
    if has_key and placed:
        con.execute(
            "INSERT INTO repeated SELECT id FROM (SELECT placed.id, "
            f"row_number() OVER (PARTITION BY {key} ORDER BY placed.position) AS nth "
            f"FROM {target} AS there JOIN placed ON placed.id = there.rowid WHERE {sound}) "
            "ANTI JOIN repeated USING (id) WHERE nth > 1"
        )
    return work.count("SELECT count(*) FROM repeated")


def _place(work: Work, table: Table, target: str, wanted: str, lines: str | None) -> int:
    """Fill `placed`; how many rows it has."""
    con = work.con
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE placed AS SELECT rowid AS id, _row FROM {target} WHERE {wanted}"
    )
    found = work.count("SELECT count(*) FROM placed")
    if lines is None or not found:
        con.execute("ALTER TABLE placed RENAME _row TO position")
        return found
    with reading(work, table):
        con.execute(f"CREATE OR REPLACE TEMP TABLE line AS {lines}")
    con.execute(
        """CREATE OR REPLACE TEMP TABLE placed AS
        SELECT id, position
        FROM (SELECT *, row_number() OVER (PARTITION BY _row) AS nth FROM placed)
        LEFT JOIN (
            SELECT _row, rowid AS position, row_number() OVER (PARTITION BY _row ORDER BY rowid) AS nth
            FROM line WHERE _row IN (SELECT _row FROM placed)
        ) USING (_row, nth)"""
    )
    con.execute("DROP TABLE line")
    return found
