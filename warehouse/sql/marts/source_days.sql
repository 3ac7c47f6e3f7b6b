-- The days of sources that changed, made anew. A capture that came late may have turned captures of other days from new
-- to unchanged, so all days on which a touched article was captured count.
-- Reads: touched_days, timeline, staged_captures, captures, versions, fetches. Changes: source_days.

INSERT INTO touched_days
SELECT DISTINCT c.source, CAST(c.captured_at AT TIME ZONE 'UTC' AS DATE)
FROM captures AS c
WHERE capture_id IN (SELECT capture_id FROM timeline ANTI JOIN staged_captures USING (capture_id));

DELETE FROM source_days WHERE (source, day_date) IN (FROM touched_days);

INSERT INTO source_days BY NAME
WITH days AS MATERIALIZED (
  SELECT DISTINCT source, day_date FROM touched_days
),
captured AS (
  SELECT
    source, day_date,
    count(*) AS capture_count,
    count(*) FILTER (outcome = 'new') AS new_count,
    count(*) FILTER (outcome = 'changed') AS changed_count,
    count(*) FILTER (outcome = 'unchanged') AS unchanged_count,
    count(*) FILTER (outcome NOT IN ('new', 'changed', 'unchanged', 'revisit')) AS rejected_count,
    count(*) FILTER (outcome = 'revisit') AS revisit_count,
    histogram(outcome) AS capture_outcomes
  FROM (SELECT source, CAST(captured_at AT TIME ZONE 'UTC' AS DATE) AS day_date, outcome FROM captures)
  SEMI JOIN days USING (source, day_date)
  GROUP BY ALL
),
shown AS (
  SELECT
    source, day_date,
    count(*) AS version_count,
    CAST(sum(word_count) AS BIGINT) AS word_count,
    avg(CAST(published_at IS NOT NULL AS INTEGER)) AS dated_share,
    avg(CAST(is_authored AS INTEGER)) AS authored_share,
    count(latency_s) AS latency_count,
    quantile_cont(latency_s, 0.5) AS latency_median_s,
    quantile_cont(latency_s, 0.9) AS latency_p90_s
  FROM (
    SELECT
      source, CAST(captured_at AT TIME ZONE 'UTC' AS DATE) AS day_date, word_count, published_at,
      len(authors) > 0 AS is_authored,
      if(
        version_number = 1 AND published_precision IN ('minute', 'second') AND published_at <= captured_at,
        epoch(captured_at) - epoch(published_at),
        NULL
      ) AS latency_s
    FROM versions
  )
  SEMI JOIN days USING (source, day_date)
  GROUP BY ALL
),
fetched AS (
  SELECT source, day_date, count(*) AS fetch_count, histogram(outcome) AS fetch_outcomes
  FROM (SELECT source, CAST(fetched_at AT TIME ZONE 'UTC' AS DATE) AS day_date, outcome FROM fetches)
  SEMI JOIN days USING (source, day_date)
  GROUP BY ALL
)
SELECT
  source, day_date,
  coalesce(capture_count, 0) AS capture_count,
  coalesce(new_count, 0) AS new_count,
  coalesce(changed_count, 0) AS changed_count,
  coalesce(unchanged_count, 0) AS unchanged_count,
  coalesce(rejected_count, 0) AS rejected_count,
  coalesce(revisit_count, 0) AS revisit_count,
  coalesce(capture_outcomes, MAP {}) AS capture_outcomes,
  coalesce(version_count, 0) AS version_count,
  coalesce(word_count, 0) AS word_count,
  dated_share,
  authored_share,
  coalesce(latency_count, 0) AS latency_count,
  latency_median_s,
  latency_p90_s,
  coalesce(fetch_count, 0) AS fetch_count,
  coalesce(fetch_outcomes, MAP {}) AS fetch_outcomes,
  [] AS verdicts
FROM captured
FULL JOIN shown USING (source, day_date)
FULL JOIN fetched USING (source, day_date);
