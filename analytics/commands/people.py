"""Commands about people who signed in through a provider, for a data steward."""

from pathlib import Path
from typing import Annotated

import typer

from analytics.access import signing_in
from analytics.access.administration import Administration
from analytics.commands.shell import Folder, User, answers, app, book_of
from analytics.store.store import open_store

people = typer.Typer(no_args_is_help=True, help="End sign-ins, or pass an address on.")
app.add_typer(people, name="people")

Email = Annotated[str, typer.Argument(metavar="EMAIL", help="The person's address here.")]


@people.command()
def end(email: Email, folder: Folder, user: User) -> None:
    """End every sign-in of a person at once; they may sign in again."""
    desk = _desk(folder, user)
    desk.register()  # refuses anybody but a data steward
    ended = signing_in.end_sessions(desk.store, email, user)
    answers.print(f"{ended} ended.")


@people.command()
def move(email: Email, to: Annotated[str, typer.Argument(metavar="TO")], folder: Folder, user: User) -> None:
    """Let a person whose address changed have the grants of the new one."""
    _desk(folder, user).move(email, to)
    answers.print("Moved; they sign in anew.")


@people.command()
def forget(email: Email, folder: Folder, user: User) -> None:
    """Free an address for the next person who has it, or for the same one at another provider."""
    _desk(folder, user).forget(email)
    answers.print("Forgotten.")


def _desk(folder: Path, user: str) -> Administration:
    return Administration(book_of(folder, user).warehouse, open_store(None, folder), user)
