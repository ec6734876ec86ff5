"""Where exchange rates and product prices come from, how often, and how the last attempt went."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "feeds",
        sa.Column("key", sa.String(20), primary_key=True),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("every_hours", sa.Integer, nullable=False),
        sa.Column("oldest_days", sa.Integer, nullable=False),
        sa.Column("outcome", sa.String(10), nullable=False),
        sa.Column("said", sa.Text, nullable=False),
        sa.Column("waiting", sa.String(64)),
        sa.Column("refused", sa.String(64)),
        sa.Column("checked_at", sa.DateTime(timezone=True)),
        sa.Column("good_at", sa.DateTime(timezone=True)),
        sa.Column("claimed_until", sa.DateTime(timezone=True)),
        sa.Column("changed_by", sa.String(320)),
        sa.Column("changed_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("outcome in ('', 'good', 'waiting', 'failed', 'refused')", name="feeds_outcome"),
    )


def downgrade() -> None:
    op.drop_table("feeds")
