"""What people should know of the marts: amounts without a rate, balances without a price, channels without a cost."""

from collections.abc import Iterator

import duckdb

from analytics.formats import number
from analytics.translation import plural
from analytics.translation import translate as _

NAMED = 5  # products and channels that a warning names


def mart_warnings(con: duckdb.DuckDBPyConnection) -> list[str]:
    """What people should know of the marts of a database."""
    return [*_unconverted(con), *_unpriced(con), *_costless(con)]


def _unconverted(con: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Foreign amounts without a rate on or before their month's end are counted but carry no money: say so."""
    rows = con.execute(
        """SELECT currency, sum(transactions), sum(balances)
        FROM currency_month ANTI JOIN month_rate USING (currency, month_end)
        GROUP BY currency ORDER BY sum(transactions + balances) DESC, currency"""
    ).fetchall()
    for currency, count, held in rows:
        yield _(
            "There is no exchange rate of {currency} on or before the month's end (transactions: {count}, "
            "balances: {held}): they are counted, but their amounts are left out. Import rates, or load with "
            "--base-currency {currency}."
        ).format(count=number(count), held=number(held), currency=currency)


def _costless(con: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Transactions by a channel without a unit cost count as free of charge: say so."""
    rows = con.execute(
        """SELECT channel, count(*) FROM transactions WHERE channel IS NOT NULL AND EXISTS (FROM channel_costs)
        AND lower(channel) NOT IN (SELECT lower(channel) FROM channel_costs) GROUP BY channel ORDER BY 2 DESC, 1"""
    ).fetchall()
    if rows:
        count = sum(n for _channel, n in rows)
        said = plural(
            "{n} transaction came by a channel without a unit cost and counts as free of charge: {channels}.",
            "{n} transactions came by a channel without a unit cost and count as free of charge: {channels}.",
            count,
        )
        yield said.format(n=number(count), channels=", ".join(str(channel) for channel, _n in rows[:NAMED]))


def _unpriced(con: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Deposits and loans without a price in effect, and balances of no known kind, earn no spread: say so."""
    rows = con.execute(
        """WITH held AS (
            SELECT product_id, month_end, count(*) AS n FROM balances JOIN accounts USING (account_id) GROUP BY ALL
        )
        SELECT coalesce(product_id, '?'), category IS NULL, sum(n) FROM held LEFT JOIN products USING (product_id)
        WHERE EXISTS (FROM product_rates) AND (category IS NULL OR category IN ('deposit', 'loan', 'card'))
        AND NOT EXISTS (
            FROM price_period WHERE price_period.product_id = held.product_id
            AND held.month_end >= starts AND held.month_end < ends AND category IS NOT NULL
        ) GROUP BY ALL ORDER BY sum(n) DESC, 1"""
    ).fetchall()
    for unknown, said in (
        (False, _("{n} balances have no price in effect and earn no spread; products: {products}.")),
        (
            True,
            _("{n} balances are of no known category of product and earn no spread; products: {products}."),
        ),
    ):
        named = [(product, count) for product, kind, count in rows if kind == unknown]
        if named:
            products = ", ".join(product for product, _count in named[:NAMED])
            yield said.format(n=number(sum(count for _product, count in named)), products=products)
