-- All contacts sold one product, a term deposit.
SELECT 'TD' AS campaign_id, 'Term deposit' AS name, 'phone' AS channel, DATE '2008-05-01' AS starts_on
