"""The rules that bind a data steward: about whom they decide, and what takes two of them."""

from analytics.access.grants import Grant, same_email
from analytics.access.register import Register, shows_bank
from analytics.access.roles import WITHOUT_ROWS
from analytics.access.scope import scope_of
from analytics.access.sizes import covers_most
from analytics.errors import BadInput, NotAllowed, UnknownName
from analytics.store.grants import Known
from analytics.store.policy import Policy
from analytics.store.proposals import Proposal
from analytics.translation import translate as _
from analytics.warehouse.engine import Warehouse

# Who decides about others' grants, and who reads what everybody did.
WATCHING = frozenset({"steward", "auditor"})


def require_steward(register: Register, by: str) -> None:
    """Raise NotAllowed for anybody but a data steward."""
    if not register.is_steward(by):
        raise NotAllowed(_("Only a data steward decides about grants."), _("Ask yours."))


def require_other(grant: Grant, by: str) -> None:
    """Raise NotAllowed for a steward's own grant: not even less of it is theirs to decide."""
    require_another(grant.user_email, by)


def require_another(address: str, by: str) -> None:
    """Raise NotAllowed where a steward would decide which grants are their own."""
    if same_email(address) == same_email(by):
        raise NotAllowed(_("Nobody decides about their own grants."), _("Ask another data steward."))


def require_a_steward_left(register: Register, before: Grant, after: Grant | None = None) -> None:
    """Raise NotAllowed where ending a grant, or giving it an end, would leave the bank without a steward.

    The last one whose grant has no end counts, or where all have one, the last one at all.
    """
    stewards = [k.grant for k in register.in_force if register.makes_steward(k.grant)]
    lasting = [grant for grant in stewards if grant.valid_until is None] or stewards
    left = [grant for grant in lasting if grant.identity != before.identity]
    if after and (after.valid_until is None or any(grant.valid_until for grant in lasting)):
        return
    if before in lasting and not left:
        raise NotAllowed(
            _("{email} is the last data steward whose grant lasts.").format(email=before.user_email),
            _("Give another person the role first."),
        )


def why_second(register: Register, warehouse: Warehouse, grant: Grant) -> str:
    """Why a grant takes a second steward, empty where it does not.

    Beside a grant at the level of the bank that is whatever adds up to one: a region or a branch above most
    others, the last of several small grants, and any grant to somebody whose book is that large already, because
    columns and the right to take files hold for all of a person's rows. Roles that see no customers take one
    steward, but for those that watch over the others: a steward alone must not make their own second one, nor
    choose alone who reads the trail.
    """
    if grant.role in WATCHING:
        return _("It gives a role that watches over others.")
    if grant.role in WITHOUT_ROWS:
        return ""
    others = (one for one in register.grants_of(grant.user_email) if one.identity != grant.identity)
    held = [*others, grant]
    if any(shows_bank(one) for one in held):
        return _("With it the person holds a grant for the whole bank.")
    if covers_most(scope_of(held, warehouse), warehouse):
        return _("With it the person sees more than half of the bank's customers.")
    return ""


def loosens(before: Policy, after: Policy) -> bool:
    """Whether a policy shows or lets out more: a lower floor, more files a day."""
    unlimited = float("inf")

    def files(policy: Policy) -> float:
        return unlimited if policy.daily_exports is None else policy.daily_exports

    return after.floor < before.floor or files(after) > files(before)


def require_second(register: Register, proposal: Proposal, by: str) -> None:
    """Raise NotAllowed unless this person is a second steward to what a first one asked for."""
    if proposal.asked_by == same_email(by):
        raise NotAllowed(_("You asked for this: somebody else confirms it."), _("Ask another data steward."))
    if proposal.kind == "grant":
        require_other(Grant.from_plain(proposal.asked["grant"]), by)
    if not register.is_steward(proposal.asked_by):
        raise NotAllowed(
            _("{email}, who asked for it, is no data steward any more.").format(email=proposal.asked_by),
            _("Refuse it, and ask for it anew."),
        )


def require_not_waiting(register: Register, grant: Grant) -> None:
    """Raise BadInput where the same grant waits already."""
    asked = (Grant.from_plain(one.asked["grant"]) for one in register.waiting if one.kind == "grant")
    if grant.identity in {one.identity for one in asked}:
        raise BadInput(
            _("Such a grant waits for a second steward already."), _("Have it confirmed or refused first.")
        )


def require_new(register: Register, grant: Grant) -> None:
    """Raise BadInput where the person holds the same grant today."""
    held = register.grants_of(grant.user_email)
    if grant.identity in {one.identity for one in held}:
        raise BadInput(
            _("{email} holds such a grant already.").format(email=grant.user_email),
            _("Change that one: its departments, columns, files or end."),
        )


def require_as_it_was(register: Register, known: Known) -> None:
    """Raise UnknownName for a grant that is not there any more as somebody saw it, or was revoked."""
    standing = {(one.grant, one.origin) for one in register.known if not one.revoked}
    if (known.grant, known.origin) not in standing:
        raise meanwhile()


def meanwhile() -> UnknownName:
    """What is told of a decision about something that is not as it was."""
    return UnknownName(
        _("It was changed or ended meanwhile."),
        _("Look at it again, and ask for it anew where it is needed."),
    )
