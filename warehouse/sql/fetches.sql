-- A fetch is one event: the same one in two batches (a crawl that was killed and went on) is one row.
-- Reads: lake_fetches (view on the new batches). Changes: fetches.
INSERT INTO fetches BY NAME
SELECT * EXCLUDE (batch_id)
FROM lake_fetches
ANTI JOIN fetches USING (run_id, source, url, fetched_at, outcome)
QUALIFY row_number() OVER (PARTITION BY run_id, source, url, fetched_at, outcome ORDER BY detail) = 1
