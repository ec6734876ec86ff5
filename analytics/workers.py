"""Work on both cores: the same answer however many workers there are."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import contextmanager
from contextvars import copy_context
from threading import Lock
from typing import TypeVar

from threadpoolctl import threadpool_limits

from analytics.jobs import checkpoint

T = TypeVar("T")
U = TypeVar("U")
WORKERS = 2
TICK = 0.2  # seconds after which a cancel is noticed


class Progress:
    """How far the whole work is, as `checkpoint` wants it. total : the work in any unit, such as fits."""

    def __init__(self, total: float) -> None:
        self._total, self._done = total, 0.0

    def step(self, work: float, doing: str) -> None:
        """So much more is done. Raises Cancelled when the job was stopped."""
        self._done += work
        checkpoint(min(1.0, self._done / self._total), doing)


class _SharedLimit:
    """One thread for the linear algebra while anybody here is at work.

    That limit belongs to the process: of several works at the same time the first sets it, the last lifts it.
    """

    def __init__(self) -> None:
        self._lock, self._users = Lock(), 0
        self._limit: threadpool_limits | None = None

    @contextmanager
    def held(self) -> Iterator[None]:
        with self._lock:
            self._users += 1
            if self._users == 1:
                self._limit = threadpool_limits(1, user_api="blas")
        try:
            yield
        finally:
            with self._lock:
                self._users -= 1
                if not self._users and self._limit is not None:
                    self._limit.restore_original_limits()
                    self._limit = None


_LIMIT = _SharedLimit()


def in_parallel(
    tasks: Sequence[Callable[[], T]], progress: Progress, doing: str, work: float = 1.0
) -> list[T]:
    """The answers of the tasks in their order; each must bring its own seed.

    work : that each of them adds to the progress. Raises Cancelled within a moment of being stopped (fits that
    are running then end by themselves, unheard), and whatever a task raises.
    """
    # How many threads OpenMP takes is known to each thread, so every worker is told.
    pool = ThreadPoolExecutor(WORKERS, initializer=threadpool_limits, initargs=(1, "openmp"))
    with _LIMIT.held():
        try:
            futures = [pool.submit(copy_context().run, task) for task in tasks]
            waiting = set(futures)
            while waiting:
                done, waiting = wait(waiting, timeout=TICK, return_when=FIRST_COMPLETED)
                for future in done:
                    future.result()
                progress.step(work * len(done), doing)
            return [future.result() for future in futures]
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def both(here: Callable[[], T], beside: Callable[[], U]) -> tuple[T, U]:
    """The answers of two tasks that don't need each other, the second worked out in a thread beside the first.

    Raises what either raises, once both have ended.

    >>> both(lambda: 1, lambda: "a")
    (1, 'a')
    """
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(copy_context().run, beside)
        return here(), other.result()
