"""Commands that bring in exchange rates and product prices."""

from typing import Annotated, Any

import typer

from analytics.commands.shell import (
    COMMAND,
    AsJson,
    Folder,
    answers,
    app,
    os_account,
    print_json,
    print_warnings,
    progress,
)
from analytics.feeds import Desk, bring_in
from analytics.formats import number
from analytics.store.store import open_store
from analytics.warehouse.rates.delivery import fetch, shown
from analytics.warehouse.versions import current_manifest

rates = typer.Typer(no_args_is_help=True, help="Import exchange rates or product prices.")
app.add_typer(rates, name="rates")

Source = Annotated[str, typer.Argument(metavar="FILE_OR_URL", help="CSV, zipped or not, or Excel.")]
Accept = Annotated[
    bool, typer.Option("--accept", help="Take newest quotes that are far from the ones before.")
]


@rates.command()
def fx(source: Source, folder: Folder, accept: Accept = False, as_json: AsJson = False) -> None:
    """Exchange rates: currency, rate_date, rate; or the European Central Bank's own file."""
    _import("fx", source, folder, accept, as_json)


@rates.command()
def products(source: Source, folder: Folder, accept: Accept = False, as_json: AsJson = False) -> None:
    """Product prices: product_id, effective_from, customer_rate, transfer_rate (0.03 is 3%)."""
    _import("products", source, folder, accept, as_json)


def _import(feed: str, source: str, folder: Folder, accept: bool, as_json: bool) -> None:
    current_manifest(folder)  # raises NoWarehouse before a store is made where there is none
    desk = Desk(folder, open_store(None, folder), COMMAND, os_account())
    with progress() as report:
        content = fetch(source)
        document = bring_in(desk, feed, content, shown(source), accept=accept, progress=report)
    if as_json:
        print_json(document)
    else:
        _show(document)


def _show(document: dict[str, Any]) -> None:
    said = "{new} new, {changed} changed, {unchanged} unchanged; the newest is of {newest}."
    counts = {key: number(document[key]) for key in ("new", "changed", "unchanged")}
    answers.print(said.format(**counts, newest=document["newest"]))
    print_warnings(document["warnings"])
    answers.print(
        f"Published version {document['version']}." if document["published"] else "Nothing new to publish."
    )
