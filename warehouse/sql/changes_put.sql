-- Write what was compared. Reads: compared (capture_id, previous_capture_id and the four columns). Changes: versions.
UPDATE versions AS v
SET
  previous_capture_id = c.previous_capture_id,
  changed_fields = c.changed_fields,
  words_added_count = c.words_added_count,
  words_removed_count = c.words_removed_count,
  is_silent = c.is_silent
FROM compared AS c
WHERE v.capture_id = c.capture_id;
