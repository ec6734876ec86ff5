"""Which quotes a sheet holds: the European Central Bank's own layout, a plain list, a bank's price list."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from analytics.errors import BadInput
from analytics.formats import in_a_row
from analytics.translation import translate as _
from analytics.warehouse.rates.sheets import Sheet
from analytics.warehouse.tables import TABLES

EUROPES = "EUR"  # what the European Central Bank's rates are quoted for one of
_ABSENT = ("", "-", "n/a")
_EARLIEST = date(1800, 1, 1)


@dataclass(frozen=True)
class Kind:
    """One kind of feed. name, day : the key of a quote. figures : what is quoted. positive : above zero only.

    table : the warehouse's table that its quotes go to.
    """

    table: str
    name: str
    day: str
    figures: tuple[str, ...]
    positive: bool

    @property
    def key(self) -> list[str]:
        return [self.name, self.day]

    @property
    def columns(self) -> list[str]:
        return [self.name, self.day, *self.figures]


KINDS = {
    "fx": Kind("fx_rates", "currency", "rate_date", ("rate",), positive=True),
    "products": Kind(
        "product_rates", "product_id", "effective_from", ("customer_rate", "transfer_rate"), positive=False
    ),
}


def quotes(sheet: Sheet, kind: Kind, base: str) -> pd.DataFrame:
    """What a sheet quotes: the kind's columns, days as dates, one row a key, in order of the key.

    base : the currency that exchange rates are stated in; it has no rate itself.
    Raises BadInput for other columns, figures that can't be rates, days in the future, two answers.
    """
    is_fx = kind is KINDS["fx"]
    found = _crossed(sheet, base) if is_fx and _is_europes(sheet) else _listed(sheet, kind)
    if is_fx:
        found = found.assign(currency=found["currency"].str.upper())
        found = found[found["currency"] != base]
    found = found.drop_duplicates().sort_values(kind.key, ignore_index=True)
    twice = found[found.duplicated(kind.key)]
    if not twice.empty:
        name, day = twice.iloc[0][kind.key]
        raise BadInput(
            _("{file} says two different things of {name} on {day}.").format(
                file=sheet.name, name=name, day=day.isoformat()
            ),
            _("Leave one of them; nothing of it was taken."),
        )
    if found.empty:
        raise BadInput(_("{file} has no rates in it.").format(file=sheet.name), _("Check the source."))
    return found


def _is_europes(sheet: Sheet) -> bool:
    first, *others = sheet.header
    return first == "date" and all(re.fullmatch(r"[a-z]{3}|", name) for name in others) and len(others) > 0


def _crossed(sheet: Sheet, base: str) -> pd.DataFrame:
    """Quotes for one euro, turned into units of the base currency for one of each."""
    names = [name.upper() for name in sheet.header[1:]]
    if base != EUROPES and base not in names:
        raise BadInput(
            _("{file} has no rate of {currency}, which every amount is stated in.").format(
                file=sheet.name, currency=base
            ),
            _("Choose a source that quotes it."),
        )
    days = [_day(sheet, line, cells[0], "date", past=True) for line, cells in sheet.rows]
    quoted = np.array(
        [[_european(sheet, line, cell, name) for cell, name in zip(cells[1:], names, strict=True)]
         for line, cells in sheet.rows]
    )  # fmt: skip
    euro = np.ones(len(days)) if base == EUROPES else quoted[:, names.index(base)]
    columns = {name: euro / quoted[:, place] for place, name in enumerate(names) if name}
    wide = pd.DataFrame({**columns, EUROPES: euro})
    long = wide.assign(rate_date=days).melt("rate_date", var_name="currency", value_name="rate")
    return long.dropna(subset="rate")[KINDS["fx"].columns]


def _european(sheet: Sheet, line: int, cell: str, name: str) -> float:
    return math.nan if cell.lower() in _ABSENT else _figure(sheet, line, cell, name, positive=True)


def _listed(sheet: Sheet, kind: Kind) -> pd.DataFrame:
    missing = [name for name in kind.columns if name not in sheet.header]
    if missing:
        raise BadInput(
            _("{file} has no column {missing}.").format(file=sheet.name, missing=_(", ").join(missing)),
            _("Its first line must name {columns}; it names {found}.").format(
                columns=_(", ").join(kind.columns), found=_(", ").join(sheet.header)[:200]
            ),
        )
    past = TABLES[kind.table].column(kind.day).past

    def figure(sheet: Sheet, line: int, cell: str, name: str) -> float:
        return _figure(sheet, line, cell, name, positive=kind.positive)

    def day(sheet: Sheet, line: int, cell: str, name: str) -> date:
        return _day(sheet, line, cell, name, past=past)

    readers: dict[str, Callable[..., Any]] = {
        kind.name: _name, kind.day: day, **dict.fromkeys(kind.figures, figure)
    }  # fmt: skip
    columns = {}
    for name, reader in readers.items():
        cells = zip(sheet.rows, sheet.column(name), strict=True)
        columns[name] = [reader(sheet, line, cell, name) for (line, _cells), cell in cells]
    return pd.DataFrame(columns)


def _name(sheet: Sheet, line: int, cell: str, column: str) -> str:
    if not cell:
        raise _wrong(sheet, line, column, cell, _("It must not be empty."))
    return cell


def _figure(sheet: Sheet, line: int, cell: str, column: str, *, positive: bool) -> float:
    try:
        figure = float(cell)
    except ValueError:
        figure = math.nan
    if not math.isfinite(figure):
        raise _wrong(sheet, line, column, cell, _("Write a rate as a number, such as 0.03 for 3%."))
    if positive and figure < 1e-12:
        raise _wrong(sheet, line, column, cell, _("An exchange rate is above zero."))
    return figure


def _day(sheet: Sheet, line: int, cell: str, column: str, *, past: bool) -> date:
    try:
        day = datetime.fromisoformat(cell).date()
    except ValueError:
        try:
            day = datetime.strptime(cell, "%d %B %Y").date()  # the ECB's daily file
        except ValueError:
            raise _wrong(sheet, line, column, cell, _("Write days as YYYY-MM-DD.")) from None
    if day < _EARLIEST:
        raise _wrong(sheet, line, column, cell, _("It is before the year 1800."))
    if past and day > (datetime.now(UTC) + timedelta(days=1)).date():
        raise _wrong(sheet, line, column, cell, _("It is in the future."))
    return day


def _wrong(sheet: Sheet, line: int, column: str, cell: str, why: str) -> BadInput:
    said = _("{file}, line {line}: {column} is “{cell}”.").format(
        file=sheet.name, line=line, column=column, cell=cell[:40]
    )
    return BadInput(said, in_a_row(why, _("Nothing of it was taken.")))
