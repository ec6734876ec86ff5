"""Which alerts a person has dealt with: done or dismissed, for the period that the alert was about."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Engine, and_, delete, insert, select

from analytics.access.grants import same_email
from analytics.store.database import in_utc, now, writing
from analytics.store.tables import alert_marks as marks

OUTCOMES = ("done", "dismissed")


@dataclass(frozen=True)
class Mark:
    """What a person decided about one occurrence of an alert."""

    alert: str
    customer_id: str
    period: date
    outcome: str
    marked_at: datetime


class Marks:
    """Marks by person; nobody sees another's."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def set(self, person: str, alert: str, customer_id: str, period: date, outcome: str) -> None:
        """Mark an occurrence, in place of an earlier mark of it. outcome : one of OUTCOMES."""
        row = {"person": same_email(person), "alert": alert, "customer_id": customer_id, "period": period}
        with writing(self._engine) as connection:
            connection.execute(delete(marks).where(_same(row)))
            connection.execute(insert(marks).values(**row, outcome=outcome, marked_at=now()))

    def clear(self, person: str, alert: str, customer_id: str, period: date) -> None:
        """Take a mark back."""
        row = {"person": same_email(person), "alert": alert, "customer_id": customer_id, "period": period}
        with writing(self._engine) as connection:
            connection.execute(delete(marks).where(_same(row)))

    def of(self, person: str) -> list[Mark]:
        """Everything that a person marked, latest first."""
        asked = select(marks).where(marks.c.person == same_email(person))
        ordered = asked.order_by(marks.c.marked_at.desc(), marks.c.alert, marks.c.customer_id)
        with self._engine.connect() as connection:
            return [
                Mark(row.alert, row.customer_id, row.period, row.outcome, in_utc(row.marked_at))
                for row in connection.execute(ordered)
            ]


def _same(row: dict[str, object]) -> ColumnElement[bool]:
    return and_(*(marks.c[name] == value for name, value in row.items()))
