"""One's own notes and next steps about a customer, and which alerts one has dealt with."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("writer", sa.String(320), nullable=False, index=True),
        sa.Column("customer_id", sa.String(200), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("due_on", sa.Date),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True)),
    )
    op.create_table(
        "alert_marks",
        sa.Column("person", sa.String(320), primary_key=True),
        sa.Column("alert", sa.String(40), primary_key=True),
        sa.Column("customer_id", sa.String(200), primary_key=True),
        sa.Column("period", sa.Date, primary_key=True),
        sa.Column("outcome", sa.String(10), nullable=False),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("outcome in ('done', 'dismissed')", name="alert_marks_outcome"),
    )


def downgrade() -> None:
    for table in ("alert_marks", "notes"):
        op.drop_table(table)
