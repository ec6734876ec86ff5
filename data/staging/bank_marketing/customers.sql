-- UCI Bank Marketing (Moro, Cortez, Rita): one customer a line; the data have no key, so the line's number is it.
-- Only the age is known, at the time of the contact: the birthday is taken to be the first day of that year.
SELECT line AS customer_id, 'personal' AS customer_type, make_date(year - age, 1, 1) AS birth_date,
    job AS occupation, education, marital AS marital_status
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
