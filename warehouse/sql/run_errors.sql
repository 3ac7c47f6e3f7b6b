-- What went wrong most in one run: outcomes by source, with one address of each. Parameter: $run_id.
SELECT source, outcome, count(*) AS error_count, min(url) AS example_url, min(detail) AS detail
FROM (
  SELECT source, outcome, url, detail FROM fetches
  WHERE run_id = $run_id
    AND outcome NOT IN ('captured', 'not_modified', 'read', 'duplicate', 'out_of_scope', 'robots_denied')
  UNION ALL
  SELECT c.source, c.outcome, c.url, c.detail
  FROM captures AS c
  JOIN (SELECT capture_id FROM fetches WHERE run_id = $run_id AND capture_id IS NOT NULL) AS f USING (capture_id)
  WHERE c.outcome NOT IN ('new', 'changed', 'unchanged', 'revisit')
)
GROUP BY source, outcome
ORDER BY error_count DESC, source, outcome
LIMIT 10
