"""How a foreign column becomes a contract column, and what is said of a cell that can't."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from analytics.translation import translate as _
from analytics.warehouse.staging import literal
from analytics.warehouse.tables import Column

EARLIEST = "1800-01-01"
ZONED = "TIMESTAMP WITH TIME ZONE"


@dataclass(frozen=True)
class Cell:
    """A contract column and the source's: `raw` as it came and `typed` as it should be, both as SQL."""

    column: Column
    raw: str
    source_type: str

    @property
    def typed(self) -> str:
        """The value in the contract's type, NULL where it can't be one."""
        return _TYPED[self.column.type](self)

    @property
    def is_text(self) -> bool:
        """Whether it came as text."""
        return self.source_type == "VARCHAR"

    @property
    def as_text(self) -> str:
        """The value as text; whole numbers without the decimal point that pandas gives ids with gaps."""
        if self.is_text:
            return self.raw
        if self.source_type.startswith(("DOUBLE", "FLOAT", "DECIMAL")):
            whole = f"CAST(TRY_CAST({self.raw} AS HUGEINT) AS VARCHAR)"
            return f"CASE WHEN {self.raw} = trunc({self.raw}) THEN {whole} ELSE {self.raw}::VARCHAR END"
        return f"CAST({self.raw} AS VARCHAR)"


def _text(cell: Cell) -> str:
    text = cell.as_text
    if cell.is_text:
        # Trimming every text would cost more than all other checks, so only those with a blank at an end.
        blank = f"({text} = '' OR prefix({text}, ' ') OR suffix({text}, ' '))"
        text = f"CASE WHEN {blank} THEN nullif(trim({text}), '') ELSE {text} END"
    if cell.column.name == "currency":
        return f"upper({text})"
    return f"lower({text})" if cell.column.choices else text


def _number(cell: Cell) -> str:
    number = f"TRY_CAST({cell.raw} AS DOUBLE)"
    return f"CASE WHEN isfinite({number}) THEN {number} END"


def _integer(cell: Cell) -> str:
    number = f"TRY_CAST({cell.raw} AS DOUBLE)"
    return f"CASE WHEN {number} = trunc({number}) THEN TRY_CAST({cell.raw} AS BIGINT) END"


def _cast(cell: Cell) -> str:
    return f"TRY_CAST({cell.raw} AS {cell.column.sql_type})"


def _timestamp(cell: Cell) -> str:
    if cell.source_type.startswith(("DATE", "TIMESTAMP")):
        return f"TRY_CAST({cell.raw} AS TIMESTAMP)"
    return f"TRY_CAST({cell.as_text} AS TIMESTAMP)"


def _date(cell: Cell) -> str:
    # By way of a timestamp: text cast straight to a date may have anything behind it.
    return _cast(cell) if cell.source_type == "DATE" else f"TRY_CAST({_timestamp(cell)} AS DATE)"


_TYPED = {
    "text": _text,
    "number": _number,
    "money": _cast,
    "integer": _integer,
    "date": _date,
    "timestamp": _timestamp,
    "boolean": _cast,
}


def complaints(cell: Cell, value: str) -> list[tuple[str, str]]:
    """What may be wrong with a cell whose typed value is `value`: (condition, reason), the first counts."""
    name, found = cell.column.name, []
    missing = f"trim({cell.raw}) = ''" if cell.is_text else "false"
    missing = f"{value} IS NULL AND ({cell.raw} IS NULL OR {missing})"
    if cell.column.required:
        found.append((missing, _("{column}: empty").format(column=name)))
    if cell.column.type != "text":
        wrong = f"{value} IS NULL AND {cell.raw} IS NOT NULL"
        if cell.is_text:
            wrong += f" AND trim({cell.raw}) <> ''"
        found.append((wrong, f"{name}: {_not_a(cell.column.type)}"))
    return found + [(condition, f"{name}: {reason}") for condition, reason in _limits(cell.column, value)]


def _not_a(type_: str) -> str:
    return {
        "number": _("not a number"),
        "money": _("not a number"),
        "integer": _("not a whole number"),
        "date": _("not a date"),
        "timestamp": _("not a date"),
        "boolean": _("neither true nor false"),
    }[type_]


def _limits(column: Column, value: str) -> list[tuple[str, str]]:
    found = []
    if column.choices:
        among = ", ".join(map(literal, column.choices))
        wrong = f"{value} NOT IN ({among})"
        if column.many:
            parts = f"list_transform(string_split({value}, ','), lambda part: trim(part))"
            wrong = f"len(list_filter({parts}, lambda part: part NOT IN ({among}, ''))) > 0"
        found.append((wrong, _("not one of {choices}").format(choices=", ".join(column.choices))))
    if column.low is not None:
        found.append((f"{value} < {column.low}", _("below {low}").format(low=f"{column.low:g}")))
    if column.high is not None:
        found.append((f"{value} > {column.high}", _("above {high}").format(high=f"{column.high:g}")))
    return found + _time_limits(column, value)


def _time_limits(column: Column, value: str) -> list[tuple[str, str]]:
    if column.type not in ("date", "timestamp"):
        return []
    kind = column.sql_type
    found = [(f"{value} < {kind} '{EARLIEST}'", _("before the year 1800"))]
    if column.past:
        tomorrow = datetime.now(UTC).replace(tzinfo=None) + timedelta(days=1)
        latest = f"{tomorrow:%Y-%m-%d}" if column.type == "date" else f"{tomorrow:%Y-%m-%d %H:%M:%S}"
        found.append((f"{value} > {kind} '{latest}'", _("in the future")))
    if column.ends_month:
        found.append((f"{value} <> last_day({value})", _("not the last day of a month")))
    return found
