"""The command that says how much business there was."""

from datetime import date
from typing import Annotated

import typer

from analytics.calendar import month_end
from analytics.commands.shell import (
    AsJson,
    Folder,
    User,
    app,
    book_of,
    day_of,
    print_json,
    print_rows,
    print_warnings,
)
from analytics.errors import BadInput
from analytics.volumes.report import volumes_document
from analytics.warehouse.measures import DIVISIONS, MEASURES

By = Annotated[str, typer.Option(help=f"Any of {', '.join(DIVISIONS)}, separated by commas.")]


@app.command()
def volumes(
    user: User,
    folder: Folder,
    by: By = "",
    since: Annotated[str, typer.Option("--from", help="The first month, as 2026-01.")] = "",
    until: Annotated[str, typer.Option("--to", help="The last month; left out: the newest.")] = "",
    as_json: AsJson = False,
) -> None:
    """Transactions, amounts, fees, balances, accounts and customers, in total or divided."""
    divisions = [name.strip() for name in by.split(",") if name.strip()]
    first, last = month_of(since), month_of(until)
    document = volumes_document(book_of(folder, user, until and str(last)), divisions, first, last)
    if as_json:
        print_json(document)
        return
    measures = [key for key in MEASURES if key in document["measures"]]
    print_rows(document["rows"], (*divisions, *measures))
    print_warnings(document["warnings"])


def month_of(text: str) -> date | None:
    """The month end that a month, or a day in it, is told as. Raises BadInput for anything else.

    >>> month_of("2026-02"), month_of("2026-06-30"), month_of("")
    (datetime.date(2026, 2, 28), datetime.date(2026, 6, 30), None)
    """
    if not text:
        return None
    if len(text) != len("2026-01"):
        return day_of(text)
    try:
        return month_end(date.fromisoformat(f"{text}-01"))
    except ValueError:
        raise BadInput(f"'{text}' is not a month.", "Write it as YYYY-MM.") from None
