"""Totals of transactions, and what of them somebody may see who may not see the customers one by one.

For them a table is divided by months, quarters or years and at most one thing more, and nothing filters it. What is
hidden is found month by month for all tables at once (`guard`), so that it is the same whatever is asked. A cell of
several months is the sum of these, and hidden where one of them is: it says nothing that the months don't say.
Counts of customers are exact where they would not single anybody out beside each other; else, and over several
months always, they are rounded down to a multiple of the floor.

What this does not hold against: tables kept from an earlier version of the data or an earlier, other scope.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
import pyarrow as pa
from threadpoolctl import threadpool_limits

from analytics.access.guard import Deeds, Flags, by_size, counted, dispensable_first, safe_cells
from analytics.errors import BadInput, NotAllowed, UnknownName, nearest
from analytics.formats import day
from analytics.jobs import checkpoint
from analytics.translation import translate as _
from analytics.warehouse.engine import Warehouse
from analytics.warehouse.volumes import DIMENSIONS, SUMS, deeds_sql, volumes_sql

PERIODS = ("month", "quarter", "year")
DIVISIONS = (*PERIODS, *DIMENSIONS)
MEASURES = ("transactions", *SUMS)
FIGURES = (*MEASURES, "customers")
WHOLE = ""  # the label of a total
# Per version which cells are safe in a month: (whose customers, floor) and the month, then the cells.
_known: "WeakKeyDictionary[Warehouse, dict[Any, pd.DataFrame]]" = WeakKeyDictionary()


@dataclass(frozen=True)
class Volumes:
    """Totals, a row a cell: `by` and FIGURES, amounts in units of the base currency.

    Months are written 2026-06, quarters 2026-Q2, years 2026. NaN : an amount that would single customers out.
    suppressed : cells that are left out. floor : what they were measured by, None for who sees the customers.
    """

    by: tuple[str, ...]
    first: date
    last: date
    rows: pd.DataFrame
    suppressed: int
    floor: int | None


@dataclass(frozen=True)
class Totals:
    """The transactions of some customers of one version.

    spine : a statement that gives customer_no and customer_id, with its parameters. floor : of customers, for
        whoever may not see these one by one; else None.
    """

    warehouse: Warehouse
    spine: str
    params: tuple[Any, ...]
    floor: int | None

    def volumes(self, by: Sequence[str], first: date | None, last: date | None) -> Volumes:
        """The totals of whole months, first and last included; left out: all that are closed."""
        by = tuple(dict.fromkeys(by))
        self._require(by)
        first, last = self._month(first, 0), self._month(last, -1)
        if first > last:
            raise BadInput(
                _("{first} is after {last}.").format(first=day(first), last=day(last)),
                _("Begin with the earlier month."),
            )
        keys = ["month_end" if name == "month" else name for name in by]
        base, newest = self.warehouse.manifest.base_currency, self.warehouse.newest_as_of
        rows = _plain(self._read(volumes_sql(base, first, last, tuple(keys), newest)))
        hidden = 0
        if self.floor is not None and not rows.empty:
            rows, hidden = _suppressed(rows, keys, self._flags(by, first, last), self.floor)
        return Volumes(by, first, last, _shown(rows, by), hidden, self.floor)

    def _require(self, by: tuple[str, ...]) -> None:
        for name in by:
            if name not in DIVISIONS:
                close = nearest(name, DIVISIONS)
                hint = _("Did you mean {nearest}?").format(nearest=close) if close else ""
                known = _("There are: {names}.").format(names=_(", ").join(DIVISIONS))
                raise UnknownName(_("Totals can't be divided by '{name}'.").format(name=name), hint or known)
        if self.floor is not None and sum(name in DIMENSIONS for name in by) > 1:
            raise NotAllowed(
                _("Totals divided in two ways at once would single customers out."),
                _("Divide by one of them, and by month, quarter or year if you like."),
            )

    def _month(self, asked: date | None, place: int) -> date:
        known = self.warehouse.month_ends
        if asked is not None and asked not in known:
            raise BadInput(
                _("{day} is not a month end of this warehouse.").format(day=asked.isoformat()),
                _("Choose a month end from {first} to {last}.").format(
                    first=day(known[0]), last=day(known[-1])
                ),
            )
        return known[place] if asked is None else asked

    def _read(self, sql: str) -> pa.Table:
        return self.warehouse.query(f"WITH spine AS ({self.spine}) {sql}", list(self.params))

    def _flags(self, by: tuple[str, ...], first: date, last: date) -> pd.DataFrame:
        """Which cells of a table are safe, month by month: month_end, quarter, year, the dimension, FIGURES."""
        flags = pd.concat(self._safe_months(first, last), ignore_index=True)
        dimension = next((name for name in by if name in DIMENSIONS), "")
        ends = pd.to_datetime(flags["month_end"])
        flags = flags.assign(quarter=ends.dt.year * 10 + ends.dt.quarter, year=ends.dt.year)
        return flags[flags["dimension"] == dimension].rename(columns={"label": dimension or "whole"})

    def _safe_months(self, first: date, last: date) -> list[pd.DataFrame]:
        kept = _known.setdefault(self.warehouse, {})
        whose = (self.spine, self.params, self.floor)
        wanted = [month for month in self.warehouse.month_ends if first <= month <= last]
        missing = [month for month in wanted if (*whose, month) not in kept]
        if missing:
            base, newest = self.warehouse.manifest.base_currency, self.warehouse.newest_as_of
            deeds = _plain(self._read(deeds_sql(base, missing[0], missing[-1], newest)))
            for place, month in enumerate(missing):
                checkpoint(place / len(missing), _("Looking for totals that would single customers out"))
                with threadpool_limits(1):  # these matrices are small: threads would wait for each other
                    kept[(*whose, month)] = _safe_month(deeds[deeds["month_end"] == month], self.floor or 1)
        return [kept[(*whose, month)] for month in wanted]


def _safe_month(deeds: pd.DataFrame, floor: int) -> pd.DataFrame:
    """Every cell of a month's one-dimensional tables: month_end, dimension ("" the total), label, FIGURES safe or not."""
    deeds = deeds.reset_index(drop=True)
    cells, rows = _cells(deeds)
    everybody = _doers(deeds, rows, "transactions")
    people = counted(everybody)
    order = by_size(people)
    for name in MEASURES:
        done = dispensable_first(_doers(deeds, rows, name), people)
        cells[name] = safe_cells(done, order, floor)
    cells["customers"] = safe_cells(people, order, floor)
    return cells


def _cells(deeds: pd.DataFrame) -> tuple[pd.DataFrame, Flags]:
    """The cells, and which of them each deed counts in."""
    columns = [np.ones(len(deeds), dtype=np.bool_)]
    named: list[tuple[str, str | None]] = [("", WHOLE)]
    for dimension in DIMENSIONS:
        codes, labels = pd.factorize(deeds[dimension], sort=True, use_na_sentinel=False)
        columns += [codes == place for place in range(len(labels))]
        named += [(dimension, None if pd.isna(label) else label) for label in labels]
    month = deeds["month_end"].iloc[0] if len(deeds) else None
    kept = named if len(deeds) else []
    cells = pd.DataFrame(kept, columns=["dimension", "label"], dtype=object).assign(month_end=month)
    return cells, np.stack(columns, axis=1)[:, : len(kept)]


def _doers(deeds: pd.DataFrame, rows: Flags, measure: str) -> Deeds:
    """Who did what, customers numbered from 0: those in whose figure of the measure something is."""
    everybody = np.unique(_pairs(deeds["transactions"])[1])
    deed, who = _pairs(deeds[measure])
    return Deeds(rows, deed, np.searchsorted(everybody, who))


def _pairs(lists: "pd.Series[Any]") -> "tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]":
    """Each row's place with each customer in its list, in order."""
    counts = np.array([0 if who is None else len(who) for who in lists], dtype=np.int64)
    found = [np.zeros(0, dtype=np.int64), *(who for who in lists if who is not None)]
    who, place = np.concatenate(found).astype(np.int64), np.repeat(np.arange(len(lists)), counts)
    order = np.lexsort((who, place))
    return place[order], who[order]


def _suppressed(
    rows: pd.DataFrame, keys: list[str], flags: pd.DataFrame, floor: int
) -> tuple[pd.DataFrame, int]:
    """The rows that may be seen, unsafe amounts emptied and unsafe counts rounded, and how many may not."""
    keys = keys or ["whole"]
    rows = rows.assign(whole=WHOLE) if keys == ["whole"] else rows
    grouped = flags.groupby(keys, dropna=False)
    safe = grouped[list(FIGURES)].all().assign(months=grouped.size()).reset_index()
    both = rows.merge(safe, on=keys, how="left", suffixes=("", "_safe"))
    for name in SUMS:
        both[name] = both[name].astype("float64").where(both[f"{name}_safe"])
    exact = both["customers_safe"] & (both["months"] == 1)
    both["customers"] = both["customers"].where(exact, both["customers"] // floor * floor)
    shown = both["transactions_safe"]
    return both.loc[shown, rows.columns], int((~shown).sum())


def _shown(rows: pd.DataFrame, by: tuple[str, ...]) -> pd.DataFrame:
    """In order, periods as people write them, amounts in units."""
    written: dict[str, Any] = {name: rows[name].astype("float64") / 100 for name in SUMS}
    if "month_end" in rows:
        written["month"] = [end.strftime("%Y-%m") for end in rows["month_end"]]
    if "quarter" in rows:
        written["quarter"] = [f"{number // 10}-Q{number % 10}" for number in rows["quarter"]]
    shown = rows.assign(**written)[[*by, *FIGURES]]
    return shown.sort_values(list(by), ignore_index=True) if by else shown.reset_index(drop=True)


def names_of(warehouse: Warehouse, dimension: str) -> dict[str, str]:
    """What branches and products are called, by their id; nothing where the labels say it themselves."""
    if dimension not in ("branch", "product"):
        return {}
    table, key = {"branch": ("branches", "branch_id"), "product": ("products", "product_id")}[dimension]
    rows = warehouse.query(
        f"""SELECT {key} AS id, CASE WHEN name IS NULL THEN {key}
            WHEN count(*) OVER (PARTITION BY name) > 1 THEN name || ' (' || {key} || ')' ELSE name END AS name
        FROM {table}"""
    )
    return dict(zip(rows["id"].to_pylist(), rows["name"].to_pylist(), strict=True))


def _plain(table: pa.Table) -> pd.DataFrame:
    """As a frame: months as dates, whole numbers as such, labels as objects that may be None."""
    rows: pd.DataFrame = table.to_pandas(date_as_object=True)
    kinds = {
        name: "int64" for name in (*FIGURES, "quarter", "year") if name in rows and not _is_list(table, name)
    }
    rows = rows.astype(kinds).astype({name: object for name in DIMENSIONS if name in rows})
    rows = rows.where(rows.notna(), None) if not any(_is_list(table, name) for name in FIGURES) else rows
    if "month_end" in rows:
        rows["month_end"] = [pd.Timestamp(end).date() for end in rows["month_end"]]
    return rows


def _is_list(table: pa.Table, name: str) -> bool:
    return name in table.column_names and pa.types.is_list(table.schema.field(name).type)
