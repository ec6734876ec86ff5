"""The audit trail: what people did and saw, appended in a chain that shows every edit (see `chain`)."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, and_, func, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from analytics.access.grants import same_email
from analytics.errors import AnalyticsError, NotAllowed
from analytics.formats import number
from analytics.store.chain import START, Chain, Head, Verdict, verify
from analytics.store.database import in_utc, now, writing
from analytics.store.tables import audit, audit_head
from analytics.translation import plural
from analytics.translation import translate as _

DAY = timedelta(hours=24)


@dataclass(frozen=True)
class Entry:
    """One thing that was done. `details` are plain values; `version` is the warehouse's, None where none was read."""

    id: int
    at: datetime
    person: str
    action: str
    version: str | None
    details: dict[str, Any]


def begin_trail(connection: Connection, key: bytes) -> None:
    """Seal an empty trail, in the transaction that makes its tables and at no other time: where the head is
    missing later, somebody took it away, and a new one would hide that."""
    newest = {"entries": 0, "digest": START, "seal": Chain(key).seal(0, START)}
    connection.execute(insert(audit_head).values(id=1, **newest))


class Audit:
    """Appended to, read and verified; nothing here changes or removes an entry."""

    def __init__(self, engine: Engine, key: bytes) -> None:
        self._engine = engine
        self._chain = Chain(key)

    def append(
        self,
        person: str,
        action: str,
        details: Mapping[str, Any],
        *,
        version: str | None = None,
        most_a_day: int | None = None,
    ) -> int:
        """Write one entry and return its number.

        most_a_day : how often this person may do this within 24 hours, None for any number. It is counted in
            the transaction that writes: of two at once the second one sees the first.
        Raises NotAllowed beyond it, AnalyticsError where it can't be written: what would have gone unrecorded
        must not happen.
        """
        with self.recorded(person, action, details, version=version, most_a_day=most_a_day) as (entry, _open):
            return entry

    @contextmanager
    def recorded(
        self,
        person: str,
        action: str,
        details: Mapping[str, Any],
        *,
        version: str | None = None,
        most_a_day: int | None = None,
    ) -> Iterator[tuple[int, Connection]]:
        """The transaction in which an entry was written, for what else belongs in it: both stand, or neither.

        Whoever else records something waits until it ends, so that what is looked up meanwhile stays true.
        """
        text = json.dumps(details, ensure_ascii=False, sort_keys=True, default=str)
        row = {
            "at": now(),
            "person": same_email(person),
            "action": action,
            "version": version,
            "details": text.encode("utf-8", "replace").decode(),  # half a character can't be stored
        }
        try:
            with writing(self._engine) as connection:
                yield self._append(connection, row, most_a_day), connection
        except SQLAlchemyError as error:
            raise AnalyticsError(
                _("This can't be recorded in the audit trail, so it was not done."),
                _("Try again. If it stays so, tell the people who run this service."),
            ) from error

    def _append(self, connection: Connection, row: dict[str, Any], most_a_day: int | None) -> int:
        head = connection.execute(select(audit_head).with_for_update()).one_or_none()
        if head is None or not self._chain.fits(head):  # sealed anew, what was done to it would be hidden
            raise AnalyticsError(
                _("The audit trail does not fit its key, so nothing can be recorded and nothing was done."),
                _("Tell the people who run this service: `audit verify` says what is wrong."),
            )
        if most_a_day is not None:
            _require_fewer(connection, row, most_a_day)
        entry = int(head.entries) + 1
        digest = self._chain.digest(head.digest, {"id": entry, **row})
        connection.execute(insert(audit).values(id=entry, **row, digest=digest))
        newest = {"entries": entry, "digest": digest, "seal": self._chain.seal(entry, digest)}
        connection.execute(update(audit_head).values(newest))
        return entry

    def verify(self, known: Head | None = None, step: Callable[[float], None] | None = None) -> Verdict:
        """Whether the trail is whole, else which entry is the first not to fit. See `chain.verify`."""
        return verify(self._engine, self._chain, known, step)

    def head(self) -> Head:
        """How far the trail is; (0, "") where its head is gone."""
        with self._engine.connect() as connection:
            row = connection.execute(select(audit_head)).first()
        return Head(row.entries, row.digest) if row else Head(0, START)

    def entries(
        self,
        *,
        person: str = "",
        action: str = "",
        since: datetime | None = None,
        text: str = "",
        limit: int | None = 500,
    ) -> list[Entry]:
        """What was recorded, newest first. text : is somewhere in the details, as they are written."""
        asked = select(audit).where(_wanted(person, action, since, text)).order_by(audit.c.id.desc())
        with self._engine.connect() as connection:
            rows = connection.execute(asked.limit(limit)).all()
        return [
            Entry(row.id, in_utc(row.at), row.person, row.action, row.version, json.loads(row.details))
            for row in rows
        ]

    def count(
        self, *, person: str = "", action: str = "", since: datetime | None = None, text: str = ""
    ) -> int:
        """How many entries there are of those."""
        asked = select(func.count()).select_from(audit).where(_wanted(person, action, since, text))
        with self._engine.connect() as connection:
            return int(connection.execute(asked).scalar_one())

    def first_at(self) -> datetime | None:
        """When the oldest entry was made."""
        with self._engine.connect() as connection:
            found = connection.execute(select(func.min(audit.c.at))).scalar_one()
        return in_utc(found) if found else None

    def people(self, since: datetime | None = None) -> list[str]:
        """Everybody of whom something is recorded."""
        asked = select(audit.c.person).distinct().where(_wanted("", "", since, ""))
        with self._engine.connect() as connection:
            return [str(name) for name in connection.execute(asked.order_by(audit.c.person)).scalars()]

    def by_day(self, since: datetime) -> list[tuple[date, str, int]]:
        """Day (of UTC), action and how many, of the days that have any."""
        in_sqlite = self._engine.dialect.name == "sqlite"  # which keeps UTC; others would say their own day
        day = func.date(audit.c.at if in_sqlite else func.timezone("UTC", audit.c.at))
        asked = select(day, audit.c.action, func.count()).where(audit.c.at >= since)
        with self._engine.connect() as connection:
            rows = connection.execute(asked.group_by(day, audit.c.action).order_by(day)).all()
        return [(date.fromisoformat(str(on)), str(action), int(n)) for on, action, n in rows]


def _require_fewer(connection: Connection, row: Mapping[str, Any], most: int) -> None:
    """Raise NotAllowed where this person did this so often within 24 hours already."""
    if most == 0:
        raise NotAllowed(_("No files may be taken at present."), _("Ask your data steward."))
    mine = and_(audit.c.person == row["person"], audit.c.action == row["action"])
    recent = select(func.count()).select_from(audit).where(mine, audit.c.at > row["at"] - DAY)
    if int(connection.execute(recent).scalar_one()) >= most:
        said = plural(
            "You may take {n} file within 24 hours, and you have.",
            "You may take {n} files within 24 hours, and you have.",
            most,
        )
        raise NotAllowed(said.format(n=number(most)), _("Wait, or ask your data steward."))


def _wanted(person: str, action: str, since: datetime | None, text: str) -> Any:
    clauses = [
        audit.c.person == same_email(person) if person else None,
        audit.c.action == action if action else None,
        audit.c.at >= since if since else None,
        audit.c.details.icontains(text, autoescape=True) if text else None,
    ]
    return and_(True, *(clause for clause in clauses if clause is not None))
