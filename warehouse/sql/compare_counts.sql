-- How many articles end in which change: the newest capture of each address counts.
SELECT change, count(*)
FROM comparison
WHERE is_latest
GROUP BY change
