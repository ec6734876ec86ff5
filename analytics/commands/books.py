"""Commands that read a person's book."""

from pathlib import Path
from typing import Annotated, Any

import typer

from analytics.access.book import Book
from analytics.commands.shell import (
    AsJson,
    AsOf,
    Folder,
    User,
    answers,
    app,
    book_of,
    day_of,
    notes,
    print_json,
    print_rows,
    print_warnings,
)
from analytics.errors import BadInput, NoWarehouse
from analytics.exports import export, export_sql, require_export
from analytics.formats import number, percent
from analytics.indicators import CATALOGUE
from analytics.methods import METHODS
from analytics.recipe import Recipe
from analytics.scoring import scoring_sql
from analytics.segmentation import Segmentation
from analytics.segmentation import segment as segment_book
from analytics.suggest import suggest
from analytics.trust.report import Trust, trust
from analytics.value.report import value_document
from analytics.warehouse.engine import open_warehouse

RecipeFile = Annotated[Path, typer.Option("--recipe", help="A recipe as TOML.")]


@app.command()
def indicators(folder: Folder, as_json: AsJson = False) -> None:
    """The catalogue of indicators, with what this warehouse lacks for each."""
    warehouse = open_warehouse(folder)
    rows: list[dict[str, Any]] = []
    for row in CATALOGUE.values():
        missing = warehouse.missing(row.needs)
        reason = f"The warehouse has no {', '.join(missing)}." if missing else warehouse.unfitted(row)
        rows.append(
            {
                "key": row.key,
                "label": row.label,
                "family": row.family,
                "unit": row.unit,
                "available": reason is None,
                "why_not": reason,
                "meaning": row.meaning,
                "better": row.better,
                "sensitivity": row.sensitivity,
                "needs": list(row.needs),
            }
        )
    if as_json:
        print_json(rows)
    else:
        print_rows(rows, ("key", "label", "family", "unit", "why_not"))


@app.command()
def methods(
    folder: Folder,
    keys: Annotated[
        str, typer.Option("--indicators", help="Keys, separated by commas: which methods fit them?")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """The catalogue of methods and their settings; with --indicators also which of them fit, and why."""
    wanted = [key.strip() for key in keys.split(",") if key.strip()]
    hints = {hint.method: hint.why for hint in suggest(wanted, CATALOGUE)} if keys else {}
    lacking = _lacking(folder)
    rows: list[dict[str, Any]] = []
    for method in METHODS.values():
        row: dict[str, Any] = {"key": method.key, "label": method.label, "unit": None}
        settings = [vars(setting) for setting in method.settings]
        missing = [
            setting.default
            for setting in method.settings
            if setting.kind == "indicator" and setting.default in lacking
        ]
        reason = f"By default it reads {', '.join(missing)}, which the warehouse lacks." if missing else None
        row |= {"settings": settings, "available": not missing, "why_not": reason, **method.paragraphs()}
        rows.append(row | ({"suggested": hints.get(method.key)} if keys else {}))
    if as_json:
        print_json(rows)
    else:
        print_rows(rows, ("key", "label", "suggested" if keys else "what"))


def _lacking(folder: Path) -> set[Any]:
    """The indicators that can't be had from the warehouse, if there is one."""
    try:
        warehouse = open_warehouse(folder)
    except NoWarehouse:
        return set()
    return {key for key, row in CATALOGUE.items() if warehouse.missing(row.needs) or warehouse.unfitted(row)}


@app.command()
def frame(
    user: User,
    folder: Folder,
    out: Annotated[Path, typer.Option(help="A .csv, .parquet or .xlsx file.")],
    keys: Annotated[str, typer.Option("--indicators", help="Keys, separated by commas.")],
    as_of: AsOf = "",
    where: Annotated[
        str, typer.Option(help="A filter such as: tenure_years >= 1 and gender = 'female'")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Write the book as a table: customer_id and the indicators."""
    book = book_of(folder, user, as_of)
    wanted = [key.strip() for key in keys.split(",") if key.strip()]
    rows = book.frame(wanted, as_of=day_of(as_of), where=where)
    export(rows, out, book, as_of=book.as_of(day_of(as_of)))
    if as_json:
        print_json({"out": str(out), "customers": len(rows), "as_of": book.as_of(day_of(as_of))})
    else:
        notes.print(f"{number(len(rows))} customers written to {out}.", markup=False)


@app.command()
def segment(
    user: User,
    folder: Folder,
    recipe: RecipeFile,
    out: Annotated[Path | None, typer.Option(help="Gets customer_id, segment, segment_name.")] = None,
    sql: Annotated[
        Path | None, typer.Option(help="Gets the segmentation as one SQL statement over customer_now.")
    ] = None,
    with_trust: Annotated[
        bool, typer.Option("--trust", help="Also how far the result can be trusted; takes about 130 fits.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Run a recipe over the person's book."""
    book, chosen = book_of(folder, user), read_recipe(recipe)
    if out or sql:
        require_export(book)
    result = segment_book(book, chosen)
    _take_away(result, book, out, sql)
    document = result.document()
    checked = _checked(book, chosen) if with_trust else None
    if checked:
        document["quality"] |= checked.quality()
        document["warnings"] = list(dict.fromkeys((*document["warnings"], *checked.warnings)))
    if as_json:
        print_json(document)
        return
    columns = ("segment", "name", "customers", "share_of_customers", "value", "share_of_value")
    print_rows(document["segments"], columns)
    if checked:
        answers.print(checked.sentence, markup=False)
    print_warnings(document["warnings"])


def _take_away(result: Segmentation, book: Book, out: Path | None, sql: Path | None) -> None:
    if sql:
        export_sql(scoring_sql(result), sql, book, as_of=result.as_of, recipe_hash=result.recipe_hash)
    if out:
        columns = ["customer_id", "segment", "segment_name"]
        export(result.members[columns], out, book, as_of=result.as_of, recipe_hash=result.recipe_hash)


def _checked(book: Book, recipe: Recipe) -> Trust:
    with notes.status("Checking how far this can be trusted …"):
        return trust(book, recipe)


@app.command()
def value(
    user: User,
    folder: Folder,
    indicator: Annotated[str, typer.Option(help="What value is measured in.")],
    recipe: Annotated[Path | None, typer.Option(help="Also per segment of this recipe.")] = None,
    by: Annotated[
        str, typer.Option(help="Also per label of an indicator such as region or branch; or 'segment'.")
    ] = "",
    as_of: AsOf = "",
    as_json: AsJson = False,
) -> None:
    """How concentrated a value is over the book, or per segment or label, and how sure that is."""
    book = book_of(folder, user, as_of)
    chosen = read_recipe(recipe) if recipe else None
    document = value_document(book, indicator, as_of=day_of(as_of), recipe=chosen, by=by)
    if as_json:
        print_json(document)
        return
    whole = document.get("book", document)
    parts = {"book": whole, **document.get("segments", {}), **document.get("groups", {})}
    rows = [{"of": name, **part, **_told(part)} for name, part in parts.items()]
    columns = ("of", "customers", "total", "mean", "median", "top_20%", "range", "for_80", "gini_normalised")
    print_rows(rows, columns)
    print_rows(whole["dependence"], ("leave", "loses", "share", "left"))
    if document.get("decomposition"):
        print_rows([document["decomposition"]], ("total", "between", "within", "between_by_chance"))
    print_warnings(whole["warnings"])


def _told(part: dict[str, Any]) -> dict[str, Any]:
    """The figures of a value document that are not plain numbers, as a person reads them."""
    found = part["interval"]
    low_high = "{} to {}".format(*map(percent, found["top_share_0.2"])) if found else None
    return {"top_20%": part["top_share"]["0.2"], "range": low_high, "for_80": part["for_80"]["customers"]}


def read_recipe(path: Path) -> Recipe:
    """The recipe in a file. Raises BadInput when it can't be read."""
    try:
        return Recipe.from_toml(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is not UTF-8 text.", "Save the recipe as UTF-8.") from error
