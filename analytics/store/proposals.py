"""What one steward asked for and a second one has to confirm: kept as it was asked, with how it ended."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, insert, select, update

from analytics.access.grants import same_email
from analytics.errors import UnknownName
from analytics.store.database import in_utc, now
from analytics.store.tables import proposals
from analytics.translation import translate as _


@dataclass(frozen=True)
class Proposal:
    """kind : "grant" or "policy". asked : plain values, as `administration` writes and reads them."""

    id: int
    kind: str
    asked: dict[str, Any]
    asked_by: str
    asked_at: datetime
    outcome: str = "waiting"
    decided_by: str | None = None


class Proposals:
    """Asked, then confirmed or refused, once. Who may do so is not for this table to say.

    Everything is written within the transaction that records it.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def ask(self, kind: str, asked: dict[str, Any], by: str, within: Connection) -> int:
        """Let something wait; returns its number."""
        row = {"kind": kind, "asked": asked, "asked_by": same_email(by), "asked_at": now()}
        made = insert(proposals).values(**row, outcome="waiting").returning(proposals.c.id)
        return int(within.scalars(made).one())

    def decide(self, number: int, outcome: str, by: str, within: Connection) -> None:
        """End one that waits. Raises UnknownName for one that doesn't, or not any more."""
        still = (proposals.c.id == number, proposals.c.outcome == "waiting")
        decision = {"outcome": outcome, "decided_by": same_email(by), "decided_at": now()}
        if not within.execute(update(proposals).where(*still).values(**decision)).rowcount:
            raise _decided()

    def get(self, number: int) -> Proposal:
        """One that waits. Raises UnknownName for one that doesn't, or not any more."""
        for proposal in self.waiting():
            if proposal.id == number:
                return proposal
        raise _decided()

    def waiting(self) -> list[Proposal]:
        """What nobody has decided about yet, oldest first."""
        asked = select(proposals).where(proposals.c.outcome == "waiting").order_by(proposals.c.id)
        with self._engine.connect() as connection:
            return [
                Proposal(row.id, row.kind, row.asked, row.asked_by, in_utc(row.asked_at), row.outcome)
                for row in connection.execute(asked)
            ]


def _decided() -> UnknownName:
    return UnknownName(
        _("There is no such proposal waiting."),
        _("Look again: somebody may have decided about it meanwhile."),
    )
