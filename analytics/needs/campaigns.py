"""What campaigns added, for the customers of one book: those that were loaded, and those run in the app."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from math import sqrt
from typing import Any

import pandas as pd

from analytics.access.book import Book
from analytics.access.outreach import answers, loaded_campaigns, members_of
from analytics.needs.calls import in_order
from analytics.needs.uplift import (
    WORTH_FINDING,
    Arms,
    Interval,
    Uplift,
    cost_per_sale,
    uplift,
    verdict,
)
from analytics.store.campaigns import Campaign, Member
from analytics.store.store import Store

NEEDS = ("contacts.contacted_at", "contacts.responded_at")
OPEN = ("early", "few", "wide", "unknown", "nobody")  # verdicts that settle nothing


@dataclass(frozen=True)
class Report:
    """One campaign among the customers of a book, as known on a day.

    contacts : how often they were contacted, which is what is paid for. cost : of these, None where the price
    of one is not known. per_sale : see `cost_per_sale`. waiting : customers who are still to be contacted.
    number : the store's, None for one that was loaded.
    """

    campaign_id: str
    name: str
    product_id: str
    channel: str
    starts_on: date | None
    as_of: date
    found: Uplift
    verdict: str
    contacts: int
    last_contact: date | None
    cost: float | None
    per_sale: Interval | None
    worth_finding: float = WORTH_FINDING
    waiting: int = 0
    number: int | None = None

    @property
    def settled(self) -> bool:
        """Whether there is an answer to whether it worked."""
        return self.verdict not in OPEN


def loaded_reports(book: Book, as_of: date) -> list[Report]:
    """The campaigns that were loaded, of whatever reached the book's customers by then, newest first.

    Nothing without contacts and answers. A campaign that nobody of the book was in is not told of.
    """
    if book.warehouse.missing(NEEDS):
        return []
    by_campaign = dict(list(answers(book, as_of).groupby("campaign_id")))
    found = [
        _report(about, by_campaign[about["campaign_id"]], as_of)
        for about in loaded_campaigns(book).to_dict("records")
        if about["campaign_id"] in by_campaign
    ]
    return newest_first(found)


def _report(about: Mapping[Hashable, Any], rows: pd.DataFrame, as_of: date) -> Report:
    starts_on, cost = about["starts_on"], about["cost_per_contact"]
    return _made(
        about["campaign_id"], about["name"], about["product_id"], about["channel"],
        None if pd.isna(starts_on) else pd.Timestamp(starts_on).date(), as_of,
        arms=_arms(rows), contacts=int(rows["contacts"].sum()),
        last=pd.Timestamp(rows["last_on"].max()).date(), price=None if pd.isna(cost) else float(cost),
    )  # fmt: skip


def _arms(rows: pd.DataFrame) -> Arms:
    """rows : is_holdout, answered."""
    held, answered = rows["is_holdout"].astype(bool), rows["answered"].astype(bool)
    return Arms(
        int((~held).sum()), int((~held & answered).sum()), int(held.sum()), int((held & answered).sum())
    )


def _made(
    campaign_id: str, name: str, product_id: str, channel: str, starts_on: date | None, as_of: date, *,
    arms: Arms, contacts: int, last: date | None, price: float | None,
    worth_finding: float = WORTH_FINDING, waiting: int = 0, number: int | None = None,
) -> Report:  # fmt: skip
    found, cost = uplift(arms), None if price is None else price * contacts
    # While calls are still to be made, no last contact is the last one.
    said = verdict(found, None if waiting else last, as_of, worth_finding)
    return Report(
        campaign_id, name, product_id, channel, starts_on, as_of, found, said, contacts, last, cost,
        None if cost is None else cost_per_sale(found, cost), worth_finding, waiting, number,
    )  # fmt: skip


def newest_first(reports: Iterable[Report]) -> list[Report]:
    """By the day on which they start, those without one last."""
    return sorted(reports, key=lambda one: (one.starts_on or date.min, one.campaign_id), reverse=True)


def members_frame(members: Sequence[Member], managers: pd.DataFrame) -> pd.DataFrame:
    """The members who are among some customers: the fields of Member, manager_id, turn_on.

    managers : customer_id, manager_id of those customers. turn_on : see `turns`.
    """
    names = list(Member.__dataclass_fields__)
    rows = pd.DataFrame([asdict(one) for one in members], columns=names)
    rows["worth"] = rows["worth"].astype(float)
    rows = rows.merge(managers[["customer_id", "manager_id"]], on="customer_id")
    return rows.assign(turn_on=turns(rows))


def turns(members: pd.DataFrame) -> "pd.Series[Any]":
    """The day on which each member's turn came: the first contact of somebody of the same manager who is not
    before them in the list; missing while nobody is.

    The best are called first. Set against everybody left alone they would look better than they were made by
    the call; set against those of the hold-out whose turn has come too, they don't.
    """
    ordered = in_order(members.assign(manager_id=members["manager_id"].fillna("")))
    days = pd.to_datetime(ordered["contacted_on"])[::-1]
    # fillna would take from another manager's list: the running minimum is within each.
    filled = days.fillna(pd.Timestamp.max.normalize()).groupby(ordered["manager_id"][::-1]).cummin()
    came = filled.where(filled < pd.Timestamp.max.normalize())
    return came.dt.date.where(came.notna(), None).reindex(members.index)


def own_members(book: Book, store: Store, number: int) -> pd.DataFrame:
    """A campaign's members who are in the book now, as `members_frame`."""
    members = store.campaigns.members(number)
    return members_frame(members, members_of(book, [one.customer_id for one in members]))


def own_reports(book: Book, store: Store, today: date) -> list[Report]:
    """The app's campaigns that have members in the book, or were begun by this person; newest first."""
    begun = {campaign: store.campaigns.members(campaign.id) for campaign in store.campaigns.all()}
    everybody = {one.customer_id for members in begun.values() for one in members}
    mine = members_of(book, sorted(everybody))
    found = []
    for campaign, members in begun.items():
        rows = members_frame(members, mine)
        if len(rows) or campaign.created_by == book.person.email:
            found.append(own_report(campaign, rows, today))
    return newest_first(found)


def own_report(campaign: Campaign, members: pd.DataFrame, today: date) -> Report:
    """What is known of one so far.

    members : as `own_members`. Compared are those whose turn has come, contacted or skipped, with those of the
    hold-out whose turn has come too.
    """
    counted = members[members["turn_on"].notna()]
    arms = _arms(counted.assign(answered=counted["responded_on"].notna()))
    called = members["contacted_on"].notna()
    to_call = ~members["is_holdout"].astype(bool) & members["turn_on"].isna()
    return _made(
        campaign.campaign_id, campaign.title, campaign.product_id, campaign.channel, campaign.starts_on, today,
        arms=arms, contacts=int(called.sum()),
        last=max(members.loc[called, "contacted_on"], default=None), price=campaign.cost_per_contact,
        worth_finding=campaign.worth_finding, waiting=int(to_call.sum()), number=campaign.id,
    )  # fmt: skip


def pooled(found: Sequence[Uplift]) -> Interval | None:
    """One uplift of several campaigns: their mean, weighted by size as Mantel and Haenszel do, with the
    intervals put together by square and add. None without one that has both groups.

    Source: Mantel, Haenszel 1959; Zou, Donner 2008, Statistics in Medicine 27, 1693-1702.
    """
    known = [one for one in found if one.difference is not None]
    weights = [1 / (1 / one.arms.contacted + 1 / one.arms.holdout) for one in known]
    if not known:
        return None
    each = [(weight / sum(weights), one.difference) for weight, one in zip(weights, known, strict=True)]
    middle = sum(share * gap.value for share, gap in each if gap)
    below = sqrt(sum((share * (gap.value - gap.low)) ** 2 for share, gap in each if gap))
    above = sqrt(sum((share * (gap.high - gap.value)) ** 2 for share, gap in each if gap))
    return Interval(middle, middle - below, middle + above)


def chosen_first(reports: Sequence[Report]) -> Report | None:
    """The one that a page begins with: the newest settled one, else the newest that nobody waits for."""
    for wanted in (lambda one: one.settled, lambda one: not one.waiting, lambda one: True):
        for report in reports:
            if wanted(report):
                return report
    return None
