"""What can be read of one customer: one row a table. Only `Book.rows_of` runs these."""

READS = {
    "products": """SELECT account_id, products.name AS product, category, accounts.currency,
            opened_on, closed_on
        FROM accounts LEFT JOIN products USING (product_id)
        WHERE customer_id = ? ORDER BY closed_on IS NOT NULL, opened_on DESC, account_id""",
    "transactions": """SELECT booked_at, amount::DOUBLE AS amount, currency, kind, channel, category
        FROM transactions WHERE customer_no = (SELECT customer_no FROM customers WHERE customer_id = ?)
        ORDER BY booked_at DESC, transaction_id""",
    "months": """SELECT month_end, transactions, credit_cents / 100.0 AS money_in, debit_cents / 100.0 AS money_out,
            CASE WHEN balance_months > 0 THEN (deposit_cents + investment_cents) / 100.0 END AS balance
        FROM customer_month WHERE customer_no = (SELECT customer_no FROM customers WHERE customer_id = ?)
        ORDER BY month_end DESC""",
    "contacts": """SELECT contacted_at, coalesce(campaigns.name, campaign_id) AS campaign, campaigns.channel,
            coalesce(is_holdout, false) AS is_holdout, responded_at
        FROM contacts LEFT JOIN campaigns USING (campaign_id)
        WHERE customer_id = ? ORDER BY contacted_at DESC, campaign_id""",
    "surveys": """SELECT * EXCLUDE (customer_id, customer_no) FROM surveys
        WHERE customer_id = ? ORDER BY surveyed_on DESC""",
    "referrals": """SELECT referred_on FROM referrals
        WHERE referrer_id = ? ORDER BY referred_on DESC""",
}
