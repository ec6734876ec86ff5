"""The audit trail: what people did and saw, appended in a chain that shows every edit."""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, and_, insert, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from analytics.access.grants import same_email
from analytics.errors import AnalyticsError
from analytics.store.database import in_utc, now, writing
from analytics.store.tables import audit, audit_head
from analytics.translation import translate as _

START = ""  # the digest before the first entry


@dataclass(frozen=True)
class Entry:
    """One thing that was done. `details` are plain values; `version` is the warehouse's, None where none was read."""

    id: int
    at: datetime
    person: str
    action: str
    version: str | None
    details: dict[str, Any]


class Audit:
    """Appended to, read and verified; nothing here changes or removes an entry."""

    def __init__(self, engine: Engine, key: bytes) -> None:
        self._engine = engine
        self._key = key
        self._begin()

    def _begin(self) -> None:
        with self._engine.connect() as connection:
            if connection.execute(select(audit_head)).first():
                return
        with suppress(IntegrityError), writing(self._engine) as connection:  # another process may be faster
            newest = {"entries": 0, "digest": START, "seal": self.seal(0, START)}
            connection.execute(insert(audit_head).values(id=1, **newest))

    def append(
        self, person: str, action: str, details: Mapping[str, Any], *, version: str | None = None
    ) -> int:
        """Write one entry and return its number.

        Raises AnalyticsError where it can't be written: what would have gone unrecorded must not happen.
        """
        with self.recorded(person, action, details, version=version) as (number, _connection):
            return number

    @contextmanager
    def recorded(
        self, person: str, action: str, details: Mapping[str, Any], *, version: str | None = None
    ) -> Iterator[tuple[int, Connection]]:
        """The transaction in which an entry was written, for what else belongs in it: both stand, or neither.

        Whoever else records something waits until it ends, so that what is looked up meanwhile stays true.
        """
        row = {
            "at": now(),
            "person": same_email(person),
            "action": action,
            "version": version,
            "details": json.dumps(details, ensure_ascii=False, sort_keys=True, default=str),
        }
        try:
            with writing(self._engine) as connection:
                yield self._append(connection, row), connection
        except SQLAlchemyError as error:
            raise AnalyticsError(
                _("This can't be recorded in the audit trail, so it was not done."),
                _("Try again. If it stays so, tell the people who run this service."),
            ) from error

    def _append(self, connection: Connection, row: dict[str, Any]) -> int:
        head = connection.execute(select(audit_head).with_for_update()).one()
        number = int(head.entries) + 1
        digest = self.digest(head.digest, {"id": number, **row})
        connection.execute(insert(audit).values(id=number, **row, digest=digest))
        newest = {"entries": number, "digest": digest, "seal": self.seal(number, digest)}
        connection.execute(update(audit_head).values(newest))
        return number

    def digest(self, before: str, row: Mapping[str, Any]) -> str:
        """An entry's digest, from everything that it says and from the one before it."""
        said = [row["id"], in_utc(row["at"]).isoformat(), row["person"], row["action"], row["version"]]
        return self._signed([before, *said, row["details"]])

    def seal(self, entries: int, digest: str) -> str:
        """What the head is sealed with."""
        return self._signed(["head", entries, digest])

    def _signed(self, said: list[Any]) -> str:
        text = json.dumps(said, ensure_ascii=False)
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()

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
        wanted = [
            audit.c.person == same_email(person) if person else None,
            audit.c.action == action if action else None,
            audit.c.at >= since if since else None,
            audit.c.details.icontains(text, autoescape=True) if text else None,
        ]
        asked = select(audit).where(and_(True, *(clause for clause in wanted if clause is not None)))
        with self._engine.connect() as connection:
            rows = connection.execute(asked.order_by(audit.c.id.desc()).limit(limit)).all()
        return [
            Entry(row.id, in_utc(row.at), row.person, row.action, row.version, json.loads(row.details))
            for row in rows
        ]
