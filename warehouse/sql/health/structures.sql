-- How many pages of each touched period have each signature. Parameter: $period_us.
SELECT source, period, structure, count(*) AS page_count
FROM (
  SELECT source, epoch_us(captured_at) // $period_us AS period, structure
  FROM captures
  WHERE structure IS NOT NULL
)
SEMI JOIN touched_periods USING (source, period)
GROUP BY ALL
