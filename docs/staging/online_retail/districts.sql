-- The countries are the regions.
SELECT DISTINCT
    Country AS district_id,
    Country AS name,
    Country AS region
FROM 'online_retail_II.parquet'
