-- What came of every source in one run: each page asked for is in exactly one of the counts. A source whose feed or
-- sitemap could not be read has a row too, with no page in it.
-- Parameter: $run_id.
WITH asked AS (
    SELECT
        f.source,
        f.kind,
        f.kind = 'page' AS is_page,
        f.outcome AS fetched,
        nullif(c.outcome, 'revisit') AS kept,  -- a revisit record holds no page of its own
        f.outcome = 'not_modified' AS is_same,
        f.outcome = 'http_4xx' AND f.detail LIKE 'gone%' AS is_gone
    FROM fetches AS f
    LEFT JOIN captures AS c USING (capture_id)
    WHERE f.run_id = $run_id AND f.kind <> 'robots'
)
SELECT
    source,
    count(*) FILTER (is_page) AS page_count,
    count(*) FILTER (is_page AND kept = 'new') AS new_count,
    count(*) FILTER (is_page AND kept = 'changed') AS changed_count,
    count(*) FILTER (is_page AND kept = 'unchanged') AS unchanged_count,
    count(*) FILTER (is_page AND kept NOT IN ('new', 'changed', 'unchanged')) AS rejected_count,
    count(*) FILTER (is_page AND is_same) AS not_modified_count,
    count(*) FILTER (is_page AND is_gone) AS gone_count,
    count(*) FILTER (is_page AND kept IS NULL AND NOT is_same AND NOT is_gone) AS not_fetched_count,
    string_agg(DISTINCT if(is_page, fetched, kind || ' ' || fetched), ', ' ORDER BY if(is_page, fetched, kind || ' ' || fetched)) FILTER (
        if(is_page, kept IS NULL AND fetched NOT IN ('not_modified', 'http_4xx'), fetched NOT IN ('read', 'not_modified'))
    ) AS why_not
FROM asked
GROUP BY source
HAVING page_count > 0 OR why_not IS NOT NULL
ORDER BY source
