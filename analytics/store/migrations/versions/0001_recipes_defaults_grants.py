"""Saved recipes with their shares, personal defaults and grants."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_recipes()
    op.create_table(
        "defaults",
        sa.Column("email", sa.String(320), primary_key=True),
        sa.Column("settings", sa.JSON, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    )
    _create_grants()


def downgrade() -> None:
    for table in ("grants", "defaults", "recipe_shares", "recipes"):
        op.drop_table(table)


def _create_recipes() -> None:
    op.create_table(
        "recipes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("owner", sa.String(320), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("toml", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("owner", "name", name="recipes_owner_name"),
    )
    op.create_table(
        "recipe_shares",
        sa.Column("recipe_id", sa.Integer, sa.ForeignKey("recipes.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("kind", sa.String(10), primary_key=True),
        sa.Column("target", sa.String(320), primary_key=True),
        sa.CheckConstraint("kind in ('role', 'branch', 'person')", name="recipe_shares_kind"),
    )


def _create_grants() -> None:
    op.create_table(
        "grants",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("origin", sa.String(10), nullable=False),
        sa.Column("identity", sa.String(700), nullable=False),
        sa.Column("user_email", sa.String(320), nullable=False, index=True),
        sa.Column("role", sa.String(60), nullable=False),
        sa.Column("level", sa.String(20), nullable=False),
        sa.Column("employee_id", sa.String(200)),
        sa.Column("unit_id", sa.String(200)),
        sa.Column("departments", sa.Text, nullable=False),
        sa.Column("columns", sa.Text, nullable=False),
        sa.Column("may_export", sa.Boolean, nullable=False),
        sa.Column("valid_until", sa.Date),
        sa.Column("changes", sa.JSON),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.Column("decided_by", sa.String(320)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("origin", "identity", name="grants_origin_identity"),
        sa.CheckConstraint("origin in ('loaded', 'store')", name="grants_origin"),
    )
