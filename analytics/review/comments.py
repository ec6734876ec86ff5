"""Comments on a segment's figures, kept with the version that they speak of."""

from dataclasses import dataclass
from functools import partial

from analytics.access.book import Book
from analytics.errors import BadInput, UnknownName
from analytics.formats import day, number
from analytics.notes import cleaned
from analytics.review.report import Review
from analytics.review.sight import (
    cell_of,
    require_writing,
    same_book,
    segment_now,
    shown_to,
    unit_of,
)
from analytics.store.review import Comment
from analytics.store.store import Store
from analytics.translation import translate as _

MOST = 100  # comments of one person on a recipe's segments


@dataclass(frozen=True)
class Remark:
    """A comment as somebody reads it. speaks_of : of what, in words. differs : what is not as it was then, if anything."""

    comment: Comment
    mine: bool
    speaks_of: str
    differs: tuple[str, ...]


def comment(book: Book, store: Store, shown: Review, unit: str, segment: int, text: str) -> int:
    """Keep a comment on a segment in a unit, or with ALL in the whole book; its number.

    The text may quote all that its writer sees, so a reader must have every class that the writer has.
    Raises NotAllowed for whoever is no manager, UnknownName for a cell that the review does not have, BadInput for
    no text, too long a one or too many.
    """
    require_writing(book)
    kept = cleaned(text)
    cell = cell_of(book, shown, unit, segment, book.scope.columns)
    mine = [one for one in store.reviews.comments(cell.recipe_hash) if one.author == book.person.email]
    if len(mine) >= MOST:
        raise BadInput(
            _("You have {n} comments on this recipe: there is no room for more.").format(n=number(MOST)),
            _("Delete some first."),
        )
    # That something was said goes into the trail, what was said does not.
    told = {"recipe_hash": cell.recipe_hash, "segment": segment, "unit": cell.unit, "scope": str(book.scope)}
    with store.audit.recorded(book.person.email, "comment written", told, version=book.warehouse.version) as (
        _entry,
        connection,
    ):
        return store.reviews.write(cell, kept, book.person.email, connection)


def uncomment(book: Book, store: Store, comment_id: int) -> None:
    """Delete one's own comment. Raises UnknownName for another's, as for none."""
    told = {"comment": comment_id, "scope": str(book.scope)}
    with store.audit.recorded(book.person.email, "comment deleted", told, version=book.warehouse.version) as (
        _entry,
        connection,
    ):
        if not store.reviews.delete(comment_id, book.person.email, connection):
            raise UnknownName(_("There is no such comment of yours."), _("Load the page again."))


def comments_on(book: Book, store: Store, shown: Review, unit: str, segment: int) -> list[Remark]:
    """What was said of a cell and this person may see, the newest first; of any version and date."""
    known = shown_to(book, store.reviews.comments(shown.recipe_hash), "author")
    here = partial(_here, shown=shown, unit=unit, segment=segment)
    return [_remark(book, shown, one) for one in known if here(one)]


def _here(one: Comment, *, shown: Review, unit: str, segment: int) -> bool:
    cell = one.cell
    if unit_of(cell) != unit or (cell.unit_kind and cell.unit_kind != shown.by):
        return False
    now = segment_now(shown.found, cell)
    return segment == (cell.segment if now is None else now)


def _remark(book: Book, shown: Review, one: Comment) -> Remark:
    cell, found = one.cell, shown.found
    speaks_of = _("Speaks of version {version} as of {day}").format(version=cell.version, day=day(cell.as_of))
    differs = []
    if cell.version != found.version:
        differs.append(_("the data are of another version now"))
    if cell.as_of != found.as_of:
        differs.append(_("the figures shown are as of another date"))
    if segment_now(found, cell) is None:
        differs.append(_("the segment was called “{name}” then").format(name=cell.segment_name))
    if not same_book(book, cell):
        differs.append(_("it was written in another book, whose segments may be cut elsewhere"))
    return Remark(one, one.author == book.person.email, speaks_of, tuple(differs))
