-- A fetch is one event: the same one in two batches (a crawl that was killed and went on) is one row.
-- Reads: lake_fetches (view on the new batches), violations. Changes: fetches.
INSERT INTO fetches BY NAME
SELECT * EXCLUDE (batch_id)
FROM lake_fetches AS f
ANTI JOIN (SELECT row_key, batch_id FROM violations WHERE record = 'fetches') AS broken
  ON broken.row_key = f.run_id || ' ' || f.url AND broken.batch_id = f.batch_id
ANTI JOIN fetches USING (run_id, source, url, fetched_at, outcome)
QUALIFY row_number() OVER (PARTITION BY run_id, source, url, fetched_at, outcome ORDER BY detail) = 1
