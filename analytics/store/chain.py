"""The chain that the audit trail is kept in: what signs it, and what finds where it does not fit.

Every entry's digest is made with a key from all that the entry says and from the digest before it; the head,
sealed with the same key, says how many entries there are. The key is kept outside the database. Whoever can
write the database and does not have the key can't change, add, remove or reorder an entry, cut the end off
or empty the trail without `verify` saying so. Two things remain possible, and no chain can find them by
itself: putting an older copy of the trail back whole, head included, and replacing the database by a new
one. Both are found by comparing with a head (entries and digest) that was written down elsewhere before:
`audit verify` prints it, and takes it as `--known`. Whoever has the key can write any trail.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, String, func, select, type_coerce
from sqlalchemy.exc import SQLAlchemyError

from analytics.errors import BadInput
from analytics.formats import number
from analytics.store.database import in_utc
from analytics.store.tables import audit, audit_head
from analytics.translation import translate as _

START = ""  # the digest before the first entry
AT_A_TIME = 1_000  # entries that are in memory at once
STORED = "%Y-%m-%d %H:%M:%S.%f"  # how SQLite keeps a moment


@dataclass(frozen=True)
class Head:
    """How many entries there are, and the digest of the newest: worth writing down elsewhere."""

    entries: int
    digest: str

    def __str__(self) -> str:
        return f"{self.entries}:{self.digest}"

    @classmethod
    def of(cls, text: str) -> "Head":
        """As it was written down. Raises BadInput for anything else.

        >>> Head.of("12:" + "a" * 64).entries
        12
        """
        entries, _colon, digest = text.strip().partition(":")
        whole = len(digest) == 64 and set(digest) <= set("0123456789abcdef")
        if not (entries.isascii() and entries.isdecimal() and (whole or (int(entries) == 0 and not digest))):
            raise BadInput(
                _("“{text}” is not a head of the audit trail.").format(text=text),
                _("Give it as `audit verify` printed it: entries, a colon, the digest."),
            )
        return cls(int(entries), digest)


@dataclass(frozen=True)
class Verdict:
    """What the verification came to. first : the entry that is the first not to fit, None where all do."""

    head: Head
    first: int | None = None
    why: str = ""

    @property
    def whole(self) -> bool:
        return not self.why


class Chain:
    """Signs with one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def digest(self, before: str, row: Mapping[str, Any]) -> str:
        """An entry's digest, from everything that it says and from the one before it."""
        said = [row["id"], in_utc(row["at"]).isoformat(), row["person"], row["action"], row["version"]]
        return self._signed([before, *said, row["details"]])

    def seal(self, entries: int, digest: str) -> str:
        """What the head is sealed with."""
        return self._signed(["head", entries, digest])

    def fits(self, head: Any) -> bool:
        """Whether a row of the head was sealed with this key."""
        return _same(head.seal, self.seal(head.entries, head.digest))

    def _signed(self, said: list[Any]) -> str:
        text = json.dumps(said, ensure_ascii=False, default=repr)
        return hmac.new(self._key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def verify(
    engine: Engine, chain: Chain, known: Head | None = None, step: Callable[[float], None] | None = None
) -> Verdict:
    """Walk the whole trail once, a thousand entries at a time, and say which entry is the first not to fit.

    known : a head that was written down before; the trail must still hold it. step : told the share that is done.
    """
    try:
        # SQLite's readers see one moment anyway.
        one_moment = {} if engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
        with engine.execution_options(**one_moment).connect() as connection:
            return _Walk(chain, known, step).over(connection)
    except SQLAlchemyError:
        return Verdict(
            Head(0, START), 1, _("The trail's tables can't be read: one is missing or was changed.")
        )


@dataclass
class _Walk:
    """One verification. at : the entries that were found to fit so far, and the newest one's digest."""

    chain: Chain
    known: Head | None
    step: Callable[[float], None] | None
    at: Head = Head(0, START)

    def over(self, connection: Connection) -> Verdict:
        heads = connection.execute(select(audit_head)).all()
        total = int(connection.execute(select(func.count()).select_from(audit)).scalar_one())
        sealed = len(heads) == 1 and self.chain.fits(heads[0])
        for row in _rows(connection):
            wrong = self._misfit(row)
            if wrong:
                if self.at.entries == 0 and not sealed:
                    wrong = _(
                        "Neither the head nor the first entry fits the key: the key may be another one."
                    )
                return self._broken(wrong)
            self.at = Head(row["id"], row["digest"])
            if self.step and self.at.entries % AT_A_TIME == 0:
                self.step(self.at.entries / total)
            if self.known and self.known.entries == row["id"] and not _same(self.known.digest, row["digest"]):
                return Verdict(self.at, row["id"], _("It is not the entry that was written down."))
        return self._ending(heads, sealed)

    def _misfit(self, row: Mapping[str, Any]) -> str:
        following = self.at.entries + 1
        if row["id"] != following:
            return _("It is missing: the next one there is {n}.").format(n=row["id"])
        moment = _moment(row["at"])
        if moment is None or not _same(
            row["digest"], self.chain.digest(self.at.digest, {**row, "at": moment})
        ):
            return _("It, or the one before it, is not what was recorded.")
        return ""

    def _ending(self, heads: Sequence[Any], sealed: bool) -> Verdict:
        """All entries that are there fit each other: are they all that were ever written?"""
        if len(heads) != 1:
            return self._broken(_("The head of the trail is gone, or there are several."))
        if not sealed:
            return self._broken(_("The head of the trail was not sealed with this key."))
        if heads[0].entries != self.at.entries or not _same(heads[0].digest, self.at.digest):
            return self._broken(
                _("By the head of the trail, {n} were written.").format(n=number(heads[0].entries))
            )
        if self.known and self.known.entries > self.at.entries:
            said = _("{n} entries were written down: the end was cut off, or an older copy put back.")
            return self._broken(said.format(n=number(self.known.entries)))
        return Verdict(self.at)

    def _broken(self, why: str) -> Verdict:
        return Verdict(self.at, self.at.entries + 1, why)


def _rows(connection: Connection) -> Iterator[dict[str, Any]]:
    """The entries as they are stored: a moment that is none must not end the walk."""
    moment = (
        type_coerce(audit.c.at, String).label("at") if connection.dialect.name == "sqlite" else audit.c.at
    )
    others = [column for column in audit.c if column.name != "at"]
    found = connection.execution_options(yield_per=AT_A_TIME).execute(
        select(*others, moment).order_by(audit.c.id)
    )
    for row in found:
        yield row._asdict()


def _moment(stored: Any) -> datetime | None:
    """The moment that was stored; None for what `append` never writes."""
    if isinstance(stored, datetime):
        return stored
    try:
        found = datetime.strptime(stored, STORED)
    except (TypeError, ValueError):
        return None
    return found if found.strftime(STORED) == stored else None


def _same(one: Any, other: str) -> bool:
    return isinstance(one, str) and hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode())
