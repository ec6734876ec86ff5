-- UCI Online Retail II: one row per line of an invoice, in pounds (load with --base-currency GBP).
--
-- amount    quantity x price: what the shop sells is money in (+), so that "most valuable" is "buys most".
-- cancelled An invoice that starts with C has negative quantities: kept as money out, so that a customer's
--           net is what was really bought. Nothing is matched to the sale that it cancels.
-- A...      Three "adjust bad debt" rows have a negative price and no customer.
-- no customer  Rows without a Customer ID (107,927) are left in here and rejected by the checks, where they
--           are counted and kept; taking them out in this file would hide a fifth of the data.
-- No transaction_id: an invoice has many lines, and two equal lines are two purchases.
SELECT
    "Customer ID" AS customer_id,
    CAST(InvoiceDate AS TIMESTAMP) AS booked_at,
    Quantity * Price AS amount,
    'GBP' AS currency,
    CASE left(Invoice, 1) WHEN 'C' THEN 'cancellation' WHEN 'A' THEN 'adjustment' ELSE 'sale' END AS kind
FROM 'online_retail_II.parquet'
