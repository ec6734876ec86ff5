"""Every way to read customers tells the audit trail: a new one that does not fails here."""

import ast
import inspect
from pathlib import Path

import pytest

from analytics.access import (
    activity,
    earnings,
    histories,
    norms,
    outreach,
    presence,
    relationship,
    staff,
    units,
)  # fmt: skip
from analytics.access.book import Book
from analytics.access.reads import Read
from analytics.shock import Shock

ROOT = Path(__file__).parents[2]

# Each door and a call through it. C1 is a customer of the bank written by hand.
DOORS = {
    "Book.table": lambda book, day: book.table(["tenure_years"]),
    "Book.frame": lambda book, day: book.frame(["tenure_years"]),
    "Book.count": lambda book, day: book.count(),
    "Book.between": lambda book, day: book.between(
        "tenure_years", day.replace(month=5, day=31), day, "tenure_years"
    ),
    "Book.joined": lambda book, day: book.joined("SELECT customer_no FROM customers", what="x"),
    "Book.by_month": lambda book, day: book.by_month("transactions"),
    "Book.names": lambda book, day: book.names(["C1"]),
    "Book.find": lambda book, day: book.find("C1"),
    "Book.attributes": lambda book, day: book.attributes("C1"),
    "Book.frame_of": lambda book, day: book.frame_of("C1", ["tenure_years"]),
    "Book.rows_of": lambda book, day: book.rows_of("transactions", "C1"),
    "Book.volumes": lambda book, day: book.volumes(["month"]),
    "earnings.product_lines": earnings.product_lines,
    "earnings.account_lines": lambda book, day: earnings.account_lines(book, "C1", day),
    "earnings.channel_lines": lambda book, day: earnings.channel_lines(book, "C1", day),
    "earnings.at_other_rates": lambda book, day: earnings.at_other_rates(book, [Shock()], day),
    "relationship.accounts_of": lambda book, day: relationship.accounts_of(book, "C1", day),
    "relationship.referred_by": lambda book, day: relationship.referred_by(book, "C1", day),
    "activity.activity": activity.activity,
    "activity.answers": activity.answers,
    "histories.histories": lambda book, day: histories.histories(book, None, day),
    "histories.standing": histories.standing,
    "histories.purchases": histories.purchases,
    "histories.spent": lambda book, day: histories.spent(book, day.replace(month=1), day),
    "presence.presence": presence.presence,
    "presence.newcomers": lambda book, day: presence.newcomers(book, day.replace(month=1), day),
    "outreach.answers": outreach.answers,
    "outreach.members_of": lambda book, day: outreach.members_of(book, ["C1"]),
    "staff.managed": staff.managed,
    "staff.answered": staff.answered,
    "norms.norms": lambda book, day: norms.norms(book, "E1", "profit_12m", day),
    "units.units_of": lambda book, day: units.units_of(book, "branch", day),
    "outreach.channels_used": lambda book, day: outreach.channels_used(book, day, ["C1"]),
}
# Say nothing of customers: the catalogue, products, currencies, models of the whole bank, the book's own terms.
NO_CUSTOMERS = {
    "Book.open", "Book.usable", "Book.require", "Book.as_of", "Book.append", "Book.refused", "Book.key", "Book.sight",
    "Book.available", "Book.untold", "earnings.priced_products", "earnings.product_names", "earnings.foreign_currencies",
    "histories.fitted", "relationship.brought_in",
    "activity.channels", "presence.active",
    "outreach.loaded_campaigns", "units.unit_names", "units.covers",
    "staff.whose", "staff.employees", "staff.colleagues", "staff.branches",
}  # fmt: skip


def public(holder) -> set[str]:
    """What a class or module offers under its own name."""
    own = vars(holder).items()
    mine = (
        (name for name, _ in own)
        if inspect.isclass(holder)
        else (
            name for name, value in own if inspect.isfunction(value) and value.__module__ == holder.__name__
        )
    )
    return {f"{holder.__name__.rpartition('.')[2]}.{name}" for name in mine if not name.startswith("_")}


def test_every_public_way_into_a_book_is_known_here():
    modules = (Book, activity, earnings, histories, norms, outreach, presence, relationship, staff, units)
    assert set().union(*map(public, modules)) == set(DOORS) | NO_CUSTOMERS


@pytest.mark.parametrize("door", DOORS)
def test_what_goes_through_it_is_recorded(door, hand, whole_book, book_with):
    told = []
    whole = whole_book(hand)
    book = Book(whole.person, whole.scope, hand, record=told.append)
    DOORS[door](book, hand.newest_as_of)
    assert told
    assert all(isinstance(read, Read) and read.what for read in told)


@pytest.mark.parametrize("door", DOORS)
def test_what_can_not_be_recorded_does_not_come_out(door, hand, whole_book):
    def fail(read):
        raise RuntimeError("not recorded")

    whole = whole_book(hand)
    with pytest.raises(RuntimeError, match="not recorded"):
        DOORS[door](Book(whole.person, whole.scope, hand, record=fail), hand.newest_as_of)


def queries(path: Path) -> list[str]:
    """Where a file asks the warehouse something itself."""
    calls = (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call))
    return [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for call in calls
        if isinstance(call.func, ast.Attribute)
        and call.func.attr == "query"
        and "warehouse" in ast.unparse(call.func.value)
    ]


def test_nobody_asks_the_warehouse_past_the_book():
    rooms = ("analytics/access", "analytics/warehouse")
    files = [*ROOT.glob("analytics/**/*.py"), *ROOT.glob("pages/**/*.py"), ROOT / "app.py"]
    outside = [path for path in files if not path.relative_to(ROOT).as_posix().startswith(rooms)]
    assert len(outside) > 100
    assert [place for path in outside for place in queries(path)] == []
    assert queries(ROOT / "analytics" / "access" / "book.py")
