SELECT
  load_id, run_id, loaded_at, batch_count, new_count, changed_count, unchanged_count, rejected_count, comment_count,
  fetch_count
FROM loads
ORDER BY loaded_at DESC, load_id DESC
LIMIT ?
