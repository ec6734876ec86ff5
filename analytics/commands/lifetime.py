"""The command that fits lifetime models to a person's book."""

from typing import Annotated

import typer

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
from analytics.lifetime.models import DISCOUNT, HORIZON
from analytics.value.lifetime.report import lifetime_document


@app.command()
def lifetime(
    user: User,
    folder: Folder,
    as_of: AsOf = "",
    horizon: Annotated[int, typer.Option(help="Months that the expected value is of.")] = HORIZON,
    discount: Annotated[float, typer.Option(help="Yearly; 0.1 is 10%.")] = DISCOUNT,
    as_json: AsJson = False,
) -> None:
    """Fit lifetime models to the book's history up to a date: how often, how much, how long."""
    document = lifetime_document(book_of(folder, user, as_of), day_of(as_of), horizon, discount)
    if as_json:
        print_json(document)
        return
    for name in ("bgnbd", "gamma_gamma", "survival", "expected"):
        if document[name]:
            print_rows([{"": name, **document[name]}], ("", *document[name]))
    print_warnings(document["warnings"])
