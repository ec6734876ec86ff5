"""Accounts and their monthly balances."""

import duckdb

from analytics.warehouse.demo import affinities
from analytics.warehouse.demo.affinities import PARTNERS, SLOTS
from analytics.warehouse.demo.draws import bell, normal, percent, uniform
from analytics.warehouse.demo.period import Period
from analytics.warehouse.demo.products import CURRENCIES
from analytics.warehouse.demo.writing import help_with, in_any_order, keep

CLOSES_EARLY = 0.25  # share of accounts, the everyday one left out, that are closed before the customer goes
REVOLVES = 0.2  # share of months in which a card carries a balance
IN_ARREARS = 0.04  # share of borrowers who fall behind, for some months
EARLY = 0.75  # below 1: accounts were opened early in the time that they may have been, not evenly over it
WITH_BALANCE = ("deposit", "loan", "card", "fund", "wealth")


def write_accounts(con: duckdb.DuckDBPyConnection) -> None:
    """Make `source.accounts` and the helper `demo_accounts`. Needs `demo_people` and `demo_products`."""
    help_with(con, "demo_affinities", "archetype_no slot step product_id median", affinities.rows())
    help_with(con, "demo_slots", "slot partner", [(n, _partner(name)) for n, name in enumerate(SLOTS)])
    help_with(con, "demo_units", "currency cny", [("CNY", 1.0), *CURRENCIES.items()])
    con.execute("CREATE TEMP TABLE demo_accounts AS " + _ACCOUNTS)
    keep(con, "accounts", "FROM demo_accounts")


def _partner(slot: str) -> int:
    """The slot whose decision this one may follow; its own number without one."""
    return SLOTS.index(PARTNERS.get(slot, slot))


_SLOT_KEY = "hash(xor(p.key, hash(s.slot)))"
_PARTNER_KEY = f"CASE WHEN {uniform('follows', _SLOT_KEY)} < 0.5 THEN hash(xor(p.key, hash(s.partner))) ELSE {_SLOT_KEY} END"

_ACCOUNTS = f"""
WITH chosen AS (
    SELECT p.*, s.slot, {_SLOT_KEY} AS slot_key, {percent("holds", f"({_PARTNER_KEY})")} AS step
    FROM demo_people p CROSS JOIN demo_slots s
), held AS (
    SELECT c.*, a.product_id, r.category, r.currency, r.term, u.cny,
        a.median * exp(c.wealth * (0.75 * c.wealth_draw + 0.66 * {normal("level", "slot_key")}))
            * [1.25, 1.0, 0.85, 0.75][c.city_tier::INTEGER] / u.cny AS level,
        CASE WHEN c.slot = 0 THEN c.onboarded_on ELSE c.until - CAST(floor(pow({uniform("opened", "slot_key")}, {EARLY})
            * least(c.until - c.onboarded_on, 30 * r.term)) AS INTEGER) END AS opened_on
    FROM chosen c
    JOIN demo_affinities a USING (archetype_no, slot, step)
    JOIN demo_products r USING (product_id)
    JOIN demo_units u USING (currency)
), ended AS (
    SELECT *, CASE WHEN slot > 0 AND {uniform("closes", "slot_key")} < {CLOSES_EARLY}
            THEN opened_on + CAST(floor({uniform("closed", "slot_key")} * (until - opened_on)) AS INTEGER)
        WHEN has_left THEN until END AS closed_on
    FROM held
)
SELECT customer_no, customer_id, key, archetype_no, slot, slot_key, product_id, category, currency, term, level, cny,
    'A' || customer_id[2:] || slot AS account_id, opened_on, closed_on, coalesce(closed_on, until) AS in_use_until
FROM ended ORDER BY customer_no, slot
"""


def write_balances(con: duckdb.DuckDBPyConnection, period: Period) -> None:
    """Make `source.balances`: every month from opening to closing that holds at least one unit of money."""
    with in_any_order(con):
        keep(con, "balances", _balances(period))


_SWING = f"exp(0.10 * {bell('swing', 'month_key')})"


def _balances(period: Period) -> str:
    """Deposits drift and swing, loans are paid down evenly over their term, cards revolve in some months.

    A borrower in trouble falls behind for up to six months and then catches up again.
    """
    index = f"CAST(date_diff('month', DATE '{period.start}', {{day}}) AS INTEGER)"
    drift = f"exp(0.12 * {bell('drift', 'slot_key')} * (month_no - {period.months - 1}) / 12.0)"
    settled = f"CAST(floor({period.months} * {uniform('behind', 'slot_key')}) AS INTEGER)"
    return f"""
    WITH lasting AS (
        SELECT *, {index.format(day="opened_on")} AS opened, {index.format(day="in_use_until")} AS closed,
            {uniform("in arrears", "slot_key")} < {IN_ARREARS} AS in_trouble
        FROM demo_accounts WHERE category IN {WITH_BALANCE}
    ), monthly AS (
        SELECT *, unnest(range(greatest(0, opened), closed + 1)) AS month_no FROM lasting WHERE closed >= 0
    ), valued AS (
        SELECT *, hash(xor(slot_key, hash(month_no))) AS month_key, CASE category
            WHEN 'loan' THEN level * greatest(0.02, 1 - (month_no - opened) / term)
            WHEN 'card' THEN CASE WHEN {uniform("revolves", "month_key")} < {REVOLVES} THEN level * {_SWING} ELSE 0 END
            ELSE level * {drift} * {_SWING} * least(1, (month_no - opened + 1) / 3.0) END AS balance,
            CASE WHEN in_trouble THEN 30 * greatest(0, 6 - abs(month_no - {settled})) ELSE 0 END AS behind
        FROM monthly
    )
    SELECT account_id, last_day(DATE '{period.start}' + to_months(month_no)) AS month_end,
        round(balance, 2) AS average_balance, CASE WHEN category IN ('loan', 'card') THEN behind END AS days_past_due
    FROM valued WHERE balance >= 1"""
