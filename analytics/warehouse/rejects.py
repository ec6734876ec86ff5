"""What a table refused: counted by reason, kept in a CSV with file and line, taken out of the table."""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from analytics.formats import number
from analytics.translation import plural
from analytics.translation import translate as _
from analytics.warehouse.casting import Cell
from analytics.warehouse.checks import NOTES, Work, target_of
from analytics.warehouse.encryption import encrypting
from analytics.warehouse.refused import find_refused
from analytics.warehouse.staging import quoted
from analytics.warehouse.tables import Table
from analytics.warehouse.text_files import count_lines, how_to_convert

LONGEST_ROW = 2_000
CHUNK = 20_000


@dataclass
class Outcome:
    """What became of a table's rows; those of an earlier version are not counted."""

    accepted: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    def document(self) -> dict[str, Any]:
        """The table's part of the load document."""
        rejected = self.reasons.total()
        return {
            "read": self.accepted + rejected,
            "accepted": self.accepted,
            "rejected": rejected,
            "reasons": dict(self.reasons.most_common()),
        }


Lines = dict[int, tuple[str, str]]  # number of a line that is no row -> (reason, the line)


def broken_lines(work: Work, table: str, beyond: dict[int, str]) -> Lines:
    """The lines that the reader set aside, `beyond` being those that a repair gave up before."""
    rows = work.con.execute(
        f"SELECT line, arg_min(error_type, column_idx)::VARCHAR, any_value(left(csv_line, {LONGEST_ROW})) "
        f"FROM rejects_{table} GROUP BY line ORDER BY line"
    ).fetchall()
    reasons = {
        "MISSING COLUMNS": _("too few columns"),
        "TOO MANY COLUMNS": _("too many columns"),
        "UNQUOTED VALUE": _("quotes that don't match"),
        "INVALID ENCODING": _("not UTF-8 text"),
        "LINE SIZE OVER MAXIMUM": _("the line is too long"),
    }
    lines = {line: (reasons.get(kind, kind.lower()), text or "") for line, kind, text in rows}
    return lines | {line: (reasons["UNQUOTED VALUE"], text[:LONGEST_ROW]) for line, text in beyond.items()}


def settle(work: Work, table: Table, cells: list[Cell], broken: Lines, lines: str | None) -> Outcome:
    """Count what was refused, keep it as a file, and leave the accepted rows and the table's own columns.

    lines : as `find_refused` takes them.
    """
    target = target_of(work, table)
    repeated = find_refused(work, table, target, {cell.column.name for cell in cells}, lines)
    counted = work.con.execute(
        f"SELECT _reason, count(*) FROM {target} WHERE _reason IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1"
    ).fetchall()
    reasons = Counter({reason: count for reason, count in counted if count})
    if repeated:
        reasons[repeated_reason(table)] = repeated
    rejected_rows = reasons.total()
    reasons.update(reason for reason, _line in broken.values())
    _warn(work, table, broken)
    if reasons:
        _write_rejects(work, table, cells, broken)
    if rejected_rows:
        work.con.execute(
            f"DELETE FROM {target} WHERE _reason IS NOT NULL OR rowid IN (SELECT id FROM repeated)"
        )
    for name in NOTES:
        work.con.execute(f"ALTER TABLE {target} DROP COLUMN {name}")
    return Outcome(work.count(f"SELECT count(*) FROM {target}"), reasons)


def repeated_reason(table: Table) -> str:
    """Why a row whose key was there before is refused."""
    return _("{columns}: same as in an earlier row").format(columns=", ".join(table.key))


def _warn(work: Work, table: Table, broken: Lines) -> None:
    source = work.sources.get(table.name)
    file = source.file if source else table.name
    foreign = sum(reason == _("not UTF-8 text") for reason, _line in broken.values())
    if foreign:
        said = plural("{file}: {n} line is not UTF-8 text.", "{file}: {n} lines are not UTF-8 text.", foreign)
        work.warnings.append(said.format(file=file, n=number(foreign)) + " " + how_to_convert(file))
    rounded = work.count(f"SELECT count_if(_rounded) FROM {target_of(work, table)} WHERE _reason IS NULL")
    work.warnings += rounded_said(file, rounded)


def rounded_said(file: str, rounded: int) -> list[str]:
    """What is said of amounts with more decimals than are kept, if there are any."""
    said = plural(
        "{file}: {n} amount has more than four decimals and was rounded to four.",
        "{file}: {n} amounts have more than four decimals and were rounded to four.",
        rounded,
    )
    return [said.format(file=file, n=number(rounded))] if rounded else []


def _write_rejects(work: Work, table: Table, cells: list[Cell], broken: Lines) -> None:
    write_rows(work, table, [cell.column.name for cell in cells], _with_lines(work, table, cells, broken))


Refused = tuple[int | None, str, list[str | None], str]  # line, reason, cells, the line where it is no row


def write_rows(work: Work, table: Table, names: list[str], rows: Iterable[Refused]) -> None:
    """Keep refused rows as the build's `rejects/<table>.csv`."""
    source = work.sources.get(table.name)
    folder = work.folder / "rejects"
    folder.mkdir(exist_ok=True)
    file = source.file if source else table.name
    told = (
        3 if encrypting() else None
    )  # where and why alone: the file is in the clear, the values must not be
    with (folder / f"{table.name}.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["file", "line", "reason", *names, "row"][:told])
        for line, reason, raw, text in rows:
            writer.writerow([file, line, reason, *raw, text][:told])


def _with_lines(work: Work, table: Table, cells: list[Cell], broken: Lines) -> Iterator["Refused"]:
    """Every refused row and line with its number in the file, None where blank lines or breaks within quotes
    make that unknowable, or the file is not what it was."""
    source = work.sources.get(table.name)
    rows = work.count(f"SELECT count(*) FROM {target_of(work, table)}")
    known = bool(source and source.text and count_lines(source.text.path) == 1 + rows + len(broken))
    waiting = sorted(broken)
    before = 0
    for position, reason, raw in _refused(work, table, cells):
        if not known or position is None:
            yield None, reason, raw, ""
            continue
        line = position + 2 + before
        while before < len(waiting) and waiting[before] <= line:
            before, line = before + 1, line + 1
        yield line, reason, raw, ""
    for number_, (reason, text) in sorted(broken.items()):
        yield number_, reason, [None] * len(cells), text


def _refused(
    work: Work, table: Table, cells: list[Cell]
) -> Iterator[tuple[int | None, str, list[str | None]]]:
    target = target_of(work, table)
    typed = ", ".join(f"there.{quoted(cell.column.name)}::VARCHAR" for cell in cells)
    found = work.con.execute(
        f"SELECT placed.position, coalesce(_reason, ?), coalesce(_raw, [{typed}]) "
        f"FROM {target} AS there JOIN placed ON placed.id = there.rowid "
        "WHERE _reason IS NOT NULL OR placed.id IN (SELECT id FROM repeated) ORDER BY placed.position",
        [repeated_reason(table)],
    )
    while chunk := found.fetchmany(CHUNK):
        yield from chunk
