"""From a delivery's bytes to lines of text cells: CSV, zipped or not, and Excel."""

import csv
import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from analytics.errors import BadInput
from analytics.formats import number
from analytics.translation import translate as _
from analytics.warehouse.rates.delivery import LARGEST, too_large
from analytics.warehouse.text_files import DELIMITERS, not_utf8

_WORKBOOK = "xl/workbook.xml"
# A few bytes can say that a cell is far away, or that there are millions of empty ones.
MOST_LINES, MOST_COLUMNS = 500_000, 1_000


Line = tuple[int, list[str]]  # its number in the file, its cells


@dataclass(frozen=True)
class Sheet:
    """A header and the lines below it, all cells as trimmed text. name : of the delivery, for messages.

    rows : (line number in the file, cells), as many cells as the header has; blank lines are left out.
    """

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]

    def column(self, name: str) -> list[str]:
        """The cells of the column with this name."""
        place = self.header.index(name)
        return [cells[place] for _line, cells in self.rows]


def read_sheet(content: bytes, name: str) -> Sheet:
    """The lines of a CSV (also zipped), or of an Excel file's first sheet.

    Raises BadInput for what is packed badly, is a web page, is not text, or ends in the middle.
    """
    if content.startswith(b"PK"):
        with _unpacking(content, name) as archive:
            if _WORKBOOK in archive.namelist():
                return _sheet(name, _excel_lines(content, name))
            content = _only_member(archive, name)
    elif content.startswith(b"\x1f\x8b"):
        content = _gunzipped(content, name)
    return _text_sheet(content, name)


def half_written(name: str, line: int | None = None) -> BadInput:
    """What to say of a file that stops before its end."""
    said = _("{file} is only half there.").format(file=name)
    if line is not None:
        said = _("{file} is only half there: line {line} has not all its columns.").format(
            file=name, line=line
        )
    return BadInput(said, _("Wait until it is written whole, then try again; nothing of it was taken."))


def _unpacking(content: bytes, name: str) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise half_written(name) from error
    if sum(member.file_size for member in archive.infolist()) > LARGEST:
        raise too_large(name)
    return archive


def _only_member(archive: zipfile.ZipFile, name: str) -> bytes:
    members = [member for member in archive.infolist() if member.filename.lower().endswith(".csv")]
    if len(members) != 1:
        raise BadInput(
            _("{file} holds {n} CSV files where one is expected.").format(file=name, n=len(members)),
            _("Pack one file alone."),
        )
    try:
        with archive.open(members[0]) as file:  # a size that lies is found out by reading no further
            return file.read(LARGEST + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise half_written(name) from error


def _gunzipped(content: bytes, name: str) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            text = file.read(LARGEST + 1)
    except (EOFError, OSError, zlib.error) as error:
        raise half_written(name) from error
    if len(text) > LARGEST:
        raise too_large(name)
    return text


def _text_sheet(content: bytes, name: str) -> Sheet:
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise BadInput(
            _("{file} is a web page, not a table.").format(file=name),
            _("Give the address of the file itself; a page that asks to sign in looks like this too."),
        )
    if b"\0" in content:
        raise not_utf8(name)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise not_utf8(name) from error
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        lines = list(_filled(name, ((reader.line_num, cells) for cells in reader)))
    except csv.Error as error:
        raise half_written(name, reader.line_num) from error
    sheet = _sheet(name, lines)
    if not text.endswith(("\n", "\r")) and _looks_cut(sheet):
        raise half_written(name, sheet.rows[-1][0])
    return sheet


def _looks_cut(sheet: Sheet) -> bool:
    """Whether the last line, which nothing ends, stops in the middle of a figure: right after its point.

    Files whose last line is not ended are common, and most are whole: a figure may be shorter than others.
    """
    return re.fullmatch(r"-?\d+\.", sheet.rows[-1][1][-1]) is not None


def _excel_lines(content: bytes, name: str) -> list[Line]:
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        try:
            sheet = book.worksheets[0]
            if (sheet.max_column or 0) > MOST_COLUMNS:
                raise _too_many(name)
            rows = sheet.iter_rows(max_row=MOST_LINES + 1, values_only=True)
            cells = ((line, [_cell(value) for value in row]) for line, row in enumerate(rows, 1))
            return list(_filled(name, cells))
        finally:
            book.close()
    except (
        zipfile.BadZipFile, zlib.error, EOFError, OSError, KeyError, IndexError, ValueError, TypeError,
        AttributeError, RuntimeError, SyntaxError, InvalidFileException,
    ) as error:  # fmt: skip  # what openpyxl raises of itself; broken XML is a SyntaxError
        raise BadInput(
            _("{file} can't be opened as an Excel file.").format(file=name),
            _("Save it again as .xlsx or as CSV; nothing of it was taken."),
        ) from error


def _filled(name: str, lines: Iterable[Line]) -> Iterator[Line]:
    """The lines that are not blank, one at a time. Raises BadInput for more, or longer ones, than rates ever are."""
    for line, cells in lines:
        if line > MOST_LINES or len(cells) > MOST_COLUMNS:
            raise _too_many(name)
        if any(cells):
            yield line, cells


def _too_many(name: str) -> BadInput:
    return BadInput(
        _("{file} has more than {lines} lines or {columns} columns.").format(
            file=name, lines=number(MOST_LINES), columns=number(MOST_COLUMNS)
        ),
        _("Rates are small: check that this is the right file."),
    )


def _cell(value: Any) -> str:
    """An Excel cell as a CSV would have it.

    >>> _cell(101.0), _cell(0.025), _cell(datetime(2026, 7, 1)), _cell(None)
    ('101', '0.025', '2026-07-01', '')
    """
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _sheet(name: str, lines: list[Line]) -> Sheet:
    kept = [(line, tuple(cell.strip() for cell in cells)) for line, cells in lines]
    kept = [(line, cells) for line, cells in kept if any(cells)]
    if len(kept) < 2:
        raise BadInput(
            _("{file} has no rates in it.").format(file=name),
            _("It needs a line of column names, and lines below it."),
        )
    header = tuple(re.sub(r"\s+", "_", cell.lower()) for cell in kept[0][1])
    twice = next((cell for place, cell in enumerate(header) if cell and cell in header[:place]), None)
    if twice is not None:
        raise BadInput(
            _("{file} has two columns {column}.").format(file=name, column=twice),
            _("Leave one of them; nothing of it was taken."),
        )
    for line, cells in kept[1:]:
        if len(cells) != len(header):
            raise half_written(name, line)
    return Sheet(name, header, tuple(kept[1:]))
