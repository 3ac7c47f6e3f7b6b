-- What became of the pages asked for since $from_at, by period: each page in one column.
-- Reads: fetches, captures. Parameters: $from_at, $period_us.
SELECT
  epoch_us(f.fetched_at) // $period_us AS period,
  count(*) FILTER (c.outcome = 'new') AS new_count,
  count(*) FILTER (c.outcome = 'changed') AS changed_count,
  count(*) FILTER (c.outcome IN ('unchanged', 'revisit') OR (c.outcome IS NULL AND f.outcome = 'not_modified'))
    AS unchanged_count,
  count(*) FILTER (c.outcome NOT IN ('new', 'changed', 'unchanged', 'revisit')) AS rejected_count,
  count(*) FILTER (c.outcome IS NULL AND f.outcome NOT IN ('not_modified', 'duplicate')) AS not_fetched_count
FROM fetches AS f
LEFT JOIN (SELECT capture_id, outcome FROM captures) AS c USING (capture_id)
WHERE f.kind = 'page' AND f.fetched_at >= $from_at
GROUP BY ALL
ORDER BY ALL
