-- Fetches of one run by source and outcome. Parameter: $run_id.
SELECT source, outcome, count(*) FROM fetches WHERE run_id = $run_id GROUP BY ALL ORDER BY ALL
