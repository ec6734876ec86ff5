"""The store's tables, as the newest migration leaves them."""

from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()
ADDRESS = 320  # characters of an e-mail address at most

recipes = Table(
    "recipes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("owner", String(ADDRESS), nullable=False),
    Column("name", String(200), nullable=False),
    Column("toml", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("owner", "name", name="recipes_owner_name"),
)

recipe_shares = Table(
    "recipe_shares",
    metadata,
    Column("recipe_id", Integer, ForeignKey("recipes.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", String(10), primary_key=True),
    Column("target", String(ADDRESS), primary_key=True),
    CheckConstraint("kind in ('role', 'branch', 'person', 'standard')", name="recipe_shares_kind"),
)

# What a recipe gave, for its owner alone and only while their scope is what it was then.
results = Table(
    "results",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("recipe_id", Integer, ForeignKey("recipes.id", ondelete="CASCADE"), nullable=False),
    Column("recipe_hash", String(12), nullable=False),
    Column("scope", String(64), nullable=False),
    Column("version", String(40), nullable=False),
    Column("as_of", Date, nullable=False),
    Column("document", JSON, nullable=False),
    Column("saved_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("recipe_id", "recipe_hash", "scope", "version", "as_of", name="results_once"),
)

defaults = Table(
    "defaults",
    metadata,
    Column("email", String(ADDRESS), primary_key=True),
    Column("settings", JSON, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
)

# A loaded grant's row keeps only what was decided here (changes, revoked_at): whether it exists at all, and
# what it says otherwise, is up to the warehouse version in use. A grant given here is whole.
grants = Table(
    "grants",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("origin", String(10), nullable=False),
    Column("identity", String(700), nullable=False),
    Column("user_email", String(ADDRESS), nullable=False, index=True),
    Column("role", String(60), nullable=False),
    Column("level", String(20), nullable=False),
    Column("employee_id", String(200)),
    Column("unit_id", String(200)),
    Column("departments", Text, nullable=False),
    Column("columns", Text, nullable=False),
    Column("may_export", Boolean, nullable=False),
    Column("valid_until", Date),
    Column("changes", JSON),
    Column("revoked_at", DateTime(timezone=True)),
    Column("decided_by", String(ADDRESS)),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("origin", "identity", name="grants_origin_identity"),
    CheckConstraint("origin in ('loaded', 'store')", name="grants_origin"),
)

# One row a feed. `waiting` and `refused` are digests of quotes that wait for the steward, or were refused;
# `claimed_until` is the turn of the one replica that refreshes it.
feeds = Table(
    "feeds",
    metadata,
    Column("key", String(20), primary_key=True),
    Column("source", Text, nullable=False),
    Column("every_hours", Integer, nullable=False),
    Column("oldest_days", Integer, nullable=False),
    Column("outcome", String(10), nullable=False),
    Column("said", Text, nullable=False),
    Column("waiting", String(64)),
    Column("refused", String(64)),
    Column("checked_at", DateTime(timezone=True)),
    Column("good_at", DateTime(timezone=True)),
    Column("claimed_until", DateTime(timezone=True)),
    Column("changed_by", String(ADDRESS)),
    Column("changed_at", DateTime(timezone=True)),
    CheckConstraint("outcome in ('', 'good', 'waiting', 'failed', 'refused')", name="feeds_outcome"),
)

# Who signed in once, as the provider knows them; the address decides which grants are theirs.
people = Table(
    "people",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("issuer", String(500), nullable=False),
    Column("subject", String(255), nullable=False),
    Column("email", String(ADDRESS), nullable=False, unique=True),
    Column("met_at", DateTime(timezone=True), nullable=False),
    Column("signed_out_at", DateTime(timezone=True)),
    UniqueConstraint("issuer", "subject", name="people_issuer_subject"),
)

# One row a cookie that got in, known by its digest: a copy of the cookie ends with it.
sign_ins = Table(
    "sign_ins",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("person_id", Integer, ForeignKey("people.id", ondelete="CASCADE"), nullable=False),
    Column("began_at", DateTime(timezone=True), nullable=False),
    Column("ends_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
)

# A grant or a policy that one steward asked for and a second one has to confirm before it holds.
proposals = Table(
    "proposals",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("asked", JSON, nullable=False),
    Column("asked_by", String(ADDRESS), nullable=False),
    Column("asked_at", DateTime(timezone=True), nullable=False),
    Column("outcome", String(10), nullable=False),
    Column("decided_by", String(ADDRESS)),
    Column("decided_at", DateTime(timezone=True)),
    CheckConstraint("outcome in ('waiting', 'confirmed', 'refused')", name="proposals_outcome"),
    CheckConstraint("kind in ('grant', 'policy')", name="proposals_kind"),
)

# What holds for everybody; every change is a new row, and the newest row's id is the policy version.
policies = Table(
    "policies",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("floor", Integer, nullable=False),
    Column("daily_exports", Integer),
    Column("changed_by", String(ADDRESS), nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
)

# What a campaign would be: whom, what, how and with which hold-out. Whoever opens it runs it in their own book.
plans = Table(
    "plans",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("owner", String(ADDRESS), nullable=False),
    Column("title", String(200), nullable=False),
    Column("recipe", Text, nullable=False),
    Column("segment", Integer, nullable=False),
    Column("product_id", String(200), nullable=False),
    Column("channel", String(200), nullable=False),
    Column("message", Text, nullable=False),
    Column("cost_per_contact", Float, nullable=False),
    Column("price_room", Float),
    Column("capacity", Integer, nullable=False),
    Column("base_rate", Float, nullable=False),
    Column("worth_finding", Float, nullable=False),
    Column("holdout_share", Float, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("owner", "title", name="plans_owner_title"),
)

plan_shares = Table(
    "plan_shares",
    metadata,
    Column("plan_id", Integer, ForeignKey("plans.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", String(10), primary_key=True),
    Column("target", String(ADDRESS), primary_key=True),
    CheckConstraint("kind in ('role', 'branch', 'person')", name="plan_shares_kind"),
)

# A plan that was started, as it was then: the plan may change or go, the campaign stays.
campaigns = Table(
    "campaigns",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("title", String(200), nullable=False),
    Column("product_id", String(200), nullable=False),
    Column("channel", String(200), nullable=False),
    Column("message", Text, nullable=False),
    Column("cost_per_contact", Float, nullable=False),
    Column("capacity", Integer, nullable=False),
    Column("worth_finding", Float, nullable=False),
    Column("holdout_share", Float, nullable=False),
    Column("seed", Integer, nullable=False),
    Column("recipe_hash", String(12), nullable=False),
    Column("segment", Integer, nullable=False),
    Column("version", String(40), nullable=False),
    Column("created_by", String(ADDRESS), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("starts_on", Date, nullable=False),
)

# Who is in a campaign, frozen when it began. Shown to nobody but whoever has the customer in their book.
campaign_members = Table(
    "campaign_members",
    metadata,
    Column("campaign_id", Integer, ForeignKey("campaigns.id", ondelete="CASCADE"), primary_key=True),
    Column("customer_id", String(200), primary_key=True),
    Column("is_holdout", Boolean, nullable=False),
    Column("worth", Float),
    Column("contacted_on", Date),
    Column("contacted_by", String(ADDRESS)),
    Column("responded_on", Date),
    Column("responded_by", String(ADDRESS)),
)

# Each entry's digest is made with the key from the entry and the digest before it.
audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("at", DateTime(timezone=True), nullable=False, index=True),
    Column("person", String(ADDRESS), nullable=False, index=True),
    Column("action", String(40), nullable=False),
    Column("version", String(40)),
    Column("details", Text, nullable=False),
    Column("digest", String(64), nullable=False),
)

# One row: how many entries there are, and the newest one's digest. The seal, made with the key, is what
# cutting off the end of the trail can't make again.
audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("entries", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("seal", String(64), nullable=False),
)

# What somebody wrote for themselves about a customer; with a day it is due on it is a next step.
notes = Table(
    "notes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("writer", String(ADDRESS), nullable=False, index=True),
    Column("customer_id", String(200), nullable=False),
    Column("text", Text, nullable=False),
    Column("due_on", Date),
    Column("written_at", DateTime(timezone=True), nullable=False),
    Column("done_at", DateTime(timezone=True)),
)

# Whoever has dealt with an alert does not see it again for that period: `period` is the date that tells one
# occurrence from the next.
alert_marks = Table(
    "alert_marks",
    metadata,
    Column("person", String(ADDRESS), primary_key=True),
    Column("alert", String(40), primary_key=True),
    Column("customer_id", String(200), primary_key=True),
    Column("period", Date, primary_key=True),
    Column("outcome", String(10), nullable=False),
    Column("marked_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("outcome in ('done', 'dismissed')", name="alert_marks_outcome"),
)

# How somebody likes their pivots: rows, columns, measure, span. Theirs alone; it names no customer.
layouts = Table(
    "layouts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("owner", String(ADDRESS), nullable=False),
    Column("name", String(200), nullable=False),
    Column("settings", JSON, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("owner", "name", name="layouts_owner_name"),
)


def _cell() -> list[Column[Any]]:
    """What a target or comment of a review speaks of: a segment in a unit, as its writer's sight showed it."""
    return [
        Column("id", Integer, primary_key=True),
        Column("recipe_hash", String(12), nullable=False, index=True),
        Column("recipe_title", Text, nullable=False),
        Column("segment", Integer, nullable=False),
        Column("segment_name", Text, nullable=False),
        Column("unit_kind", String(10), nullable=False),
        Column("unit", String(200), nullable=False),
        Column("version", String(40), nullable=False),
        Column("as_of", Date, nullable=False),
        Column("sight", JSON, nullable=False),
    ]


# What a manager wants a segment's figure to be by a month end.
review_targets = Table(
    "review_targets",
    metadata,
    *_cell(),
    Column("measure", String(20), nullable=False),
    Column("figure", Float, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("set_by", String(ADDRESS), nullable=False),
    Column("set_at", DateTime(timezone=True), nullable=False),
)

# What was said of a segment's figures. Shown to whoever may see all that its author saw of them.
review_comments = Table(
    "review_comments",
    metadata,
    *_cell(),
    Column("text", Text, nullable=False),
    Column("author", String(ADDRESS), nullable=False),
    Column("written_at", DateTime(timezone=True), nullable=False),
)
