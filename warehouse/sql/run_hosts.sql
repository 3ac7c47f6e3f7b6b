-- The hosts that took longest to answer in one run. Parameter: $run_id.
SELECT
  regexp_extract(a.url, '^https?://([^/]+)', 1) AS host,
  count(*) AS request_count,
  quantile_cont(a.latency_s, 0.5) AS latency_median_s,
  max(a.latency_s) AS latency_max_s,
  sum(a.wait_s) AS wait_s
FROM (SELECT unnest(attempts) AS a FROM fetches WHERE run_id = $run_id)
WHERE a.latency_s IS NOT NULL
GROUP BY host
ORDER BY latency_median_s DESC, host
LIMIT 5
