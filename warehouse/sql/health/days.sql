-- The verdicts of each day of each source, worst first, beside what is counted of it.
-- Reads: source_verdicts. Changes: source_days.
CREATE OR REPLACE TEMP TABLE day_verdicts AS
WITH spread AS (
  SELECT
    source, verdict,
    list_position(['critical', 'warning', 'notice'], severity) AS rank,
    unnest(generate_series(
      CAST(period_at AT TIME ZONE 'UTC' AS DATE),
      CAST((period_at + to_microseconds(CAST(period_s * 1000000 AS BIGINT) - 1)) AT TIME ZONE 'UTC' AS DATE),
      INTERVAL 1 DAY
    )) AS day_date
  FROM source_verdicts
),
once AS (
  SELECT source, CAST(day_date AS DATE) AS day_date, verdict, min(rank) AS rank FROM spread GROUP BY ALL
)
SELECT source, day_date, list(verdict ORDER BY rank, verdict) AS verdicts FROM once GROUP BY ALL;

UPDATE source_days
SET verdicts = d.verdicts
FROM day_verdicts AS d
WHERE source_days.source = d.source AND source_days.day_date = d.day_date AND source_days.verdicts <> d.verdicts;

UPDATE source_days
SET verdicts = []
WHERE len(verdicts) > 0 AND (source, day_date) NOT IN (SELECT (source, day_date) FROM day_verdicts);
