"""Beginning a campaign and keeping what comes of it: in one's own book, and never without the audit trail."""

import secrets
from collections.abc import Collection
from datetime import date
from math import isnan
from typing import Any

import pandas as pd

from analytics.access.book import Book
from analytics.access.outreach import members_of
from analytics.errors import BadInput, NotAllowed, NotEnoughData, UnknownName
from analytics.formats import day, number
from analytics.needs.calls import call_list
from analytics.needs.campaigns import own_members
from analytics.needs.holdout import drawn
from analytics.recipe import Recipe
from analytics.store.campaigns import Campaign, Member, Plan, not_in_campaign
from analytics.store.store import Store
from analytics.translation import translate as _

FEWEST = 10  # members; fewer can show nothing, and a hold-out of one is nobody's comparison
PAGE = "campaigns"


def require_acting(book: Book) -> None:
    """Raise NotAllowed unless a role of this person runs campaigns."""
    if PAGE not in book.person.pages:
        raise NotAllowed(
            _("Your role does not run campaigns."), _("Ask a relationship manager or a manager.")
        )


def begin(
    book: Book,
    store: Store,
    plan: Plan,
    worths: pd.DataFrame,
    eligible: Collection[str],
    starts_on: date,
    seed: int | None = None,
) -> int:
    """Make a campaign of a plan among the customers of this book; its number.

    worths : customer_id and worth (what a contact is expected to bring; decides who is called first) of the
        plan's segment in this book. eligible : whom the product may be offered to; nobody else is in it.
    seed : of the draw of the hold-out; drawn itself where none is given, and kept with the campaign.
    Raises NotAllowed for a role that runs none, NotEnoughData with fewer than FEWEST members.
    """
    require_acting(book)
    wanted = worths[worths["customer_id"].isin(set(eligible))]
    members = members_of(book, list(wanted["customer_id"])).merge(wanted, on="customer_id")
    if len(members) < FEWEST:
        raise NotEnoughData(
            _("Only {n} customers could be contacted: too few for a hold-out.").format(
                n=number(len(members))
            ),
            _("Choose a larger segment, or another product."),
        )
    call_list(members.assign(is_holdout=False).head(1), plan.capacity)  # refuses a capacity of none
    seed = secrets.randbelow(2**31 - 1) if seed is None else seed
    members = members.assign(is_holdout=drawn(members, plan.holdout_share, seed))
    worth = members["worth"].astype(float).tolist()
    rows = [
        Member(str(customer_id), bool(held), None if isnan(each) else each)
        for customer_id, held, each in zip(members["customer_id"], members["is_holdout"], worth, strict=True)
    ]
    recipe_hash = Recipe.from_toml(plan.recipe).hash()
    told = {"title": plan.title, "product": plan.product_id, "customers": len(rows), "segment": plan.segment,
            "holdout": sum(one.is_holdout for one in rows), "recipe_hash": recipe_hash, "seed": seed}  # fmt: skip
    with _recorded(book, store, "campaign started", told) as (_entry, connection):
        return store.campaigns.begin(
            plan, rows, seed=seed, recipe_hash=recipe_hash, version=book.warehouse.version,
            by=book.person.email, starts_on=starts_on, within=connection,
        )  # fmt: skip


def record_contact(
    book: Book, store: Store, campaign: Campaign, customer_id: str, on: date | None, today: date | None = None
) -> None:
    """Tick a customer of one's book off as contacted on a day, or take that back with None.

    Raises UnknownName for one who is not in the campaign or not in the book, alike; BadInput for a hold-out
    and for a day before the campaign's first or after today.
    """
    told = _checked(book, campaign, customer_id, on, today)
    with _recorded(book, store, "contact recorded", told) as (_entry, connection):
        store.campaigns.contacted(campaign.id, customer_id, on, book.person.email, connection)


def record_answer(
    book: Book, store: Store, campaign: Campaign, customer_id: str, on: date | None, today: date | None = None
) -> None:
    """Keep that a customer of one's book took what was offered, whether contacted or left alone, or take that
    back with None. Raises as `record_contact`, but for hold-outs."""
    told = _checked(book, campaign, customer_id, on, today)
    with _recorded(book, store, "answer recorded", told) as (_entry, connection):
        store.campaigns.answered(campaign.id, customer_id, on, book.person.email, connection)


def campaign_of(book: Book, store: Store, number_or_id: str) -> Campaign:
    """A campaign by its number or id. Raises UnknownName alike where there is none and where none of its
    members is in the book, unless this person began it."""
    for campaign in store.campaigns.all():
        if number_or_id in (str(campaign.id), campaign.campaign_id):
            mine = campaign.created_by == book.person.email
            if mine or len(own_members(book, store, campaign.id)):
                return campaign
    raise UnknownName(
        _("There is no campaign {id} of yours.").format(id=number_or_id),
        _("The page Campaigns lists them."),
    )


def calls_of(book: Book, store: Store, campaign: Campaign) -> pd.DataFrame:
    """The campaign's call list for the book's customers: `call_list` with contacted_on and responded_on."""
    require_acting(book)
    members = own_members(book, store, campaign.id)
    told = members[["customer_id", "contacted_on", "responded_on"]]
    return call_list(members, campaign.capacity).merge(told, on="customer_id")


def _checked(
    book: Book, campaign: Campaign, customer_id: str, on: date | None, today: date | None
) -> dict[str, Any]:
    """What the trail is told of it, once it may be."""
    require_acting(book)
    if members_of(book, [customer_id]).empty:
        error = not_in_campaign(customer_id)
        book.refused(error, again=True)
        raise error
    last = today or date.today()
    if on is not None and not campaign.starts_on <= on <= last:
        raise BadInput(
            _("{day} is not a day of this campaign so far.").format(day=day(on)),
            _("Choose a day from {first} to {last}.").format(first=day(campaign.starts_on), last=day(last)),
        )
    on_day = on.isoformat() if on else None
    return {"campaign": campaign.campaign_id, "customer_id": customer_id, "on": on_day}


def _recorded(book: Book, store: Store, action: str, told: dict[str, Any]) -> Any:
    """The transaction in which the trail is told, for what is written with it: both stand, or neither."""
    known = {**told, "scope": str(book.scope)}
    return store.audit.recorded(book.person.email, action, known, version=book.warehouse.version)
