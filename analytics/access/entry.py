"""What a steward may write into a grant: known places, known departments, a day to come."""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date

from analytics.access.grants import COLUMN_CLASSES, LEVELS, Grant, same_email
from analytics.errors import BadInput, UnknownName, nearest
from analytics.formats import day
from analytics.translation import translate as _
from analytics.warehouse.engine import Warehouse

_EMAIL = re.compile(r"[^@\s,;<>\"]{1,64}@[^@\s,;<>\"]{1,250}")
_ROLE = re.compile(r"[^\W\d]\w{0,59}")


@dataclass(frozen=True)
class Choices:
    """What the version in use has to grant, each in order.

    employees : of the staff list and of customers' managers. units : by level, of the three that name one.
    """

    employees: tuple[str, ...]
    units: dict[str, tuple[str, ...]]
    departments: tuple[str, ...]


def choices_in(warehouse: Warehouse) -> Choices:
    """What can be granted in this version."""

    def listed(*places: str) -> tuple[str, ...]:
        parts = (
            f"SELECT {column} AS id FROM {table}" for column, table in (place.split() for place in places)
        )
        found = warehouse.query(
            f"SELECT DISTINCT id FROM ({' UNION ALL '.join(parts)}) WHERE id IS NOT NULL ORDER BY 1"
        )
        return tuple(found["id"].to_pylist())

    return Choices(
        employees=listed("employee_id employees", "manager_id customer_now"),
        units={
            "team": listed("team_id employees"),
            "branch": listed("branch_id branches", "branch_id customer_now"),
            "region": listed("parent_id branches"),
        },
        departments=listed("department customer_now"),
    )


def address(text: str) -> str:
    """An e-mail address in the form in which they are compared. Raises BadInput for anything else."""
    found = same_email(text)
    if not _EMAIL.fullmatch(found):
        raise BadInput(
            _("“{text}” is not an e-mail address.").format(text=found),
            _("Write it as the person signs in, such as name@bank.example."),
        )
    return found


def checked(grant: Grant, known: Choices, today: date) -> Grant:
    """A new grant as it will be kept. Raises BadInput or UnknownName, naming what and the nearest known one."""
    grant = replace(
        grant,
        user_email=address(grant.user_email),
        role=grant.role.strip().lower(),
        level=grant.level.strip().lower(),
    )
    if not _ROLE.fullmatch(grant.role):
        raise BadInput(_("A grant needs a role."), _("Letters, digits and _ make one, such as analyst."))
    if grant.level not in LEVELS:
        raise _unknown(_("There is no level “{name}”."), grant.level, LEVELS)
    return within_limits(_placed(grant, known), known, today)


def _placed(grant: Grant, known: Choices) -> Grant:
    """The grant with its place, and without what its level does not ask for."""
    if grant.employee_id or grant.level == "own":
        _require(_("There is no employee “{name}”."), grant.employee_id, known.employees)
    if grant.level not in known.units:
        return replace(grant, unit_id=None)
    missing = {
        "team": _("There is no team “{name}”."),
        "branch": _("There is no branch “{name}”."),
        "region": _("There is no branch “{name}” with others below it."),
    }
    _require(missing[grant.level], grant.unit_id, known.units[grant.level])
    return grant


def within_limits(grant: Grant, known: Choices, today: date, before: Grant | None = None) -> Grant:
    """Departments, columns and end as they will be kept; what was there before may stay.

    Raises BadInput or UnknownName, naming what and the nearest known one.
    """
    if before and grant.identity != before.identity:
        raise BadInput(
            _("A change keeps the person, the role and the place of a grant."),
            _("Revoke it, and give a new grant."),
        )
    departments = {*known.departments, *(before.departments if before else ())}
    for name in grant.departments:
        _require(_("There is no department “{name}”."), name, departments)
        if "," in name:  # kept in a list with commas, it would become other departments
            raise BadInput(
                _("The department “{name}” can't be granted: its name has a comma.").format(name=name),
                _("Grant without departments, or have it renamed in the bank's data."),
            )
    for name in grant.columns:
        _require(_("There is no class of columns “{name}”."), name, COLUMN_CLASSES)
    if grant.valid_until and grant.valid_until < today:
        raise BadInput(
            _("{day} is in the past.").format(day=day(grant.valid_until)),
            _("Choose today or a later day, or revoke the grant."),
        )
    return replace(grant, departments=tuple(sorted(set(grant.departments))))


def _require(message: str, name: str | None, known: Collection[str]) -> None:
    if name not in known:
        raise _unknown(message, name or "", known)


def _unknown(message: str, name: str, known: Collection[str]) -> UnknownName:
    close = nearest(name, known)
    hint = _("Did you mean {nearest}?").format(nearest=close) if close else ""
    return UnknownName(message.format(name=name), hint)
