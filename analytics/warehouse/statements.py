"""One customer's profit in its lines: by account and month, and by the channel that was used."""

from datetime import date

from analytics.warehouse.pricing import DONE, HELD, lines, profit_of, settled_lines
from analytics.warehouse.relations import relation, sql_of

MONTHLY = ("customer_no", "month_end")


def account_lines_sql(customer_id: str, as_of: date, base: str, months: int = 12) -> str:
    """A row per account and month: customer_no, account_id, product, category, month_end, HELD, DONE, cents.

    `cents` is the line's sum; the lines of a month add up to the mart's profit exactly. account_id and product
    are empty for transactions that name no account.
    """
    spine = relation("spine")
    one = spine.filter(spine.customer_id == customer_id)
    rows = lines(base, as_of, months, one, MONTHLY, "account_id")
    accounts = relation("accounts").select("product_id", owned_id="account_id")
    products = relation("products").select("category", product="name", known_id="product_id")
    owned = accounts.left_join(products, accounts.product_id == products.known_id)
    rows = rows.mutate(cents=profit_of(rows))  # an expression of its own, or Ibis would go on with its joins
    told = rows.left_join(owned, rows.account_id == owned.owned_id)
    return sql_of(
        told.select(
            *MONTHLY, "account_id", "category", *HELD, *DONE, "cents",
            product=told["product"].fill_null(told.product_id),
        )
    )  # fmt: skip


def channel_lines_sql(customer_id: str, as_of: date, base: str, months: int = 12) -> str:
    """A row per channel: customer_no, channel, transactions, DONE; they add up to the marts' fees and costs."""
    spine = relation("spine")
    one = spine.filter(spine.customer_id == customer_id)
    rows = settled_lines(base, as_of, months, one, ("customer_no",), "channel")
    return sql_of(rows.select("customer_no", "channel", "transactions", *DONE))
