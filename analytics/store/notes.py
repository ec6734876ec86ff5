"""Notes and next steps about customers, each for whoever wrote it alone.

Only `analytics.notes` uses this: it asks the writer's book first whether the customer is in it.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Engine, Row, and_, delete, insert, select, update

from analytics.access.grants import same_email
from analytics.store.database import in_utc, now, writing
from analytics.store.tables import notes


@dataclass(frozen=True)
class Note:
    """What somebody wrote about a customer. due_on : of a next step, None for a note. done_at : of a step done."""

    id: int
    customer_id: str
    text: str
    due_on: date | None
    written_at: datetime
    done_at: datetime | None


class Notes:
    """Everything that people wrote, asked for by writer: there is no other way to it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, writer: str, customer_id: str, text: str, due_on: date | None = None) -> int:
        """Keep a text and return its number."""
        row = {"writer": same_email(writer), "customer_id": customer_id, "text": text, "due_on": due_on}
        with writing(self._engine) as connection:
            found = connection.execute(insert(notes).values(**row, written_at=now()))
            return int(found.inserted_primary_key[0])  # type: ignore[index]

    def of(self, writer: str, customer_id: str) -> list[Note]:
        """What this person wrote about a customer, newest first."""
        return self._read(writer, notes.c.customer_id == customer_id)

    def steps(self, writer: str, until: date) -> list[Note]:
        """Steps of this person that are not done and due by then, the most overdue first."""
        open_ones = and_(notes.c.done_at.is_(None), notes.c.due_on <= until)
        return sorted(self._read(writer, open_ones), key=lambda note: (note.due_on or until, note.id))

    def get(self, writer: str, note_id: int) -> Note | None:
        """One of this person's notes; None for somebody else's as for none."""
        found = self._read(writer, notes.c.id == note_id)
        return found[0] if found else None

    def settle(self, writer: str, note_id: int, done: bool) -> None:
        """Say that a step is done, or that it is not after all."""
        self._change(update(notes).values(done_at=now() if done else None), writer, note_id)

    def delete(self, writer: str, note_id: int) -> None:
        """Forget a note; somebody else's stays."""
        self._change(delete(notes), writer, note_id)

    def _read(self, writer: str, wanted: object) -> list[Note]:
        asked = select(notes).where(notes.c.writer == same_email(writer), wanted)  # type: ignore[arg-type]
        with self._engine.connect() as connection:
            return [_note(row) for row in connection.execute(asked.order_by(notes.c.id.desc()))]

    def _change(self, statement: object, writer: str, note_id: int) -> None:
        mine = and_(notes.c.id == note_id, notes.c.writer == same_email(writer))
        with writing(self._engine) as connection:
            connection.execute(statement.where(mine))  # type: ignore[attr-defined]


def _note(row: Row[tuple[object, ...]]) -> Note:
    done = in_utc(row.done_at) if row.done_at else None
    return Note(row.id, row.customer_id, row.text, row.due_on, in_utc(row.written_at), done)
