"""Commands that keep a copy of what can't be loaded again, and put it back."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from analytics.backup import back_up
from analytics.backup import restore as put_back
from analytics.commands.shell import AsJson, Folder, app, notes, os_account, print_json

ON_A_SERVER = (
    "The store is on a server: back it up, and restore it, with that server's tools (docs/operations.md)."
)


@app.command()
def backup(
    target: Annotated[Path, typer.Argument(help="A new folder.")], folder: Folder, as_json: AsJson = False
) -> None:
    """Copy the store, the audit trail's key and the version that serves. The service may be running."""
    made = back_up(folder, target)
    if as_json:
        print_json(asdict(made))
    else:
        notes.print(f"Backed up version {made.version} and {made.entries or 0} entries of the audit trail.")
    if made.entries is None:
        notes.print(ON_A_SERVER)


@app.command()
def restore(
    source: Annotated[Path, typer.Argument(help="A folder that `backup` made.")],
    folder: Folder,
    as_json: AsJson = False,
) -> None:
    """Put a backup in place of what is there. Stop the service first."""
    made = put_back(folder, source, f"{os_account()}@localhost")
    if as_json:
        print_json(asdict(made))
    else:
        notes.print(f"Restored version {made.version} and {made.entries or 0} entries of the audit trail.")
    if made.entries is None:
        notes.print(ON_A_SERVER)
