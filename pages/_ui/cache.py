"""Answers, computed once per question and scope, in the background, and stoppable.

All caching of the dashboard is here. An answer's key is the question, the language and `Book.key`
(warehouse version and scope content), never a person's name: equal rights share answers, and a changed
permission asks anew.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillRunning
from contextvars import copy_context
from dataclasses import dataclass
from datetime import date
from time import monotonic
from typing import Any, cast

import pandas as pd
import streamlit as st

from analytics.access.book import Book
from analytics.errors import Cancelled
from analytics.jobs import Job, current_job
from analytics.translation import language
from analytics.translation import translate as _

QUIET_SECONDS = 0.2  # below it a sign of waiting would only flicker
PATIENT_SECONDS = 1.0  # beyond it the person gets the page back, with a way to stop
LARGE = 100_000  # customers

_workers = ThreadPoolExecutor(max_workers=4, thread_name_prefix="answer")


@dataclass(frozen=True)
class Work:
    """An answer on its way."""

    job: Job
    future: "Future[Any]"
    started: float


def _start(verb: Callable[..., Any], book: Book, question: tuple[Any, ...]) -> Work:
    job = Job()

    def run() -> Any:
        current_job.set(job)
        return verb(book, *question)

    # A context of its own carries the language into the worker's thread.
    return Work(job, _workers.submit(copy_context().run, run), monotonic())


_HASHES: dict[Any, Callable[[Any], str]] = {
    Book: lambda book: book.key,
    "builtins.function": lambda verb: f"{verb.__module__}.{verb.__qualname__}",
}


@st.cache_resource(max_entries=200, show_spinner=False, hash_funcs=_HASHES)
def _many(verb: Callable[..., Any], book: Book, question: tuple[Any, ...], spoken: str) -> Work:
    return _start(verb, book, question)


@st.cache_resource(max_entries=4, show_spinner=False, hash_funcs=_HASHES)
def _few(verb: Callable[..., Any], book: Book, question: tuple[Any, ...], spoken: str) -> Work:
    """Answers over a whole large bank hold a row a customer: only the latest are kept."""
    return _start(verb, book, question)


def answer(verb: Callable[..., Any], book: Book, *question: Any) -> Any:
    """`verb(book, *question)`: at once if known, else computed in the background.

    question : plain values only. A long one hands the page back with a busy state and a way to stop it.
    """
    large = book.scope.whole_bank and book.warehouse.manifest.customers > LARGE
    return _kept_in(_few if large else _many, verb, book, question)


def count(book: Book, as_of: date | None, where: str = "") -> int:
    """How many customers pass a filter; an answer that is small over the largest bank."""
    return int(_kept_in(_many, Book.count, book, (as_of, where)))


def names(book: Book, customer_ids: Iterable[str]) -> pd.DataFrame:
    """customer_id and name of those listed on a page: another widget there does not ask for them again."""
    return cast(pd.DataFrame, _kept_in(_many, Book.names, book, (tuple(customer_ids),)))


def _kept_in(kept: Any, verb: Callable[..., Any], book: Book, question: tuple[Any, ...]) -> Any:
    work = kept(verb, book, question, language())
    try:
        work.job.go_on()
        return _waited(work)
    except StillRunning:
        _busy(work)
        st.stop()
    except Cancelled:
        kept.clear(verb, book, question, language())
        if st.session_state.pop("stopped", False):
            _offer_again()
        return _kept_in(kept, verb, book, question)  # somebody else stopped it: ask anew
    except BaseException:
        kept.clear(verb, book, question, language())
        raise


def _offer_again() -> None:
    st.info(_("Stopped."), icon=":material/stop_circle:")
    st.button(_("Run it again"), key="run_again")
    st.stop()


def _waited(work: Work) -> Any:
    try:
        return work.future.result(timeout=QUIET_SECONDS)
    except StillRunning:
        with st.spinner(_("Computing …")):
            return work.future.result(timeout=PATIENT_SECONDS)


@st.fragment(run_every=1.0)
def _busy(work: Work) -> None:
    if work.future.done():
        st.rerun()
    seconds = int(monotonic() - work.started)
    with st.container(border=True, key="busy"):
        st.progress(min(0.95, seconds / (seconds + 8)), _("Computing for {n} s …").format(n=seconds))
        if st.button(_("Stop"), key="stop", icon=":material/stop_circle:"):
            st.session_state["stopped"] = True
            work.job.cancel()
            st.rerun()
