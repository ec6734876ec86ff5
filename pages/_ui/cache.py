"""Answers, computed once per question and scope, in the background, and stoppable.

What an answer read of the book is recorded for everybody whom it is handed to, not only for the first.
All caching of the dashboard is here. An answer's key is the question, the language and `Book.key`
(warehouse version and scope content), never a person's name: equal rights share answers, and a changed
permission asks anew.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillRunning
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import date
from time import monotonic
from typing import Any, cast

import pandas as pd
import streamlit as st

from analytics.access.book import Book
from analytics.access.reads import Read, collecting
from analytics.alerts.report import Found
from analytics.change import Change
from analytics.errors import Cancelled
from analytics.jobs import Job, current_job
from analytics.segmentation import Segmentation
from analytics.translation import language, use_language
from analytics.translation import translate as _
from pages._ui.attendance import Watch, visitor

QUIET_SECONDS = 0.2  # below it a sign of waiting would only flicker
PATIENT_SECONDS = 1.0  # beyond it the person gets the page back, with a way to stop
LOOK_SECONDS = 0.5  # between two looks whether it is there
LARGE = 100_000  # customers
FEW = 10  # answers over a large bank that are kept: more than a page asks for, or it would never be all there

_workers = ThreadPoolExecutor(max_workers=4, thread_name_prefix="answer")
_watch = Watch()
_patient = ThreadPoolExecutor(max_workers=1, thread_name_prefix="check")  # minutes must not hold up seconds


@dataclass(frozen=True)
class Work:
    """An answer on its way."""

    job: Job
    future: "Future[Any]"
    started: float
    reads: list[Read]
    waiting: set[str] = field(default_factory=set)  # visitors: several may share it

    def handed_to(self, book: Book, result: Any = None) -> Any:
        """The answer, once it is recorded what this person saw with it; also of one that failed, for what is
        said of the failure may tell something."""
        for read in self.reads:
            book.record(read)
        return result

    @property
    def is_over(self) -> bool:
        return self.future.done()

    def end(self) -> None:
        self.job.cancel()

    def leave(self, visitor: str) -> None:
        """One visitor does not wait for it any more; it ends when nobody does."""
        self.waiting.discard(visitor)
        if not self.waiting and not self.is_over:
            self.end()


def _start(
    verb: Callable[..., Any], book: Book, question: tuple[Any, ...], workers: ThreadPoolExecutor = _workers
) -> Work:
    job = Job()
    reads: list[Read] = []

    def run() -> Any:
        current_job.set(job)
        with collecting() as collected:
            try:
                return verb(book, *question)
            finally:
                reads.extend(dict.fromkeys(collected))

    # A context of its own carries the language into the worker's thread.
    work = Work(job, workers.submit(copy_context().run, run), monotonic(), reads, {visitor()})
    _watch.over(work)
    return work


_HASHES: dict[Any, Callable[[Any], str]] = {
    Book: lambda book: book.key,
    Change: lambda one: f"{one.key}|{one.as_of}",
    Found: lambda found: found.key,
    Segmentation: lambda found: f"{found.recipe_hash}|{found.recipe.names}|{found.version}|{found.as_of}",
    "builtins.function": lambda verb: f"{verb.__module__}.{verb.__qualname__}",
}


@st.cache_resource(max_entries=200, show_spinner=False, hash_funcs=_HASHES)
def _many(verb: Callable[..., Any], book: Book, question: tuple[Any, ...], spoken: str) -> Work:
    return _start(verb, book, question)


@st.cache_resource(max_entries=FEW, show_spinner=False, hash_funcs=_HASHES)
def _few(verb: Callable[..., Any], book: Book, question: tuple[Any, ...], spoken: str) -> Work:
    """Answers over a whole large bank hold a row a customer: only the latest are kept."""
    return _start(verb, book, question)


@st.cache_resource(max_entries=50, show_spinner=False, hash_funcs=_HASHES)
def _long(verb: Callable[..., Any], book: Book, question: tuple[Any, ...], spoken: str) -> Work:
    """Answers that take up to minutes, one after the other in a queue of their own."""
    return _start(verb, book, question, _patient)


def answer(verb: Callable[..., Any], book: Book, *question: Any) -> Any:
    """`verb(book, *question)`: at once if known, else computed in the background.

    question : plain values only. A long one hands the page back with a busy state and a way to stop it.
    """
    large = book.scope.whole_bank and book.warehouse.manifest.customers > LARGE
    return _kept_in(_few if large else _many, verb, book, question)


def count(book: Book, as_of: date | None, where: str = "") -> int:
    """How many customers pass a filter; an answer that is small over the largest bank."""
    return int(_kept_in(_many, Book.count, book, (as_of, where)))


def small(verb: Callable[..., Any], book: Book, *question: Any) -> Any:
    """As `answer`, for what is small over the largest bank, and so takes no other's place."""
    return _kept_in(_many, verb, book, question)


def names(book: Book, customer_ids: Iterable[str]) -> pd.DataFrame:
    """customer_id and name of those listed on a page: another widget there does not ask for them again."""
    return cast(pd.DataFrame, _kept_in(_many, Book.names, book, (tuple(customer_ids),)))


def later(verb: Callable[..., Any], book: Book, *question: Any, key: str) -> Any:
    """As `answer`, for work that takes long: None while it runs, with its progress where it is called, so
    that the rest of the page goes on.

    key : names the panel. In it a new question ends the work on the one before, and a stopped one waits.
    """
    asked, state = (verb, book, question, language()), st.session_state
    this, me = (verb.__qualname__, book.key, question), visitor()
    if state.pop(f"stopped_{key}", False):
        state[f"waits_{key}"] = this
    if state.get(f"waits_{key}") == this:
        _offer_again(f"_{key}", lambda: state.pop(f"waits_{key}", None))
        return None
    work = _long(*asked)
    if work.job.cancelled:  # by somebody else, or before it was asked again
        _long.clear(*asked)
        work = _long(*asked)
    earlier = state.get(f"work_{key}")
    if earlier is not None and earlier is not work:
        earlier.leave(me)
    state[f"work_{key}"] = work
    work.waiting.add(me)
    try:
        return work.handed_to(book, work.future.result(timeout=QUIET_SECONDS))
    except StillRunning:
        _busy(work, lambda: work.leave(me), f"_{key}")
        return None
    except BaseException:
        _long.clear(*asked)
        work.handed_to(book)
        raise


def _kept_in(kept: Any, verb: Callable[..., Any], book: Book, question: tuple[Any, ...]) -> Any:
    work = kept(verb, book, question, language())
    work.waiting.add(visitor())
    try:
        work.job.go_on()
        return work.handed_to(book, _waited(work))
    except StillRunning:
        _busy(work, work.job.cancel)
        st.stop()
    except Cancelled:
        kept.clear(verb, book, question, language())
        if st.session_state.pop("stopped", False):
            _offer_again()
            st.stop()
        return _kept_in(kept, verb, book, question)  # somebody else stopped it: ask anew
    except BaseException:
        kept.clear(verb, book, question, language())
        work.handed_to(book)
        raise


def _offer_again(key: str = "", again: Callable[[], Any] | None = None) -> None:
    st.info(_("Stopped."), icon=":material/stop_circle:")
    st.button(_("Run it again"), key=f"run_again{key}", on_click=again)


def _waited(work: Work) -> Any:
    try:
        return work.future.result(timeout=QUIET_SECONDS)
    except StillRunning:
        with st.spinner(_("Computing …")):
            return work.future.result(timeout=PATIENT_SECONDS)


@st.fragment(run_every=LOOK_SECONDS)
def _busy(work: Work, stop: Callable[[], None], key: str = "") -> None:
    if work.future.done():
        st.rerun()
    use_language(st.session_state.get("language", "en"))  # drawn by itself, it does not pass through `_main`
    seconds = int(monotonic() - work.started)
    share = work.job.share if work.job.share is not None else min(0.95, seconds / (seconds + 8))
    doing = work.job.doing or _("Computing")
    with st.container(border=True, key=f"busy{key}"):
        st.progress(share, _("{doing}: {n} s …").format(doing=doing, n=seconds))
        if st.button(_("Stop"), key=f"stop{key}", icon=":material/stop_circle:"):
            st.session_state[f"stopped{key}"] = True
            stop()
            st.rerun()
