"""Whether what was loaded is whole: what came in, what was refused, and what can't be told for want of it."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from analytics.access.book import Book
from analytics.errors import NotAllowed
from analytics.formats import day, number
from analytics.indicators import CATALOGUE
from analytics.translation import mark, plural
from analytics.translation import translate as _
from analytics.warehouse.engine import Warehouse
from analytics.warehouse.tables import NUMBERS, TABLES
from analytics.warehouse.versions import versions

UNNAMED = 3  # since this edition no version's report names a customer
# What a table may be in, the most pressing first.
STATES = {
    "nothing": mark("No row was accepted"),
    "refused": mark("Rows were refused"),
    "absent": mark("Not given"),
    "earlier": mark("From before this load"),
    "whole": mark("Whole"),
}
LABELS = {
    "customers": mark("Customers"),
    "transactions": mark("Transaction records"),
    "accounts": mark("Accounts"),
    "balances": mark("Balances"),
    "products": mark("Products"),
    "product_rates": mark("Product prices"),
    "fx_rates": mark("Exchange rates"),
    "channel_costs": mark("Costs of channels"),
    "districts": mark("Districts"),
    "branches": mark("Branches"),
    "employees": mark("Employees"),
    "grants": mark("Grants"),
    "campaigns": mark("Campaigns"),
    "contacts": mark("Contact records"),
    "referrals": mark("Referral records"),
    "surveys": mark("Surveys"),
}


@dataclass(frozen=True)
class Loaded:
    """One table of the contract: how many rows the last load read and accepted, why others were refused, and how many
    of the contract's columns hold a value."""

    table: str
    state: str
    read: int = 0
    accepted: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    columns: int = 0

    @property
    def label(self) -> str:
        return _(LABELS[self.table])

    @property
    def is_told(self) -> bool:
        """Whether the last load read it."""
        return self.state not in ("absent", "earlier")

    @property
    def refused(self) -> int:
        return self.read - self.accepted

    @property
    def of_columns(self) -> int:
        """How many columns the contract has."""
        return len(TABLES[self.table].columns)


@dataclass(frozen=True)
class Version:
    """One published version. state : "serves", "damaged" (another stands in for it) or "kept"; figures are None where
    its manifest can't be read."""

    name: str
    state: str
    published_at: datetime | None
    newest_as_of: str | None
    customers: int | None
    transactions: int | None
    is_demo: bool | None


def require_steward(book: Book) -> None:
    """Raise NotAllowed for anybody but a data steward."""
    if "steward" not in book.person.roles:
        raise NotAllowed(_("Only a data steward sees what was loaded."), _("Ask yours."))


def loaded(warehouse: Warehouse) -> list[Loaded]:
    """All tables of the contract; the most pressing first, else in the contract's order."""
    manifest = warehouse.manifest
    told = manifest.report.get("tables", {})
    found = []
    for table in TABLES:
        counts = told.get(table, {})
        filled = set(manifest.tables.get(table, ())) - set(NUMBERS)
        found.append(
            Loaded(
                table,
                _state(counts, table in manifest.given),
                counts.get("read", 0),
                counts.get("accepted", 0),
                Counter(counts.get("reasons", {})),
                len(filled & set(TABLES[table].names)),
            )
        )
    return sorted(found, key=lambda one: list(STATES).index(one.state))


def _state(counts: dict[str, int], given: bool) -> str:
    if not counts:
        return "earlier" if given else "absent"
    if not counts["accepted"]:
        return "nothing"
    return "refused" if counts["rejected"] else "whole"


def loaded_sentence(found: list[Loaded], warehouse: Warehouse) -> str:
    """The page's answer: that every row was accepted, or what presses most."""
    read, refused = sum(one.read for one in found), sum(one.refused for one in found)
    to = day(warehouse.newest_as_of)
    first = found[0]
    if first.state == "nothing":
        return _(
            "Not one row of {table} was accepted, of {n} that were read; figures reach to {day}."
        ).format(table=first.table, n=number(first.read), day=to)
    if not read:
        return _("Nothing is known of the last load; figures reach to {day}.").format(day=to)
    if not refused:
        return _("All {n} rows of the last load were accepted; figures reach to {day}.").format(
            n=number(read), day=to
        )
    most = max(found, key=lambda one: one.refused)
    return plural(
        "{n} of {all} rows of the last load was refused, of {table}; figures reach to {day}.",
        "{n} of {all} rows of the last load were refused, most of them of {table}; figures reach to {day}.",
        refused,
    ).format(n=number(refused), all=number(read), table=most.table, day=to)


def lacking(warehouse: Warehouse) -> dict[str, str]:
    """Per indicator that nobody can have here what it lacks, in words."""
    reasons = {}
    for key, row in CATALOGUE.items():
        missing = warehouse.missing(row.needs)
        reason = _(", ").join(missing) if missing else warehouse.unfitted(row)
        if reason:
            reasons[key] = reason
    return reasons


def warnings(warehouse: Warehouse) -> list[str]:
    """What the load and the marts noticed, in sentences; nothing of editions that may have named a customer in them."""
    manifest = warehouse.manifest
    return list(manifest.report.get("warnings", [])) if manifest.edition >= UNNAMED else []


def published(warehouse: Warehouse) -> list[Version]:
    """What is published, newest first."""
    return [
        Version(
            told["version"],
            _version_state(told["version"], warehouse),
            datetime.fromisoformat(told["published_at"]) if told["published_at"] else None,
            told["newest_as_of"],
            told["customers"],
            told["transactions"],
            told["demo"],
        )
        for told in reversed(versions(warehouse.root))
    ]


def _version_state(name: str, warehouse: Warehouse) -> str:
    if name == warehouse.manifest.version:
        return "serves"
    return "damaged" if name == warehouse.meant else "kept"
