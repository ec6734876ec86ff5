"""Who works at the bank, and what they may see."""

import random
from collections.abc import Iterator
from datetime import date, timedelta

import duckdb

from analytics.access.personas import PERSONAS
from analytics.warehouse.demo.archetypes import mix_of
from analytics.warehouse.demo.bank import (
    BOOKS_PER_BRANCH,
    HEAD_OFFICE,
    REGIONS,
    Branch,
    manager_id,
    name_parts,
    region_id,
)
from analytics.warehouse.demo.period import Period
from analytics.warehouse.demo.writing import help_with, keep

BOOKS_PER_TEAM = 3
LEAVERS_PER_BOOKS = 16  # one manager in so many has left; somebody else has the book now
# role, department, how many at head office; managers and relationship managers come with branches and books.
HEAD_OFFICE_ROLES = (
    ("analyst", "Analytics", 3),
    ("back_office", "Operations", 4),
    ("steward", "Data", 2),
    ("auditor", "Audit", 1),
)
LANGUAGES = ("zh", "zh,en", "zh,en", "zh,yue", "zh,en,ja")
DEPARTMENT_OF_MIX = {"business": "Business", "premium": "Premier"}
EMPLOYEE = "employee_id name email role department team_id branch_id languages hired_on left_on"
GRANT = "user_email role level employee_id unit_id departments columns may_export valid_until"
# Column classes by level, or by role at head office.
COLUMNS = {
    "own": "pii,profit",
    "branch": "pii,profit",
    "region": "profit",
    "analyst": "profit",
    "back_office": "profit",
}

Row = tuple[object, ...]


def write_staff(
    con: duckdb.DuckDBPyConnection, managers: int, branches: list[Branch], seed: int, period: Period
) -> None:
    """Make employees and grants: one for everybody who has a book, a branch or a desk at head office."""
    staff = list(_staff(managers, branches, random.Random(seed), period))  # noqa: S311 (repeatable, not secret)
    help_with(con, "demo_employees", EMPLOYEE, staff)
    keep(con, "employees", "FROM demo_employees")
    rows = (dict(zip(EMPLOYEE.split(), row, strict=True)) for row in staff)
    help_with(con, "demo_grants", GRANT, map(_grant, rows))
    keep(con, "grants", "FROM demo_grants")


def _staff(managers: int, branches: list[Branch], chance: random.Random, period: Period) -> Iterator[Row]:
    """One row an employee. Books' managers first, so that their numbers are known without looking."""
    named = {persona.employee_id: persona for persona in PERSONAS}
    number = managers + len(PERSONAS) - 1

    def person(employee_id: str, role: str, department: str, branch: str, team: str | None) -> Row:
        persona = named.get(employee_id)
        name, email = (persona.name, persona.email) if persona else _made_up(employee_id, chance)
        hired = period.start - timedelta(days=chance.randint(100, 6000))
        return employee_id, name, email, role, department, team, branch, chance.choice(LANGUAGES), hired, None

    for book in range(managers):
        branch = branches[book // BOOKS_PER_BRANCH].branch_id
        department = DEPARTMENT_OF_MIX.get(mix_of(book), "Retail")
        team = f"T{branch[1:]}-{book % BOOKS_PER_BRANCH // BOOKS_PER_TEAM + 1}"
        yield person(manager_id(book), "relationship_manager", department, branch, team)
    yield from (person(p.employee_id, p.role, *_desk(p.role)) for p in PERSONAS[1:] if p.employee_id)
    for branch_id, role, department, left_on in _others(managers, branches, chance, period):
        number += 1
        yield (*person(f"E{number:04d}", role, department, branch_id, None)[:-1], left_on)


def _desk(role: str) -> tuple[str, str, None]:
    """Department, branch and team of a persona other than the relationship manager."""
    if role == "manager":
        return "Management", "B011", None
    return next(name for key, name, _ in HEAD_OFFICE_ROLES if key == role), HEAD_OFFICE, None


def _others(
    managers: int, branches: list[Branch], chance: random.Random, period: Period
) -> Iterator[tuple[str, str, str, date | None]]:
    """(branch, role, department, left on) of everybody who is neither a persona nor has a book."""
    for region in REGIONS:
        yield region_id(region), "manager", "Management", None
    for branch in branches[1:]:
        yield branch.branch_id, "manager", "Management", None
    for role, department, count in HEAD_OFFICE_ROLES:
        for _ in range(count - sum(persona.role == role for persona in PERSONAS)):
            yield HEAD_OFFICE, role, department, None
    for _ in range(managers // LEAVERS_PER_BOOKS):
        left_on = period.end - timedelta(days=chance.randint(30, max(31, 28 * period.months)))
        yield chance.choice(branches).branch_id, "relationship_manager", "Retail", left_on


def _made_up(employee_id: str, chance: random.Random) -> tuple[str, str]:
    parts = name_parts()
    surname = chance.choice(parts["surname"])
    given = chance.sample(parts[chance.choice(("female", "male"))], chance.choice((1, 2, 2)))
    pinyin = "".join(part for part, _ in given).capitalize()
    name = f"{surname[0]} {pinyin} {surname[1]}{''.join(zh for _, zh in given)}"
    return name, f"{surname[0]}.{pinyin}.{employee_id}@demo.example".lower().replace("ü", "u")


def _grant(row: dict[str, object]) -> Row:
    """A persona's as it is written down; everybody else's by role. Who left keeps one that has run out."""
    for persona in PERSONAS:
        if persona.employee_id == row["employee_id"]:
            unit, columns = persona.unit_id, persona.columns or None
            reach = (persona.level, persona.employee_id, unit, None, columns, persona.may_export)
            return persona.email, persona.role, *reach, None
    role, branch = str(row["role"]), str(row["branch_id"])
    level = _level(role, branch)
    unit = branch if level in ("branch", "region") else None
    columns = COLUMNS.get(level if unit or level == "own" else role)
    may_export = level in ("own", "branch")
    return row["email"], role, level, row["employee_id"], unit, None, columns, may_export, row["left_on"]


def _level(role: str, branch: str) -> str:
    if role == "manager":
        return "region" if branch in map(region_id, REGIONS) else "branch"
    return "own" if role == "relationship_manager" else "bank"
