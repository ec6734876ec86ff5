"""Layouts of pivots: what somebody saved under a name, for themselves alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, and_, delete, insert, select, update

from analytics.access.grants import same_email
from analytics.errors import BadInput
from analytics.store.database import now, writing
from analytics.store.tables import layouts
from analytics.translation import translate as _

LONGEST_NAME = 200


@dataclass(frozen=True)
class SavedLayout:
    """A layout as stored; whoever opens it is asked anew whether they may see what it asks for."""

    id: int
    name: str
    settings: dict[str, Any]


class Layouts:
    """Everybody's layouts, asked for by owner: there is no other way to them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def save(self, owner: str, name: str, settings: Mapping[str, Any]) -> None:
        """Keep settings under a name, over what the name held before. Raises BadInput for an empty or long name."""
        owner, name = same_email(owner), name.strip()
        if not 0 < len(name) <= LONGEST_NAME or "\0" in name:
            raise BadInput(
                _("A layout needs a name of 1 to {most} characters.").format(most=LONGEST_NAME),
                _("Type a name that tells your layouts apart."),
            )
        values = {"settings": dict(settings), "changed_at": now()}
        with writing(self._engine) as connection:
            mine = and_(layouts.c.owner == owner, layouts.c.name == name)
            if not connection.execute(update(layouts).where(mine).values(values)).rowcount:
                connection.execute(insert(layouts).values(owner=owner, name=name, **values))

    def of(self, owner: str) -> list[SavedLayout]:
        """This person's layouts, by name."""
        asked = select(layouts).where(layouts.c.owner == same_email(owner))
        with self._engine.connect() as connection:
            rows = [SavedLayout(row.id, row.name, row.settings) for row in connection.execute(asked)]
        return sorted(rows, key=lambda layout: layout.name.casefold())

    def delete(self, owner: str, layout_id: int) -> None:
        """Forget a layout; somebody else's stays."""
        mine = and_(layouts.c.id == layout_id, layouts.c.owner == same_email(owner))
        with writing(self._engine) as connection:
            connection.execute(delete(layouts).where(mine))
