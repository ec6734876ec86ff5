"""Targets and comments of the segment review, each with the version and sight that it speaks of."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def _cell() -> list[sa.Column[Any]]:
    """What a target or comment speaks of."""
    return [
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("recipe_hash", sa.String(12), nullable=False, index=True),
        sa.Column("recipe_title", sa.Text, nullable=False),
        sa.Column("segment", sa.Integer, nullable=False),
        sa.Column("segment_name", sa.Text, nullable=False),
        sa.Column("unit_kind", sa.String(10), nullable=False),
        sa.Column("unit", sa.String(200), nullable=False),
        sa.Column("version", sa.String(40), nullable=False),
        sa.Column("as_of", sa.Date, nullable=False),
        sa.Column("sight", sa.JSON, nullable=False),
    ]


def upgrade() -> None:
    op.create_table(
        "review_targets",
        *_cell(),
        sa.Column("measure", sa.String(20), nullable=False),
        sa.Column("figure", sa.Float, nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("set_by", sa.String(320), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "review_comments",
        *_cell(),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("author", sa.String(320), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    for table in ("review_comments", "review_targets"):
        op.drop_table(table)
