"""Commands that build and choose warehouse versions."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

from analytics.access.entry import address
from analytics.commands.shell import (
    COMMAND,
    AsJson,
    Folder,
    answers,
    app,
    notes,
    os_account,
    print_json,
    print_rows,
    print_warnings,
    progress,
)
from analytics.errors import BadInput
from analytics.formats import number
from analytics.needs.publishing import outreach_of
from analytics.store.store import open_store
from analytics.translation import translate as _
from analytics.warehouse import versions as published
from analytics.warehouse.demo import DemoOptions, generate
from analytics.warehouse.load import check as check_source
from analytics.warehouse.load import load as load_source
from analytics.warehouse.load import publish_tables
from analytics.warehouse.recorded import Outreach, Recorded
from analytics.warehouse.spark.load import load_with_spark

Source = Annotated[Path, typer.Argument(help="A folder of tables: CSV, CSV.gz or Parquet.")]
Staging = Annotated[
    Path | None, typer.Option(help="A folder of <table>.sql, one SELECT each, for a foreign layout.")
]
Currency = Annotated[
    str | None,
    typer.Option(
        "--base-currency",
        parser=str.upper,
        metavar="CODE",
        help="Every amount is stated in it; CNY if left out.",
    ),
]


@app.command()
def demo(
    folder: Folder,
    customers: Annotated[int, typer.Option(help="How many customers.")] = 20_000,
    transactions_per_customer: Annotated[int, typer.Option(help="On average, over the period.")] = 100,
    months: Annotated[int, typer.Option(help="How long a period.")] = 36,
    seed: Annotated[int, typer.Option(help="Same seed, same bank.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Make the synthetic bank and publish it."""
    options = DemoOptions(customers, transactions_per_customer, months, seed)
    truth = folder.with_name(f"{folder.name}.truth")  # beside the warehouse, where no reader looks
    with progress() as report:
        document = publish_tables(
            folder,
            lambda con: generate(con, options, truth, report),
            demo=True,
            base_currency="CNY",
            announce=_recorded(folder, "version published"),
            progress=report,
        )
    _show_report(document, as_json)


class Engine(StrEnum):
    """What a bank is built with."""

    duckdb = "duckdb"
    spark = "spark"


@app.command()
def load(
    source: Annotated[str, typer.Argument(help="A folder of tables; with Spark, a path or URL of Parquet.")],
    folder: Folder,
    append: Annotated[bool, typer.Option("--append", help="Add to the version that serves.")] = False,
    staging: Staging = None,
    owner: Annotated[
        str | None, typer.Option(parser=address, help="Gets a bank-wide grant with every column.")
    ] = None,
    base_currency: Currency = None,
    engine: Annotated[Engine, typer.Option(help="What builds it; spark for what outgrows one machine.")] = (
        Engine.duckdb
    ),
    master: Annotated[
        str, typer.Option(help="With Spark: spark://HOST:PORT, yarn, k8s://https://HOST:PORT or local[*].")
    ] = "local[*]",
    marts: Annotated[
        str | None,
        typer.Option(help="With Spark: a path or URL that all workers share, for what they write."),
    ] = None,
    conf: Annotated[
        list[str] | None, typer.Option(help="With Spark: one of its settings, NAME=VALUE; may be repeated.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Stage, check, build and publish your own data."""
    if engine is Engine.spark:
        if append or staging:
            raise BadInput(
                _("Spark loads whole tables of the contract: neither --append nor --staging goes with it."),
                _("Leave them out, or load without --engine spark."),
            )
        with progress() as report:
            document = load_with_spark(
                source,
                folder,
                master=master,
                marts=marts,
                settings=_settings(conf or []),
                owner=owner,
                base_currency=base_currency,
                outreach=_outreach(folder),
                announce=_recorded(folder, "version published"),
                progress=report,
            )
        _show_report(document, as_json)
        return
    with progress() as report:
        document = load_source(
            Path(source),
            folder,
            append=append,
            staging=staging,
            owner=owner,
            base_currency=base_currency,
            outreach=_outreach(folder),
            announce=_recorded(folder, "version published"),
            progress=report,
        )
    _show_report(document, as_json)


@app.command()
def check(
    source: Source,
    _folder: Folder,
    staging: Staging = None,
    base_currency: Currency = None,
    as_json: AsJson = False,
) -> None:
    """All of `load` up to publishing: print the report, change nothing, whatever the warehouse."""
    with progress() as report:
        document = check_source(source, staging=staging, base_currency=base_currency, progress=report)
    _show_report(document, as_json)


@app.command()
def versions(folder: Folder, as_json: AsJson = False) -> None:
    """List what is published, oldest first."""
    rows = published.versions(folder)
    if as_json:
        print_json(rows)
        return
    columns = ("version", "published_at", "current", "customers", "transactions", "newest_as_of", "demo")
    print_rows(rows, (*columns, "encrypted"))


@app.command()
def rollback(version: Annotated[str, typer.Argument()], folder: Folder, as_json: AsJson = False) -> None:
    """Let another published version serve."""
    published.rollback(folder, version, _recorded(folder, "version chosen"))
    if as_json:
        print_json({"current": version})
    else:
        notes.print(f"Version {version} serves now.")


def _settings(conf: list[str]) -> dict[str, str]:
    """Spark's settings by name. Raises BadInput for what is no NAME=VALUE."""
    for text in conf:
        if "=" not in text:
            raise BadInput(
                _("{text} is not a setting.").format(text=text),
                _("Write it as NAME=VALUE, such as spark.executor.memory=8g."),
            )
    return dict(text.split("=", 1) for text in conf)


def _outreach(folder: Path) -> Outreach:
    """What the app recorded; the store is opened once the build asks, for a load that is refused needs none."""

    def rows(managers: pd.DataFrame) -> Recorded:
        return outreach_of(open_store(None, folder))(managers)

    return rows


def _recorded(folder: Path, action: str) -> published.Announce:
    """Puts into the audit trail what is about to serve; what can't be recorded does not."""

    def record(manifest: published.Manifest) -> None:
        details = {
            "customers": manifest.customers,
            "transactions": manifest.transactions,
            "as_of": manifest.newest_as_of,
            "os_account": os_account(),
        } | ({"owner": manifest.owner} if manifest.owner else {})
        open_store(None, folder).audit.append(COMMAND, action, details, version=manifest.version)

    return record


def _show_report(document: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(document)
        return
    rows = [
        {"table": name, **counts, "reasons": "; ".join(f"{why}: {n}" for why, n in counts["reasons"].items())}
        for name, counts in document["tables"].items()
    ]
    shown = [
        {key: number(value) if isinstance(value, int) else value for key, value in row.items()}
        for row in rows
    ]
    print_rows(shown, ("table", "read", "accepted", "rejected", "reasons"))
    print_warnings(document["warnings"])
    if document["published"]:
        answers.print(f"Published version {document['version']}.")
