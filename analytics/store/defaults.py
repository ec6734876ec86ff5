"""Personal defaults: what a person's screens start with."""

from typing import Any

from sqlalchemy import Engine, delete, insert, select

from analytics.access.grants import same_email
from analytics.store.database import now, writing
from analytics.store.tables import defaults


class Defaults:
    """A small JSON document a person, by e-mail."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def get(self, email: str) -> dict[str, Any]:
        """What the person saved last, empty when nothing."""
        chosen = select(defaults.c.settings).where(defaults.c.email == same_email(email))
        with self._engine.connect() as connection:
            return dict(connection.scalar(chosen) or {})

    def set(self, email: str, settings: dict[str, Any]) -> None:
        """Save the person's defaults in place of the earlier ones; anything that JSON can hold."""
        email = same_email(email)
        with writing(self._engine) as connection:
            connection.execute(delete(defaults).where(defaults.c.email == email))
            connection.execute(insert(defaults).values(email=email, settings=settings, changed_at=now()))
