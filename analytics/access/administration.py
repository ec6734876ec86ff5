"""A data steward's desk: grants and policies are decided here and nowhere else, each decision recorded.

Who loads a warehouse's files needs no desk: loaded grants, `load --owner` among them, hold as they are. That is
how an owner begins, and how a bank with one steward gets a second one. With fewer than two stewards what takes
two of them waits.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from analytics.access.entry import Choices, checked, choices_in, within_limits
from analytics.access.grants import Grant, same_email
from analytics.access.register import Register, read_register
from analytics.access.scope import scope_of
from analytics.access.sizes import rounded_size
from analytics.access.stewardship import (
    loosens,
    meanwhile,
    require_a_steward_left,
    require_another,
    require_as_it_was,
    require_new,
    require_not_waiting,
    require_other,
    require_second,
    require_steward,
    why_second,
)
from analytics.errors import BadInput, NotAllowed
from analytics.store.grants import Known
from analytics.store.policy import Policy, require_bounds
from analytics.store.proposals import Proposal
from analytics.store.store import Store
from analytics.translation import translate as _
from analytics.warehouse.engine import Warehouse

Doing = Callable[[Any], object]  # what is done in the transaction that it is given


@dataclass(frozen=True)
class Act:
    """A decision that the rules allow: as the trail tells it, and how it is done.

    waits : why a second steward has to confirm it before it holds, empty where it holds at once.
    """

    action: str
    details: dict[str, Any]
    do: Doing = field(compare=False)
    waits: str = ""


class Administration:
    """What one person may decide about others' grants; every rule is asked here, whatever a page offers."""

    def __init__(self, warehouse: Warehouse, store: Store, by: str, today: date | None = None) -> None:
        self.warehouse = warehouse
        self.store = store
        self.by = same_email(by)
        self.today = today or date.today()

    def register(self) -> Register:
        """Who holds what now. Raises NotAllowed for anybody but a data steward, as everything here."""
        register = read_register(self.warehouse, self.store, self.today)
        require_steward(register, self.by)
        return register

    @cached_property
    def choices(self) -> Choices:
        """What this version has to grant."""
        return choices_in(self.warehouse)

    def give(self, grant: Grant) -> Act:
        """Give a grant, or let it wait for a second steward.

        Raises NotAllowed, BadInput or UnknownName, as all that follow.
        """
        grant = checked(grant, self.choices, self.today)

        def plan(register: Register) -> Act:
            require_other(grant, self.by)
            require_new(register, grant)
            return self._at_once_or_later(register, "grant given", grant, None)

        return self._act(plan)

    def change(self, known: Known, after: Grant) -> Act:
        """Let a grant say something else: departments, columns, files, end. Saying less takes one steward."""
        after = within_limits(after, self.choices, self.today, known.grant)
        self.store.grants.meet([known.grant] if known.origin == "loaded" else [])

        def plan(register: Register) -> Act:
            require_other(known.grant, self.by)
            require_as_it_was(register, known)
            if after == known.grant:
                raise BadInput(_("This grant says so already."), _("Change something first."))
            require_a_steward_left(register, known.grant, after)
            return self._at_once_or_later(register, "grant changed", after, known)

        return self._act(plan)

    def revoke(self, known: Known) -> Act:
        """End a grant for good: no load and no rollback brings it back."""
        self.store.grants.meet([known.grant] if known.origin == "loaded" else [])

        def plan(register: Register) -> Act:
            require_other(known.grant, self.by)
            require_as_it_was(register, known)
            require_a_steward_left(register, known.grant)
            told = {"grant": known.grant.as_plain()}
            return Act("grant revoked", told, lambda c: self.store.grants.revoke(known.grant, self.by, c))

        return self._act(plan)

    def confirm(self, number: int) -> Act:
        """As the second steward, let what the first one asked for hold; every rule is asked again."""

        def plan(register: Register) -> Act:
            proposal = self.store.proposals.get(number)
            require_second(register, proposal, self.by)
            told = {"proposal": number, "asked_by": proposal.asked_by, **proposal.asked}
            if proposal.kind == "policy":
                after = self._policy_asked(proposal)
                act = Act("policy changed", told, lambda c: self._set(after, c))
            else:
                act = Act("grant confirmed", told, self._grant_asked(register, proposal))
            return self._decided(act, number, "confirmed")

        return self._act(plan)

    def refuse(self, number: int) -> Act:
        """End what waits: as a second steward, or as the first, who takes it back."""

        def plan(register: Register) -> Act:
            proposal = self.store.proposals.get(number)
            told = {"proposal": number, "asked_by": proposal.asked_by, **proposal.asked}
            if proposal.kind == "grant":
                require_other(Grant.from_plain(proposal.asked["grant"]), self.by)
            return self._decided(Act(f"{proposal.kind} refused", told, lambda c: None), number, "refused")

        return self._act(plan)

    def set_policy(self, floor: int, daily_exports: int | None) -> Act:
        """Set what holds for everybody; what shows or lets out more waits for a second steward."""
        require_bounds(floor, daily_exports)

        def plan(register: Register) -> Act:
            before = self.store.policies.current()
            after = Policy(before.version, floor, daily_exports)
            if after == before:
                raise BadInput(_("This holds already."), _("Change something first."))
            told = {"floor": floor, "daily_exports": daily_exports, "version": before.version}
            if not loosens(before, after):
                return Act("policy changed", told, lambda c: self._set(after, c))
            why = _("It shows or lets out more than now.")
            return Act(
                "policy proposed", told, lambda c: self.store.proposals.ask("policy", told, self.by, c), why
            )

        return self._act(plan)

    def move(self, email: str, to: str) -> Act:
        """Let a person whose address changed have the grants of the new one; they sign in anew."""

        def plan(register: Register) -> Act:
            require_another(email, self.by)
            require_another(to, self.by)
            for grant in register.grants_of(to):
                if why := why_second(register, self.warehouse, grant):
                    raise NotAllowed(
                        _("The grants of {email} take two stewards.").format(email=to) + f" {why}",
                        _("Revoke them first, and let two stewards give them once the person has moved."),
                    )
            told = {"of": email, "moved_to": to}
            return Act("session ended", told, lambda c: self.store.people.move(email, to, c))

        return self._act(plan)

    def forget(self, email: str) -> Act:
        """Free an address for the next person who has it, or for the same one at another provider."""

        def plan(_register: Register) -> Act:
            require_another(email, self.by)
            told = {"of": email, "forgotten": True}
            return Act("session ended", told, lambda c: self.store.people.forget(email, c))

        return self._act(plan)

    def book_size(self, *grants: Grant) -> int:
        """At least so many customers would these grants open together: see `rounded_size`. Recorded as asked."""
        self.register()
        told = {"grants": [grant.as_plain() for grant in grants]}
        self._record("book size asked", told)
        return rounded_size(
            scope_of(grants, self.warehouse), self.warehouse, self.store.policies.current().floor
        )

    def _act(self, plan: Callable[[Register], Act]) -> Act:
        """Ask the rules, then record and do it in one transaction, in which the rules are asked again:
        what others decide meanwhile waits for it to end. What the rules refuse is recorded too."""
        try:
            act = plan(self.register())
            told = self.store.audit.recorded(self.by, act.action, act.details, version=self.warehouse.version)
            with told as (_number, connection):
                if plan(self.register()) != act:
                    raise BadInput(_("Somebody decided about this meanwhile."), _("Look again."))
                act.do(connection)
        except NotAllowed as error:
            self._record("refused", {"page": "access", "why": error.what})
            raise
        return act

    def _record(self, action: str, details: dict[str, Any]) -> None:
        self.store.audit.append(self.by, action, details, version=self.warehouse.version)

    def _at_once_or_later(self, register: Register, action: str, grant: Grant, known: Known | None) -> Act:
        told: dict[str, Any] = {"grant": grant.as_plain()}
        if known:
            told |= {"was": known.grant.as_plain(), "origin": known.origin}
        narrows = known is not None and grant.narrows(known.grant)
        why = "" if narrows else why_second(register, self.warehouse, grant)
        if not why:
            return Act(action, told, self._keeping(grant, known.origin if known else None))
        require_not_waiting(register, grant)
        return Act("grant proposed", told, lambda c: self.store.proposals.ask("grant", told, self.by, c), why)

    def _keeping(self, grant: Grant, origin: str | None) -> Doing:
        """How a grant is written: given anew, or changed where it is."""
        grants = self.store.grants
        keep = {None: grants.give, "store": grants.amend, "loaded": grants.change}[origin]
        return lambda connection: keep(grant, self.by, connection)

    def _grant_asked(self, register: Register, proposal: Proposal) -> Doing:
        """How what was asked for is done, if it still can be."""
        asked = proposal.asked
        grant, was = Grant.from_plain(asked["grant"]), asked.get("was")
        if was is None:
            require_new(register, checked(grant, self.choices, self.today))
            return self._keeping(grant, None)
        before = Known(Grant.from_plain(was), asked["origin"])
        within_limits(grant, self.choices, self.today, before.grant)
        require_as_it_was(register, before)
        require_a_steward_left(register, before.grant, grant)
        return self._keeping(grant, before.origin)

    def _policy_asked(self, proposal: Proposal) -> Policy:
        asked = proposal.asked
        if asked["version"] != self.store.policies.current().version:
            raise meanwhile()
        return Policy(asked["version"], asked["floor"], asked["daily_exports"])

    def _set(self, policy: Policy, connection: Any) -> None:
        self.store.policies.change(policy.floor, policy.daily_exports, self.by, connection)

    def _decided(self, act: Act, number: int, outcome: str) -> Act:
        def do(connection: Any) -> None:
            self.store.proposals.decide(number, outcome, self.by, connection)
            act.do(connection)

        return Act(act.action, act.details, do)
