"""Tables that leave the house: one function, only what a Book gave, with a receipt."""

import json
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd

from analytics.access.book import Book
from analytics.errors import BadInput, NotAllowed
from analytics.formats import number
from analytics.translation import translate as _

FORMATS = (".csv", ".parquet", ".xlsx")
EXCEL_ROWS = 1_048_575  # below the header


def receipt(book: Book, rows: pd.DataFrame, as_of: date, recipe_hash: str | None = None) -> dict[str, Any]:
    """Who took what, when, and from which version."""
    return {
        "taken_by": book.person.email,
        "taken_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "rows": len(rows),
        "columns": list(rows.columns),
        "as_of": as_of.isoformat(),
        "warehouse_version": book.warehouse.version,
        "demo": book.warehouse.manifest.demo,
        "scope": [str(rule) for rule in book.scope.rules],
        "column_classes": sorted(book.scope.columns),
        "recipe_hash": recipe_hash,
    }


def require_export(book: Book) -> None:
    """Raise NotAllowed unless a grant of this person allows files to be taken."""
    if not book.scope.may_export:
        raise NotAllowed(
            _("Your permissions do not allow files to be taken."),
            _("Ask your data steward for the right to export."),
        )


def export(
    rows: pd.DataFrame, path: Path, book: Book, *, as_of: date, recipe_hash: str | None = None
) -> None:
    """Write a frame that a Book gave as .csv, .parquet or .xlsx, by the path's ending.

    The receipt is `<path>.receipt.json` beside the file, in Excel a sheet of its own.
    Raises NotAllowed without the right to export, BadInput for another ending.
    """
    require_export(book)
    note = receipt(book, rows, as_of, recipe_hash)
    path.write_bytes(as_bytes(rows, path.suffix.lower(), note))
    if path.suffix.lower() != ".xlsx":
        text = json.dumps(note, ensure_ascii=False, indent=1)
        path.with_name(path.name + ".receipt.json").write_text(text, encoding="utf-8")


def as_bytes(rows: pd.DataFrame, ending: str, note: dict[str, Any]) -> bytes:
    """The file's content. Raises BadInput for an ending that is not one of FORMATS."""
    target = BytesIO()
    if ending == ".csv":
        rows.to_csv(target, index=False)
    elif ending == ".parquet":
        rows.to_parquet(target, index=False)
    elif ending == ".xlsx":
        _write_excel(rows, target, note)
    else:
        raise BadInput(
            _("Files ending in “{ending}” can't be written.").format(ending=ending),
            _("Choose a name that ends in .csv, .parquet or .xlsx."),
        )
    return target.getvalue()


def _write_excel(rows: pd.DataFrame, target: BytesIO, note: dict[str, Any]) -> None:
    if len(rows) > EXCEL_ROWS:
        raise BadInput(
            _("Excel holds {most} rows, and these are {n}.").format(
                most=number(EXCEL_ROWS), n=number(len(rows))
            ),
            _("Choose a name that ends in .csv or .parquet."),
        )
    # Text stays text: a name that begins with "=" must not become a formula on somebody's desk.
    options = {"options": {"strings_to_formulas": False, "strings_to_urls": False}}
    with pd.ExcelWriter(target, engine="xlsxwriter", engine_kwargs=options) as book:
        rows.to_excel(book, sheet_name="data", index=False, freeze_panes=(1, 0))
        lines = pd.DataFrame({"item": list(note), "value": [str(value) for value in note.values()]})
        lines.to_excel(book, sheet_name="receipt", index=False)
