"""Work that can be stopped: a query running for a session that has gone away is interrupted."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock
from typing import Protocol

from analytics.errors import Cancelled
from analytics.translation import translate as _


class Interruptible(Protocol):
    """What a running query offers."""

    def interrupt(self) -> None: ...


class Job:
    """One piece of work. `cancel` stops its running queries and the next step it asks leave for."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._running: list[Interruptible] = []
        self.cancelled = False

    def cancel(self) -> None:
        with self._lock:
            self.cancelled = True
            for query in self._running:
                query.interrupt()

    @contextmanager
    def running(self, query: Interruptible) -> Iterator[None]:
        with self._lock:  # checked inside: `cancel` must find the query or the query find out
            self.go_on()
            self._running.append(query)
        try:
            yield
        finally:
            with self._lock:
                self._running.remove(query)

    def go_on(self) -> None:
        """Raise Cancelled if this job was stopped; called between the steps of long work."""
        if self.cancelled:
            raise Cancelled(_("Stopped."), _("Run it again when you are ready."))


current_job: ContextVar[Job | None] = ContextVar("current_job", default=None)


def checkpoint() -> None:
    """Between two steps of long work: stop here if the person asked to."""
    job = current_job.get()
    if job is not None:
        job.go_on()
