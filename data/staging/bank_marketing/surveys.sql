-- What else was known of the customer before the call: earlier contacts, their outcome, and loans.
-- campaign counts the calls of this campaign with the one told of; pdays is -1 where nobody called before.
SELECT line AS customer_id, make_date(year, month_no, day) AS surveyed_on, "default" AS in_default,
    housing AS housing_loan, loan AS personal_loan, contact AS contact_by, campaign AS calls, pdays AS days_since,
    previous AS calls_before, poutcome AS outcome_before
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
