"""The command that says who moved between segments, and why."""

from pathlib import Path
from typing import Annotated, Any

import typer

from analytics.commands.books import RecipeFile, read_recipe
from analytics.commands.shell import (
    AsJson,
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
from analytics.errors import BadInput
from analytics.exports import export, require_export
from analytics.movement.causes import CAUSES
from analytics.movement.report import FROZEN, Movement, movement


@app.command()
def migrate(
    user: User,
    folder: Folder,
    recipe: RecipeFile,
    first: Annotated[str, typer.Option("--from", help="The earlier month end.")],
    last: Annotated[str, typer.Option("--to", help="The later month end.")],
    boundaries: Annotated[
        str,
        typer.Option(help="'frozen': those of the first date at both; 'refitted': found anew at the last."),
    ] = FROZEN,
    then: Annotated[
        Path | None, typer.Option(help="A recipe as TOML that is the definition at the later month end.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Gets customer_id, first, last, cause, value of those who moved.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Who is in another segment at another month end, why, and what they are worth."""
    book = book_of(folder, user, last)
    if out:
        require_export(book)
    days = day_of(first), day_of(last)
    if days[0] is None or days[1] is None:
        raise BadInput("A date is empty.", "Write both as YYYY-MM-DD.")
    changed = read_recipe(then) if then else None
    found = movement(book, read_recipe(recipe), days[0], days[1], boundaries, changed)
    if out:
        export(found.movers, out, book, as_of=found.last, recipe_hash=found.recipe_hash)
    document = found.document()
    if as_json:
        print_json(document)
    else:
        _print(found, document)


def _print(found: Movement, document: dict[str, Any]) -> None:
    answers.print(document["sentence"], markup=False)
    heads = [f"{row['segment']} {row['name']}" for row in document["segments"]]
    print_rows(
        [{"": head, **dict(zip(heads, cells, strict=True))} for head, cells in zip(heads, document["table"], strict=True)],
        ("", *heads),
    )  # fmt: skip
    print_rows(
        [{"cause": cause, "customers": document["causes"][cause], "value": document["value"][cause]}
         for cause in CAUSES],
        ("cause", "customers", "value"),
    )  # fmt: skip
    print_warnings(document["warnings"])
