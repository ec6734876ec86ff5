"""The bank's own standard segmentation: one recipe for everybody, which anyone can set theirs beside."""

from analytics.access.book import Book
from analytics.access.person import grants_of
from analytics.errors import NotAllowed
from analytics.recipe import Recipe
from analytics.store.store import Store
from analytics.translation import translate as _

DECIDING = frozenset({"manager", "steward"})


def shipped() -> Recipe:
    """The standard of a bank that has not made one of its own: classes A, B and C by value."""
    title = _("A, B and C by value, until the bank makes its own")
    return Recipe.from_content({"title": title, "method": {"key": "value_tiers", "scheme": "abc_fixed"}})


def standard(store: Store) -> Recipe:
    """The recipe that is the bank's standard, else the shipped one. It is run in its reader's own book."""
    saved = store.recipes.standard()
    return Recipe.from_toml(saved.toml) if saved else shipped()


def may_decide(store: Store, book: Book) -> bool:
    """Whether this person says what the standard is: a manager or steward of the whole bank."""
    grants = grants_of(book.warehouse, store, book.person.email)
    return any(grant.role in DECIDING and grant.level == "bank" and not grant.departments for grant in grants)


def make_standard(store: Store, book: Book, recipe_id: int) -> None:
    """Make an own saved recipe the bank's standard. Raises NotAllowed, or UnknownName for another's recipe."""
    _require(store, book)
    store.recipes.make_standard(recipe_id, book.person.email)


def drop_standard(store: Store, book: Book) -> None:
    """Go back to the shipped standard. Raises NotAllowed."""
    _require(store, book)
    store.recipes.no_standard()


def _require(store: Store, book: Book) -> None:
    if not may_decide(store, book):
        raise NotAllowed(
            _("The bank's standard is set by a manager or data steward of the whole bank."),
            _("Ask one of them, or share your recipe with your role or branch."),
        )
