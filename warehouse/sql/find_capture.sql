-- The newest capture of an address, or the capture of that id; one that has a page in it before one that has none.
-- Parameters: $wanted as given, $address normalised.
SELECT
    capture_id,
    warc_file,
    warc_offset
FROM captures
WHERE capture_id = $wanted OR url IN ($wanted, $address) OR final_url IN ($wanted, $address)
ORDER BY
    outcome IN ('http_status', 'revisit', 'not_html', 'empty', 'truncated', 'bad_response'),
    captured_at DESC,
    warc_file DESC,
    warc_offset DESC
LIMIT 1
