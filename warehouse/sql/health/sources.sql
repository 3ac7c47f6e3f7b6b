-- Every source that is configured or was ever asked: kind, and when an article was last new.
SELECT
  source,
  any_value(kind) AS kind,
  max(period_at) FILTER (new_count > 0) AS last_new_at,
  max(period_at) FILTER (request_count > 0) AS last_asked_at
FROM (
  SELECT source, kind FROM sources
  UNION ALL BY NAME
  SELECT source, period_at, new_count, request_count FROM source_periods
)
GROUP BY source
ORDER BY source
