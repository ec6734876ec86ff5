"""Saved recipes: private until their owner shares them with a role, a branch or a person, by name."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, and_, delete, exists, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from analytics.access.grants import same_email
from analytics.errors import BadInput, UnknownName
from analytics.store.database import in_utc, now, writing
from analytics.store.tables import recipe_shares, recipes
from analytics.translation import translate as _

LONGEST_NAME = 200
Share = tuple[str, str]
STANDARD: Share = ("standard", "bank")


@dataclass(frozen=True)
class SavedRecipe:
    """A recipe as stored. `shared_with` holds (kind, target): kind is role, branch or person, or it is STANDARD."""

    id: int
    owner: str
    name: str
    toml: str
    created_at: datetime
    changed_at: datetime
    shared_with: tuple[Share, ...]

    @property
    def is_standard(self) -> bool:
        """Whether it is the bank's standard."""
        return STANDARD in self.shared_with


class Recipes:
    """The recipes of everyone; each reader gets their own and those shared with them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def save(
        self, owner: str, name: str, toml: str, shared_with: Collection[Share] | None = None
    ) -> SavedRecipe:
        """Store a recipe under a name of the owner's, over what the name held before.

        A new recipe is private unless `shared_with` says otherwise; None keeps the shares of an old one. The
        bank's standard with another text is the standard no longer: whoever may has to say so of the new text.
        Raises BadInput for an empty or too long name and for a share of an unknown kind.
        """
        owner, name = same_email(owner), _checked_name(name)
        with writing(self._engine) as connection:
            key = and_(recipes.c.owner == owner, recipes.c.name == name)
            recipe_id = connection.scalar(select(recipes.c.id).where(key))
            if recipe_id is None:
                row = {"owner": owner, "name": name, "toml": toml, "created_at": now(), "changed_at": now()}
                recipe_id = connection.scalar(insert(recipes).values(row).returning(recipes.c.id))
            else:
                _no_longer_standard(connection, and_(key, recipes.c.toml != toml))
                connection.execute(update(recipes).where(key).values(toml=toml, changed_at=now()))
            if shared_with is not None:
                _share(connection, recipe_id, shared_with)
            return _read(connection, recipes.c.id == recipe_id)[0]

    def visible(
        self, email: str, roles: Collection[str] = (), branches: Collection[str] = ()
    ) -> list[SavedRecipe]:
        """The person's own recipes first, then those shared with them, each by name."""
        with self._engine.connect() as connection:
            found = _read(connection, _visible_to(email, roles, branches))
        return sorted(found, key=lambda r: (r.owner != same_email(email), r.name.casefold(), r.owner))

    def get(
        self, recipe_id: int, email: str, roles: Collection[str] = (), branches: Collection[str] = ()
    ) -> SavedRecipe:
        """One recipe. Raises UnknownName alike when there is none and when it is not for this person."""
        with self._engine.connect() as connection:
            found = _read(connection, and_(recipes.c.id == recipe_id, _visible_to(email, roles, branches)))
        return found[0] if found else _unknown()

    def rename(self, recipe_id: int, owner: str, name: str) -> None:
        """Give an own recipe another name. Raises BadInput when the owner has one of that name."""
        values = {"name": _checked_name(name), "changed_at": now()}
        try:
            with writing(self._engine) as connection:
                changed = connection.execute(update(recipes).where(_own(recipe_id, owner)).values(values))
        except IntegrityError as taken:
            raise BadInput(
                _("You have a recipe named “{name}” already.").format(name=name.strip()),
                _("Choose another name, or delete the other one first."),
            ) from taken
        if not changed.rowcount:
            _unknown()

    def share(self, recipe_id: int, owner: str, shared_with: Collection[Share]) -> None:
        """Replace whom an own recipe is shared with; nothing makes it private again, unless it is the standard."""
        with writing(self._engine) as connection:
            changed = connection.execute(
                update(recipes).where(_own(recipe_id, owner)).values(changed_at=now())
            )
            if not changed.rowcount:
                _unknown()
            _share(connection, recipe_id, shared_with)

    def standard(self) -> SavedRecipe | None:
        """The bank's standard, if there is one; it is everyone's to read."""
        with self._engine.connect() as connection:
            found = _read(connection, _is_standard())
        return max(found, key=lambda recipe: (recipe.changed_at, recipe.id), default=None)

    def make_standard(self, recipe_id: int, owner: str) -> None:
        """Make an own recipe the bank's standard in place of any other. Whether they may: `analytics.standard`."""
        with writing(self._engine) as connection:
            changed = connection.execute(
                update(recipes).where(_own(recipe_id, owner)).values(changed_at=now())
            )
            if not changed.rowcount:
                _unknown()
            _no_longer_standard(connection, _is_standard())
            row = dict(zip(("kind", "target"), STANDARD, strict=True))
            connection.execute(insert(recipe_shares).values(recipe_id=recipe_id, **row))

    def no_standard(self) -> None:
        """Take the bank's standard back; the recipe stays its owner's."""
        with writing(self._engine) as connection:
            _no_longer_standard(connection, _is_standard())

    def delete(self, recipe_id: int, owner: str) -> None:
        """Forget an own recipe and its shares."""
        with writing(self._engine) as connection:
            gone = connection.execute(delete(recipes).where(_own(recipe_id, owner)))
        if not gone.rowcount:
            _unknown()


def _own(recipe_id: int, owner: str) -> ColumnElement[bool]:
    return and_(recipes.c.id == recipe_id, recipes.c.owner == same_email(owner))


def _visible_to(email: str, roles: Collection[str], branches: Collection[str]) -> ColumnElement[bool]:
    share = recipe_shares.c
    meant = or_(
        and_(share.kind == "person", share.target == same_email(email)),
        and_(share.kind == "role", share.target.in_(roles)),
        and_(share.kind == "branch", share.target.in_(branches)),
        share.kind == STANDARD[0],
    )
    return or_(recipes.c.owner == same_email(email), exists().where(share.recipe_id == recipes.c.id, meant))


def _is_standard() -> ColumnElement[bool]:
    share = recipe_shares.c
    return exists().where(share.recipe_id == recipes.c.id, share.kind == STANDARD[0])


def _no_longer_standard(connection: Connection, which: ColumnElement[bool]) -> None:
    share = recipe_shares.c
    ids = select(recipes.c.id).where(which)
    connection.execute(delete(recipe_shares).where(share.kind == STANDARD[0], share.recipe_id.in_(ids)))


def _read(connection: Connection, condition: ColumnElement[bool]) -> list[SavedRecipe]:
    shares: dict[int, list[Share]] = {}
    wanted = select(recipes.c.id).where(condition)
    for row in connection.execute(select(recipe_shares).where(recipe_shares.c.recipe_id.in_(wanted))):
        shares.setdefault(row.recipe_id, []).append((row.kind, row.target))
    rows = connection.execute(select(recipes).where(condition))
    return [_saved(row, shares.get(row.id, [])) for row in rows]


def _saved(row: Any, shares: list[Share]) -> SavedRecipe:
    created, changed = in_utc(row.created_at), in_utc(row.changed_at)
    return SavedRecipe(row.id, row.owner, row.name, row.toml, created, changed, tuple(sorted(shares)))


def _share(connection: Connection, recipe_id: int, shared_with: Collection[Share]) -> None:
    share = recipe_shares.c
    named = and_(share.recipe_id == recipe_id, share.kind != STANDARD[0])
    connection.execute(delete(recipe_shares).where(named))
    # That it is the standard is no share that is given or taken here.
    shares = {_checked_share(share) for share in shared_with if tuple(share) != STANDARD}
    rows = [{"recipe_id": recipe_id, "kind": kind, "target": target} for kind, target in shares]
    if rows:
        connection.execute(insert(recipe_shares), rows)


def _checked_share(share: Share) -> Share:
    kind, target = share[0], share[1].strip()
    if kind not in ("role", "branch", "person") or not target:
        raise BadInput(
            _("A recipe can't be shared with {kind} “{target}”.").format(kind=kind, target=target),
            _("Share it with a role, a branch or a person."),
        )
    return kind, same_email(target) if kind == "person" else target


def _checked_name(name: str) -> str:
    name = name.strip()
    if not 0 < len(name) <= LONGEST_NAME or "\0" in name:
        raise BadInput(
            _("A recipe needs a name of 1 to {most} characters.").format(most=LONGEST_NAME),
            _("Type a name that tells your recipes apart."),
        )
    return name


def _unknown() -> Any:
    raise UnknownName(
        _("There is no such recipe of yours, or it is no longer shared with you."),
        _("Choose one from the list, or ask its owner to share it again."),
    )
