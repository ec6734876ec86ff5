"""What a target or comment speaks of, as its writer saw it, and who else may see all of that.

A figure that is quoted in a text is as confidential as the customers it was made of. So whatever is kept holds the
rows and column classes of its writer, and is shown to its writer and to whoever sees all of these rows in its unit,
with all of these classes; where that can't be told it is not shown.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Protocol, TypeVar

from analytics.access.book import Book
from analytics.access.grants import same_email
from analytics.access.scope import RowRule
from analytics.access.units import Place, covers
from analytics.errors import NotAllowed, UnknownName
from analytics.review.report import ALL, Review
from analytics.segmentation import Segmentation
from analytics.store.review import Cell
from analytics.translation import translate as _

PAGE, DECIDING = "review", "manager"


class Spoken(Protocol):
    """A target or a comment."""

    @property
    def cell(self) -> Cell: ...


S = TypeVar("S", bound=Spoken)


def require_reading(book: Book) -> None:
    """Raise NotAllowed unless a role of this person has the review."""
    if PAGE not in book.person.pages:
        raise NotAllowed(
            _("Your role does not review segments."), _("Ask a manager what you would like to know.")
        )


def may_write(book: Book) -> bool:
    """Whether this person sets targets and writes comments: a manager."""
    return DECIDING in book.person.roles


def require_writing(book: Book) -> None:
    """Raise NotAllowed unless this person is a manager."""
    require_reading(book)
    if not may_write(book):
        raise NotAllowed(
            _("Targets are set, and comments written, by managers."),
            _("Ask the manager whose customers these are."),
        )


def cell_of(book: Book, shown: Review, unit: str, segment: int, columns: Collection[str]) -> Cell:
    """What is spoken of: a segment in a unit of this review, or with ALL in the whole book.

    columns : the classes that a reader must have. Raises UnknownName for a cell that the review does not have.
    """
    if segment not in shown.names or shown.cell(unit, segment) is None:
        raise UnknownName(
            _("There is no such segment in your review."), _("Choose one of those that it shows.")
        )
    found = shown.found
    return Cell(
        recipe_hash=shown.recipe_hash, recipe_title=found.recipe.title, segment=segment,
        segment_name=found.made_names[segment - 1], unit_kind="" if unit == ALL else shown.by,
        unit="" if unit == ALL else unit, version=found.version, as_of=found.as_of,
        sight={"rules": [_rule(rule) for rule in book.scope.rules], "columns": sorted(columns)},
    )  # fmt: skip


def shown_to(book: Book, kept: Iterable[S], writer: str) -> list[S]:
    """Those of these targets or comments that this person may see. writer : the attribute that names who wrote it."""
    require_reading(book)
    return [
        one for one in kept if same_email(getattr(one, writer)) == book.person.email or sees(book, one.cell)
    ]


def sees(book: Book, cell: Cell) -> bool:
    """Whether this person sees every customer whom the writer saw in the unit, with every class that is asked for."""
    rules, columns = _sight(cell.sight)
    return columns <= book.scope.columns and covers(book.warehouse, _place(cell), rules, book.scope.rules)


def same_customers(book: Book, cell: Cell) -> bool:
    """Whether this person sees in the unit the very customers that the writer saw."""
    rules, _columns = _sight(cell.sight)
    mine, place = book.scope.rules, _place(cell)
    return covers(book.warehouse, place, rules, mine) and covers(book.warehouse, place, mine, rules)


def same_book(book: Book, cell: Cell) -> bool:
    """Whether the segments were made of the same book's customers."""
    return {*_sight(cell.sight)[0]} == {*book.scope.rules}


def unit_of(cell: Cell) -> str:
    """The unit as a review has it."""
    return cell.unit if cell.unit_kind else ALL


def segment_now(found: Segmentation, cell: Cell) -> int | None:
    """The number that the segment has here: found by its made name, for numbers follow value; None without one."""
    names = found.made_names
    return names.index(cell.segment_name) + 1 if cell.segment_name in names else None


def _place(cell: Cell) -> Place:
    return Place(cell.unit_kind, cell.unit)


def _rule(rule: RowRule) -> list[Any]:
    return [rule.column, list(rule.values), list(rule.departments)]


def _sight(kept: Mapping[str, Any]) -> tuple[tuple[RowRule, ...], frozenset[str]]:
    rules = tuple(
        RowRule(column, tuple(values), tuple(departments)) for column, values, departments in kept["rules"]
    )
    return rules, frozenset(kept["columns"])
