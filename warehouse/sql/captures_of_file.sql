-- The captures that the lake holds of one capture file. Reads: lake_captures (a view on its batches). Parameter: $file.
SELECT capture_id, warc_offset FROM lake_captures WHERE warc_file = $file
