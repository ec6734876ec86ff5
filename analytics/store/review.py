"""Targets and comments of a review as stored. Who may see one is not for these tables to say: see `analytics.review`.

Each speaks of a cell: a recipe's segment in a unit, in one version as of one date, as its writer's sight showed it.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Engine, Table, and_, delete, insert, select

from analytics.access.grants import same_email
from analytics.store.database import in_utc, now
from analytics.store.tables import review_comments, review_targets


@dataclass(frozen=True)
class Cell:
    """What a target or comment speaks of.

    recipe_hash : of the recipe without its date. segment_name : the made name in English that the segment is
    found again by. unit_kind : branch, manager or region, "" for the whole book. sight : the rows and column
    classes of whoever wrote it: {"rules": [[column, values, departments], ...], "columns": [...]}.
    """

    recipe_hash: str
    recipe_title: str
    segment: int
    segment_name: str
    unit_kind: str
    unit: str
    version: str
    as_of: date
    sight: Mapping[str, Any]


@dataclass(frozen=True)
class Target:
    """What a segment's figure should be by a month end."""

    id: int
    cell: Cell
    measure: str
    figure: float
    due_on: date
    set_by: str
    set_at: datetime


@dataclass(frozen=True)
class Comment:
    """What somebody wrote about a cell."""

    id: int
    cell: Cell
    text: str
    author: str
    written_at: datetime


class Reviews:
    """Everybody's targets and comments. All writing is within the transaction that tells the audit trail of it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def set_target(
        self, cell: Cell, measure: str, figure: float, due_on: date, by: str, within: Connection
    ) -> int:
        """Keep a target in place of this person's earlier one for the same measure of the same cell; its number."""
        person = same_email(by)
        row = _row(cell) | {"measure": measure, "figure": figure, "due_on": due_on}
        key = ("recipe_hash", "segment_name", "unit_kind", "unit", "measure")
        same = and_(review_targets.c.set_by == person, *(review_targets.c[name] == row[name] for name in key))
        within.execute(delete(review_targets).where(same))
        return _added(review_targets, row | {"set_by": person, "set_at": now()}, within)

    def targets(self, recipe_hash: str) -> list[Target]:
        """All targets of a recipe, the one due next first."""
        asked = select(review_targets).where(review_targets.c.recipe_hash == recipe_hash)
        with self._engine.connect() as connection:
            rows = connection.execute(asked.order_by(review_targets.c.due_on, review_targets.c.id)).all()
        return [
            Target(row.id, _cell(row), row.measure, row.figure, row.due_on, row.set_by, in_utc(row.set_at))
            for row in rows
        ]

    def drop_target(self, target_id: int, by: str, within: Connection) -> bool:
        """Forget a target that this person set; whether there was one."""
        mine = and_(review_targets.c.id == target_id, review_targets.c.set_by == same_email(by))
        return bool(within.execute(delete(review_targets).where(mine)).rowcount)

    def write(self, cell: Cell, text: str, by: str, within: Connection) -> int:
        """Keep a comment; its number."""
        row = _row(cell) | {"text": text, "author": same_email(by), "written_at": now()}
        return _added(review_comments, row, within)

    def comments(self, recipe_hash: str) -> list[Comment]:
        """All comments on a recipe's segments, the newest first."""
        asked = select(review_comments).where(review_comments.c.recipe_hash == recipe_hash)
        with self._engine.connect() as connection:
            rows = connection.execute(asked.order_by(review_comments.c.id.desc())).all()
        return [Comment(row.id, _cell(row), row.text, row.author, in_utc(row.written_at)) for row in rows]

    def delete(self, comment_id: int, by: str, within: Connection) -> bool:
        """Forget a comment of this person's own; whether there was one."""
        mine = and_(review_comments.c.id == comment_id, review_comments.c.author == same_email(by))
        return bool(within.execute(delete(review_comments).where(mine)).rowcount)


def _row(cell: Cell) -> dict[str, Any]:
    return asdict(cell)


def _added(table: Table, row: dict[str, Any], within: Connection) -> int:
    return int(within.scalars(insert(table).values(row).returning(table.c.id)).one())


def _cell(row: Any) -> Cell:
    return Cell(**{field.name: getattr(row, field.name) for field in fields(Cell)})
