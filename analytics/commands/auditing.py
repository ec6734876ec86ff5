"""Commands that read and verify the audit trail."""

from datetime import UTC, datetime, time
from typing import Annotated, Any

import typer

from analytics.commands.shell import (
    COMMAND,
    AsJson,
    Folder,
    answers,
    app,
    day_of,
    os_account,
    print_json,
    print_rows,
    progress,
)
from analytics.errors import AnalyticsError
from analytics.formats import number
from analytics.store.audit import Entry
from analytics.store.chain import Head, Verdict
from analytics.store.store import open_store
from analytics.warehouse.versions import current_manifest

audit = typer.Typer(help="Who saw and took what; whether the trail is whole.")
app.add_typer(audit, name="audit")

Known = Annotated[
    str, typer.Option("--known", help="A head that was printed before: the trail must hold it still.")
]


class NotWhole(AnalyticsError):
    """The audit trail was changed, or its key was."""


@audit.callback(invoke_without_command=True)
def entries(
    context: typer.Context,
    folder: Folder,
    user: Annotated[str, typer.Option("--user", help="Only what this person did.")] = "",
    since: Annotated[str, typer.Option("--since", help="Only from this day on: YYYY-MM-DD, in UTC.")] = "",
    as_json: AsJson = False,
) -> None:
    """Print who saw and took what, newest first."""
    if context.invoked_subcommand:
        return
    first = day_of(since)
    current_manifest(folder)  # raises NoWarehouse before a store is made where there is none
    trail = open_store(None, folder).audit
    asked = {"person": user, "since": since, "os_account": os_account()}
    trail.append(COMMAND, "audit read", {name: text for name, text in asked.items() if text})
    start = datetime.combine(first, time(), UTC) if first else None
    rows = [_row(entry) for entry in trail.entries(person=user, since=start, limit=None)]
    if as_json:
        print_json(rows)
        return
    columns = ("entry", "at", "person", "action", "version", "details")
    print_rows([row | {"details": _in_words(row["details"])} for row in rows], columns)


@audit.command()
def verify(folder: Folder, known: Known = "", as_json: AsJson = False) -> None:
    """Say whether the trail is whole: exit 1 where an entry was changed, removed, added or moved."""
    current_manifest(folder)
    expected = Head.of(known) if known else None
    trail = open_store(None, folder).audit
    with progress() as report:
        found = trail.verify(expected, lambda share: report("Verifying", share))
    if as_json:
        print_json(document(found))
    if not found.whole:
        raise NotWhole(
            f"The audit trail is not whole: entry {number(found.first)} is the first that does not fit. {found.why}",
            "Keep a copy of the store as it is, and tell whoever answers for it.",
        )
    if not as_json:
        answers.print(f"The audit trail is whole: {number(found.head.entries)} entries.")
        answers.print(f"Keep its head elsewhere, for --known: {found.head}", soft_wrap=True)


def document(found: Verdict) -> dict[str, Any]:
    """What `audit verify --json` prints."""
    return {
        "whole": found.whole,
        "entries": found.head.entries,
        "head": str(found.head),
        "first_misfit": found.first,
        "why": found.why or None,
    }


def _row(entry: Entry) -> dict[str, Any]:
    return {
        "entry": entry.id,
        "at": entry.at,
        "person": entry.person,
        "action": entry.action,
        "version": entry.version,
        "details": entry.details,
    }


def _in_words(details: dict[str, Any]) -> str:
    return "; ".join(f"{key}: {_written(value)}" for key, value in sorted(details.items()))


def _written(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
