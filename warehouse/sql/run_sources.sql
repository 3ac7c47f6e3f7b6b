-- What came of every source in one run: each page asked for is in exactly one of the counts.
-- Parameter: $run_id.
WITH asked AS (
    SELECT
        f.source,
        f.outcome AS fetched,
        nullif(c.outcome, 'revisit') AS kept,  -- a revisit record holds no page of its own
        f.outcome = 'not_modified' AS is_same,
        f.outcome = 'http_4xx' AND f.detail LIKE 'gone%' AS is_gone
    FROM fetches AS f
    LEFT JOIN captures AS c USING (capture_id)
    WHERE f.run_id = $run_id AND f.kind = 'page'
)
SELECT
    source,
    count(*) AS page_count,
    count(*) FILTER (kept = 'new') AS new_count,
    count(*) FILTER (kept = 'changed') AS changed_count,
    count(*) FILTER (kept = 'unchanged') AS unchanged_count,
    count(*) FILTER (kept NOT IN ('new', 'changed', 'unchanged')) AS rejected_count,
    count(*) FILTER (is_same) AS not_modified_count,
    count(*) FILTER (is_gone) AS gone_count,
    count(*) FILTER (kept IS NULL AND NOT is_same AND NOT is_gone) AS not_fetched_count,
    string_agg(DISTINCT fetched, ', ' ORDER BY fetched) FILTER (
        kept IS NULL AND fetched NOT IN ('not_modified', 'http_4xx')
    ) AS why_not
FROM asked
GROUP BY source
ORDER BY source
