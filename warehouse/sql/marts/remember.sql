-- The days of sources that this load may change, as far as its own records name them. Later it could not be told any
-- more: the view on the new fetches is gone, and so are the rows of captures that stand elsewhere too.
-- Reads: staged_captures, displaced, captures, lake_fetches (view on the new batches). Makes: touched_days.
CREATE OR REPLACE TEMP TABLE touched_days AS
SELECT source, CAST(captured_at AT TIME ZONE 'UTC' AS DATE) AS day_date FROM staged_captures
UNION
SELECT source, CAST(captured_at AT TIME ZONE 'UTC' AS DATE) FROM captures WHERE capture_id IN (FROM displaced)
UNION
SELECT source, CAST(fetched_at AT TIME ZONE 'UTC' AS DATE) FROM lake_fetches;
