"""Grants: those of the warehouse version in use, as changed or revoked here, and those given here."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Engine, and_, insert, select, update
from sqlalchemy.exc import IntegrityError

from analytics.access.grants import Grant, same_email
from analytics.errors import UnknownName
from analytics.store.database import in_utc, now, writing
from analytics.store.tables import grants
from analytics.translation import translate as _


@dataclass(frozen=True)
class Known:
    """A grant as it stands, with what became of it here.

    origin : "loaded" with the version in use, or given in the "store". decided_by, decided_at : whose decision
    here it was, None where nothing was decided about a loaded one.
    """

    grant: Grant
    origin: str
    revoked: bool = False
    decided_by: str | None = None
    decided_at: datetime | None = None

    def holds_on(self, today: date) -> bool:
        return not self.revoked and self.grant.holds_on(today)


class Grants:
    """Who may see what. Loaded grants are known by `Grant.identity`, so decisions outlive a version."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def effective(
        self, email: str, loaded_rows: Iterable[Mapping[str, Any]], today: date | None = None
    ) -> tuple[Grant, ...]:
        """The grants that a person holds today.

        `loaded_rows` are rows of the current version's grants table (others' rows are passed over). One that
        this version doesn't have does not count, whatever an earlier version said: no grant, no rows. Nor does
        one with a part too long for the store, for nobody could revoke it.
        """
        email, today = same_email(email), today or date.today()
        loaded = [
            grant
            for row in loaded_rows
            if (grant := Grant.from_row(row)).user_email == email and _can_be_kept(grant)
        ]
        decided, given = self._known(email)
        if any(grant.identity not in decided for grant in loaded):
            self._seed([grant for grant in loaded if grant.identity not in decided])
        kept = [_as_decided(grant, decided.get(grant.identity)) for grant in loaded]
        held = [grant for grant in (*kept, *given) if grant is not None and grant.holds_on(today)]
        return tuple(dict.fromkeys(held))

    def known(self, loaded_rows: Iterable[Mapping[str, Any]]) -> list[Known]:
        """Every grant of the version in use and every one given here, also what has ended; nothing is written."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(grants)).all()
        decided = {row.identity: row for row in rows if row.origin == "loaded"}
        loaded = dict.fromkeys(Grant.from_row(row) for row in loaded_rows)
        found = [_known(grant, "loaded", decided.get(grant.identity)) for grant in loaded]
        return [
            *found,
            *(_known(Grant.from_row(row._asdict()), "store", row) for row in rows if row.origin == "store"),
        ]

    def meet(self, loaded: Sequence[Grant]) -> None:
        """Remember loaded grants, so that something can be decided about them."""
        with self._engine.connect() as connection:
            met = set(connection.scalars(select(grants.c.identity).where(grants.c.origin == "loaded")))
        unknown = [grant for grant in loaded if grant.identity not in met]
        if unknown:
            self._seed(unknown)

    def give(self, grant: Grant, by: str, within: Connection | None = None) -> None:
        """Grant something here, in place of an earlier grant from here with the same identity.

        within : the transaction to do it in, here and below; one of its own where there is none.
        """
        row = _as_row(grant) | {"origin": "store", "decided_by": same_email(by), "changed_at": now()}
        with self._in(within) as connection:
            changed = connection.execute(
                update(grants).where(_is("store", grant.identity)).values(**row, revoked_at=None)
            )
            if not changed.rowcount:
                connection.execute(insert(grants).values(**row, created_at=now()))

    def amend(self, grant: Grant, by: str, within: Connection | None = None) -> None:
        """Let a grant that was given here, and not revoked, say something else from now on."""
        decision = {"decided_by": same_email(by), "changed_at": now()}
        stands = and_(_is("store", grant.identity), grants.c.revoked_at.is_(None))
        with self._in(within) as connection:
            changed = connection.execute(update(grants).where(stands).values(**_as_row(grant), **decision))
            if not changed.rowcount:
                _unknown(grant)

    def change(self, grant: Grant, by: str, within: Connection | None = None) -> None:
        """Let a loaded grant say something else from now on: departments, columns, export, expiry."""
        values = _as_row(grant)
        changes = {key: values[key] for key in ("departments", "columns", "may_export")}
        changes["valid_until"] = grant.valid_until.isoformat() if grant.valid_until else None
        decision = {"changes": changes, "decided_by": same_email(by), "changed_at": now()}
        with self._in(within) as connection:
            changed = connection.execute(update(grants).where(_is("loaded", grant.identity)).values(decision))
            if not changed.rowcount:
                _unknown(grant)

    def revoke(self, grant: Grant, by: str, within: Connection | None = None) -> None:
        """End a grant wherever it came from; a later load or rollback does not bring it back.

        Raises UnknownName when the store has never met it.
        """
        ended = {"revoked_at": now(), "decided_by": same_email(by), "changed_at": now()}
        with self._in(within) as connection:
            gone = connection.execute(update(grants).where(grants.c.identity == grant.identity).values(ended))
            if not gone.rowcount:
                _unknown(grant)

    def _in(self, within: Connection | None) -> AbstractContextManager[Connection]:
        return writing(self._engine) if within is None else nullcontext(within)

    def _known(self, email: str) -> tuple[dict[str, Any], list[Grant]]:
        with self._engine.connect() as connection:
            rows = connection.execute(select(grants).where(grants.c.user_email == email)).all()
        decided = {row.identity: row for row in rows if row.origin == "loaded"}
        given = [
            Grant.from_row(row._asdict()) for row in rows if row.origin == "store" and row.revoked_at is None
        ]
        return decided, given

    def _seed(self, unknown: Sequence[Grant]) -> None:
        with writing(self._engine) as connection:
            for grant in {grant.identity: grant for grant in unknown}.values():
                _remember(connection, grant)


def _can_be_kept(grant: Grant) -> bool:
    """Whether every part fits its column; PostgreSQL minds, SQLite does not."""
    texts = {name: value for name, value in _as_row(grant).items() if isinstance(value, str)}
    longest = {name: getattr(grants.c[name].type, "length", None) for name in texts}
    return all(len(value) <= (longest[name] or len(value)) for name, value in texts.items())


def _remember(connection: Connection, grant: Grant) -> None:
    moment = {"created_at": now(), "changed_at": now()}
    try:
        with connection.begin_nested():
            connection.execute(insert(grants).values(**_as_row(grant), **moment, origin="loaded"))
    except IntegrityError:
        return  # another session met it in the same moment


def _is(origin: str, identity: str) -> Any:
    return and_(grants.c.origin == origin, grants.c.identity == identity)


def _known(grant: Grant, origin: str, row: Any) -> Known:
    if row is None:
        return Known(grant, origin)
    as_changed = _with_changes(grant, row) if origin == "loaded" else grant
    decided_at = in_utc(row.changed_at) if row.decided_by else None
    return Known(as_changed, origin, row.revoked_at is not None, row.decided_by, decided_at)


def _as_decided(grant: Grant, row: Any) -> Grant | None:
    if row is None:
        return grant
    return None if row.revoked_at is not None else _with_changes(grant, row)


def _with_changes(grant: Grant, row: Any) -> Grant:
    if not row.changes:
        return grant
    until = row.changes["valid_until"]
    changes = row.changes | {"valid_until": date.fromisoformat(until) if until else None}
    return Grant.from_row(_as_row(grant) | changes)


def _as_row(grant: Grant) -> dict[str, Any]:
    return {
        "identity": grant.identity,
        "user_email": grant.user_email,
        "role": grant.role,
        "level": grant.level,
        "employee_id": grant.employee_id,
        "unit_id": grant.unit_id,
        "departments": ",".join(grant.departments),
        "columns": ",".join(sorted(grant.columns)),
        "may_export": grant.may_export,
        "valid_until": grant.valid_until,
    }


def _unknown(grant: Grant) -> None:
    raise UnknownName(
        _("{email} holds no such grant.").format(email=grant.user_email),
        _("Look at the person's grants again: it may have been changed meanwhile."),
    )
