"""What all commands share: the app, common options, progress on stderr, answers on stdout."""

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from analytics.access.book import Book
from analytics.errors import AnalyticsError, BadInput, NotAllowed
from analytics.settings import warehouse_folder
from analytics.store.store import open_store
from analytics.warehouse.engine import open_warehouse
from analytics.warehouse.rates.freshness import old_rates
from analytics.warehouse.versions import Progress as Report

app = typer.Typer(
    add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help="Customer segmentation."
)
answers = Console(width=None if sys.stdout.isatty() else 200)  # a file or pipe has no width of its own
notes = Console(stderr=True, soft_wrap=True)

COMMAND = "command"  # who did it, in the audit trail, where a command names nobody: the account is recorded

Folder = Annotated[
    Path, typer.Option("--warehouse", default_factory=warehouse_folder, help="Where the warehouse is.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
User = Annotated[str, typer.Option("--user", help="E-mail address of the person who asks.")]
AsOf = Annotated[str, typer.Option("--as-of", help="A month end; left out: the newest.")]


_asking: ContextVar[Book | None] = ContextVar("asking", default=None)


def book_of(folder: Path, user: str, as_of: str = "") -> Book:
    """The book of a person in the version that serves now.

    as_of : what figures are asked for; rates that are too old for it are told on stderr.
    """
    warehouse, store = open_warehouse(folder), open_store(None, folder)
    old = old_rates(warehouse, day_of(as_of) or warehouse.newest_as_of, store.feeds.ages())
    print_warnings([str(rate) for rate in old])
    return remembered(Book.open(warehouse, store, user, account=os_account()))


def remembered(book: Book) -> Book:
    """The book, known from now on as that of whoever asks: what they are refused is recorded under their name."""
    _asking.set(book)
    return book


def grantless() -> str:
    """What there is to know where whoever asked holds no grant, and so sees nobody; "" where they do."""
    book = _asking.get()
    if book is None or book.person.roles:
        return ""
    return f"{book.person.email} holds no valid grant here, so there is nobody for them to see."


def record_refusal(error: AnalyticsError) -> None:
    """Record that the command was refused, where it got so far as to know by whom it was asked."""
    book = _asking.get()
    if book is not None and isinstance(error, NotAllowed):
        book.refused(error)


def os_account() -> str:
    """The operating system's account that runs the command; not what its environment says it is called."""
    if sys.platform == "win32":
        return os.getlogin()
    import pwd  # Unix alone has it

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # an account without a name, as in a container
        return f"uid {os.getuid()}"


def day_of(text: str) -> date | None:
    """A date option. Raises BadInput for anything but YYYY-MM-DD.

    >>> day_of("2026-06-30"), day_of("")
    (datetime.date(2026, 6, 30), None)
    """
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput(f"'{text}' is not a date.", "Write it as YYYY-MM-DD.") from None


def print_json(document: Any) -> None:
    """One document on stdout, nothing else there."""
    typer.echo(json.dumps(document, ensure_ascii=False, indent=1, default=_plain, allow_nan=False))


def _plain(value: Any) -> Any:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if hasattr(value, "item"):
        return value.item()
    raise TypeError(type(value).__name__)


def print_rows(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Rows as a table for people."""
    table = Table(*columns, box=None, header_style="bold")
    for row in rows:
        table.add_row(*(_written(row.get(name)) for name in columns))
    answers.print(table)


def print_warnings(warnings: Sequence[str]) -> None:
    """What a person should know of an answer, on stderr."""
    for warning in warnings:
        notes.print(f"[yellow]Note:[/] {escape(warning)}")


def _written(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.4g}" if abs(value) < 1 else f"{value:,.2f}"
    return "" if value is None else escape(str(value))  # "[x]" in a name is no markup


@contextmanager
def progress() -> Iterator[Report]:
    """A progress bar on stderr while long work runs; nothing where nobody watches a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=notes, transient=True, disable=not notes.is_terminal) as bar:
        task = bar.add_task("", total=1.0)

        def report(step: str, share: float | None) -> None:
            bar.update(task, description=step, completed=share, total=None if share is None else 1.0)

        yield report
