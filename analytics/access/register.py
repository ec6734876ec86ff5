"""Who holds what: every grant of the version in use and of the store, and what waits for a second steward."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from analytics.access.grants import Grant, same_email
from analytics.access.person import is_owners, roles_of
from analytics.access.roles import WITHOUT_ROWS
from analytics.store.grants import Known
from analytics.store.proposals import Proposal
from analytics.store.store import Store
from analytics.translation import mark as _
from analytics.warehouse.engine import Warehouse

STATES = {
    "in force": _("In force"),
    "expired": _("Expired"),
    "revoked": _("Revoked"),
    "waiting": _("Waiting"),
}
SOON = timedelta(days=30)


@dataclass(frozen=True)
class Register:
    """How grants stand at one moment.

    known : also what has ended. waiting : oldest first. names : employees and branches by their number.
    """

    known: tuple[Known, ...]
    waiting: tuple[Proposal, ...]
    names: Mapping[str, str]
    today: date
    owner: str | None = None

    def state(self, known: Known) -> str:
        """A key of STATES."""
        if known.revoked:
            return "revoked"
        return "in force" if known.holds_on(self.today) else "expired"

    @cached_property
    def in_force(self) -> tuple[Known, ...]:
        return tuple(known for known in self.known if known.holds_on(self.today))

    def held_by(self, email: str) -> list[Known]:
        """A person's grants, those in force first."""
        mine = [known for known in self.known if known.grant.user_email == same_email(email)]
        return sorted(mine, key=lambda known: list(STATES).index(self.state(known)))

    def grants_of(self, email: str) -> tuple[Grant, ...]:
        """What a person holds today."""
        return tuple(k.grant for k in self.in_force if k.grant.user_email == same_email(email))

    def is_steward(self, email: str) -> bool:
        return "steward" in roles_of(email, self.grants_of(email), self.owner)

    def makes_steward(self, grant: Grant) -> bool:
        """Whether its holder is a steward by it."""
        return grant.role == "steward" or is_owners(grant, self.owner)

    @cached_property
    def stewards(self) -> frozenset[str]:
        return frozenset(k.grant.user_email for k in self.in_force if self.makes_steward(k.grant))

    @cached_property
    def people(self) -> tuple[str, ...]:
        """Everybody who holds, held or waits for something, by address."""
        asked = (Grant.from_plain(one.asked["grant"]) for one in self.waiting if one.kind == "grant")
        return tuple(sorted({k.grant.user_email for k in self.known} | {grant.user_email for grant in asked}))

    @cached_property
    def ending(self) -> tuple[Known, ...]:
        """What ends within 30 days."""
        last = self.today + SOON
        return tuple(k for k in self.in_force if k.grant.valid_until and k.grant.valid_until <= last)

    @cached_property
    def whole_bank(self) -> frozenset[str]:
        """Who holds a grant that shows every customer."""
        wide = (k.grant for k in self.in_force if shows_bank(k.grant) and not k.grant.departments)
        return frozenset(grant.user_email for grant in wide)

    def name_of(self, email: str) -> str:
        """A person's name, by the employee that their grants name; their address where there is none."""
        ids = (k.grant.employee_id for k in self.held_by(email))
        return next((self.names[one] for one in ids if one and one in self.names), email)


def shows_bank(grant: Grant) -> bool:
    """Whether it opens rows at the level of the bank."""
    return grant.level == "bank" and grant.role not in WITHOUT_ROWS


def read_register(warehouse: Warehouse, store: Store, today: date) -> Register:
    """How grants stand now."""
    names = warehouse.query(
        """SELECT employee_id AS id, name FROM employees WHERE name IS NOT NULL
        UNION ALL SELECT branch_id, name FROM branches WHERE name IS NOT NULL"""
    )
    return Register(
        known=tuple(store.grants.known(warehouse.grants())),
        waiting=tuple(store.proposals.waiting()),
        names=dict(zip(names["id"].to_pylist(), names["name"].to_pylist(), strict=True)),
        today=today,
        owner=warehouse.manifest.owner,
    )
