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

import pandas as pd
import pyarrow as pa
from threadpoolctl import threadpool_limits

from analytics.access.areas import areas
from analytics.access.proof import FIGURES, TOLD, WHOLE, figures_of, guarded, safe_month, together
from analytics.calendar import month_end
from analytics.errors import BadInput, NotAllowed, UnknownName, nearest
from analytics.formats import day
from analytics.jobs import checkpoint
from analytics.translation import translate as _
from analytics.warehouse.engine import Warehouse
from analytics.warehouse.measures import (
    DIVISIONS,
    IN_CENTS,
    MEASURES,
    PERIODS,
    Measure,
    Question,
    table_sql,
)
from analytics.warehouse.volumes import DIMENSIONS, MARTS, deeds_sql

Within = tuple[tuple[str, str | None], ...]
# Per version which cells are safe in a month: (what, whose customers, floor) and the month, then the cells.
_known: "WeakKeyDictionary[Warehouse, dict[Any, pd.DataFrame]]" = WeakKeyDictionary()


@dataclass(frozen=True)
class Volumes:
    """Totals, a row a cell: `by` and `measures`, amounts in units of the base currency.

    Months are written 2026-06, quarters 2026-Q2, years 2026. NaN : an amount that would single customers out.
    suppressed : cells that are left out. floor : what they were measured by, None for who sees the customers.
    """

    by: tuple[str, ...]
    first: date
    last: date
    rows: pd.DataFrame
    suppressed: int
    floor: int | None
    measures: tuple[str, ...] = FIGURES


@dataclass(frozen=True)
class Totals:
    """The business of some customers of one version.

    condition, values : whose, over columns that `customer_now` and `volume_unit` share. floor : of customers, for
        whoever may not see these one by one; else None.
    """

    warehouse: Warehouse
    condition: str
    values: tuple[Any, ...]
    floor: int | None

    def volumes(
        self,
        by: Sequence[str],
        first: date | None,
        last: date | None,
        measures: Sequence[str] = FIGURES,
        within: Within = (),
    ) -> Volumes:
        """The totals of whole months, first and last included; left out: all that are closed."""
        by, measures = tuple(dict.fromkeys(by)), tuple(dict.fromkeys(measures))
        self._require(by, measures, within)
        first, last = self._month(first, 0), self._month(last, -1)
        if first > last:
            raise BadInput(
                _("{first} is after {last}.").format(first=day(first), last=day(last)),
                _("Begin with the earlier month."),
            )
        if self.floor is None:
            rows, hidden = self._rows(by, measures, (first, last), within), 0
        else:
            rows, hidden = self._guarded(by, measures, (first, last), self.floor)
        return Volumes(by, first, last, _shown(rows, by, measures), hidden, self.floor, measures)

    def _require(self, by: tuple[str, ...], measures: tuple[str, ...], within: Within) -> None:
        for name in (*by, *(name for name, _label in within)):
            _known_as(name, DIVISIONS, _("Totals can't be divided by '{name}'."))
        for key in measures:
            _known_as(key, tuple(MEASURES), _("There is no measure '{name}'."))
            self._require_measure(MEASURES[key], {*by, *(name for name, _label in within)} - set(PERIODS))
        if self.floor is None:
            return
        if within or any(name not in (*PERIODS, *DIMENSIONS) for name in by):
            raise NotAllowed(
                _("Totals of a part alone, or level by level, would single customers out."),
                _("Divide the whole by one thing, and by month, quarter or year if you like."),
            )
        if sum(name in DIMENSIONS for name in by) > 1:
            raise NotAllowed(
                _("Totals divided in two ways at once would single customers out."),
                _("Divide by one of them, and by month, quarter or year if you like."),
            )

    def _require_measure(self, measure: Measure, dimensions: set[str]) -> None:
        reason = self.why_not(measure.key)
        if reason:
            raise NotAllowed(_("{measure} can't be told.").format(measure=_(measure.label)) + f" {reason}")
        for name in sorted(dimensions - set(measure.by)):
            raise BadInput(
                _("{measure} can't be divided by '{name}'.").format(measure=_(measure.label), name=name),
                _("There are: {names}.").format(names=_(", ").join((*PERIODS, *measure.by))),
            )

    def why_not(self, key: str) -> str | None:
        """Why a measure is not told to this person here; None where it is."""
        if self.floor is not None and key not in TOLD:
            return _(
                "It stands from month to month, so that a difference would give one customer away: "
                "it is told to those who may see the customers alone."
            )
        missing = self.warehouse.missing(MEASURES[key].needs)
        return _("The warehouse has no {columns}.").format(columns=_(", ").join(missing)) if missing else None

    def _month(self, asked: date | None, place: int) -> date:
        known = self.warehouse.month_ends
        if asked == month_end(known[-1]):  # data may span no month end
            asked = known[-1]
        if asked is not None and asked not in known:
            raise BadInput(
                _("{day} is not a month end of this warehouse.").format(day=asked.isoformat()),
                _("Choose a month end from {first} to {last}.").format(
                    first=day(known[0]), last=day(known[-1])
                ),
            )
        return known[place] if asked is None else asked

    def _rows(
        self, by: tuple[str, ...], measures: tuple[str, ...], span: tuple[date, date], within: Within = ()
    ) -> pd.DataFrame:
        """The table in order, from as many marts as hold its measures; amounts in cents, 0 where there is nothing."""
        keys, (first, last) = _keys(by), span
        months = tuple(month for month in self.warehouse.month_ends if first <= month <= last)
        question = self._question(by, months, within)
        sources: dict[str, list[str]] = {}
        for key in measures:
            sources.setdefault(MEASURES[key].source, []).append(key)
        asked = (
            self.warehouse.manifest.base_currency,
            self.warehouse.newest_as_of,
            self.warehouse.counted_from,
        )
        found: pd.DataFrame | None = None
        for source, told in sources.items():
            sql, values = table_sql(source, told, question, *asked, has_marts(self.warehouse))
            part = _plain(self.warehouse.query(sql, values)).assign(whole=WHOLE)
            found = part if found is None else found.merge(part, on=[*keys, "whole"], how="outer")
        assert found is not None  # noqa: S101  # there is a measure
        if len(sources) > 1 and keys:
            found = found.sort_values(keys, ignore_index=True)
        found[list(measures)] = found[list(measures)].fillna(0).astype("int64")
        return found.drop(columns="whole")

    def _guarded(
        self, by: tuple[str, ...], measures: tuple[str, ...], span: tuple[date, date], floor: int
    ) -> tuple[pd.DataFrame, int]:
        """The table as far as it may be seen, and how many cells may not."""
        parts, on = [], _keys(by) or ["whole"]
        for source in dict.fromkeys(TOLD[key] for key in measures):
            rows = self._rows(by, figures_of(source), span)
            rows = rows if by else rows.assign(whole=WHOLE)
            if not rows.empty:
                parts.append(guarded(rows, on, self._flags(source, by, *span), floor, source))
        found, hidden = together(parts, on) if parts else (pd.DataFrame(columns=on), 0)
        nil = [name for name in measures if name not in found]  # of tables that have no row at all
        return found.assign(**dict.fromkeys(nil, 0)), hidden

    def _question(self, by: tuple[str, ...], months: tuple[date, ...], within: Within) -> Question:
        picked = [label for name, label in within if name == "area"]
        level = (
            areas(branch_parents(self.warehouse), picked[-1] if picked else None)
            if picked or "area" in by
            else None
        )
        rest = tuple((name, label) for name, label in within if name != "area")
        return Question(by, months, rest, level, bool(picked), self.condition, self.values)

    def _flags(self, source: str, by: tuple[str, ...], first: date, last: date) -> pd.DataFrame:
        """Which cells of a table are safe, month by month: month_end, quarter, year, the dimension, the figures."""
        flags = pd.concat(self._safe_months(source, first, last), ignore_index=True)
        dimension = next((name for name in by if name in DIMENSIONS), "")
        ends = pd.to_datetime(flags["month_end"])
        flags = flags.assign(quarter=ends.dt.year * 10 + ends.dt.quarter, year=ends.dt.year)
        return flags[flags["dimension"] == dimension].rename(columns={"label": dimension or "whole"})

    def _safe_months(self, source: str, first: date, last: date) -> list[pd.DataFrame]:
        kept = _known.setdefault(self.warehouse, {})
        whose = (source, self.condition, self.values, self.floor)
        wanted = [month for month in self.warehouse.month_ends if first <= month <= last]
        missing = [month for month in wanted if (*whose, month) not in kept]
        if missing:
            base, newest = self.warehouse.manifest.base_currency, self.warehouse.newest_as_of
            sql = deeds_sql(source, base, missing[0], missing[-1], newest)
            spine = f"SELECT customer_no, customer_id FROM customer_now WHERE {self.condition}"
            deeds = _plain(self.warehouse.query(f"WITH spine AS ({spine}) {sql}", list(self.values)))
            for place, month in enumerate(missing):
                checkpoint(place / len(missing), _("Looking for totals that would single customers out"))
                with threadpool_limits(1):  # these matrices are small: threads would wait for each other
                    kept[(*whose, month)] = safe_month(
                        deeds[deeds["month_end"] == month], self.floor or 1, source
                    )
        return [kept[(*whose, month)] for month in wanted]


def _keys(by: tuple[str, ...]) -> list[str]:
    """The columns of a table's divisions."""
    return ["month_end" if name == "month" else name for name in by]


def _shown(rows: pd.DataFrame, by: tuple[str, ...], measures: tuple[str, ...]) -> pd.DataFrame:
    """Periods as people write them, amounts in units."""
    written: dict[str, Any] = {
        name: rows[name].astype("float64") / 100 for name in measures if name in IN_CENTS
    }
    if "month_end" in rows:
        written["month"] = [end.strftime("%Y-%m") for end in rows["month_end"]]
    if "quarter" in rows:
        written["quarter"] = [f"{number // 10}-Q{number % 10}" for number in rows["quarter"]]
    return rows.assign(**written)[[*by, *measures]].reset_index(drop=True)


def _known_as(name: str, known: Sequence[str], said: str) -> None:
    if name not in known:
        close = nearest(name, known)
        hint = _("Did you mean {nearest}?").format(nearest=close) if close else ""
        there_are = _("There are: {names}.").format(names=_(", ").join(known))
        raise UnknownName(said.format(name=name), hint or there_are)


def has_marts(warehouse: Warehouse) -> bool:
    """Whether a version was built with the marts of business; an older one has them computed at each question."""
    sql = "SELECT count(*) AS n FROM information_schema.tables WHERE table_name = ?"
    return bool(warehouse.facts(sql, [MARTS[-1]])[0]["n"])


def branch_parents(warehouse: Warehouse) -> dict[str, str | None]:
    """The branch above each branch."""
    rows = warehouse.facts("SELECT branch_id, parent_id FROM branches ORDER BY branch_id", [])
    return {row["branch_id"]: row["parent_id"] for row in rows}


def names_of(warehouse: Warehouse, dimension: str) -> dict[str, str]:
    """What branches and products are called, by their id; nothing where the labels say it themselves."""
    if dimension not in ("branch", "area", "product"):
        return {}
    table, key = ("products", "product_id") if dimension == "product" else ("branches", "branch_id")
    rows = warehouse.query(
        f"""SELECT {key} AS id, CASE WHEN name IS NULL THEN {key}
            WHEN count(*) OVER (PARTITION BY name) > 1 THEN name || ' (' || {key} || ')' ELSE name END AS name
        FROM {table}"""
    )
    return dict(zip(rows["id"].to_pylist(), rows["name"].to_pylist(), strict=True))


def _plain(table: pa.Table) -> pd.DataFrame:
    """As a frame: months as dates, whole numbers as such, labels as objects that may be None."""
    if "month_end" in table.column_names:
        at = table.column_names.index("month_end")
        table = table.set_column(at, "month_end", table["month_end"].cast(pa.date32()))
    labels = [name for name in table.column_names if name in DIVISIONS and name not in PERIODS]
    rows: pd.DataFrame = table.drop_columns(labels).to_pandas(date_as_object=True)
    told = [name for name in (*MEASURES, "quarter", "year") if name in rows]
    lists = any(_is_list(table, name) for name in told)
    rows = rows.astype({name: "int64" for name in told if not _is_list(table, name)})
    rows = rows if lists else rows.where(rows.notna(), None)
    objects = {name: pd.Series(table[name].to_numpy(zero_copy_only=False), dtype=object) for name in labels}
    return rows.assign(**objects).reindex(columns=table.column_names)


def _is_list(table: pa.Table, name: str) -> bool:
    return name in table.column_names and pa.types.is_list(table.schema.field(name).type)
