-- Captures that are in already, come again from an earlier place in the archive, and were read differently there.
-- A load cannot take back what the first reading led to; a rebuild can.
SELECT count(*)
FROM displaced
JOIN observations AS loaded USING (capture_id)
JOIN batches ON batches.batch_id = loaded.batch_id
JOIN staged_observations AS staged USING (capture_id)
WHERE staged.content_key <> loaded.content_key OR staged.extractor IS DISTINCT FROM batches.extractor
