"""The floor: eight indicators from raw transactions, in one statement written by hand for this one purpose.

Stated in the transactions' own currencies, without converting anything, over dense customer numbers, with bits for
months instead of a distinct count: less than the product has to do. Several ways of writing it compete; the
fastest on the day is the floor.
"""

from datetime import date, timedelta

import duckdb

from analytics.calendar import months_before
from analytics.warehouse.engine import open_warehouse
from analytics.warehouse.versions import version_file
from tests.bench.measure import Work, warehouse_folder

# {start}: first day of the twelve months; {end}: first day after them. A month of the year is a bit:
# twelve months in a row hold each once.
_FILTERED = """
SELECT {key}, n AS transactions_count_12m, credit AS credit_amount_12m, credit - net AS debit_amount_12m,
    net AS net_amount_12m, (2 * credit - net) / nullif(n, 0) AS average_ticket_12m,
    bit_count(months) AS active_months_12m, DATE '{as_of}' - last::DATE AS days_since_last_transaction,
    date_diff('month', first, DATE '{as_of}') AS months_since_first_transaction
FROM (
    SELECT {key}, count(*) FILTER (booked_at >= DATE '{start}') AS n,
        sum({amount}) FILTER (booked_at >= DATE '{start}' AND amount > 0) AS credit,
        sum({amount}) FILTER (booked_at >= DATE '{start}') AS net,
        bit_or(1 << (month(booked_at) - 1)) FILTER (booked_at >= DATE '{start}') AS months,
        max(booked_at) AS last, min(booked_at) AS first
    FROM transactions WHERE booked_at < DATE '{end}' GROUP BY {key}
)"""
_CASES = """
SELECT {key}, n AS transactions_count_12m, credit AS credit_amount_12m, credit - net AS debit_amount_12m,
    net AS net_amount_12m, (2 * credit - net) / nullif(n, 0) AS average_ticket_12m,
    bit_count(months) AS active_months_12m, DATE '{as_of}' - last::DATE AS days_since_last_transaction,
    date_diff('month', first, DATE '{as_of}') AS months_since_first_transaction
FROM (
    SELECT {key}, sum(inside::INTEGER) AS n, sum(CASE WHEN inside AND amount > 0 THEN amount ELSE 0 END) AS credit,
        sum(CASE WHEN inside THEN amount ELSE 0 END) AS net,
        bit_or(CASE WHEN inside THEN 1 << (month - 1) ELSE 0 END) AS months, max(booked_at) AS last, min(booked_at) AS first
    FROM (
        SELECT {key}, {amount} AS amount, booked_at, booked_at >= DATE '{start}' AS inside, month(booked_at) AS month
        FROM transactions WHERE booked_at < DATE '{end}'
    ) GROUP BY {key}
)"""
_TWO_SCANS = """
SELECT {key}, n AS transactions_count_12m, credit AS credit_amount_12m, credit - net AS debit_amount_12m,
    net AS net_amount_12m, (2 * credit - net) / n AS average_ticket_12m,
    bit_count(months) AS active_months_12m, DATE '{as_of}' - last::DATE AS days_since_last_transaction,
    date_diff('month', first, DATE '{as_of}') AS months_since_first_transaction
FROM (
    SELECT {key}, max(booked_at) AS last, min(booked_at) AS first
    FROM transactions WHERE booked_at < DATE '{end}' GROUP BY {key}
) LEFT JOIN (
    SELECT {key}, count(*) AS n, sum(CASE WHEN amount > 0 THEN {amount} ELSE 0 END) AS credit, sum({amount}) AS net,
        bit_or(1 << (month(booked_at) - 1)) AS months
    FROM transactions WHERE booked_at >= DATE '{start}' AND booked_at < DATE '{end}' GROUP BY {key}
) USING ({key})"""
_EXACT, _FLOATING = "amount", "amount::DOUBLE"

VARIANTS: dict[str, tuple[str, dict[str, str]]] = {
    "filtered sums by number": (_FILTERED, {"key": "customer_no", "amount": _FLOATING}),
    "filtered sums by number, exact": (_FILTERED, {"key": "customer_no", "amount": _EXACT}),
    "filtered sums by id": (_FILTERED, {"key": "customer_id", "amount": _FLOATING}),
    "cases by number": (_CASES, {"key": "customer_no", "amount": _FLOATING}),
    "window and whole apart": (_TWO_SCANS, {"key": "customer_no", "amount": _FLOATING}),
}


def statement(variant: str, as_of: date) -> str:
    """The SQL of one way of writing it."""
    text, choices = VARIANTS[variant]
    start = months_before(as_of, 12) + timedelta(days=1)
    return text.format(as_of=as_of, start=start, end=as_of + timedelta(days=1), **choices)


def floor(variant: str) -> Work:
    """The statement over the bank's own table of transactions, its answer as Arrow."""
    warehouse = open_warehouse(warehouse_folder())
    con = duckdb.connect()
    con.execute(f"ATTACH '{version_file(warehouse.root, warehouse.version)}' AS bank (READ_ONLY); USE bank")
    sql = statement(variant, warehouse.newest_as_of)
    return lambda: con.execute(sql).to_arrow_table().num_rows
