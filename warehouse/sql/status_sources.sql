SELECT
  source,
  any_value(kind) AS kind,
  CAST(coalesce(sum(fetch_count), 0) AS BIGINT) AS fetch_count,
  CAST(coalesce(sum(capture_count), 0) AS BIGINT) AS capture_count,
  CAST(coalesce(sum(article_count), 0) AS BIGINT) AS article_count,
  CAST(coalesce(sum(rejected_count), 0) AS BIGINT) AS rejected_count,
  max(last_captured_at) AS last_captured_at
FROM (
  SELECT source, kind FROM sources
  UNION ALL BY NAME
  SELECT source, count(*) AS fetch_count FROM fetches GROUP BY source
  UNION ALL BY NAME
  SELECT
    c.source,
    count(*) AS capture_count,
    count(DISTINCT o.article_id) AS article_count,
    count(*) FILTER (WHERE o.capture_id IS NULL AND c.outcome <> 'revisit') AS rejected_count,
    max(c.captured_at) AS last_captured_at
  FROM captures AS c
  LEFT JOIN observations AS o USING (capture_id)
  GROUP BY c.source
)
GROUP BY source
ORDER BY source
