"""What saved recipes gave: kept with the version and the date, so that a later run can be held against it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Engine, and_, delete, insert, select

from analytics.access.grants import same_email
from analytics.store.database import in_utc, now, writing
from analytics.store.tables import recipes, results


@dataclass(frozen=True)
class SavedResult:
    """A result as stored. document : as `Segmentation.document` gives it, with what was found of trust."""

    recipe_hash: str
    version: str
    as_of: date
    document: dict[str, Any]
    saved_at: datetime


class Results:
    """Results of one's own recipes, readable only in the scope that they were made in."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def save(self, recipe_id: int, owner: str, sight: str, document: Mapping[str, Any]) -> None:
        """Keep what an own recipe gave, in place of what it gave on the same data before.

        sight : `Book.sight` of the owner. Nothing is kept for a recipe that is not this person's.
        """
        whose = select(recipes.c.owner).where(recipes.c.id == recipe_id)
        row = {"recipe_id": recipe_id, "scope": _digest(sight), "version": document["version"],
               "recipe_hash": document["recipe_hash"], "as_of": date.fromisoformat(document["as_of"])}  # fmt: skip
        same = and_(*(results.c[name] == value for name, value in row.items()))
        with writing(self._engine) as connection:
            if connection.scalar(whose) != same_email(owner):
                return
            connection.execute(delete(results).where(same))
            connection.execute(insert(results).values(**row, document=dict(document), saved_at=now()))

    def of(self, recipe_id: int, owner: str, sight: str) -> list[SavedResult]:
        """What an own recipe gave, latest first; none of another scope, so that none outlives a permission."""
        mine = recipes.c.owner == same_email(owner)
        wanted = (
            select(results)
            .join(recipes)
            .where(mine, results.c.recipe_id == recipe_id, results.c.scope == _digest(sight))
            .order_by(results.c.saved_at.desc(), results.c.id.desc())
        )
        with self._engine.connect() as connection:
            return [
                SavedResult(row.recipe_hash, row.version, row.as_of, row.document, in_utc(row.saved_at))
                for row in connection.execute(wanted)
            ]


def _digest(sight: str) -> str:
    return hashlib.sha256(sight.encode()).hexdigest()
