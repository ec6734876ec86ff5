"""Commands about campaigns: what they added, their call lists, and bringing answers into the indicators."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

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
    os_account,
    print_json,
    print_rows,
    progress,
)
from analytics.exports import export, require_export
from analytics.formats import number
from analytics.needs.campaigns import Report, loaded_reports, newest_first, own_reports
from analytics.needs.publishing import publish_answers, require_publishing
from analytics.needs.running import calls_of, campaign_of, require_acting
from analytics.needs.uplift import Interval
from analytics.store.store import open_store

campaigns = typer.Typer(no_args_is_help=True, help="What campaigns added, and whom to call.")
app.add_typer(campaigns, name="campaigns")

CampaignId = Annotated[str, typer.Argument(metavar="CAMPAIGN", help="Its number, or CLIENTELE-<number>.")]


@campaigns.command("list")
def list_all(user: User, folder: Folder, as_of: AsOf = "", as_json: AsJson = False) -> None:
    """Uplift of every campaign that reached the person's book, with its interval and cost."""
    book = book_of(folder, user, as_of)
    require_acting(book)
    own = own_reports(book, open_store(None, folder), date.today())
    known = {one.campaign_id for one in own}
    loaded = loaded_reports(book, book.as_of(day_of(as_of)))
    rows = [
        _row(one) for one in newest_first([*own, *(one for one in loaded if one.campaign_id not in known)])
    ]
    if as_json:
        print_json({"campaigns": rows})
        return
    columns = ("campaign_id", "name", "verdict", "contacted", "holdout", "uplift", "low", "high", "cost")
    print_rows([{**row, **row["uplift_interval"]} for row in rows], columns)


def _row(one: Report) -> dict[str, Any]:
    """JSON: shares are fractions, an open upper end is null."""
    arms, gap, price = one.found.arms, one.found.difference, one.per_sale
    return {
        "campaign_id": one.campaign_id,
        "name": one.name,
        "product_id": one.product_id,
        "channel": one.channel,
        "starts_on": one.starts_on,
        "as_of": one.as_of,
        "verdict": one.verdict,
        "contacted": arms.contacted,
        "contacted_answers": arms.contacted_answers,
        "holdout": arms.holdout,
        "holdout_answers": arms.holdout_answers,
        "uplift": gap.value if gap else None,
        "uplift_interval": {"low": gap.low if gap else None, "high": gap.high if gap else None},
        "cost": one.cost,
        "cost_per_extra_sale": _priced(price) if price else None,
    }


def _priced(price: Interval) -> dict[str, float | None]:
    ends = {"value": price.value, "low": price.low, "high": price.high}
    return {key: None if end == float("inf") else end for key, end in ends.items()}


@campaigns.command()
def calls(
    campaign: CampaignId,
    user: User,
    folder: Folder,
    out: Annotated[Path, typer.Option(help="A .csv, .parquet or .xlsx file.")],
    as_json: AsJson = False,
) -> None:
    """Write the call list: manager_id, week, place, customer_id, contacted_on, responded_on; best first."""
    book, store = book_of(folder, user), open_store(None, folder)
    require_export(book)
    require_acting(book)
    found = campaign_of(book, store, campaign)
    rows = calls_of(book, store, found).drop(columns="worth")
    export(rows, out, book, as_of=book.as_of(), recipe_hash=found.recipe_hash)
    if as_json:
        print_json({"out": str(out), "campaign_id": found.campaign_id, "calls": len(rows)})
    else:
        notes.print(f"{number(len(rows))} calls written to {out}.", markup=False)


@campaigns.command()
def publish(user: User, folder: Folder, as_json: AsJson = False) -> None:
    """Publish the warehouse anew with the contacts and answers that the app recorded."""
    book, store = book_of(folder, user), open_store(None, folder)
    require_publishing(book)
    with progress() as report:
        manifest = publish_answers(folder, store, user, report, {"os_account": os_account()})
    version = manifest.version if manifest else None
    if as_json:
        print_json({"published": manifest is not None, "version": version})
    else:
        answers.print(f"Published version {version}." if version else "Nothing was recorded yet.")
