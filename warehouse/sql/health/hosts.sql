-- The hosts that took longest to answer since $from_at, and how many requests that is of.
SELECT
  regexp_extract(a.url, '^https?://([^/]+)', 1) AS host,
  count(*) AS request_count,
  quantile_cont(a.latency_s, 0.5) AS latency_median_s,
  max(a.latency_s) AS latency_max_s,
  count(*) FILTER (a.status IS NULL OR a.status >= 400) AS failed_count
FROM (SELECT unnest(attempts) AS a FROM fetches WHERE fetched_at >= $from_at)
WHERE a.latency_s IS NOT NULL
GROUP BY ALL
ORDER BY latency_median_s DESC, host
LIMIT 10
