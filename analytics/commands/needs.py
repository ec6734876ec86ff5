"""The command that says what segments have in common."""

from pathlib import Path
from typing import Annotated, Any

import typer

from analytics.access.book import Book
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
from analytics.exports import require_export
from analytics.needs.offers import offer_counts, write_offers
from analytics.needs.report import name_of, needs_document
from analytics.recipe import Recipe
from analytics.segmentation import segment_toml


@app.command()
def needs(
    user: User,
    folder: Folder,
    recipe: RecipeFile,
    segment: Annotated[
        int | None, typer.Option(help="One segment by its number; left out: all of them.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Gets the best offers: customer_id, product_id, rank, reason.")
    ] = None,
    as_of: AsOf = "",
    as_json: AsJson = False,
) -> None:
    """What each segment holds against comparable customers outside it and what it may be offered."""
    chosen = read_recipe(recipe)
    if as_of:
        chosen = chosen.model_copy(update={"as_of": day_of(as_of)})
    book = book_of(folder, user, as_of or str(chosen.as_of or ""))
    if out:
        require_export(book)
        _write_offers(book, chosen, segment, out)
    document = needs_document(book, chosen, segment, offer_counts)
    if as_json:
        print_json(document)
        return
    for name, told in document["segments"].items():
        print_rows([{"segment": name, **told}], ("segment", "customers", "compared", "peers"))
        columns = ("product", "name", "held_share", "peer_share", "lift", "low", "high", "customers")
        print_rows(told["gaps"], columns)
        together = [{**rule, "if": ", ".join(rule["if"])} for rule in told["associations"]]
        _print_any(together, ("if", "then", "support", "confidence", "lift", "customers"))
        held = [{**row, "held_back": sum(row["held_back"].values())} for row in told["offers"]]
        _print_any(held, ("product", "eligible", "held_back"))
    print_warnings(document["warnings"])


def _write_offers(book: Book, recipe: Recipe, segment: int | None, out: Path) -> None:
    """The best offers of one segment's customers, or of everybody who is in one."""
    found = segment_toml(book, recipe.to_toml())
    members = found.members
    if segment is not None:
        name_of(found, segment)
        members = members[members["segment"] == segment]
    write_offers(book, members["customer_id"].tolist(), found.as_of, out, recipe_hash=found.recipe_hash)


def _print_any(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> None:
    if rows:
        print_rows(rows, columns)
