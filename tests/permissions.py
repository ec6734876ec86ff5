"""What each role opens and each column class shows, by hand from the contract: the product is held against it."""

from collections.abc import Collection

from analytics.access.grants import Grant
from analytics.access.person import grants_of
from analytics.store.store import Store
from analytics.warehouse.engine import Warehouse

SOMEBODY = "li.wei@demo.example"  # the persona that stands in for whoever holds the grant that is tried
STEWARD = "sun.tao@demo.example"
MY_BOOK = {"overview", "customers", "customer", "segments", "compare"}
VALUE = {"value", "profit", "lifetime", "movement"}
ACT = {"needs", "campaigns"}
MANAGE = {"volumes", "team", "review"}
OPENS = {
    "relationship_manager": MY_BOOK | VALUE | ACT,
    "manager": MY_BOOK | VALUE | ACT | MANAGE,
    "analyst": MY_BOOK | VALUE | MANAGE,
    "back_office": {"volumes"},
    "steward": {"rates", "data", "access"},
    "auditor": {"audit"},
    "teller": {"overview"},  # a role that the bank made up
}
PAGES = sorted(set().union(*OPENS.values(), {"glossary"}))
WITH_ROWS = {"relationship_manager", "manager", "analyst", "teller"}
CLASSES = ("", "pii", "sensitive", "profit", "pii,sensitive,profit")


def opened_by(role: str) -> set[str]:
    """The pages of a role; the glossary is everybody's."""
    return OPENS[role] | {"glossary"}


def hold(
    store: Store, bank: Warehouse, role: str, columns: str, *, email: str = SOMEBODY, **said: object
) -> None:
    """Let this person hold one grant and no other."""
    for grant in grants_of(bank, store, email):
        store.grants.revoke(grant, by=STEWARD)
    row = {"level": "bank", "columns": columns} | said
    store.grants.give(Grant.from_row({"user_email": email, "role": role} | row), by=STEWARD)


def hidden_words(bank: Warehouse, columns: Collection[str]) -> set[str]:
    """Words that nobody may meet without their class: names, numbers and addresses; sensitive attributes.

    "none", "family" and "cautious" stand elsewhere on screens too: in charts' settings and in the glossary.
    """
    wanted = []
    if "pii" not in columns:
        wanted += ["name", "id_number", "phone", "email"]
    if "sensitive" not in columns:
        wanted += ["religion", "lifestyle", "personality"]
    found: set[str] = set()
    for column in wanted:
        rows = bank.query(f"SELECT DISTINCT {column} AS word FROM customers WHERE length({column}) > 3")
        found |= set(rows["word"].to_pylist())
    return found - {"none", "family", "cautious"}
