"""Plans, the campaigns that they become, who is in these, and who answered."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "plans",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("owner", sa.String(320), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("recipe", sa.Text, nullable=False),
        sa.Column("segment", sa.Integer, nullable=False),
        sa.Column("product_id", sa.String(200), nullable=False),
        sa.Column("channel", sa.String(200), nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("cost_per_contact", sa.Float, nullable=False),
        sa.Column("price_room", sa.Float),
        sa.Column("capacity", sa.Integer, nullable=False),
        sa.Column("base_rate", sa.Float, nullable=False),
        sa.Column("worth_finding", sa.Float, nullable=False),
        sa.Column("holdout_share", sa.Float, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("owner", "title", name="plans_owner_title"),
    )
    op.create_table(
        "plan_shares",
        sa.Column("plan_id", sa.Integer, sa.ForeignKey("plans.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("kind", sa.String(10), primary_key=True),
        sa.Column("target", sa.String(320), primary_key=True),
        sa.CheckConstraint("kind in ('role', 'branch', 'person')", name="plan_shares_kind"),
    )
    op.create_table(
        "campaigns",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("product_id", sa.String(200), nullable=False),
        sa.Column("channel", sa.String(200), nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("cost_per_contact", sa.Float, nullable=False),
        sa.Column("capacity", sa.Integer, nullable=False),
        sa.Column("worth_finding", sa.Float, nullable=False),
        sa.Column("holdout_share", sa.Float, nullable=False),
        sa.Column("seed", sa.Integer, nullable=False),
        sa.Column("recipe_hash", sa.String(12), nullable=False),
        sa.Column("segment", sa.Integer, nullable=False),
        sa.Column("version", sa.String(40), nullable=False),
        sa.Column("created_by", sa.String(320), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("starts_on", sa.Date, nullable=False),
    )
    op.create_table(
        "campaign_members",
        sa.Column(
            "campaign_id", sa.Integer, sa.ForeignKey("campaigns.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("customer_id", sa.String(200), primary_key=True),
        sa.Column("is_holdout", sa.Boolean, nullable=False),
        sa.Column("worth", sa.Float),
        sa.Column("contacted_on", sa.Date),
        sa.Column("contacted_by", sa.String(320)),
        sa.Column("responded_on", sa.Date),
        sa.Column("responded_by", sa.String(320)),
    )


def downgrade() -> None:
    for table in ("campaign_members", "campaigns", "plan_shares", "plans"):
        op.drop_table(table)
