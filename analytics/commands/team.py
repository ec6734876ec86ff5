"""The command about the employees who look after customers."""

from pathlib import Path
from typing import Annotated

import typer

from analytics.access.book import Book
from analytics.access.staff import whose
from analytics.commands.shell import (
    AsJson,
    AsOf,
    Folder,
    User,
    answers,
    app,
    book_of,
    day_of,
    print_json,
    print_rows,
    print_warnings,
)
from analytics.exports import export, require_export
from analytics.team.handover import Handover, handover
from analytics.team.report import team as team_of
from analytics.team.sentences import bands_sentence, handover_sentence, team_sentence, unmanaged_sentence

COLUMNS = (
    "employee_id", "name", "customers", "result", "expected", "low", "high", "verdict", "band", "top5_share",
    "growth", "gone", "contacts", "answers", "load",
)  # fmt: skip


@app.command()
def team(
    user: User,
    folder: Folder,
    leaver: Annotated[
        str, typer.Option("--handover", help="An employee's number: who would get which of their customers.")
    ] = "",
    capacity: Annotated[
        float | None,
        typer.Option(
            min=1.0, help="Customers of average effort that one can look after; left out: the median."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Gets the hand-over: customer_id, employee_id, ...")
    ] = None,
    as_of: AsOf = "",
    as_json: AsJson = False,
) -> None:
    """Each employee's book, and its result against what a book of that mix would be expected to bring.

    Who may not see other employees gets their own row. A hand-over is a proposal: nothing changes by it.
    """
    book = book_of(folder, user, as_of)
    if out and not leaver:
        raise typer.BadParameter("Name whose customers are handed over with --handover.", param_hint="--out")
    if leaver:
        _hand_over(book, handover(book, leaver, day_of(as_of), capacity), out, as_json)
        return
    found = team_of(book, day_of(as_of), whose(book), capacity)
    document = found.document()
    if as_json:
        print_json(document)
        return
    answers.print(team_sentence(found, book.warehouse.manifest.base_currency), markup=False)
    print_rows(document["rows"], COLUMNS)
    print_warnings([said for said in (bands_sentence(found), unmanaged_sentence(found)) if said])


def _hand_over(book: Book, found: Handover, out: Path | None, as_json: bool) -> None:
    if out or as_json:  # both name customers, with what they bring
        require_export(book)
    if out:
        export(found.customers, out, book, as_of=found.as_of)
    if as_json:
        print_json(found.document())
        return
    answers.print(handover_sentence(found), markup=False)
    print_rows(found.document()["receivers"], ("employee_id", "name", "gets", "load", "load_after"))
