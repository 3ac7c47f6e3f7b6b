-- What is known of the touched periods, in counts (transforms.health_records.SourcePeriod); templates come beside.
-- Reads: touched_periods, fetches, captures, versions, observations. Parameter: $period_us.
WITH asked AS (
  SELECT
    source, period, kind, outcome,
    outcome NOT IN ('out_of_scope', 'budget', 'address_forbidden', 'deferred', 'duplicate', 'robots_denied')
      OR is_redirected AS is_request,
    is_redirected,
    outcome = 'deferred' AND (starts_with(detail, 'the site is down') OR starts_with(detail, 'the site asked')) AS is_put_off,
    outcome IN ('captured', 'not_modified', 'read') AS is_answered,
    outcome = 'http_4xx' AND starts_with(coalesce(detail, ''), 'gone') AS is_gone,
    final_url, robots_digest, attempts
  FROM (
    SELECT
      source, epoch_us(fetched_at) // $period_us AS period, kind, outcome, detail, final_url, robots_digest, attempts,
      kind = 'page' AND outcome IN ('captured', 'not_modified', 'duplicate', 'out_of_scope')
        AND len(list_filter(attempts, lambda a: a.status IN (301, 302, 303, 307, 308))) > 0 AS is_redirected
    FROM fetches
  )
  SEMI JOIN touched_periods USING (source, period)
),
requests AS (
  SELECT
    source, period,
    count(*) FILTER (is_request) AS request_count,
    count(*) FILTER (is_request AND kind IN ('feed', 'sitemap', 'home')) AS listing_count,
    count(*) FILTER (is_answered AND kind IN ('feed', 'sitemap', 'home')) AS listing_read_count,
    count(*) FILTER (kind = 'page' AND (is_request OR outcome = 'robots_denied')) AS page_count,
    count(*) FILTER (kind = 'page' AND (is_answered OR is_redirected)) AS answered_count,
    count(*) FILTER (kind = 'page' AND outcome = 'robots_denied') AS denied_count,
    count(*) FILTER (outcome = 'http_4xx' AND NOT is_gone) AS client_error_count,
    count(*) FILTER (outcome = 'http_5xx') AS server_error_count,
    count(*) FILTER (outcome = 'rate_limited') AS rate_limited_count,
    count(*) FILTER (
      outcome IN ('dns', 'refused', 'reset', 'timeout', 'tls', 'truncated', 'bad_response', 'robots_unreachable')
    ) AS unreachable_count,
    count(*) FILTER (is_put_off) AS put_off_count,
    count(*) FILTER (is_redirected) AS redirected_count,
    count(DISTINCT final_url) FILTER (is_redirected) AS redirect_target_count,
    coalesce(
      list_sort(list_distinct(list(regexp_extract(final_url, '^https?://[^/]+') || ' ' || robots_digest))), []
    ) AS robots_digests
  FROM asked
  GROUP BY ALL
),
answers AS (
  SELECT source, period, count(*) AS latency_count, quantile_cont(latency_s, 0.5) AS latency_median_s
  FROM (SELECT source, period, unnest(attempts, recursive := true) FROM (SELECT source, period, attempts FROM asked))
  WHERE status IS NOT NULL AND latency_s IS NOT NULL
  GROUP BY ALL
),
kept AS (
  SELECT
    source, period,
    count(*) AS capture_count,
    count(*) FILTER (outcome = 'new') AS new_count,
    count(*) FILTER (outcome IN ('extract_empty', 'empty')) AS empty_count,
    count(*) FILTER (wall = 'consent') AS consent_count,
    count(*) FILTER (wall = 'paywall') AS paywall_count
  FROM (SELECT source, epoch_us(captured_at) // $period_us AS period, outcome, wall FROM captures)
  SEMI JOIN touched_periods USING (source, period)
  WHERE outcome <> 'revisit'
  GROUP BY ALL
),
of_versions AS MATERIALIZED (
  SELECT * FROM (
    SELECT
      source, epoch_us(captured_at) // $period_us AS period, capture_id, article_id, word_count,
      published_at IS NOT NULL AS is_dated,
      len(authors) > 0 AS is_authored
    FROM versions
  )
  SEMI JOIN touched_periods USING (source, period)
),
shown AS (
  SELECT
    source, period,
    count(*) AS version_count,
    count(*) FILTER (is_dated) AS dated_count,
    count(*) FILTER (is_authored) AS authored_count,
    CAST(quantile_cont(word_count, 0.5) AS DOUBLE) AS word_median,
    count(DISTINCT article_id) FILTER (text_hash IS NOT NULL) AS text_count,
    least(
      count(DISTINCT text_hash), count(DISTINCT article_id) FILTER (text_hash IS NOT NULL)
    ) AS distinct_text_count
  FROM of_versions
  LEFT JOIN (
    SELECT capture_id, text_hash FROM observations WHERE capture_id IN (SELECT capture_id FROM of_versions)
  ) USING (capture_id)
  GROUP BY ALL
)
SELECT
  source, period,
  coalesce(request_count, 0) AS request_count,
  coalesce(listing_count, 0) AS listing_count,
  coalesce(listing_read_count, 0) AS listing_read_count,
  coalesce(page_count, 0) AS page_count,
  coalesce(answered_count, 0) AS answered_count,
  coalesce(denied_count, 0) AS denied_count,
  coalesce(client_error_count, 0) AS client_error_count,
  coalesce(server_error_count, 0) AS server_error_count,
  coalesce(rate_limited_count, 0) AS rate_limited_count,
  coalesce(unreachable_count, 0) AS unreachable_count,
  coalesce(put_off_count, 0) AS put_off_count,
  coalesce(redirected_count, 0) AS redirected_count,
  coalesce(redirect_target_count, 0) AS redirect_target_count,
  coalesce(latency_count, 0) AS latency_count,
  latency_median_s,
  coalesce(robots_digests, []) AS robots_digests,
  coalesce(capture_count, 0) AS capture_count,
  coalesce(new_count, 0) AS new_count,
  coalesce(empty_count, 0) AS empty_count,
  coalesce(consent_count, 0) AS consent_count,
  coalesce(paywall_count, 0) AS paywall_count,
  coalesce(version_count, 0) AS version_count,
  coalesce(dated_count, 0) AS dated_count,
  coalesce(authored_count, 0) AS authored_count,
  word_median,
  coalesce(text_count, 0) AS text_count,
  coalesce(distinct_text_count, 0) AS distinct_text_count
FROM requests
FULL JOIN answers USING (source, period)
FULL JOIN kept USING (source, period)
FULL JOIN shown USING (source, period)
