"""Who is asking: a person, their roles, and the grants that they hold."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from analytics.access.grants import Grant, same_email
from analytics.access.personas import PERSONAS
from analytics.access.roles import pages_of
from analytics.store.store import Store
from analytics.warehouse.engine import Warehouse


@dataclass(frozen=True)
class Person:
    """Who is asking."""

    email: str
    name: str
    roles: tuple[str, ...]
    branches: tuple[str, ...] = ()

    @property
    def pages(self) -> frozenset[str]:
        return pages_of(self.roles)


def grants_of(warehouse: Warehouse, store: Store, email: str) -> tuple[Grant, ...]:
    """The grants that a person holds today: those loaded, as changed here, and those given here."""
    return store.grants.effective(email, warehouse.grants(same_email(email)))


def is_owners(grant: Grant, owner: str | None) -> bool:
    """Whether this is the grant of `load --owner`."""
    return bool(
        owner and grant.user_email == same_email(owner) and (grant.role, grant.level) == ("manager", "bank")
    )


def roles_of(email: str, grants: Iterable[Grant], owner: str | None) -> frozenset[str]:
    """The roles that grants give. Who loaded a bank of their own is its steward too while the
    grant of `load --owner` holds, or nobody could begin; about their own grants they decide as little as others."""
    held = [grant for grant in grants if grant.user_email == same_email(email)]
    steward = {"steward"} if any(is_owners(grant, owner) for grant in held) else set()
    return frozenset({grant.role for grant in held} | steward)


def person_of(email: str, grants: Sequence[Grant], warehouse: Warehouse) -> Person:
    """Who has this address, by the employee that their grants name."""
    ids = sorted({grant.employee_id for grant in grants if grant.employee_id})
    found = warehouse.facts(
        "SELECT name, branch_id FROM employees WHERE employee_id IN (SELECT unnest(?::VARCHAR[]))", [ids]
    )
    names = [row["name"] for row in found if row["name"]]
    personas = [persona.name for persona in PERSONAS if persona.email == same_email(email)]
    units = {grant.unit_id for grant in grants if grant.level in ("branch", "region") and grant.unit_id}
    branches = {row["branch_id"] for row in found if row["branch_id"]} | units
    roles = tuple(sorted(roles_of(email, grants, warehouse.manifest.owner)))
    return Person(same_email(email), (names or personas or [email])[0], roles, tuple(sorted(branches)))
