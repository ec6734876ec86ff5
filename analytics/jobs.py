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
        self.share: float | None = None  # of the work that is done, where that is known
        self.doing = ""

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


def checkpoint(share: float | None = None, doing: str = "") -> None:
    """Between two steps of long work: stop here if the person asked to, and say how far it is.

    share : of the whole work that is done, 0 to 1. doing : what comes now, in words.
    """
    job = current_job.get()
    if job is not None:
        job.go_on()
        if share is not None:
            job.share, job.doing = share, doing or job.doing
