"""Tables that leave the house: one function, only what a Book gave, recorded first, with a receipt.

An export writes what the screen already holds and never queries again. It is refused without the right to
export, counted against the policy's files a day, and recorded in the audit trail before a byte is handed out.
"""

import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from analytics.access.book import Book
from analytics.defusing import defused_rows, would_run
from analytics.errors import BadInput, NotAllowed
from analytics.formats import number
from analytics.indicators import CATALOGUE
from analytics.store.database import now
from analytics.translation import translate as _
from analytics.warehouse.versions import write_whole

EXCEL_ROWS = 1_048_575  # below the header
RECEIPT = ".receipt.json"
IN_PARQUET = b"clientele.receipt"  # the key of the receipt in a Parquet file's own metadata


@dataclass(frozen=True)
class File:
    """A file that was made and recorded: what is in it, and its receipt."""

    content: bytes
    receipt: dict[str, Any]

    @property
    def receipt_text(self) -> str:
        return json.dumps(self.receipt, ensure_ascii=False, indent=1)

    def zipped(self, name: str) -> bytes:
        """One file for a browser: the table and its receipt, which stay together. A name never leads elsewhere."""
        target, name = BytesIO(), re.sub(r"[^\w.-]+", "-", name).lstrip(".-")
        with ZipFile(target, "w", ZIP_DEFLATED) as packed:
            packed.writestr(name, self.content)
            packed.writestr(name + RECEIPT, self.receipt_text)
        return target.getvalue()


def require_export(book: Book) -> None:
    """Raise NotAllowed unless a grant of this person allows files to be taken."""
    if not book.scope.may_export:
        raise NotAllowed(
            _("Your permissions do not allow files to be taken."),
            _("Ask your data steward for the right to export."),
        )


def take(rows: pd.DataFrame, ending: str, book: Book, *, as_of: date, recipe_hash: str | None = None) -> File:
    """Make a file of a frame that a Book gave: .csv, .parquet or .xlsx.

    Texts that a spreadsheet would run are defused in CSV and Excel; header, rows and numbers are unchanged.
    Raises NotAllowed without the right to export, for a column that the book may not show and beyond the files
    of a day, BadInput for another ending or too many rows, AnalyticsError where it can't be recorded.
    """
    require_export(book)
    book.require([str(name) for name in rows.columns if name in CATALOGUE])
    if ending not in _WRITERS:
        raise BadInput(
            _("Files ending in “{ending}” can't be written.").format(ending=ending),
            _("Choose a name that ends in .csv, .parquet or .xlsx."),
        )
    if ending == ".xlsx" and len(rows) > EXCEL_ROWS:
        raise BadInput(
            _("Excel holds {most} rows, and these are {n}.").format(
                most=number(EXCEL_ROWS), n=number(len(rows))
            ),
            _("Choose a name that ends in .csv or .parquet."),
        )
    columns = [str(name) for name in rows.columns]
    note = _recorded(book, ending, as_of, recipe_hash, rows=len(rows), columns=columns)
    return File(_WRITERS[ending](rows, note), note)


def export(
    rows: pd.DataFrame, path: Path, book: Book, *, as_of: date, recipe_hash: str | None = None
) -> None:
    """`take` a file and write it where the path says, by its ending; the receipt of a CSV or Parquet file is
    `<path>.receipt.json` beside it, Excel has it as a sheet."""
    _require_place(path)
    file = take(rows, path.suffix.lower(), book, as_of=as_of, recipe_hash=recipe_hash)
    write_whole(path, file.content)
    if path.suffix.lower() != ".xlsx":
        _write_receipt(file, path)


def export_sql(text: str, path: Path, book: Book, *, as_of: date, recipe_hash: str | None = None) -> None:
    """Write a scoring statement: it holds cuts and centres made from the book's customers. Raises as `take`."""
    require_export(book)
    _require_place(path)
    note = _recorded(book, ".sql", as_of, recipe_hash)
    write_whole(path, text)
    _write_receipt(File(text.encode(), note), path)


def _require_place(path: Path) -> None:
    """Raise BadInput before anything is recorded as taken that can't be put there."""
    if not os.access(path.resolve().parent, os.W_OK):
        raise BadInput(
            _("Nothing can be written to {folder}.").format(folder=path.parent), _("Choose another folder.")
        )


def _write_receipt(file: File, path: Path) -> None:
    path.with_name(path.name + RECEIPT).write_text(file.receipt_text, encoding="utf-8")


def _recorded(
    book: Book, ending: str, as_of: date, recipe_hash: str | None, **content: Any
) -> dict[str, Any]:
    """The receipt: who took what, when, of which version; its number is the entry's in the audit trail."""
    known = {
        **content,
        "format": ending.removeprefix("."),
        "as_of": as_of.isoformat(),
        "column_classes": sorted(book.scope.columns),
        "policy_version": book.policy.version,
        "recipe_hash": recipe_hash,
    }
    entry = book.append("file taken", known, book.policy.daily_exports)
    return {
        "taken_by": book.person.email,
        "taken_at": now().isoformat(),
        **known,
        "scope": [str(rule) for rule in book.scope.rules],
        "warehouse_version": book.warehouse.version,
        "demo": book.warehouse.manifest.demo,
        "audit_entry": entry,
    }


def _csv(rows: pd.DataFrame, _note: dict[str, Any]) -> bytes:
    shown = defused_rows(rows)
    text = shown.to_csv(index=False, lineterminator="\n")
    if "\r" in text:  # Python before 3.13 quotes it only where it ends lines, and it would begin a new row
        text = shown.to_csv(index=False, lineterminator="\r\n")
    return text.encode()


def _parquet(rows: pd.DataFrame, note: dict[str, Any]) -> bytes:
    table, target = pa.Table.from_pandas(rows, preserve_index=False), BytesIO()
    said = {**(table.schema.metadata or {}), IN_PARQUET: json.dumps(note, ensure_ascii=False).encode()}
    pq.write_table(table.replace_schema_metadata(said), target)
    return target.getvalue()


def _excel(rows: pd.DataFrame, note: dict[str, Any]) -> bytes:
    # Text stays text: a name that begins with "=" must not become a formula on somebody's desk.
    options = {"options": {"strings_to_formulas": False, "strings_to_urls": False}}
    target = BytesIO()
    with pd.ExcelWriter(target, engine="xlsxwriter", engine_kwargs=options) as book:
        rows.to_excel(book, sheet_name="data", index=False, freeze_panes=(1, 0))
        _mark_text(book, rows)
        lines = pd.DataFrame({"item": list(note), "value": [str(value) for value in note.values()]})
        lines.to_excel(book, sheet_name="receipt", index=False)
    return target.getvalue()


def _mark_text(book: Any, rows: pd.DataFrame) -> None:
    """Nor may it become one when somebody edits the cell: Excel's own apostrophe, which is no part of the text."""
    text = book.book.add_format({"quote_prefix": True})
    heading = book.book.add_format({"quote_prefix": True, "bold": True})
    for column, name in enumerate(rows.columns):
        if would_run(str(name)):
            book.sheets["data"].write_string(0, column, str(name), heading)
        for row, value in enumerate(rows.iloc[:, column], 1):
            if isinstance(value, str) and would_run(value):
                book.sheets["data"].write_string(row, column, value, text)


_WRITERS: dict[str, Callable[[pd.DataFrame, dict[str, Any]], bytes]] = {
    ".csv": _csv,
    ".parquet": _parquet,
    ".xlsx": _excel,
}
