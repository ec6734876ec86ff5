"""What is a person's own in the store, kept by their address: it goes with the person, never with the address."""

from secrets import token_hex

from sqlalchemy import Connection, update

from analytics.store.tables import (
    ADDRESS,
    alert_marks,
    campaigns,
    defaults,
    layouts,
    notes,
    plan_shares,
    plans,
    recipe_shares,
    recipes,
    review_comments,
    review_targets,
)

OWNED = (
    recipes.c.owner, plans.c.owner, layouts.c.owner, defaults.c.email, notes.c.writer, alert_marks.c.person,
    campaigns.c.created_by, review_targets.c.set_by, review_comments.c.author,
)  # fmt: skip
SHARES = (recipe_shares, plan_shares)


def pass_on(connection: Connection, email: str, to: str) -> None:
    """Let what belongs to one address, or was shared with it, belong to another that has nothing yet."""
    for column in OWNED:
        connection.execute(update(column.table).where(column == email).values({column.name: to}))
    for shares in SHARES:
        theirs = update(shares).where(shares.c.kind == "person", shares.c.target == email)
        connection.execute(theirs.values(target=to))


def set_aside(connection: Connection, email: str) -> None:
    """Keep what belongs to an address from whoever has it next: under a name that nobody signs in with."""
    pass_on(connection, email, f"(left {token_hex(4)}) {email}"[:ADDRESS])
