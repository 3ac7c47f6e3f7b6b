-- Captures of one run by source and outcome: those that its fetches name, and those in files that it took.
-- Parameters: $run_id, $warc_files.
SELECT source, outcome, count(*)
FROM captures
WHERE capture_id IN (SELECT capture_id FROM fetches WHERE run_id = $run_id)
  OR warc_file IN (SELECT unnest($warc_files))
GROUP BY ALL
ORDER BY ALL
