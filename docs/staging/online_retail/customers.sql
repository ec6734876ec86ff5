-- One row per customer. The source has only their country; the newest invoice's stays.
SELECT
    "Customer ID" AS customer_id,
    arg_max(Country, InvoiceDate) AS district_id
FROM 'online_retail_II.parquet'
WHERE "Customer ID" IS NOT NULL
GROUP BY "Customer ID"
