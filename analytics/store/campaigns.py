"""Plans and campaigns as stored. Whose customers somebody sees of them is not for these tables to say."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, and_, delete, exists, insert, or_, select, update

from analytics.access.grants import same_email
from analytics.errors import BadInput, UnknownName
from analytics.store.database import in_utc, now, writing
from analytics.store.recipes import LONGEST_NAME, Share
from analytics.store.tables import campaign_members, campaigns, plan_shares, plans
from analytics.translation import translate as _


@dataclass(frozen=True)
class Plan:
    """What a campaign would be.

    recipe, segment : whom, as a recipe's TOML and the number of its segment. price_room : points that the
        product's rate could move, as it was when the plan was made. capacity : calls a week for each manager.
    base_rate : the response expected of those left alone. worth_finding : the least uplift that matters.
    """

    title: str
    recipe: str
    segment: int
    product_id: str
    channel: str
    message: str
    cost_per_contact: float
    capacity: int
    base_rate: float
    worth_finding: float
    holdout_share: float
    price_room: float | None = None


@dataclass(frozen=True)
class SavedPlan:
    """A plan with whose it is. shared_with : (kind, target), kind is role, branch or person."""

    id: int
    owner: str
    plan: Plan
    created_at: datetime
    shared_with: tuple[Share, ...] = ()


@dataclass(frozen=True)
class Campaign:
    """A plan that was started, as it was then. seed : of the draw of the hold-out."""

    id: int
    title: str
    product_id: str
    channel: str
    message: str
    cost_per_contact: float
    capacity: int
    worth_finding: float
    holdout_share: float
    seed: int
    recipe_hash: str
    segment: int
    version: str
    created_by: str
    created_at: datetime
    starts_on: date

    @property
    def campaign_id(self) -> str:
        """What it is called in the warehouse's tables, and in a bank's own that it exports them to."""
        return f"CLIENTELE-{self.id}"


@dataclass(frozen=True)
class Member:
    """One customer of a campaign, and what was recorded of them."""

    customer_id: str
    is_holdout: bool
    worth: float | None = None
    contacted_on: date | None = None
    contacted_by: str | None = None
    responded_on: date | None = None
    responded_by: str | None = None


class Campaigns:
    """Everybody's plans and campaigns. What begins or records something is written in the transaction that
    tells the audit trail of it (`Audit.recorded`)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def save_plan(self, owner: str, plan: Plan, shared_with: Collection[Share] = ()) -> int:
        """Keep a plan under its title, over what the owner's title held before; its number.

        Raises BadInput for an empty or too long title and for a share of an unknown kind.
        """
        owner, values = same_email(owner), {**asdict(plan), "title": _checked_title(plan.title)}
        key = and_(plans.c.owner == owner, plans.c.title == values["title"])
        with writing(self._engine) as connection:
            known = connection.scalar(select(plans.c.id).where(key))
            if known is None:
                row = {"owner": owner, "created_at": now(), "changed_at": now(), **values}
                known = connection.scalars(insert(plans).values(row).returning(plans.c.id)).one()
            else:
                connection.execute(update(plans).where(key).values(**values, changed_at=now()))
            connection.execute(delete(plan_shares).where(plan_shares.c.plan_id == known))
            rows = [
                {"plan_id": known, "kind": kind, "target": target}
                for kind, target in {_checked_share(share) for share in shared_with}
            ]
            if rows:
                connection.execute(insert(plan_shares), rows)
        return int(known)

    def plans(
        self, email: str, roles: Collection[str] = (), branches: Collection[str] = ()
    ) -> list[SavedPlan]:
        """The person's own plans first, then those shared with them, each by title."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(plans).where(_visible_to(email, roles, branches))).all()
            wanted = select(plan_shares).where(plan_shares.c.plan_id.in_([row.id for row in rows]))
            shares = connection.execute(wanted).all()
        found = [_saved(row, [(s.kind, s.target) for s in shares if s.plan_id == row.id]) for row in rows]
        mine = same_email(email)
        return sorted(found, key=lambda one: (one.owner != mine, one.plan.title.casefold(), one.owner))

    def delete_plan(self, plan_id: int, owner: str) -> None:
        """Forget an own plan; campaigns that it became stay. Raises UnknownName for another's, as for none."""
        with writing(self._engine) as connection:
            gone = delete(plans).where(plans.c.id == plan_id, plans.c.owner == same_email(owner))
            if not connection.execute(gone).rowcount:
                raise UnknownName(_("There is no such plan of yours."), _("Choose one from the list."))

    def begin(
        self,
        plan: Plan,
        members: Sequence[Member],
        *,
        seed: int,
        recipe_hash: str,
        version: str,
        by: str,
        starts_on: date,
        within: Connection,
    ) -> int:
        """Freeze a plan and its members as a campaign; its number."""
        names = {field.name for field in fields(Campaign)} & set(asdict(plan))
        row = {name: value for name, value in asdict(plan).items() if name in names} | {
            "title": _checked_title(plan.title), "seed": seed, "recipe_hash": recipe_hash, "version": version,
            "created_by": same_email(by), "created_at": now(), "starts_on": starts_on,
        }  # fmt: skip
        number = int(within.scalars(insert(campaigns).values(row).returning(campaigns.c.id)).one())
        within.execute(insert(campaign_members), [{"campaign_id": number, **asdict(one)} for one in members])
        return number

    def all(self) -> list[Campaign]:
        """Every campaign, the newest first, without who is in it."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(campaigns).order_by(campaigns.c.id.desc())).mappings().all()
        return [_campaign(row) for row in rows]

    def members(self, campaign_id: int) -> list[Member]:
        """Everybody who is in a campaign, in order of customer_id: for whoever joins them with a book."""
        columns = [campaign_members.c[field.name] for field in fields(Member)]
        asked = select(*columns).where(campaign_members.c.campaign_id == campaign_id)
        with self._engine.connect() as connection:
            return [Member(*row) for row in connection.execute(asked.order_by(columns[0]))]

    def contacted(
        self, campaign_id: int, customer_id: str, on: date | None, by: str, within: Connection
    ) -> None:
        """Keep that a member was contacted, or with None that they were not after all.

        Raises UnknownName for whoever is no member, BadInput for a hold-out.
        """
        who = None if on is None else same_email(by)
        no_holdout = campaign_members.c.is_holdout.is_(False)
        values = {"contacted_on": on, "contacted_by": who}
        if not self._record(campaign_id, customer_id, values, within, no_holdout):
            raise BadInput(
                _("Customer {id} was left alone on purpose.").format(id=customer_id),
                _("Whoever is called cannot show any more what happens without a call."),
            )

    def answered(
        self, campaign_id: int, customer_id: str, on: date | None, by: str, within: Connection
    ) -> None:
        """Keep that a member took what was offered, hold-outs too, or with None that they did not after all."""
        values = {"responded_on": on, "responded_by": None if on is None else same_email(by)}
        self._record(campaign_id, customer_id, values, within)

    def _record(
        self, campaign_id: int, customer_id: str, values: dict[str, Any], within: Connection,
        condition: ColumnElement[bool] | None = None,
    ) -> bool:  # fmt: skip
        mine = and_(
            campaign_members.c.campaign_id == campaign_id, campaign_members.c.customer_id == customer_id
        )
        if within.scalar(select(campaign_members.c.customer_id).where(mine)) is None:
            raise not_in_campaign(customer_id)
        wanted = mine if condition is None else and_(mine, condition)
        return bool(within.execute(update(campaign_members).where(wanted).values(**values)).rowcount)


def not_in_campaign(customer_id: str) -> UnknownName:
    """What is told alike of a customer outside a campaign and of one outside the book."""
    return UnknownName(
        _("There is no customer {id} of yours in this campaign.").format(id=customer_id),
        _("Choose one from the call list."),
    )


def _visible_to(email: str, roles: Collection[str], branches: Collection[str]) -> ColumnElement[bool]:
    share = plan_shares.c
    meant = or_(
        and_(share.kind == "person", share.target == same_email(email)),
        and_(share.kind == "role", share.target.in_(roles)),
        and_(share.kind == "branch", share.target.in_(branches)),
    )
    return or_(plans.c.owner == same_email(email), exists().where(share.plan_id == plans.c.id, meant))


def _saved(row: Any, shares: list[Share]) -> SavedPlan:
    plan = Plan(**{field.name: getattr(row, field.name) for field in fields(Plan)})
    return SavedPlan(row.id, row.owner, plan, in_utc(row.created_at), tuple(sorted(shares)))


def _campaign(row: Any) -> Campaign:
    return Campaign(**{**row, "created_at": in_utc(row["created_at"])})


def _checked_title(title: str) -> str:
    title = title.strip()
    if not 0 < len(title) <= LONGEST_NAME or "\0" in title:
        raise BadInput(
            _("A plan needs a title of 1 to {most} characters.").format(most=LONGEST_NAME),
            _("Type a title that tells your plans apart."),
        )
    return title


def _checked_share(share: Share) -> Share:
    kind, target = share[0], share[1].strip()
    if kind not in ("role", "branch", "person") or not target:
        raise BadInput(
            _("A plan can't be shared with {kind} “{target}”.").format(kind=kind, target=target),
            _("Share it with a role, a branch or a person."),
        )
    return kind, same_email(target) if kind == "person" else target
