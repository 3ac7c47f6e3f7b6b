-- Sources whose captures in this load look unlike all before: a template that changed shows here first.
-- Only for sources with 20 captures in the load and 50 before it. Reads: captures, observations, versions,
-- staged_captures, source_days (which say how many a source has). Each row is a warning, in words.
WITH brought AS MATERIALIZED (
  SELECT n.source
  FROM (SELECT source, count(*) AS capture_count FROM staged_captures GROUP BY source) AS n
  JOIN (SELECT source, sum(capture_count) AS capture_count FROM source_days GROUP BY source) AS d USING (source)
  WHERE n.capture_count >= 20 AND d.capture_count >= n.capture_count + 50
),
of_sources AS MATERIALIZED (
  SELECT capture_id, source FROM captures WHERE source IN (FROM brought)
),
shares AS (
  SELECT
    c.source,
    s.capture_id IS NOT NULL AS is_now,
    count(*) AS capture_count,
    avg(CAST(o.capture_id IS NULL AS INTEGER)) AS rejected,
    avg(CAST(v.published_at IS NOT NULL AS INTEGER)) FILTER (WHERE v.capture_id IS NOT NULL) AS dated,
    avg(CAST(len(v.authors) > 0 AS INTEGER)) FILTER (WHERE v.capture_id IS NOT NULL) AS authored,
    median(v.word_count) AS words
  FROM of_sources AS c
  LEFT JOIN (SELECT capture_id FROM staged_captures) AS s USING (capture_id)
  LEFT JOIN (SELECT capture_id FROM observations WHERE capture_id IN (SELECT capture_id FROM of_sources)) AS o
    USING (capture_id)
  LEFT JOIN (
    SELECT capture_id, published_at, authors, word_count
    FROM versions
    WHERE capture_id IN (SELECT capture_id FROM of_sources)
  ) AS v USING (capture_id)
  GROUP BY ALL
),
compared AS (
  SELECT n.source, unnest([
    {'what': 'rejected captures', 'now': n.rejected, 'was': b.rejected, 'odd': n.rejected > 0.3 + b.rejected},
    {'what': 'articles with a date', 'now': n.dated, 'was': b.dated, 'odd': n.dated < 0.5 * b.dated},
    {'what': 'articles with an author', 'now': n.authored, 'was': b.authored, 'odd': n.authored < 0.5 * b.authored}
  ], recursive := true)
  FROM shares AS n
  JOIN shares AS b ON b.source = n.source AND n.is_now AND NOT b.is_now
  WHERE n.capture_count >= 20 AND b.capture_count >= 50
  UNION ALL
  SELECT n.source, 'words in an article', n.words, b.words, n.words < 0.3 * b.words
  FROM shares AS n
  JOIN shares AS b ON b.source = n.source AND n.is_now AND NOT b.is_now
  WHERE n.capture_count >= 20 AND b.capture_count >= 50
)
SELECT
  format('source {}: {} went from {:.2f} to {:.2f}', source, what, was, now) AS warning
FROM compared
WHERE odd
ORDER BY ALL
