"""Targets: what a manager wants a segment's figure to be by a month end, and how far it is."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from math import isfinite

from analytics.access.book import Book
from analytics.calendar import month_end
from analytics.errors import BadInput, NotAllowed, NotEnoughData, UnknownName
from analytics.formats import day
from analytics.indicators import CATALOGUE
from analytics.population import read_by
from analytics.review.report import Review
from analytics.review.sight import (
    cell_of,
    require_writing,
    same_book,
    same_customers,
    segment_now,
    shown_to,
    unit_of,
)
from analytics.store.review import Target
from analytics.store.store import Store
from analytics.translation import mark
from analytics.translation import translate as _
from analytics.value.quantity import Quantity

MEASURES = {
    "customers": mark("Customers"),
    "value": mark("Value"),
    "mean": mark("Value a customer"),
    "share_of_value": mark("Share of value"),
}
LARGEST = 1e15
Reviewed = Callable[[date, str], Review]


@dataclass(frozen=True)
class Standing:
    """How far a target is.

    figure : at the as-of date, or at the due date once that is past; None where it can't be told here, and why in
    `why_not`. share : of the target. days_left : to the due date, below zero once it is past. doubt : what to know.
    """

    target: Target
    measured_on: date | None
    figure: float | None
    days_left: int
    why_not: str = ""
    doubt: str = ""

    @property
    def share(self) -> float | None:
        return None if self.figure is None else self.figure / self.target.figure

    @property
    def reached(self) -> bool:
        return self.figure is not None and self.figure >= self.target.figure


def set_target(
    book: Book, store: Store, shown: Review, unit: str, segment: int, measure: str, figure: float, due_on: date
) -> int:  # fmt: skip
    """Set a target for a segment in a unit, or with ALL in the whole book, in place of one's earlier one; its number.

    figure : at least so much, above zero; shares as 0.25. due_on : a month end after the review's date.
    Raises NotAllowed for whoever is no manager, UnknownName for a cell that the review does not have, BadInput for
    another measure, figure or day.
    """
    require_writing(book)
    _check(shown, measure, figure, due_on)
    found = shown.found
    classes = {CATALOGUE[key].sensitivity for key in (found.value, *read_by(found.recipe))}
    cell = cell_of(book, shown, unit, segment, {name for name in classes if name})
    told = {"recipe_hash": cell.recipe_hash, "segment": segment, "unit": cell.unit, "measure": measure,
            "figure": figure, "due_on": due_on, "scope": str(book.scope)}  # fmt: skip
    with store.audit.recorded(book.person.email, "target set", told, version=book.warehouse.version) as (
        _entry,
        connection,
    ):
        return store.reviews.set_target(cell, measure, figure, due_on, book.person.email, connection)


def drop_target(book: Book, store: Store, target_id: int) -> None:
    """Take back a target that one set oneself. Raises UnknownName for another's, as for none."""
    require_writing(book)
    told = {"target": target_id, "scope": str(book.scope)}
    with store.audit.recorded(
        book.person.email, "target taken back", told, version=book.warehouse.version
    ) as (_entry, connection):
        if not store.reviews.drop_target(target_id, book.person.email, connection):
            raise UnknownName(_("There is no such target of yours."), _("Load the page again."))


def targets_of(book: Book, store: Store, recipe_hash: str) -> list[Target]:
    """The targets for a recipe that this person may see, the one due next first."""
    return shown_to(book, store.reviews.targets(recipe_hash), "set_by")


def figure_of(shown: Review, unit: str, segment: int, measure: str) -> float | None:
    """A figure of a cell; a cell without customers has none, and their value is zero."""
    cell = shown.cell(unit, segment)
    if cell is None or not cell["customers"]:
        return 0.0 if measure in ("customers", "value") else None
    figure = float(cell[measure])
    return figure if isfinite(figure) else None


def standing(book: Book, target: Target, as_of: date, reviewed: Reviewed) -> Standing:
    """How far a target is in this book, at the as-of date or at the due date once that is past.

    reviewed : the review of the target's recipe in this book as of a month end, by a kind of unit.
    """
    left = (target.due_on - as_of).days
    when = min(as_of, target.due_on)
    if not same_customers(book, target.cell):
        why = _("It was set for customers who are not all and only those of your book there.")
        return Standing(target, None, None, left, why)
    if when not in book.warehouse.month_ends:
        why = _("The data have no month end {day}.").format(day=day(when))
        return Standing(target, None, None, left, why)
    try:
        shown = reviewed(when, target.cell.unit_kind or "branch")
    except (NotAllowed, NotEnoughData) as error:
        return Standing(target, None, None, left, str(error))
    segment = segment_now(shown.found, target.cell)
    if segment is None:
        why = _("There is no segment of this name as of {day}.").format(day=day(when))
        return Standing(target, None, None, left, why)
    figure = figure_of(shown, unit_of(target.cell), segment, target.measure)
    why = "" if figure is not None else _("There is no such figure as of {day}.").format(day=day(when))
    doubt = "" if same_book(book, target.cell) else _(
        "Set in another book, whose segments may be cut elsewhere."
    )  # fmt: skip
    return Standing(target, when, figure, left, why, doubt)


def quantity_of(measure: str, value: Quantity) -> Quantity:
    """How figures of a measure are written. value : the quantity that value is measured in."""
    if measure == "customers":
        return Quantity("customers", _("Customers"))
    if measure == "share_of_value":
        return Quantity("share_of_value", _("Share of value"), "share")
    if measure == "mean":
        title = _("{label}, a customer").format(label=value.label)
        return Quantity("mean", title, value.unit, value.currency)
    return value


def _check(shown: Review, measure: str, figure: float, due_on: date) -> None:
    if measure not in MEASURES:
        raise BadInput(
            _("There are no targets for {name}.").format(name=measure),
            _("Choose one of {all}.").format(all=_(", ").join(MEASURES)),
        )
    if not (isfinite(figure) and 0 < figure <= LARGEST):
        raise BadInput(_("A target is a figure above zero."), _("Type what you want it to be at least."))
    if due_on != month_end(due_on) or due_on <= shown.as_of:
        raise BadInput(
            _("{day} is no month end after {as_of}.").format(day=day(due_on), as_of=day(shown.as_of)),
            _("Choose a month end that is still to come."),
        )
