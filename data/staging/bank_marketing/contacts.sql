-- One contact a line, in order of time from May 2008 on: a month that lies before the last one begins a new year.
-- How long the call took (duration) is left out: it is known only once the answer is.
SELECT 'TD' AS campaign_id, line AS customer_id, make_date(year, month_no, day) AS contacted_at, false AS is_holdout,
    CASE WHEN y THEN make_date(year, month_no, day) END AS responded_at
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
