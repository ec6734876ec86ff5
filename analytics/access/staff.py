"""The employees who look after the book's customers, and who looks after whom."""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from analytics.access.book import Book, frame_of
from analytics.calendar import months_before

TEAM = "team"  # the page whose roles see more than their own row
STAFF = ("employee_id", "name", "role", "branch_id", "branch", "area", "team", "languages", "left_on")


def whose(book: Book) -> tuple[str, ...] | None:
    """The employees whose figures the person may see: None for all who look after customers of the book, which is
    for roles that open Team; else themselves, by their grants of level `own`. Peers never see each other, whatever
    customers they share."""
    if TEAM in book.person.pages:
        return None
    own = {value for rule in book.scope.rules if rule.column == "manager_id" for value in rule.values}
    return tuple(sorted(own))


def managed(book: Book, as_of: date) -> pd.DataFrame:
    """Who looks after whom today: customer_id, manager_id (None for nobody), branch_id; one row a customer."""
    sql = "SELECT customer_no, manager_id, branch_id FROM customer_now"
    return frame_of(book.joined(sql, what="who looks after whom", as_of=as_of))


def answered(book: Book, as_of: date) -> pd.DataFrame:
    """Contacts in the twelve months to a date, and how many were answered by then: customer_id, contacts, answers.

    Hold-outs are no contacts. One row a customer with any; none where the bank records no contacts.
    """
    if book.warehouse.missing(("contacts.contacted_at",)):
        nobody = {"customer_id": "str", "contacts": "int64", "answers": "int64"}
        return pd.DataFrame(columns=list(nobody)).astype(nobody)
    sql = """SELECT customer_no, count(*) AS contacts,
            count(*) FILTER (CAST(responded_at AS DATE) <= ?) AS answers
        FROM contacts WHERE NOT coalesce(is_holdout, false)
            AND CAST(contacted_at AS DATE) > ? AND CAST(contacted_at AS DATE) <= ?
        GROUP BY customer_no"""
    values = [as_of, months_before(as_of, 12), as_of]
    return frame_of(book.joined(sql, what="contacts and answers", as_of=as_of, values=values))


def employees(book: Book, ids: Sequence[str]) -> pd.DataFrame:
    """STAFF of these employees, one row each, in order of their numbers; what is not recorded is None.

    name : the number where none is recorded. branch : its name, else its number. area : the branch above it.
    """
    rows = book.warehouse.facts(
        """SELECT asked.id AS employee_id, coalesce(e.name, asked.id) AS name, e.role, e.branch_id,
            coalesce(b.name, e.branch_id) AS branch, b.parent_id AS area, e.team_id AS team, e.languages, e.left_on
        FROM (SELECT unnest(?::VARCHAR[]) AS id) AS asked LEFT JOIN employees AS e ON e.employee_id = asked.id
        LEFT JOIN branches AS b ON b.branch_id = e.branch_id ORDER BY asked.id""",
        [sorted(set(ids))],
    )
    return pd.DataFrame(rows, columns=list(STAFF)).astype(object)


def colleagues(book: Book) -> list[str]:
    """The numbers of all employees who belong to the units that the book is of: also those without customers yet.

    A book of some departments holds the employees of these.
    """
    condition, params = book.scope.sql()
    rows = book.warehouse.facts(
        f"""SELECT employee_id FROM (
            SELECT employee_id, employee_id AS manager_id, team_id, branch_id, department FROM employees
        ) WHERE {condition} ORDER BY employee_id""",
        list(params),
    )
    return [str(row["employee_id"]) for row in rows]


def branches(book: Book) -> dict[str, str | None]:
    """The branch above each branch."""
    rows = book.warehouse.facts("SELECT branch_id, parent_id FROM branches ORDER BY branch_id", [])
    return {str(row["branch_id"]): row["parent_id"] for row in rows}
