"""What can be told of business, what it can be divided by, and the statement that tells it.

Measures that flow are added up over months; balances stand, and are those of the last month of whatever they are told
for. Customers who did something are counted once each, so that their counts don't add up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from analytics.translation import mark as _
from analytics.warehouse.doings import LABELS, bit_of_month, counted_before
from analytics.warehouse.volumes import DIMENSIONS, MARTS, SUMS, volume_mart_sql

PERIODS = ("month", "quarter", "year")
OF_CUSTOMERS = ("branch", "region", "department", "area")
OF_ACCOUNTS = (*OF_CUSTOMERS, "product", "category", "currency")
OF_TRANSACTIONS = (*OF_ACCOUNTS, "channel", "kind")
DIVISIONS = (*PERIODS, *DIMENSIONS, "area", "category")


@dataclass(frozen=True)
class Measure:
    """One figure. source : the mart that holds it. by : what it can be divided by, beside periods.

    needs : what must be loaded for it, as "table.column". stands : it is of a month's end, not of its days.
    """

    key: str
    label: str
    source: str
    by: tuple[str, ...] = OF_TRANSACTIONS
    unit: str = "count"
    needs: tuple[str, ...] = ()
    stands: bool = False


_ALL = (
    Measure("transactions", _("Transactions"), "volume_month"),
    Measure("amount_in", _("Money in"), "volume_month", unit="currency"),
    Measure("amount_out", _("Money out"), "volume_month", unit="currency"),
    Measure("fees", _("Fees"), "volume_month", unit="currency"),
    Measure("customers", _("Active customers"), "people"),
    Measure("balance_held", _("Balances held"), "balance_month", OF_ACCOUNTS, "currency",
            ("balances.average_balance",), stands=True),
    Measure("balance_lent", _("Balances lent"), "balance_month", OF_ACCOUNTS, "currency",
            ("balances.average_balance", "products.category"), stands=True),
    Measure("new_accounts", _("New accounts"), "account_month", OF_ACCOUNTS, needs=("accounts.opened_on",)),
    Measure("closed_accounts", _("Closed accounts"), "account_month", OF_ACCOUNTS, needs=("accounts.closed_on",)),
    Measure("new_customers", _("New customers"), "joined_month", OF_CUSTOMERS, needs=("customers.onboarded_on",)),
    Measure("lost_customers", _("Lost customers"), "joined_month", OF_CUSTOMERS, needs=("accounts.closed_on",)),
)  # fmt: skip
MEASURES: dict[str, Measure] = {measure.key: measure for measure in _ALL}
IN_CENTS = (*SUMS, "balance_held", "balance_lent")


@dataclass(frozen=True)
class Question:
    """A table of one source: of which months, divided by what, of which part alone.

    within : (dimension, label) pairs that hold for whatever is counted. areas : the area of each branch, None where
        none is asked for; a branch that is not there is its own. inside : count the branches alone that are there.
    condition, values : which customers' units, over `volume_unit`.
    """

    by: tuple[str, ...]
    months: tuple[date, ...]
    within: tuple[tuple[str, str | None], ...]
    areas: Mapping[str, str] | None
    inside: bool
    condition: str
    values: tuple[Any, ...]

    @property
    def dimensions(self) -> set[str]:
        """Whatever is divided by or picked from."""
        return {*self.by, *(name for name, _label in self.within)} - set(PERIODS)

    @property
    def doings(self) -> set[str]:
        """The dimensions that only transactions tell."""
        return self.dimensions & set(LABELS)


def table_sql(
    source: str, keys: Sequence[str], question: Question, base: str, newest: date, start: date, built: bool
) -> tuple[str, list[Any]]:
    """The statement of a table's `by` (months as month_end) and the measures `keys` of one source, and its parameters.

    Amounts are in cents. start : the month that `doing_months` counts back from.
    built : whether the version has MARTS; where it has not they are computed on the way.
    """
    marts = (
        [] if built else [f"{mart} AS ({volume_mart_sql(mart, base, newest, start=start)})" for mart in MARTS]
    )
    unit = f"unit AS (SELECT * FROM volume_unit WHERE {question.condition})"
    values: list[Any] = list(question.values)
    areas = ""
    if question.areas is not None:
        areas = """LEFT JOIN (SELECT unnest(?::VARCHAR[]) AS its_branch, unnest(?::VARCHAR[]) AS its_area)
            ON its_branch = branch"""
        values += [list(question.areas), list(question.areas.values())]
    category = "LEFT JOIN (SELECT product_id AS its_product, category FROM products) ON its_product = product"
    joins = [areas, category if "category" in question.dimensions and source != "people" else ""]
    conditions, more = _picked(question, stands=MEASURES[keys[0]].stands)
    told = ", ".join(f"sum({key})::BIGINT AS {key}" for key in keys)
    by = ", ".join(f"{_column(name)} AS {'month_end' if name == 'month' else name}" for name in question.by)
    order = (
        f"ORDER BY {', '.join(str(place) for place in range(1, len(question.by) + 1))}" if question.by else ""
    )
    sql = f"""WITH {", ".join([*marts, unit])}
    SELECT {by + ", " if by else ""}{told} FROM ({_rows(source, question, start)}) {" ".join(joins)}
    WHERE {conditions} GROUP BY ALL HAVING count(*) > 0 {order}"""
    return sql, [*values, *more]


def _rows(source: str, question: Question, start: date) -> str:
    if source == "people":
        return _people(question, start)
    return (
        f"SELECT {source}.*, branch_id AS branch, region, department FROM {source} JOIN unit USING (unit_no)"
    )


def _people(question: Question, start: date) -> str:
    """Numbers of customers who did something, by what is asked for and each of the finest periods of it."""
    finest = next((name for name in PERIODS if name in question.by), None)
    spans: dict[tuple[Any, int], int] = {}
    ends: dict[Any, date] = {}
    for month in question.months:
        period, (block, bit) = _period(month, finest), bit_of_month(month, start)
        spans[period, block] = spans.get((period, block), 0) | bit
        ends[period] = month
    told = [(block, bits, bits & -bits, ends[period]) for (period, block), bits in spans.items()]
    units = question.dimensions & {"region", "department"}
    if question.areas is not None or "branch" in question.dimensions:
        units |= {"branch_id AS branch"}
    columns = "".join(f"{name}, " for name in sorted(units | question.doings))
    rows = "doing_months JOIN doing USING (doing_no) JOIN unit USING (unit_no)"
    values = ", ".join(f"({block}, {bits}, {first}, DATE '{end}')" for block, bits, first, end in told)
    span = f"(VALUES {values}) AS span(block, asked, first, month_end)"
    if len(told) > len(ends):  # a period lies in two blocks, and so do its customers
        return f"""SELECT DISTINCT {columns}customer_no, month_end, 1 AS customers
        FROM {rows} JOIN {span} USING (block) WHERE months & asked <> 0"""
    return f"""SELECT * FROM (
        SELECT {columns}block, {_counted(told, question.doings)} AS counted, count(*) AS customers
        FROM {rows} WHERE counted <> 0 GROUP BY ALL
    ) JOIN {span} USING (block) WHERE counted & first <> 0"""


def _counted(spans: Sequence[tuple[int, int, int, date]], doings: set[str]) -> str:
    """In which spans, told by the bits of their first months, a row counts its customer: in those of no row before."""
    before = counted_before(doings - {"category"} if "product" in doings else doings)
    if all(bits == first for _block, bits, first, _end in spans):  # each is one month
        blocks = sorted({block for block, *_span in spans})
        asked = [
            f"WHEN {block} THEN {sum(bits for its, bits, *_span in spans if its == block)}"
            for block in blocks
        ]
        return f"months & ~{before} & CASE block {' '.join(asked)} ELSE 0 END"
    return " + ".join(
        f"if(block = {block} AND months & {bits} <> 0 AND {before} & {bits} = 0, {first}, 0)"
        for block, bits, first, _end in spans
    )


def _period(month: date, finest: str | None) -> Any:
    return {"month": month, "quarter": (month.year, (month.month - 1) // 3), "year": month.year}.get(
        finest or ""
    )


def _column(name: str) -> str:
    """A division as an expression; months are numbered within their years, so that they sort."""
    return {
        "month": "month_end::DATE",
        "quarter": "year(month_end) * 10 + quarter(month_end)",
        "year": "year(month_end)",
        "area": "coalesce(its_area, branch)",
    }.get(name, name)


def _picked(question: Question, *, stands: bool) -> tuple[str, list[Any]]:
    """The conditions of a table's rows, and their parameters."""
    told = ["month_end >= ? AND month_end <= ?"]
    values: list[Any] = [question.months[0], question.months[-1]]
    if stands:
        told.append("month_end IN (SELECT unnest(?::DATE[]))")
        values.append(list(_ends(question.by, question.months)))
    if question.inside:
        told.append("its_area IS NOT NULL")
    for name, label in question.within:
        told.append(f"{name} IS NOT DISTINCT FROM ?")
        values.append(label)
    return " AND ".join(told), values


def _ends(by: Sequence[str], months: Sequence[date]) -> tuple[date, ...]:
    """The months that a standing figure is told of: the last one of each period.

    >>> _ends(("quarter",), (date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 31)))
    (datetime.date(2026, 3, 31), datetime.date(2026, 5, 31))
    """
    finest = next((name for name in PERIODS if name in by), None)
    kept: dict[Any, date] = {}
    for month in months:
        kept[_period(month, finest)] = month
    return tuple(kept.values())
