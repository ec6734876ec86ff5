"""What a version that grows out of another one shares with it: the marts' months before the first that differs."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from analytics.calendar import month_end
from analytics.warehouse.doings import months_back
from analytics.warehouse.staging import quoted
from analytics.warehouse.versions import EDITION, LAYOUT, Manifest

ALWAYS, NEVER = date.min, date.max  # from when on something changed: every month of it, none
# From which of its days on a row changes what marts say.
DATED = {
    "transactions": "booked_at",
    "balances": "month_end",
    "product_rates": "effective_from",
    "fx_rates": "rate_date",
}
# Rows that change what older rows mean, where those name them.
MEANT_BY = {"products": ("product_id", "accounts"), "channel_costs": ("channel", "transactions")}
# What decides what rows are accepted, where it was not given before.
DECIDING = ("customers", "accounts")


@dataclass(frozen=True)
class Grown:
    """The version that a build began with, and from which day on it may differ.

    filled : per table the columns that surely still hold a value.
    """

    previous: Manifest
    touched: date
    filled: dict[str, list[str]]

    @property
    def counted_from(self) -> date:
        """The month that its `doing_months` counts back from."""
        assert self.previous.counted_from is not None  # noqa: S101  # this EDITION tells it
        return date.fromisoformat(self.previous.counted_from)

    def first_month(self, newest: date, last_label: date) -> date | None:
        """The first month end that marts must be made anew for; None where nothing of them can be kept.

        newest : the as-of date now. last_label : the last month end that rows count under.
        """
        before = self.previous
        if (before.layout, before.edition) != (LAYOUT, EDITION) or self.touched == ALWAYS:
            return None
        spans = (newest, date.fromisoformat(str(before.newest_as_of)))
        if any(day != month_end(day) for day in spans) or months_back(last_label, self.counted_from) < 0:
            return None  # a single label for all, or no room in `doing_months`
        return min(month_end(self.touched), last_label)

    def fits_before(self, since: date) -> dict[str, dict[str, Any]]:
        """Per fitted indicator the documents of the month ends before one."""
        return {
            key: {day: document for day, document in by_date.items() if day < since.isoformat()}
            for key, by_date in self.previous.fitted.items()
        }


def touched_by(con: duckdb.DuckDBPyConnection, table: str, rows: str, schema: str) -> date:
    """From which day on marts change with rows of a table that come or go.

    rows : a relation with them. schema : where the tables are, those that refer to this one as they were.
    """
    if table in MEANT_BY:
        key, other = MEANT_BY[table]
        named = (
            f"SELECT 1 FROM {rows} WHERE lower({key}) IN (SELECT lower({key}) FROM {schema}.{other}) LIMIT 1"
        )
        return ALWAYS if con.execute(named).fetchone() else NEVER
    if table not in DATED:
        return NEVER
    (first,) = con.execute(f"SELECT min({DATED[table]})::DATE FROM {rows}").fetchone() or (None,)
    return first or NEVER


def changed_in(con: duckdb.DuckDBPyConnection, table: str, before: str) -> date:
    """From which day on marts change with a table that differs from that of the version attached under `before`."""
    ours, theirs = f"main.{quoted(table)}", f"{before}.{quoted(table)}"
    rows = f"((FROM {ours} EXCEPT ALL FROM {theirs}) UNION ALL (FROM {theirs} EXCEPT ALL FROM {ours}))"
    return touched_by(con, table, rows, "main")
