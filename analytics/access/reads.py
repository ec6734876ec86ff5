"""What a book was asked for, and what it refused: told to the audit trail before the answer leaves the book."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from analytics.store.audit import Audit


@dataclass(frozen=True)
class Read:
    """One look into a book: which indicators or table, of how many customers, or of which one; or totals of them."""

    what: tuple[str, ...]
    customers: int
    as_of: str = ""
    where: str = ""
    customer_id: str = ""
    totals: bool = False

    @property
    def action(self) -> str:
        """What it is called in the trail."""
        if self.totals:
            return "totals read"
        return "customer opened" if self.customer_id else "book read"

    def details(self) -> dict[str, Any]:
        """As the trail keeps it, without what is empty and what the action says."""
        told = {key: value for key, value in asdict(self).items() if value or key == "customers"}
        return {key: value for key, value in told.items() if key != "totals"}


@dataclass(frozen=True)
class Refusal:
    """Something that a person asked for and did not get. place : tells attempts of the same apart, "" for a
    page that says the same at every rerun."""

    said: str
    customer_id: str = ""
    place: str = ""
    action: str = "refused"

    def details(self) -> dict[str, Any]:
        """As the trail keeps it."""
        return {"said": self.said} | ({"customer_id": self.customer_id} if self.customer_id else {})


Record = Callable[[Read | Refusal], None]
_collected: ContextVar[list[Read] | None] = ContextVar("collected", default=None)


@contextmanager
def collecting() -> Iterator[list[Read]]:
    """Keep the reads of a computation instead of recording them: its answer may be for several people, and
    each of them is recorded when it is handed over."""
    reads: list[Read] = []
    token = _collected.set(reads)
    try:
        yield reads
    finally:
        _collected.reset(token)


@dataclass(frozen=True)
class Reads:
    """Records what one person reads in one version. A read in `seen`, as of one session, is not told again.

    account : the operating system's, for commands, where the person is only named.
    """

    audit: Audit
    person: str
    version: str
    scope: str
    seen: set[Any] = field(default_factory=set)
    account: str = ""

    def __call__(self, read: Read | Refusal) -> None:
        """Raises AnalyticsError where it can't be recorded."""
        collected = _collected.get()
        if collected is not None and isinstance(read, Read):  # nobody else is handed a refusal
            collected.append(read)
            return
        once = (self.person, self.version, self.scope, read)
        if once in self.seen:
            return
        self.append(read.action, read.details())
        self.seen.add(once)

    def append(self, action: str, details: Mapping[str, Any], most_a_day: int | None = None) -> int:
        """Record something else that this person does here; the number of the entry. Raises as `Audit.append`."""
        known = {"scope": self.scope, "os_account": self.account}
        told = {**details, **{key: text for key, text in known.items() if text}}
        return self.audit.append(self.person, action, told, version=self.version, most_a_day=most_a_day)


def runs(column: pa.ChunkedArray) -> int:
    """How many different values there are in a column where equal ones stand together.

    >>> runs(pa.chunked_array([["a", "a"], ["a", "b"]])), runs(pa.chunked_array([], pa.string()))
    (2, 0)
    """
    whole = column.combine_chunks()
    return int(pc.sum(pc.not_equal(whole[1:], whole[:-1])).as_py() or 0) + bool(len(whole))


def only_one(ids: pa.ChunkedArray) -> str:
    """The customer of an ordered column who is alone in it, by whose number such a look is recorded; else "".

    >>> only_one(pa.chunked_array([["C1", "C1"]])), only_one(pa.chunked_array([["C1", "C2"]]))
    ('C1', '')
    """
    return str(ids[0].as_py()) if len(ids) and ids[0] == ids[-1] else ""
