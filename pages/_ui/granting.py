"""The parts of the Access page that decide: give, change, end, sizes, what holds for everybody."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

import streamlit as st

from analytics.access.administration import Act, Administration
from analytics.access.grants import LEVELS, Grant
from analytics.access.reasons import CLASSES, end, named, role_label
from analytics.access.reasons import LEVELS as LEVEL_WORDS
from analytics.access.register import Register
from analytics.access.roles import ROLES, WITHOUT_ROWS
from analytics.errors import AnalyticsError
from analytics.formats import in_a_row, number
from analytics.store.grants import Known
from analytics.store.policy import HIGHEST_FLOOR, LOWEST_FLOOR, MOST_EXPORTS
from analytics.translation import translate as _
from pages._ui.choices import CHECKED
from pages._ui.layout import plain
from pages._ui.messages import tell

SAID = "access_said"  # what the last action came to, shown once after it


def what_was_done() -> None:
    """The outcome of the last button, once."""
    outcome, said = st.session_state.pop(SAID, ("", ""))
    if outcome:
        show = st.success if outcome == "done" else st.error
        show(plain(said), icon=":material/done:" if outcome == "done" else ":material/error:")


def act(work: Callable[[], Act]) -> None:
    """Decide something and start the page over: what it came to is told on top of it."""
    try:
        done = work()
    except AnalyticsError as error:
        st.session_state[SAID] = ("failed", str(error))
    else:
        waits = _("It waits for a second steward.")
        st.session_state[SAID] = (
            "done",
            in_a_row(done.waits, waits) if done.waits else _("Done, and recorded."),
        )
    st.rerun()


def give(desk: Administration, register: Register) -> None:
    """A new grant; its fields appear as the level needs them."""
    email = st.text_input(
        _("E-mail address"), key="give_email", placeholder="name@bank.example",
        help=_("As the person signs in. A grant may be given before they ever did."),
    )  # fmt: skip
    grant = replace(_placed(desk, register, "give"), user_email=email)
    grant = _limits(desk, grant, "give", rows=grant.role not in WITHOUT_ROWS)
    st.caption(
        _(
            "What reaches as far as the whole bank, and a steward's or an auditor's role, waits for a second steward."
        )
    )
    if st.button(_("Give it"), key="give", type="primary"):
        act(lambda: desk.give(grant))


def _placed(desk: Administration, register: Register, key: str) -> Grant:
    """Role, level and place, chosen from what the bank has."""
    left, right = st.columns(2)
    used = sorted({known.grant.role for known in register.known} - set(ROLES))
    role = left.selectbox(_("Role"), [*ROLES, *used], key=f"{key}_role", format_func=role_label)
    if role in WITHOUT_ROWS:
        right.caption(_("This role sees no customers: it needs no place."))
        return Grant("", str(role), "bank")
    level = right.selectbox(
        _("Reaches"), LEVELS, key=f"{key}_level", format_func=lambda level: _(LEVEL_WORDS[level])
    )
    employee = unit = None
    if level == "own":
        employee = st.selectbox(
            _("Whose customers"), desk.choices.employees, index=None, key=f"{key}_employee",
            format_func=lambda one: named(one, register.names), placeholder=_("Choose"),
        )  # fmt: skip
    elif level in desk.choices.units:
        unit = st.selectbox(
            _("Team") if level == "team" else _("Branch"), desk.choices.units[level], index=None,
            key=f"{key}_unit_{level}", format_func=lambda one: named(one, register.names), placeholder=_("Choose"),
        )  # fmt: skip
    return Grant("", str(role), str(level), employee, unit)


def _limits(desk: Administration, grant: Grant, key: str, *, rows: bool) -> Grant:
    """Departments, columns, files and the last day, as they are until somebody changes them here."""
    departments, columns, files = list(grant.departments), list(grant.columns), grant.may_export
    if rows:
        known = sorted({*desk.choices.departments, *departments})
        departments = st.multiselect(
            _("Departments"), known, departments, key=f"{key}_departments", placeholder=_("all of them")
        )
        columns = st.multiselect(
            _("Columns"), list(CLASSES), [name for name in CLASSES if name in columns], key=f"{key}_columns",
            format_func=lambda name: _(CLASSES[name]), placeholder=_("none of the protected ones"),
        )  # fmt: skip
        files = st.checkbox(_("May take files"), files, key=f"{CHECKED}{key}_files")
    until: date | None = st.date_input(
        _("Last day"),
        grant.valid_until,
        key=f"{key}_until",
        format="YYYY-MM-DD",
        help=_("Empty: without an end"),
    )
    return replace(
        grant, departments=tuple(departments), columns=frozenset(columns), may_export=files, valid_until=until
    )


def decide(desk: Administration, register: Register, standing: Sequence[Known]) -> None:
    """Change, end or revoke one of a person's grants."""
    places = range(len(standing))
    place = st.selectbox(
        _("Grant"), places, key=f"chosen_{standing[0].grant.user_email}",
        format_func=lambda place: label_of(standing[place], register),
    )  # fmt: skip
    known = standing[place or 0]
    # Keyed by the grant as it is: after a change the fields show what holds now.
    key = f"change_{abs(hash((known.grant, known.origin)))}"
    after = _limits(desk, known.grant, key, rows=known.grant.role not in WITHOUT_ROWS)
    with st.container(horizontal=True):
        if st.button(_("Change it"), key="change", type="primary"):
            act(lambda: desk.change(known, after))
        if st.button(_("Let it end today"), key="expire"):
            act(lambda: desk.change(known, replace(known.grant, valid_until=desk.today)))
        if st.button(_("Revoke it"), key="revoke"):
            act(lambda: desk.revoke(known))
    st.caption(_("What is revoked stays revoked, whatever is loaded later."))


def size_of(desk: Administration, email: str, grants: Sequence[Grant]) -> None:
    """How many customers a person's book holds, when asked."""
    if st.button(_("How large is this book?"), key=f"size_{email}", icon=":material/straighten:"):
        _size(desk, grants)


def proposed_size(desk: Administration, register: Register) -> None:
    """The same for a grant that nobody has."""
    grant = _placed(desk, register, "size")
    if grant.role not in WITHOUT_ROWS:
        departments = st.multiselect(
            _("Departments"), desk.choices.departments, key="size_departments", placeholder=_("all of them")
        )
        grant = replace(grant, departments=tuple(departments))
    if st.button(_("Ask"), key="size"):
        _size(desk, [grant])


def _size(desk: Administration, grants: Sequence[Grant]) -> None:
    floor = number(desk.store.policies.current().floor)
    try:
        size = desk.book_size(*grants)
    except AnalyticsError as error:
        tell(error)
        return
    st.info(
        _("At least {n} customers.").format(n=number(size))
        if size
        else _("Fewer than {floor} customers, or only such small groups.").format(floor=floor)
    )
    st.caption(
        _(
            "Groups of one manager, branch and department are each rounded down to a multiple of {floor}, then added. "
            "The question is recorded."
        ).format(floor=floor)
    )  # fmt: skip


def policy(desk: Administration) -> None:
    """The floor of totals and the files a day; what loosens either takes two."""
    now = desk.store.policies.current()
    with st.form("policy", border=False):
        floor = st.number_input(
            _("Floor of totals"), LOWEST_FLOOR, HIGHEST_FLOOR, now.floor, key=f"floor_{now.version}",
            help=_("Totals over fewer customers are hidden from whoever may not see these one by one."),
        )  # fmt: skip
        limited = st.checkbox(
            _("Limit the files that one person may take within 24 hours"),
            now.daily_exports is not None,
            key=f"{CHECKED}limit_{now.version}",
        )
        files = st.number_input(
            _("Files a day"), 0, MOST_EXPORTS, now.daily_exports or 0, key=f"files_{now.version}",
            help=_("Counts only where the limit is on. 0: nobody takes files."),
        )  # fmt: skip
        st.caption(_("A lower floor, or more files, waits for a second steward."))
        if st.form_submit_button(_("Keep these settings"), key="keep_policy"):
            act(lambda: desk.set_policy(int(floor), int(files) if limited else None))


def label_of(known: Known, register: Register) -> str:
    """A grant as a choice among a person's."""
    grant = known.grant
    where = (
        named(grant.unit_id or grant.employee_id, register.names)
        if grant.level != "bank"
        else _("whole bank")
    )
    return " · ".join(filter(None, [role_label(grant.role), where, end(grant)]))
