-- CDNOW purchases: customer id, id in the sample, yyyymmdd, number of CDs, dollars, between runs of blanks
-- (load with --base-currency USD). Three columns are enough for RFM, 80/20 and lifetime value.
WITH line AS (
    SELECT string_split_regex(trim(text), ' +') AS field
    FROM read_csv('cdnow_sample.txt', columns = {'text': 'VARCHAR'}, delim = '\t', quote = '',
                  header = false, auto_detect = false)
)
SELECT
    field[1] AS customer_id,
    strptime(field[3], '%Y%m%d') AS booked_at,
    field[5] AS amount
FROM line
