"""Results kept with a saved recipe, and recipes that are the bank's standard."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KINDS = "recipe_shares_kind"


def upgrade() -> None:
    op.create_table(
        "results",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("recipe_id", sa.Integer, sa.ForeignKey("recipes.id", ondelete="CASCADE"), nullable=False),
        sa.Column("recipe_hash", sa.String(12), nullable=False),
        sa.Column("scope", sa.String(64), nullable=False),
        sa.Column("version", sa.String(40), nullable=False),
        sa.Column("as_of", sa.Date, nullable=False),
        sa.Column("document", sa.JSON, nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("recipe_id", "recipe_hash", "scope", "version", "as_of", name="results_once"),
    )
    _allow("kind in ('role', 'branch', 'person', 'standard')")


def downgrade() -> None:
    op.drop_table("results")
    op.execute("DELETE FROM recipe_shares WHERE kind = 'standard'")
    _allow("kind in ('role', 'branch', 'person')")


def _allow(condition: str) -> None:
    with op.batch_alter_table("recipe_shares") as table:
        table.drop_constraint(KINDS, type_="check")
        table.create_check_constraint(KINDS, condition)
