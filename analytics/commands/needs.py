"""The command that says what segments have in common."""

from typing import Annotated, Any

import typer

from analytics.commands.books import RecipeFile, read_recipe
from analytics.commands.shell import (
    AsJson,
    AsOf,
    Folder,
    User,
    app,
    book_of,
    day_of,
    print_json,
    print_rows,
    print_warnings,
)
from analytics.needs.report import needs_document


@app.command()
def needs(
    user: User,
    folder: Folder,
    recipe: RecipeFile,
    segment: Annotated[
        int | None, typer.Option(help="One segment by its number; left out: all of them.")
    ] = None,
    as_of: AsOf = "",
    as_json: AsJson = False,
) -> None:
    """What each segment holds against comparable customers outside it, and what it holds together."""
    chosen = read_recipe(recipe)
    if as_of:
        chosen = chosen.model_copy(update={"as_of": day_of(as_of)})
    book = book_of(folder, user, as_of or str(chosen.as_of or ""))
    document = needs_document(book, chosen, segment)
    if as_json:
        print_json(document)
        return
    for name, told in document["segments"].items():
        print_rows([{"segment": name, **told}], ("segment", "customers", "compared", "peers"))
        columns = ("product", "name", "held_share", "peer_share", "lift", "low", "high", "customers")
        print_rows(told["gaps"], columns)
        together = [{**rule, "if": ", ".join(rule["if"])} for rule in told["associations"]]
        _print_any(together, ("if", "then", "support", "confidence", "lift", "customers"))
    print_warnings(document["warnings"])


def _print_any(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> None:
    if rows:
        print_rows(rows, columns)
