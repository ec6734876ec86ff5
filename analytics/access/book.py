"""Book: the only door to customers. Rows, columns and departments are applied here and nowhere else."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any, cast

import pandas as pd
import pyarrow as pa

from analytics.access.customer import READS
from analytics.access.masking import mask_columns
from analytics.access.members import members_of, spine_of
from analytics.access.person import Person, grants_of, person_of
from analytics.access.proof import FIGURES
from analytics.access.reads import Read, Reads, Record, Refusal, only_one, runs
from analytics.access.scope import Scope, scope_of
from analytics.access.totals import Totals, Volumes, Within
from analytics.errors import AnalyticsError, BadInput, NotAllowed, UnknownName, nearest
from analytics.formats import day
from analytics.indicators import CATALOGUE, SENSITIVITIES, Indicator
from analytics.indicators.compile import frame_sql
from analytics.store.policy import Policy
from analytics.store.store import Store
from analytics.translation import translate as _
from analytics.warehouse.engine import Warehouse
from analytics.warehouse.measures import MEASURES
from analytics.where import parse


class Book:
    """The customers that one person may see, with the columns that they may see, in one version.

    Whatever is read of customers is recorded before it is handed out; what can't be recorded is not.
    """

    def __init__(
        self, person: Person, scope: Scope, warehouse: Warehouse, record: Record, policy: Policy | None = None
    ) -> None:
        self.person = person
        self.scope = scope
        self.warehouse = warehouse
        self.record = record
        self.policy = policy or Policy()

    @classmethod
    def open(
        cls, warehouse: Warehouse, store: Store, email: str, seen: set[Any] | None = None, account: str = ""
    ) -> "Book":
        """The book of whoever has this address. Without a valid grant it is empty.

        seen : the reads that this session has been recorded with already. account : as in `Reads`.
        """
        grants = grants_of(warehouse, store, email)
        person, scope = person_of(email, grants, warehouse), scope_of(grants, warehouse)
        known = set() if seen is None else seen
        record = Reads(store.audit, person.email, warehouse.version, str(scope), known, account)
        return cls(person, scope, warehouse, record, store.policies.current())

    def append(self, action: str, details: Mapping[str, Any], most_a_day: int | None = None) -> int:
        """Record something else than a read, before it is done; the number of the entry.

        Raises NotAllowed beyond `most_a_day` of them within 24 hours, AnalyticsError where it can't be recorded.
        """
        if not isinstance(self.record, Reads):
            raise AnalyticsError(_("This can't be recorded in the audit trail, so it was not done."))
        return self.record.append(action, details, most_a_day)

    def refused(self, error: AnalyticsError, *, again: bool = False) -> None:
        """Record that this person was refused something; once a session, or `again` at every attempt."""
        self.record(Refusal(str(error), place=secrets.token_hex(8) if again else ""))

    @property
    def key(self) -> str:
        """What an answer depends on besides the question: equal keys may share a cached answer."""
        return f"{self.warehouse.version}|{self.policy.version}|{self.sight}"

    @property
    def sight(self) -> str:
        """What the person may see and take, in every version: what was kept under it goes with it."""
        rows = f"{self.scope.rules!r}|{sorted(self.scope.columns)}|{self.scope.may_export}"
        return f"{rows}|{self.scope.totals!r}" if self.scope.totals_only else rows

    @cached_property
    def available(self) -> dict[str, str | None]:
        """Per indicator why this person can't use it here, None where they can."""
        return {key: self._why_not(row) for key, row in CATALOGUE.items()}

    def usable(self) -> dict[str, Indicator]:
        """The catalogue's rows that this person can use here."""
        return {key: CATALOGUE[key] for key, reason in self.available.items() if reason is None}

    def _why_not(self, row: Indicator) -> str | None:
        missing = self.warehouse.missing(row.needs)
        if missing:
            return _("The warehouse has no {columns}.").format(columns=_(", ").join(missing))
        if row.sensitivity and row.sensitivity not in self.scope.columns:
            kind = _(SENSITIVITIES[row.sensitivity])
            return _("Your permissions do not show {columns} figures.").format(columns=kind)
        # Of who brought one customer alone, that one's profit would be read.
        if row.of_others and not self.scope.whole_bank:
            return _("It tells of customers who may not be yours to see: it needs the whole bank.")
        return self.warehouse.unfitted(row)

    def require(self, keys: Sequence[str]) -> None:
        """Raise UnknownName or NotAllowed for the first key that can't be used, with the reason."""
        for key in keys:
            if key not in CATALOGUE:
                close = nearest(key, CATALOGUE)
                hint = _("Did you mean {nearest}?").format(nearest=close) if close else ""
                raise UnknownName(_("Unknown indicator '{name}'.").format(name=key), hint)
            reason = self.available[key]
            if reason:
                what = _("The indicator {name} is not available.").format(name=key)
                raise NotAllowed(f"{what} {reason}", _("`indicators` lists what can be used."))

    def as_of(self, asked: date | None = None) -> date:
        """The date that figures are stated as of. Raises BadInput for one that is not a known month end."""
        newest = self.warehouse.newest_as_of
        if asked is None or asked == newest:
            return newest
        if asked not in self.warehouse.month_ends:
            raise BadInput(
                _("{day} is not a month end of this warehouse.").format(day=asked.isoformat()),
                _("Choose a month end from {first} to {last}.").format(
                    first=day(self.warehouse.month_ends[0]), last=day(newest)
                ),
            )
        return asked

    def table(self, keys: Sequence[str], *, as_of: date | None = None, where: str = "") -> pa.Table:
        """The book as Arrow: customer_id, then the indicators, one row a customer, in order of customer_id.

        where : a filter over indicators; customers for whom it is unknown are left out.
        Raises UnknownName, NotAllowed or BadInput, naming what.
        """
        keys = tuple(dict.fromkeys(keys))
        columns = ", ".join(["customer_id", *(f'"{key}"' for key in keys)])
        rows, params = self._selected(keys, as_of, where)
        # customer_now is stored in this order, and reading one table keeps it: nothing to sort.
        order = "" if self.as_of(as_of) == self.warehouse.newest_as_of else " ORDER BY customer_no"
        found = self.warehouse.query(f"SELECT {columns} FROM {rows}{order}", params)
        self._told(keys, found.num_rows, as_of, where=where)
        return found

    def _told(
        self,
        what: Sequence[str],
        customers: int,
        as_of: date | None = None,
        where: str = "",
        customer_id: str = "",
    ) -> None:
        """Record a read, before its answer is handed out."""
        self.record(Read(tuple(what), customers, self.as_of(as_of).isoformat(), where, customer_id))

    def _selected(self, keys: tuple[str, ...], as_of: date | None, where: str) -> tuple[str, list[Any]]:
        """What follows FROM: the figures of those who pass the filter."""
        population = parse(where, CATALOGUE) if where.strip() else None
        condition, values = population.sql() if population else ("TRUE", [])
        wanted = tuple(dict.fromkeys((*keys, *population.indicators) if population else keys))
        self.require(wanted)
        rows, params = self._figures(wanted, self.as_of(as_of))
        return f"({rows}) WHERE {condition}", [*params, *values]

    def frame(self, keys: Sequence[str], *, as_of: date | None = None, where: str = "") -> pd.DataFrame:
        """The same as a frame."""
        return frame_of(self.table(keys, as_of=as_of, where=where))

    def between(self, key: str, earlier: date, as_of: date, held: str) -> pd.DataFrame:
        """One indicator at two month ends, of who is in the book at the later one: customer_id, before, now, joined,
        which is true of who was not there before, and another indicator at the later one, held."""
        keys = tuple(dict.fromkeys((key, held)))
        self.require(keys)
        now, of_now = self._figures(keys, self.as_of(as_of))
        then, of_then = self._figures((key,), self.as_of(earlier))
        found = self.warehouse.query(
            f"""SELECT later.customer_id, before.{key} AS before, later.{key} AS now,
                before.customer_no IS NULL AS joined, later.{held} AS held
            FROM ({now}) AS later LEFT JOIN ({then}) AS before USING (customer_no) ORDER BY later.customer_no""",
            [*of_now, *of_then],
        )
        both = frame_of(found)
        self._told(keys, len(both), as_of)
        self._told((key,), int((~both["joined"]).sum()), earlier)
        return both

    def count(self, as_of: date | None = None, where: str = "") -> int:
        """How many customers pass a filter."""
        rows, params = self._selected((), as_of, where)
        customers = int(self.warehouse.query(f"SELECT count(*) AS n FROM {rows}", params)["n"][0].as_py())
        self._told(("count",), customers, as_of, where=where)
        return customers

    def _figures(self, keys: tuple[str, ...], as_of: date, only: str | None = None) -> tuple[str, list[Any]]:
        """One statement: ready-made at the newest month end, computed from months before it."""
        spine, params = spine_of(self.scope, as_of, only)
        if as_of == self.warehouse.newest_as_of or not keys:
            return spine, params
        sql = frame_sql(keys, as_of, narrow=only is not None or not self.scope.whole_bank)
        # Inlined, the customers of a small book become a filter on the scan of everybody's months.
        spine = f"SELECT customer_no, customer_id FROM ({spine})"
        return f"WITH spine AS NOT MATERIALIZED ({spine}) SELECT * FROM ({sql})", params

    def joined(
        self,
        sql: str,
        *,
        what: str,
        as_of: date | None = None,
        sensitivity: str | None = None,
        values: Sequence[Any] = (),
    ) -> pa.Table:
        """What a statement says of customers, for those of the book only: customer_id and its other columns.

        sql : gives `customer_no`, in any number of rows a customer; it may read the book from `spine`
            (customer_no, customer_id). what : names it in the audit trail. sensitivity : the column class that a grant must have.
            values : of its question marks.
        Raises NotAllowed without that class.
        """
        if sensitivity and sensitivity not in self.scope.columns:
            kind = _(SENSITIVITIES[sensitivity])
            raise NotAllowed(_("Your permissions do not show {columns} figures.").format(columns=kind))
        spine, params = spine_of(self.scope, self.as_of(as_of))
        found = self.warehouse.query(
            f"""WITH spine AS (SELECT customer_no, customer_id FROM ({spine}))
            SELECT spine.customer_id, told.* EXCLUDE (customer_no)
            FROM spine JOIN ({sql}) AS told USING (customer_no) ORDER BY customer_no""",
            [*params, *values],
        )
        self._told((what,), runs(found["customer_id"]), as_of, customer_id=only_one(found["customer_id"]))
        return found

    def by_month(self, column: str) -> pd.DataFrame:
        """Month by month: month_end, value (a `monthly` column of an indicator, summed over the book)."""
        members, params = members_of(self.scope, self.warehouse.newest_as_of)
        columns = {row.monthly for row in self.usable().values()}
        if column not in columns:
            raise NotAllowed(_("There are no monthly figures for this indicator."))
        scale = "100.0" if column.endswith("_cents") else "1"
        spine, of_spine = spine_of(self.scope, self.warehouse.newest_as_of)
        rows = self.warehouse.query(
            f"""SELECT month_end, sum({column})::DOUBLE / {scale} AS value, (SELECT count(*) FROM ({spine})) AS customers
            FROM customer_month {members} WHERE month_end <= ? GROUP BY month_end ORDER BY month_end""",
            [*of_spine, *params, self.warehouse.newest_as_of],
        )
        months = frame_of(rows)
        self._told((f"by_month {column}",), int(months["customers"].max()) if len(months) else 0)
        return months[["month_end", "value"]]

    def volumes(
        self,
        by: Sequence[str] = (),
        first: date | None = None,
        last: date | None = None,
        measures: Sequence[str] = FIGURES,
        within: Within = (),
    ) -> Volumes:
        """How much business these customers did, from one month end to another, divided `by` DIVISIONS.

        within : (dimension, label) pairs of the part that is looked at alone.
        For whoever may not see them one by one, cells that would give somebody away are left out (`Totals`).
        Raises UnknownName, BadInput or NotAllowed, naming what.
        """
        found = self._totals.volumes(by, first, last, measures, within)
        condition, params = self.scope.totals_sql()
        sql = f"SELECT count(*) AS n FROM customer_now WHERE {condition}"
        size = self.warehouse.facts(sql, params)[0]["n"]
        asked = () if found.measures == FIGURES else found.measures
        what, period = ("volumes", *found.by, *asked), f"{found.first} – {found.last}"
        where = "; ".join([period, *(f"{name}: {label}" for name, label in within)])
        self.record(Read(what, int(size), found.last.isoformat(), where=where, totals=True))
        return found

    @property
    def _totals(self) -> Totals:
        condition, params = self.scope.totals_sql()
        floor = self.policy.floor if self.scope.totals_only else None
        return Totals(self.warehouse, condition, tuple(params), floor)

    def untold(self) -> dict[str, str]:
        """The measures of business that this person is not told here, and why."""
        reasons = {key: self._totals.why_not(key) for key in MEASURES}
        return {key: reason for key, reason in reasons.items() if reason}

    def names(self, customer_ids: Sequence[str]) -> pd.DataFrame:
        """customer_id and name of those who are in the book, masked unless the person may see names."""
        return self._customers("customer_id IN (SELECT unnest(?::VARCHAR[]))", [list(customer_ids)], None)

    def find(self, text: str, limit: int = 20) -> pd.DataFrame:
        """Customers whose number, or for those who may see names whose name, holds this text."""
        text = text.strip()
        by_name = " OR contains(lower(name), lower(?))" if "pii" in self.scope.columns else ""
        found = f"contains(lower(customer_id), lower(?)){by_name}"
        return self._customers(found, [text] * (2 if by_name else 1), limit, text)

    def _customers(self, where: str, values: list[Any], limit: int | None, text: str = "") -> pd.DataFrame:
        spine, params = spine_of(self.scope, self.warehouse.newest_as_of)
        rows = self.warehouse.query(
            f"""SELECT customer_id, name FROM customers SEMI JOIN ({spine}) USING (customer_no)
            WHERE {where} ORDER BY customer_no LIMIT {limit or 1_000_000_000}""",
            [*params, *values],
        )
        self._told(("name",), rows.num_rows, where=text, customer_id=only_one(rows["customer_id"]))
        return mask_columns(frame_of(rows), self.scope.columns)

    def attributes(self, customer_id: str) -> dict[str, Any]:
        """What is recorded of one customer. Raises UnknownName alike for one outside and for none."""
        spine, params = spine_of(self.scope, self.warehouse.newest_as_of)
        rows = frame_of(
            self.warehouse.query(
                f"""SELECT customers.* EXCLUDE (customer_no) FROM customers
                SEMI JOIN ({spine}) USING (customer_no) WHERE customer_id = ?""",
                [*params, customer_id],
            )
        )
        if rows.empty:
            said = _("There is no customer {id} in your book.").format(id=customer_id)
            self.record(Refusal(said, customer_id))
            raise UnknownName(said, _("Search by number or name; somebody else's customers are not shown."))
        self._told(("attributes",), 1, customer_id=customer_id)
        shown = mask_columns(rows, self.scope.columns).iloc[0].dropna()
        return {str(key): value for key, value in shown.items()}

    def frame_of(
        self, customer_id: str, keys: Sequence[str], *, as_of: date | None = None
    ) -> "pd.Series[Any]":
        """One customer's indicators, by key; empty for one who had not joined by then or is not in the book."""
        self.require(keys)
        rows, params = self._figures(tuple(keys), self.as_of(as_of), only=customer_id)
        columns = ", ".join(f'"{key}"' for key in keys)
        found = frame_of(self.warehouse.query(f"SELECT {columns} FROM ({rows})", params))
        self._told(keys, len(found), as_of, customer_id=customer_id)
        return pd.Series(dtype=object) if found.empty else found.iloc[0]

    def rows_of(self, table: str, customer_id: str, limit: int = 500) -> pd.DataFrame:
        """One customer's rows of a table, newest first, as `customer.READS` describes it."""
        self.attributes(customer_id)  # refuses a customer outside the book
        self._told((table,), 1, customer_id=customer_id)
        rows = frame_of(self.warehouse.query(f"{READS[table]} LIMIT {limit}", [customer_id]))
        return mask_columns(rows, self.scope.columns)  # a survey may have columns of any name


def frame_of(table: pa.Table) -> pd.DataFrame:
    """An Arrow table as a frame."""
    return cast(pd.DataFrame, table.to_pandas())
