"""Whether what was loaded is whole: what came in, what was refused, and what can't be told for want of it."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from analytics.access.book import Book
from analytics.errors import NotAllowed, NoWarehouse
from analytics.formats import day, number
from analytics.indicators import CATALOGUE
from analytics.translation import mark, plural
from analytics.translation import translate as _
from analytics.warehouse.engine import Warehouse
from analytics.warehouse.tables import TABLES
from analytics.warehouse.versions import LAYOUT, Manifest, rejects_folder, require_whole, versions

# What a table may be in, the most pressing first.
STATES = {
    "nothing": mark("No row was accepted"),
    "refused": mark("Rows were refused"),
    "empty": mark("No row in the file"),
    "absent": mark("Not given"),
    "other": mark("Not of this load"),
    "whole": mark("All rows accepted"),
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
    """One table of the contract: how many rows the version's load read and accepted, why others were refused, and in which
    of the contract's columns no row holds a value."""

    table: str
    state: str
    read: int = 0
    accepted: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    blank: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return _(LABELS[self.table])

    @property
    def is_told(self) -> bool:
        """Whether the version's load read it."""
        return self.state not in ("absent", "other")

    @property
    def is_there(self) -> bool:
        """Whether it has rows that came in."""
        return self.state in ("refused", "other", "whole")

    @property
    def refused(self) -> int:
        return self.read - self.accepted


@dataclass(frozen=True)
class Version:
    """One published version. state : "serves", "damaged" (another stands in for it), "kept" or "unreadable"; figures
    are None where its manifest can't be read."""

    name: str
    state: str
    published_at: datetime | None
    newest_as_of: date | None
    customers: int | None
    transactions: int | None


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
        filled = manifest.tables.get(table, ())
        found.append(
            Loaded(
                table,
                _state(counts, table in manifest.given),
                counts.get("read", 0),
                counts.get("accepted", 0),
                Counter(counts.get("reasons", {})),
                tuple(name for name in TABLES[table].names if name not in filled),
            )
        )
    return sorted(found, key=lambda one: list(STATES).index(one.state))


def _state(counts: dict[str, int], given: bool) -> str:
    if not counts:
        return "other" if given else "absent"
    if not counts["accepted"]:
        return "nothing" if counts["read"] else "empty"
    return "refused" if counts["rejected"] else "whole"


def loaded_sentence(found: list[Loaded], warehouse: Warehouse) -> str:
    """The page's answer: that every row was accepted, or what presses most."""
    read, refused = sum(one.read for one in found), sum(one.refused for one in found)
    told = {"loaded": day(loaded_on(warehouse)), "day": day(warehouse.newest_as_of)}
    first = found[0]
    if not read:
        return _("Nothing is known of what was loaded; figures reach to {day}.").format(**told)
    if first.state == "nothing":
        return _(
            "Not one row of {table} was accepted on {loaded}, of {n} that were read; figures reach to {day}."
        ).format(table=first.table, n=number(first.read), **told)
    if not refused:
        return plural(
            "The {n} row loaded on {loaded} was accepted; figures reach to {day}.",
            "All {n} rows loaded on {loaded} were accepted; figures reach to {day}.",
            read,
        ).format(n=number(read), **told)
    most = max(found, key=lambda one: one.refused)
    return plural(
        "{n} of {all} rows loaded on {loaded} was refused, of {table}; figures reach to {day}.",
        "{n} of {all} rows loaded on {loaded} were refused, most of them of {table}; figures reach to {day}.",
        refused,
    ).format(n=number(refused), all=number(read), table=most.table, **told)


def loaded_on(warehouse: Warehouse) -> date:
    """The day of the load that the version's rows came with; new rates and the like make versions of their own."""
    name = loaded_as(warehouse)
    return datetime.strptime(name[1:9], "%Y%m%d").replace(tzinfo=UTC).date()


def loaded_as(warehouse: Warehouse) -> str:
    """The version that the load published."""
    return str(warehouse.manifest.report.get("version") or warehouse.manifest.version)


def rejects(warehouse: Warehouse) -> Path | None:
    """The folder that tells which rows the load refused; None where there is none."""
    folder = rejects_folder(warehouse.root, loaded_as(warehouse))
    return folder if folder.is_dir() else None


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
    """What the load and the marts noticed, in sentences; of a report that may name a customer, only that it is kept."""
    manifest = warehouse.manifest
    found = list(manifest.report.get("warnings", []))
    if manifest.unnamed or not found:
        return found
    return [
        _(
            "An earlier release noticed something and named customers in it: load the data again to see it here."
        )
    ]


def published(warehouse: Warehouse) -> list[Version]:
    """What is published, newest first."""
    return [_version(told, warehouse) for told in reversed(versions(warehouse.root))]


def _version(told: dict[str, Any], warehouse: Warehouse) -> Version:
    at, as_of = told["published_at"], told["newest_as_of"]
    return Version(
        told["version"],
        _version_state(told["version"], warehouse),
        datetime.fromisoformat(at) if at else None,
        date.fromisoformat(as_of) if as_of else None,
        told["customers"],
        told["transactions"],
    )


def _version_state(name: str, warehouse: Warehouse) -> str:
    if name == warehouse.version:
        return "serves"
    if name == warehouse.meant:
        return "damaged"
    try:
        manifest = Manifest.read(warehouse.root, name)
        require_whole(warehouse.root, manifest)
    except NoWarehouse:
        return "unreadable"
    return "kept" if manifest.layout == LAYOUT else "unreadable"
