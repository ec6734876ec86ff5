"""Where the bank is: districts, branches, and whose book is where."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb

from analytics.access.personas import PERSONAS
from analytics.warehouse.demo.archetypes import mix_of
from analytics.warehouse.demo.writing import help_with, keep

DATA = Path(__file__).parents[3] / "data"
BOOK = 214  # customers of one relationship manager
BOOKS_PER_BRANCH = 5
REGIONS = {
    "East": "华东", "South": "华南", "North": "华北", "Central": "华中", "West": "西部", "Northeast": "东北",
}  # fmt: skip
HEAD_OFFICE = "B000"


@dataclass(frozen=True)
class Branch:
    """A branch that serves customers."""

    number: int
    branch_id: str
    region: str
    district: dict[str, str]
    name: str


@cache
def districts() -> tuple[dict[str, str], ...]:
    """The rows of data/districts.csv, in its order: nine a region."""
    with (DATA / "districts.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def name_parts() -> dict[str, list[tuple[str, str]]]:
    """(pinyin, Chinese) of every part in data/names.csv, by part."""
    parts: dict[str, list[tuple[str, str]]] = {}
    with (DATA / "names.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            parts.setdefault(row["part"], []).append((row["pinyin"], row["zh"]))
    return parts


def managers_for(customers: int) -> int:
    """How many relationship managers serve so many customers.

    >>> managers_for(20_000)
    93
    """
    return max(1, round(customers / BOOK))


def branches_for(managers: int) -> list[Branch]:
    """The serving branches; they take turns over the regions, the first is B011."""
    found = []
    for number in range(-(-managers // BOOKS_PER_BRANCH)):
        place, turn = number % len(REGIONS), number // len(REGIONS)
        region = list(REGIONS)[place]
        here = [row for row in districts() if row["region"] == region]
        district = here[turn % len(here)]
        code = f"B0{place + 1}{turn + 1}" if turn < 9 else f"B{place + 1}{turn + 1:03d}"
        again = f" {turn // len(here) + 1}" if turn >= len(here) else ""
        name = (
            f"{district['city']} {district['district']}{again} {district['city_zh']}{district['district_zh']}"
        )
        found.append(Branch(number, code, region, district, f"{name}支行{again}".rstrip()))
    return found


def region_id(region: str) -> str:
    """The unit that a region's branches report to.

    >>> region_id("East")
    'B010'
    """
    return f"B0{list(REGIONS).index(region) + 1}0"


def manager_id(number: int) -> str:
    """Who has the book of that number; the first is the persona's, the other personas' numbers are kept free.

    >>> manager_id(0), manager_id(1)
    ('E0001', 'E0008')
    """
    return "E0001" if number == 0 else f"E{number + len(PERSONAS):04d}"


def write_bank(con: duckdb.DuckDBPyConnection, customers: int) -> list[Branch]:
    """Make districts and branches and the helper `demo_managers`; returns the serving branches."""
    managers = managers_for(customers)
    branches = branches_for(managers)
    _write_districts(con)
    tree = [
        (HEAD_OFFICE, "Head office 总行", None),
        *((region_id(region), f"{region} region {zh}大区", HEAD_OFFICE) for region, zh in REGIONS.items()),
        *((branch.branch_id, branch.name, region_id(branch.region)) for branch in branches),
    ]
    help_with(con, "demo_branches", "branch_id name parent_id", tree)
    keep(con, "branches", "FROM demo_branches")
    books = (
        (
            number,
            manager_id(number),
            branch.branch_id,
            branch.region,
            branch.district["district_id"],
            mix_of(number),
        )
        for number in range(managers)
        for branch in [branches[number // BOOKS_PER_BRANCH]]
    )
    help_with(con, "demo_managers", "manager_no manager_id branch_id region home_id mix", books)
    return branches


def _write_districts(con: duckdb.DuckDBPyConnection) -> None:
    seen: dict[str, int] = {}
    rows = []
    for row in districts():
        place = seen[row["region"]] = seen.get(row["region"], -1) + 1
        name = f"{row['city']} {row['district']} {row['city_zh']}{row['district_zh']}"
        rows.append((*row.values(), name, place))
    help_with(con, "demo_districts", " ".join([*districts()[0], "name", "place"]), rows)
    keep(con, "districts", "FROM demo_districts")
