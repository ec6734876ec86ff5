"""Foreign text files: their header, their broken lines, and which line a row came from."""

import csv
import gzip
import io
import re
import zlib
from collections import deque
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from analytics.errors import BadInput
from analytics.translation import translate as _

DELIMITERS = (",", ";", "\t", "|")
LONGEST_HEADER = 1_000_000
_QUOTED = re.compile(rb'"[^"]*"')
LONGEST_RECORD = 50  # lines; what is longer is taken for a quote that nobody closed


@dataclass(frozen=True)
class TextFile:
    """A delimited file whose first line named its columns."""

    path: Path
    delimiter: str
    names: tuple[str, ...]


@contextmanager
def open_bytes(path: Path) -> Iterator[BinaryIO]:
    """The file's bytes, unpacked where it is a .gz. Raises BadInput where it can't be unpacked."""
    packed = path.suffix.lower() == ".gz"
    try:
        with cast(BinaryIO, gzip.open(path, "rb")) if packed else path.open("rb") as file:
            yield file
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise BadInput(
            _("{file} can't be unpacked to its end.").format(file=path.name), _("Copy or pack it again.")
        ) from error


def require_whole_packing(path: Path) -> None:
    """Raise BadInput for a .gz that is cut off or damaged: the reader would take what it got for all there is."""
    if path.suffix.lower() == ".gz":
        with open_bytes(path) as file:
            while file.read(1 << 22):
                pass


def read_header(path: Path, known: Collection[str]) -> TextFile:
    """What the first line says. The delimiter is the one that yields most of the known names.

    Raises BadInput for an empty file, one that is not text, another encoding than UTF-8, or repeated names.
    """
    line = _first_line(path)
    readings = [(one, _split(line, one)) for one in DELIMITERS]
    delimiter, names = max(readings, key=lambda reading: len(set(reading[1]) & set(known)))
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BadInput(
            _("{file} has the column {column} more than once.").format(file=path.name, column=twice[0]),
            _("Give every column a name of its own."),
        )
    return TextFile(path, delimiter, tuple(names))


def _split(line: str, delimiter: str) -> list[str]:
    try:
        fields = next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:  # a field without end: this delimiter is not the file's
        return []
    return [name.strip().lower() or f"column{place}" for place, name in enumerate(fields, 1)]


def _first_line(path: Path) -> str:
    with open_bytes(path) as file:
        line, second = file.readline(LONGEST_HEADER), file.readline(LONGEST_HEADER)
    if not line.strip():
        raise BadInput(
            _("{file} is empty.").format(file=path.name),
            _("Export it again, with a header line of column names."),
        )
    if line[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in line:
        raise not_utf8(path.name)
    if any(b"\r" in _QUOTED.sub(b"", one).rstrip(b"\r\n") for one in (line, second)):
        raise BadInput(
            _("{file} ends its lines with a carriage return alone.").format(file=path.name),
            _("Save it with line feeds, or convert it, such as: tr '\\r' '\\n' < {file} > new.").format(
                file=path.name
            ),
        )
    try:
        return line.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise not_utf8(path.name) from error


def not_utf8(file: str) -> BadInput:
    """What to say about text in another encoding."""
    return BadInput(_("{file} is not UTF-8 text.").format(file=file), how_to_convert(file))


def how_to_convert(file: str) -> str:
    """What to try with text in another encoding."""
    return _(
        "Save it as UTF-8, or convert it, such as: iconv -f gb18030 -t utf-8 {file} > new "
        "(gb18030 is usual for Chinese, windows-1252 for western European text, utf-16 for Excel's)."
    ).format(file=file)


def count_lines(path: Path) -> int:
    """Lines of the file, the header's included, blank ones at its end left out."""
    lines, tail = 0, b""
    with open_bytes(path) as file:
        while block := file.read(1 << 22):
            lines += block.count(b"\n")
            tail = (tail + block)[-4096:]
    kept = tail.rstrip(b"\r\n")
    return lines - tail[len(kept) :].count(b"\n") + 1


def repair(text: TextFile, target: Path) -> dict[int, str]:
    """Write a copy in which a quote that nobody closed costs its own line and not those after it.

    Line breaks become line feeds. Returns the lines that are beyond repair, by number; in the copy each is
    replaced by one with too many columns, so that the reader refuses it and the others keep their numbers.
    """
    beyond: dict[int, str] = {}
    spoiled = text.delimiter.join("x" * (len(text.names) + 2)).encode() + b"\n"
    number = 1
    with open_bytes(text.path) as source, target.open("wb") as copy:
        for lines, sound in _records(source, text):
            if sound:
                copy.writelines(line.rstrip(b"\r\n") + b"\n" for line in lines)
            else:
                copy.write(spoiled)
                beyond[number] = lines[0].decode("utf-8", "replace").rstrip("\r\n")
            number += len(lines)
    return beyond


def _records(source: Iterable[bytes], text: TextFile) -> Iterator[tuple[list[bytes], bool]]:
    """Runs of lines that make one record, and single lines that make none."""
    ahead: deque[bytes] = deque()
    lines = iter(source)
    while line := (ahead.popleft() if ahead else next(lines, b"")):
        record = [line]
        if line.count(b'"') % 2 == 0 or _is_one_record(record, text):
            yield record, True
            continue
        while len(record) < LONGEST_RECORD and (more := ahead.popleft() if ahead else next(lines, b"")):
            record.append(more)
            if more.count(b'"') % 2 and _is_one_record(record, text):
                yield record, True
                break
        else:
            ahead.extendleft(reversed(record[1:]))
            yield record[:1], False


def _is_one_record(lines: list[bytes], text: TextFile) -> bool:
    joined = io.StringIO(b"".join(lines).decode("utf-8", "replace"), newline="")
    try:
        rows = list(csv.reader(joined, delimiter=text.delimiter, strict=True))
    except csv.Error:
        return False
    return len(rows) == 1 and len(rows[0]) == len(text.names)
