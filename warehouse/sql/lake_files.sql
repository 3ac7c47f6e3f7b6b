-- The capture files that the lake's records were read from, oldest first by their newest capture.
-- Reads: lake_captures (a view on all batches).
SELECT warc_file, count(*) AS capture_count, min(captured_at) AS oldest_at, max(captured_at) AS newest_at
FROM lake_captures
GROUP BY warc_file
ORDER BY newest_at, warc_file
