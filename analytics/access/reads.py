"""What a book was asked for: told to the audit trail before the answer leaves the book."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field
from typing import Any

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


Record = Callable[[Read], None]
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
    """Records what one person reads in one version. A read in `seen`, as of one session, is not told again."""

    audit: Audit
    person: str
    version: str
    scope: str
    seen: set[Any] = field(default_factory=set)

    def __call__(self, read: Read) -> None:
        """Raises AnalyticsError where it can't be recorded."""
        collected = _collected.get()
        if collected is not None:
            collected.append(read)
            return
        once = (self.person, self.version, self.scope, read)
        if once in self.seen:
            return
        self.audit.append(
            self.person, read.action, read.details() | {"scope": self.scope}, version=self.version
        )
        self.seen.add(once)
