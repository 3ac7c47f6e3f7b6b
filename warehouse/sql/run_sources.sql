-- What came of every source in one run: each page asked for is in exactly one of the counts.
-- Parameter: $run_id.
SELECT
    f.source,
    count(*) AS page_count,
    count(*) FILTER (c.outcome = 'new') AS new_count,
    count(*) FILTER (c.outcome = 'changed') AS changed_count,
    count(*) FILTER (c.outcome = 'unchanged') AS unchanged_count,
    count(*) FILTER (c.outcome NOT IN ('new', 'changed', 'unchanged', 'revisit')) AS rejected_count,
    count(*) FILTER (f.outcome = 'not_modified') AS not_modified_count,
    count(*) FILTER (f.outcome = 'http_4xx' AND f.detail LIKE 'gone%') AS gone_count,
    count(*) FILTER (
        coalesce(c.outcome, 'revisit') = 'revisit' AND f.outcome <> 'not_modified' AND NOT (f.outcome = 'http_4xx' AND f.detail LIKE 'gone%')
    ) AS not_fetched_count,
    string_agg(DISTINCT f.outcome, ', ' ORDER BY f.outcome) FILTER (
        coalesce(c.outcome, 'revisit') = 'revisit' AND f.outcome NOT IN ('not_modified', 'http_4xx')
    ) AS why_not
FROM fetches AS f
LEFT JOIN captures AS c USING (capture_id)
WHERE f.run_id = $run_id AND f.kind = 'page'
GROUP BY f.source
ORDER BY f.source
