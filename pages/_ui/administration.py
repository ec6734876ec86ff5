"""The parts of the Access page that tell: who holds what and why, and what waits for a second steward."""

import pandas as pd
import streamlit as st

from analytics.access.administration import Administration
from analytics.access.grants import Grant
from analytics.access.reasons import columns, end, origin, reason, role_label
from analytics.access.register import STATES, Register
from analytics.access.roles import pages_of
from analytics.formats import NOTHING, day, in_a_row, labelled, number
from analytics.store.grants import Known
from analytics.store.proposals import Proposal
from analytics.translation import translate as _
from pages._ui import granting, layout
from pages._ui.layout import Tile, plain
from pages._ui.navigation import PAGE_ROWS

LISTED = 500


def tiles(register: Register) -> list[Tile]:
    """People, those who see everything, who may decide, what waits, what ends."""
    people = {known.grant.user_email for known in register.in_force}
    return [
        Tile(_("People with a grant"), number(len(people))),
        Tile(_("See every customer"), number(len(register.whole_bank))),
        Tile(_("Data stewards"), number(len(register.stewards))),
        Tile(_("Wait for a second steward"), number(len(register.waiting))),
        Tile(_("End within 30 days"), number(len(register.ending))),
    ]


def waiting(desk: Administration, register: Register) -> None:
    """What waits, with both answers; who asked can only take it back."""
    for proposal in register.waiting:
        with st.container(border=True, key=f"waiting_{proposal.id}"):
            asked = _("Asked by {email} on {day}.").format(
                email=proposal.asked_by, day=day(proposal.asked_at.date())
            )
            first, *more = [*_asked(proposal, register), asked]
            st.markdown(plain(first))
            for line in more:
                st.caption(plain(line))
            _answers(desk, proposal)


def _asked(proposal: Proposal, register: Register) -> list[str]:
    """What it would come to, and what holds now."""
    asked = proposal.asked
    if proposal.kind == "policy":
        files = asked["daily_exports"]
        return [
            _("For everybody: floor {floor}, files a day: {files}.").format(
                floor=number(asked["floor"]), files=_("any number") if files is None else number(files)
            )
        ]
    after, before = Grant.from_plain(asked["grant"]), asked.get("was")
    told = [labelled(after.user_email, reason(after, register.names)), _limits(after)]
    return [*told, labelled(_("Now"), _limits(Grant.from_plain(before)))] if before else told


def _limits(grant: Grant) -> str:
    holds = _("Holds {until}.").format(until=end(grant))
    within = _(", ").join(grant.departments)
    return in_a_row(columns(grant), labelled(_("Departments"), within) + "." if within else "", holds)


def _answers(desk: Administration, proposal: Proposal) -> None:
    number_, mine = proposal.id, proposal.asked_by == desk.by
    if proposal.kind == "grant" and Grant.from_plain(proposal.asked["grant"]).user_email == desk.by:
        st.caption(_("It is about you: two others decide."))
        return
    with st.container(horizontal=True):
        if mine:
            st.caption(_("You asked for it: another data steward confirms it."))
        elif st.button(_("Confirm"), key=f"confirm_{number_}", type="primary"):
            granting.act(lambda: desk.confirm(number_))
        if st.button(_("Take it back") if mine else _("Refuse it"), key=f"refuse_{number_}"):
            granting.act(lambda: desk.refuse(number_))


def people(register: Register) -> str | None:
    """One row a person; a click picks one, whose address is returned."""
    wanted = st.text_input(
        _("Find a person"), key="find_person", placeholder=_("name, address or role")
    ).strip().lower()  # fmt: skip
    rows = [_row(email, register) for email in register.people]
    rows = [row for row in rows if wanted in " ".join(row.values()).lower()]
    if not rows:
        st.info(_("Nobody with “{text}” in name, address or role.").format(text=plain(wanted)))
        return None
    listed = pd.DataFrame(rows[:LISTED])
    picked = layout.table(listed, {}, key="people_table", picks=True)
    if len(rows) > LISTED:
        st.caption(_("The first {n} are listed; search to see others.").format(n=number(LISTED)))
    if picked is None and len(rows) == 1:
        picked = 0
    if picked is None or picked >= len(listed):
        st.caption(_("Choose a row to see why that person sees what they see."))
        return None
    return str(listed[_("Address")].iloc[picked])


def _row(email: str, register: Register) -> dict[str, str]:
    held = register.held_by(email)
    now = [known for known in held if register.state(known) == "in force"]
    roles = dict.fromkeys(role_label(known.grant.role) for known in now)
    ends = sorted(known.grant.valid_until for known in now if known.grant.valid_until)
    asked = [
        one for one in register.waiting if one.kind == "grant" and one.asked["grant"]["user_email"] == email
    ]
    states = dict.fromkeys([*(register.state(known) for known in held), *(["waiting"] if asked else [])])
    return {
        _("Person"): register.name_of(email),
        _("Roles"): _(", ").join(roles) or NOTHING,
        _("State"): _(", ").join(_(STATES[state]) for state in states),
        _("First end"): day(ends[0]) if ends else NOTHING,
        _("Address"): email,
    }


def one_person(desk: Administration, register: Register, email: str) -> None:
    """A person's grants with the reasons, the pages that they open, the size of the book."""
    st.subheader(plain(register.name_of(email)))
    titles = {row.key: _(row.title) for row in PAGE_ROWS}
    roles = {grant.role for grant in register.grants_of(email)}
    opened = [titles[key] for key in titles if roles and key in pages_of(roles)]
    st.markdown(plain(labelled(_("Opens"), _(", ").join(opened) or _("nothing"))))
    held = register.held_by(email)
    for place, known in enumerate(held):
        with st.container(border=True, key=f"grant_{place}"):
            _one_grant(known, register)
    granting.size_of(desk, email, register.grants_of(email))
    if email == desk.by:
        st.caption(_("These are your own grants: only another data steward decides about them."))
        return
    standing = [known for known in held if not known.revoked]
    if standing:
        with st.expander(_("Change or end a grant"), icon=":material/edit:", key="access_edit"):
            granting.decide(desk, register, standing)


def _one_grant(known: Known, register: Register) -> None:
    state = register.state(known)
    badge = {"in force": "blue", "expired": "gray", "revoked": "orange"}[state]
    st.markdown(f":{badge}-badge[{_(STATES[state])}] {plain(reason(known.grant, register.names))}")
    holds = _("Holds {until}.").format(until=end(known.grant))
    st.caption(plain(in_a_row(columns(known.grant), holds, origin(known))))
