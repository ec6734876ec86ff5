"""Commands that set two recipes side by side."""

from pathlib import Path
from typing import Annotated

import typer

from analytics.commands.books import read_recipe
from analytics.commands.shell import (
    AsJson,
    Folder,
    User,
    answers,
    app,
    book_of,
    print_json,
    print_rows,
    print_warnings,
)
from analytics.compare import compare as compare_recipes
from analytics.recipe import Recipe
from analytics.standard import standard
from analytics.store.store import open_store

STANDARD = "standard"


@app.command()
def compare(
    user: User,
    folder: Folder,
    recipes: Annotated[
        list[str], typer.Option("--recipe", help="Twice: a recipe as TOML, or 'standard' for the bank's own.")
    ],
    as_json: AsJson = False,
) -> None:
    """How far two recipes agree over the person's book, who is elsewhere, and how much value with them."""
    if len(recipes) != 2:
        raise typer.BadParameter("Give --recipe twice.", param_hint="--recipe")
    found = compare_recipes(book_of(folder, user), *(_recipe(name, folder) for name in recipes))
    document = found.document()
    if as_json:
        print_json(document)
        return
    answers.print(document["sentence"], markup=False)
    heads = [f"{column['segment']} {column['name']}" for column in document["columns"]]
    print_rows(
        [
            {"": f"{row['segment']} {row['name']}", **dict(zip(heads, cells, strict=True))}
            for row, cells in zip(document["rows"], document["table"], strict=True)
        ],
        ("", *heads),
    )
    print_warnings(document["warnings"])


def _recipe(name: str, folder: Path) -> Recipe:
    """The recipe of that file, or the bank's standard."""
    return standard(open_store(None, folder)) if name == STANDARD else read_recipe(Path(name))
