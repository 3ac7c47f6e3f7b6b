-- Fetches whose answer was kept, and whose capture is not loaded: extraction was not finished, or a file was lost.
SELECT 'fetches of run ' || run_id AS place, count(*) AS fetch_count
FROM fetches ANTI JOIN captures USING (capture_id)
WHERE capture_id IS NOT NULL
GROUP BY run_id
ORDER BY run_id
