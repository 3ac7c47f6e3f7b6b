-- The last ten requests of each source that failed. Parameter: $from_at.
SELECT source, fetched_at, url, outcome, detail
FROM fetches
WHERE fetched_at >= $from_at
  AND outcome NOT IN (
    'captured', 'not_modified', 'read', 'duplicate', 'budget', 'out_of_scope', 'deferred', 'robots_denied'
  )
QUALIFY row_number() OVER (PARTITION BY source ORDER BY fetched_at DESC, url) <= 10
ORDER BY source, fetched_at DESC, url
