"""The store as a whole, opened once a process."""

from dataclasses import dataclass
from pathlib import Path

from analytics.settings import audit_key, store_url
from analytics.store.audit import Audit, begin_trail
from analytics.store.campaigns import Campaigns
from analytics.store.database import open_engine
from analytics.store.defaults import Defaults
from analytics.store.feeds import Feeds
from analytics.store.grants import Grants
from analytics.store.layouts import Layouts
from analytics.store.marks import Marks
from analytics.store.notes import Notes
from analytics.store.people import People
from analytics.store.policy import Policies
from analytics.store.proposals import Proposals
from analytics.store.recipes import Recipes
from analytics.store.results import Results
from analytics.store.review import Reviews


@dataclass(frozen=True)
class Store:
    """Recipes with their results, defaults, grants, policies, proposals, people with their sign-ins, feeds of rates,
    notes, marks of alerts, plans and campaigns, layouts of pivots, targets and comments of reviews, the trail.

    Safe to share between threads.
    """

    recipes: Recipes
    results: Results
    defaults: Defaults
    grants: Grants
    feeds: Feeds
    policies: Policies
    proposals: Proposals
    people: People
    notes: Notes
    marks: Marks
    campaigns: Campaigns
    layouts: Layouts
    reviews: Reviews
    audit: Audit


def open_store(url: str | None, warehouse: Path) -> Store:
    """Open the store at a SQLAlchemy URL, or the one that belongs to the warehouse; its schema is brought up
    to date on the way. The audit trail begins with the store, and so does its key."""
    engine = open_engine(
        url or store_url(warehouse),
        lambda connection: begin_trail(connection, audit_key(warehouse, make=True)),
    )
    return Store(
        recipes=Recipes(engine),
        results=Results(engine),
        defaults=Defaults(engine),
        grants=Grants(engine),
        feeds=Feeds(engine),
        policies=Policies(engine),
        proposals=Proposals(engine),
        people=People(engine),
        notes=Notes(engine),
        marks=Marks(engine),
        campaigns=Campaigns(engine),
        layouts=Layouts(engine),
        reviews=Reviews(engine),
        audit=Audit(engine, audit_key(warehouse)),
    )
