"""Transactions: by the calendar (salaries, interest, fees) and by habit."""

from dataclasses import fields

import duckdb

from analytics.warehouse.demo import habits
from analytics.warehouse.demo.affinities import SLOTS
from analytics.warehouse.demo.draws import bell, listed, percent, uniform
from analytics.warehouse.demo.habits import (
    CATEGORIES,
    CHANNELS,
    INTEREST,
    KINDS,
    MONTHLY_FEE,
    SALARY,
    STEPS,
    Kind,
)
from analytics.warehouse.demo.period import PEAK_SHARE, Month, Period
from analytics.warehouse.demo.products import BASE_CURRENCY
from analytics.warehouse.demo.writing import in_any_order, keep

LIMIT = 999  # transactions of one customer in one month, so that numbers stay three digits
ON_CARD = 0.75  # share of card payments that a card's holder makes with it
IN_FOREIGN = 0.12  # share of transactions on the foreign-currency account of those who have one
USED = ("loan", "card", "investment", "foreign")  # slots whose accounts show in transactions
REGULAR_PAY = 0.7  # whoever has fewer transactions a month than this is not paid here
RAISE = 0.05  # yearly growth of salaries
INTEREST_DAY = 21  # of the last month of a quarter


def plan_ledger(con: duckdb.DuckDBPyConnection, per_customer: int, period: Period) -> None:
    """Make `demo_flow`, one row a customer: how busy in a month, how much at a time, and through what.

    Busyness is scaled so that the bank has about `per_customer` transactions for each of its customers.
    Whole numbers are added up, for the sum of fractions would depend on the order of threads.
    """
    (total,) = con.execute(
        "SELECT sum(CAST(1000 * own_busyness AS BIGINT) * greatest(0, last_active - first_active + 1)) FROM demo_people"
    ).fetchall()[0]
    season = sum(month.season for month in period.calendar()) / period.months
    (customers,) = con.execute("SELECT count(*) FROM demo_people").fetchall()[0]
    scale = 1000 * per_customer * customers / (max(1, total or 0) * season)
    con.execute("CREATE TEMP TABLE demo_flow AS " + _flow(period, scale))


def _flow(period: Period, scale: float) -> str:
    """`ticket`: the usual amount, CNY. `<slot>_from`, `<slot>_to`: whole months in which an account is in use."""
    slots = ", ".join(
        f"""max(CASE WHEN slot = {number} THEN
            CAST(date_diff('month', DATE '{period.start}', opened_on) AS INTEGER) + 1 END) AS {name}_from,
        max(CASE WHEN slot = {number} THEN
            CAST(date_diff('month', DATE '{period.start}', in_use_until + 1) AS INTEGER) - 1 END) AS {name}_to"""
        for number, name in enumerate(SLOTS)
        if name in USED
    )
    return f"""
    WITH used AS (
        SELECT customer_no, {slots}, max(CASE WHEN slot = {SLOTS.index("foreign")} THEN currency END) AS currency,
            max(CASE WHEN slot = {SLOTS.index("foreign")} THEN cny END) AS cny,
            bool_or(slot = 0 AND category = 'deposit') AS has_interest
        FROM demo_accounts GROUP BY customer_no
    ), paced AS (
        SELECT *, own_busyness * {scale!r} AS pace, is_paid AND pace >= {REGULAR_PAY} AS gets_salary FROM demo_people
    )
    SELECT p.customer_no, p.key, p.customer_id, 'A' || p.customer_id[2:] AS account_stem, p.archetype_no * {STEPS} AS habit,
        p.first_active, p.last_active, p.pace, p.gets_salary, p.pay_day, p.monthly_income,
        p.is_business AS has_fee, u.has_interest,
        0.9 * p.monthly_income / greatest(1, p.pace - CAST(p.gets_salary AS INTEGER)) AS ticket,
        u.* EXCLUDE (customer_no, has_interest)
    FROM paced p JOIN used u USING (customer_no) ORDER BY p.customer_no"""


def write_transactions(con: duckdb.DuckDBPyConnection, period: Period) -> None:
    """Make `source.transactions`, each with its customer's and account's id. Needs `demo_flow`."""
    with in_any_order(con):
        keep(con, "transactions", _transactions(list(period.calendar())))


_PACE = f"""least({LIMIT}, greatest(CAST(gets_salary AS INTEGER), CAST(floor(
    pace * season * (0.5::DOUBLE + {uniform("busy month", "month_key")}) + {uniform("one more", "month_key")}) AS INTEGER)))"""

_STEP = f"""CASE WHEN gets_salary AND i = 0 THEN {SALARY}
    WHEN has_interest AND pays_interest AND i = 1 THEN {INTEREST}
    WHEN has_fee AND i = 2 THEN {MONTHLY_FEE} ELSE {percent("activity", "tx_key")} END"""

_INSTEAD = " ".join(
    f"WHEN drawn_no = {habits.number_of(name)} AND (month_no BETWEEN {slot}_from AND {slot}_to) IS NOT TRUE "
    f"THEN {habits.number_of(other)}"
    for name, (slot, other) in habits.INSTEAD.items()
)
_KIND_NO = f"CASE {_INSTEAD} ELSE drawn_no END"

_KIND = ", ".join(
    f"{listed((getattr(kind, field.name) for kind in KINDS.values()), 'kind_no')} AS {field.name}"
    for field in fields(Kind)
)

# Salaries follow the customer's income, all else the ticket. Raises come yearly, each customer's in their own month.
_SIZE = f"""CASE
    WHEN kind = 'salary' OR kind = 'pension' THEN monthly_income * CASE WHEN bonus AND kind = 'salary' THEN 2 ELSE 1 END
        * (1 + {RAISE}::DOUBLE * ((month_no + customer_no % 12) // 12))
    ELSE size * exp(spread * {bell("amount", "tx_key")}) * CASE WHEN step >= {SALARY} THEN monthly_income ELSE ticket END
    END"""

_DAY = f"""CASE step WHEN {SALARY} THEN pay_day WHEN {INTEREST} THEN {INTEREST_DAY} WHEN {MONTHLY_FEE} THEN days ELSE
    CASE WHEN shops AND peak_day IS NOT NULL AND {uniform("peak", "tx_key")} < {PEAK_SHARE}::DOUBLE THEN peak_day
    ELSE 1 + CAST(floor(days * {uniform("day", "tx_key")}) AS INTEGER) END END"""

_THROUGH = """CASE WHEN channel IS NOT NULL THEN channel
    WHEN kind = 'cash' AND chosen IN ('mobile', 'online', 'phone') THEN 'atm'
    WHEN kind = 'card' AND chosen IN ('branch', 'atm', 'phone') THEN 'online'
    WHEN kind = 'investment' AND chosen = 'atm' THEN 'mobile' ELSE chosen END"""

_SLOT = f"""CASE WHEN account = 'card' AND month_no BETWEEN card_from AND card_to
        AND {uniform("on card", "tx_key")} < {ON_CARD}::DOUBLE THEN {SLOTS.index("card")}
    WHEN account = 'investment' THEN {SLOTS.index("investment")}
    WHEN channel IS NULL AND month_no BETWEEN foreign_from AND foreign_to
        AND {uniform("foreign", "tx_key")} < {IN_FOREIGN}::DOUBLE THEN {SLOTS.index("foreign")} ELSE 0 END"""


# Each step only adds columns, and none joins, so that fifty million rows stream past without being held.
_DRAWN = f"""single AS (
    SELECT *, unnest(range({_PACE})) AS i FROM dated
), keyed AS (
    SELECT *, hash(xor(month_key, hash(i))) AS tx_key FROM single
), drawn AS (
    SELECT *, {_STEP} AS step FROM keyed
), numbered AS (
    SELECT *, {listed(habits.kinds(), "habit + step")} AS drawn_no, {_KIND_NO} AS kind_no FROM drawn
), known AS (
    SELECT *, {_KIND}, {listed(habits.choices(CHANNELS), f"habit + {percent('channel', 'tx_key')}")} AS chosen
    FROM numbered
), sized AS (
    SELECT *, {_SIZE} AS size_cny, {_DAY} AS day, {_THROUGH} AS through, {_SLOT} AS slot FROM known
), booked AS (
    SELECT *, slot = {SLOTS.index("foreign")} AS is_foreign,
        round(CASE WHEN kind = 'cash' THEN 100 * ceil(size_cny / 100) ELSE size_cny + 0.01::DOUBLE END
            / CASE WHEN is_foreign THEN cny ELSE 1 END, 2) AS absolute,
        CASE WHEN through IN ('branch', 'phone') THEN 32400 + CAST(30000 * {uniform("time", "tx_key")} AS BIGINT)
            ELSE 25200 + CAST(57600 * {uniform("time", "tx_key")} AS BIGINT) END AS second
    FROM sized
)"""

_AS_IN_THE_CONTRACT = f"""
SELECT customer_id, account_stem || slot AS account_id, sign * absolute AS amount,
    make_timestamp(epoch_us(starts_on) + ((day - 1) * 86400 + second) * 1000000) AS booked_at,
    'T' || (1000000 * CAST(customer_no AS BIGINT) + 1000 * month_no + i) AS transaction_id,
    CASE WHEN is_foreign THEN currency ELSE '{BASE_CURRENCY}' END AS currency, kind, through AS channel,
    CASE WHEN shops THEN {listed(habits.choices(CATEGORIES), f"habit + {percent('category', 'tx_key')}")} END AS category,
    CASE WHEN fee > 0 THEN least(fee_cap, round(fee * absolute, 2)) ELSE 0 END AS fee
FROM booked"""


def _transactions(calendar: list[Month]) -> str:
    """Every customer's months, and in each as many transactions as their pace and the season make."""
    months = ", ".join(
        f"{listed((getattr(month, name) for month in calendar), 'month_no')} AS {name}"
        for name in ("starts_on", "days", "season", "peak_day", "bonus", "pays_interest")
    )
    return f"""
    WITH monthly AS (
        SELECT *, unnest(range(first_active, last_active + 1)) AS month_no FROM demo_flow
    ), dated AS (
        SELECT *, {months}, hash(xor(key, hash(month_no))) AS month_key FROM monthly
    ), {_DRAWN} {_AS_IN_THE_CONTRACT}"""
