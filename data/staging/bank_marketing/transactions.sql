-- The yearly average balance in euros stands for a single movement on the day of the contact.
SELECT line AS customer_id, make_date(year, month_no, day) AS booked_at, balance AS amount, 'EUR' AS currency
FROM (
    SELECT *, 2008 + sum(CASE WHEN month_no < before THEN 1 ELSE 0 END) OVER (ORDER BY line)::BIGINT AS year
    FROM (
        SELECT *, lag(month_no, 1, month_no) OVER (ORDER BY line) AS before
        FROM (
            SELECT row_number() OVER () AS line, month(strptime(month, '%b')) AS month_no, *
            FROM read_csv('bank_marketing.csv.gz', delim = ';', quote = '"', header = true)
        )
    )
)
