"""From the app's own campaigns to the indicators: contacts and answers become rows of a new version."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from analytics.access.book import Book
from analytics.errors import NotAllowed
from analytics.needs.campaigns import members_frame
from analytics.store.campaigns import Campaign
from analytics.store.store import Store
from analytics.translation import translate as _
from analytics.warehouse.recorded import RECORDED, Outreach, Recorded, keep_recorded
from analytics.warehouse.republish import republish
from analytics.warehouse.versions import Manifest, Progress

PUBLISHING = frozenset({"manager", "steward"})


def outreach_of(store: Store) -> Outreach:
    """What a build asks for what the app recorded, of every campaign and all of its members."""

    def rows(managers: pd.DataFrame) -> Recorded:
        begun = store.campaigns.all()
        parts = [_contacts(store, campaign, managers) for campaign in begun]
        empty = pd.DataFrame(
            columns=["campaign_id", "customer_id", "contacted_at", "is_holdout", "responded_at"]
        )
        told = [part for part in parts if len(part)]
        contacts = pd.concat(told, ignore_index=True) if told else empty
        known = set(contacts["campaign_id"])
        return Recorded(_campaigns([one for one in begun if one.campaign_id in known]), contacts)

    return rows


def _contacts(store: Store, campaign: Campaign, managers: pd.DataFrame) -> pd.DataFrame:
    """Everybody who was contacted, and of the hold-out those whose turn has come, on that day."""
    rows = members_frame(store.campaigns.members(campaign.id), managers)
    held = rows["is_holdout"].astype(bool)
    day = rows["contacted_on"].where(~held, rows["turn_on"])
    rows = rows.assign(campaign_id=campaign.campaign_id, contacted_at=day, responded_at=rows["responded_on"])
    return rows.loc[day.notna(), ["campaign_id", "customer_id", "contacted_at", "is_holdout", "responded_at"]]


def _campaigns(begun: list[Campaign]) -> pd.DataFrame:
    names = {"campaign_id": "campaign_id", "title": "name", "product_id": "product_id", "channel": "channel",
             "starts_on": "starts_on", "cost_per_contact": "cost_per_contact"}  # fmt: skip
    rows = [{column: getattr(one, name) for name, column in names.items()} for one in begun]
    return pd.DataFrame(rows, columns=list(names.values()))


def require_publishing(book: Book) -> None:
    """Raise NotAllowed unless this person may publish a version: it is everybody's."""
    if not PUBLISHING & set(book.person.roles):
        raise NotAllowed(
            _("Only a manager or a data steward publishes what was recorded."),
            _("It comes in with the next load in any case."),
        )


def publish_answers(
    root: Path, store: Store, by: str, progress: Progress | None = None, told: dict[str, Any] | None = None
) -> Manifest | None:
    """Publish the version that serves anew with what the app recorded; None where nothing is recorded.

    by : who, as the audit trail calls them; told : what else it is told. Raises BuildRunning while another
    build runs, AnalyticsError where it can't be recorded. Contacts after a version's newest as-of date count
    in its later ones, once their transactions are loaded.
    """
    store.audit.append(by, "answers published", dict(told or {}))
    say: Callable[[str, float | None], None] = progress or (lambda _step, _share: None)
    recorded: list[str] = []

    def write(con: Any, previous: Manifest) -> bool:
        recorded.extend(keep_recorded(con, outreach_of(store), previous.recorded))
        return bool(recorded or previous.recorded)

    return republish(root, write, RECORDED, say, recorded)
