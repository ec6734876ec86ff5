"""Why a person sees what they see: each grant in words, and what the register comes to."""

from collections.abc import Mapping

from analytics.access.grants import Grant
from analytics.access.register import SOON, Register
from analytics.access.roles import ROLES, WITHOUT_ROWS
from analytics.formats import day, in_a_row, number
from analytics.store.grants import Known
from analytics.translation import mark, plural
from analytics.translation import translate as _

CLASSES = {
    "pii": mark("names, numbers and birth dates"),
    "sensitive": mark("religion, lifestyle and personality"),
    "profit": mark("profit and revenue"),
}
LEVELS = {
    "own": mark("One manager's customers"),
    "team": mark("A team's customers"),
    "branch": mark("A branch and those below it"),
    "region": mark("The branches below a branch"),
    "bank": mark("The whole bank"),
}


def role_label(role: str) -> str:
    """A role as people call it; one that the bank made up as it is."""
    return _(ROLES[role]) if role in ROLES else role


def named(key: str | None, names: Mapping[str, str]) -> str:
    """A name with its number, or the number alone.

    >>> named("B011", {"B011": "High street"}), named("B012", {})
    ('High street (B011)', 'B012')
    """
    return f"{names[key]} ({key})" if key and key in names else key or ""


def place(grant: Grant, names: Mapping[str, str]) -> str:
    """Whose customers a grant opens.

    >>> place(Grant("a@b.c", "manager", "branch", unit_id="B011"), {"B011": "High street"})
    'customers of High street (B011) and of every branch below it'
    """
    if grant.role in WITHOUT_ROWS:
        return _("no customers: this role works with totals or settings")
    unit = named(grant.unit_id, names)
    match grant.level:
        case "own":
            return _("customers of {who}").format(who=named(grant.employee_id, names))
        case "team":
            return _("customers of the managers of team {unit}").format(unit=unit)
        case "branch":
            return _("customers of {unit} and of every branch below it").format(unit=unit)
        case "region":
            return _("customers of every branch below {unit}").format(unit=unit)
        case "bank":
            return _("every customer of the bank")
    return _("no customers: nobody knows the level {name}").format(name=grant.level)


def reason(grant: Grant, names: Mapping[str, str]) -> str:
    """What a grant shows, in one sentence."""
    shown = place(grant, names)
    if grant.departments and grant.role not in WITHOUT_ROWS:
        shown = _("{customers}, in {departments} alone").format(
            customers=shown, departments=_(", ").join(grant.departments)
        )
    return _("As {role}: {customers}.").format(role=role_label(grant.role), customers=shown)


def columns(grant: Grant) -> str:
    """Which columns it shows beside the open ones, and whether files may be taken."""
    if grant.role in WITHOUT_ROWS:
        return ""
    shown = [_(CLASSES[name]) for name in CLASSES if name in grant.columns]
    return in_a_row(
        _("Shows {columns}.").format(columns=_(", ").join(shown)) if shown else "",
        "" if "pii" in grant.columns else _("Names are masked."),
        _("Files may be taken.") if grant.may_export else _("No files."),
    )


def end(grant: Grant) -> str:
    """Until when."""
    if grant.valid_until is None:
        return _("without an end")
    return _("until {day}").format(day=day(grant.valid_until))


def origin(known: Known) -> str:
    """Where a grant comes from, and who decided about it here."""
    where = _("Loaded with the data.") if known.origin == "loaded" else _("Given here.")
    if not known.decided_by or not known.decided_at:
        return where
    said = _("Decided by {email} on {day}.").format(email=known.decided_by, day=day(known.decided_at.date()))
    return in_a_row(where, said)


def sentence(register: Register) -> str:
    """How many hold what, what waits, what ends soon."""
    people = len({known.grant.user_email for known in register.in_force})
    grants, waiting, ending = len(register.in_force), len(register.waiting), len(register.ending)
    return _("On {day}, {people} {grants}; {waiting}, {ending}.").format(
        day=day(register.today),
        people=plural("{n} person holds", "{n} people hold", people).format(n=number(people)),
        grants=plural("{n} grant", "{n} grants", grants).format(n=number(grants)),
        waiting=plural(
            "{n} decision waits for a second steward", "{n} decisions wait for a second steward", waiting
        ).format(n=number(waiting))
        if waiting
        else _("nothing waits for a second steward"),
        ending=plural(
            "{n} grant ends within {days} days", "{n} grants end within {days} days", ending
        ).format(n=number(ending), days=SOON.days)
        if ending
        else _("none ends within {days} days").format(days=SOON.days),
    )
