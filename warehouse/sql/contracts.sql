-- The rules that each record of a batch must keep. What breaks one goes to quarantine, and the rest is loaded.
-- A rule depends on the record and its batch alone, so a rebuild comes to the same quarantine.
-- Reads: lake_* (views on the new batches), known_outcomes. Makes: violations.

CREATE OR REPLACE TEMP TABLE violations AS
SELECT 'captures' AS record, c.capture_id AS row_key, c.batch_id, unnest(list_filter([
  if(c.capture_id = '' OR c.url = '' OR c.final_url = '', 'no address', NULL),
  if(c.outcome NOT IN (SELECT outcome FROM known_outcomes WHERE record = 'captures'), 'unknown outcome', NULL),
  if(c.outcome IN ('new', 'changed', 'unchanged') AND a.capture_id IS NULL, 'capture without its article', NULL),
  if(c.payload_bytes < 0 OR c.warc_offset < 0 OR c.warc_file = '', 'no such place in the archive', NULL),
  if(c.status NOT BETWEEN 100 AND 999, 'no such HTTP status', NULL),
  if(year(c.captured_at) NOT BETWEEN 1970 AND 9998, 'captured at an impossible time', NULL)
], lambda rule: rule IS NOT NULL)) AS rule
FROM lake_captures AS c
LEFT JOIN (SELECT capture_id, batch_id FROM lake_articles) AS a USING (capture_id, batch_id)
UNION ALL
SELECT 'articles', a.capture_id, a.batch_id, unnest(list_filter([
  if(c.capture_id IS NULL, 'article of no capture', NULL),
  if(NOT regexp_full_match(a.article_id, '[0-9a-f]{32}'), 'article_id is no key', NULL),
  if(a.final_url = '' OR a.url = '', 'no address', NULL),
  if(trim(a.title) = '', 'blank title', NULL),
  if(a.word_count < 1, 'no words', NULL),
  if(a.content_hash = '', 'no content hash', NULL),
  -- a file's time of capture is its modification time, which an unpacked archive can set to anything
  if(a.published_at > a.captured_at + INTERVAL 1 DAY AND a.host <> '', 'published after its capture', NULL),
  if(a.modified_at > a.captured_at + INTERVAL 1 DAY AND a.host <> '', 'modified after its capture', NULL),
  if(year(a.published_at) < 1000 OR year(a.published_date) < 1000, 'published at an impossible time', NULL),
  if(year(a.modified_at) < 1000, 'modified at an impossible time', NULL),
  if(a.comment_count < 0, 'negative count', NULL)
], lambda rule: rule IS NOT NULL))
FROM lake_articles AS a
LEFT JOIN (SELECT capture_id, batch_id FROM lake_captures) AS c USING (capture_id, batch_id)
UNION ALL
SELECT 'comments', c.capture_id || ' ' || c.comment_id, c.batch_id, unnest(list_filter([
  if(a.capture_id IS NULL, 'comment on no article', NULL),
  if(trim(c.text) = '', 'blank text', NULL),
  if(c.position < 0, 'negative position', NULL),
  if(c.published_at > c.seen_at + INTERVAL 1 DAY AND a.host <> '', 'published after its capture', NULL),
  if(year(c.published_at) < 1000, 'published at an impossible time', NULL)
], lambda rule: rule IS NOT NULL))
FROM lake_comments AS c
LEFT JOIN (SELECT capture_id, batch_id, host FROM lake_articles) AS a USING (capture_id, batch_id)
UNION ALL
SELECT 'fetches', run_id || ' ' || url, batch_id, unnest(list_filter([
  if(outcome NOT IN (SELECT outcome FROM known_outcomes WHERE record = 'fetches'), 'unknown outcome', NULL),
  if(url = '', 'no address', NULL),
  if(raw_bytes < 0 OR wait_s < 0, 'negative amount', NULL),
  if(status NOT BETWEEN 100 AND 999, 'no such HTTP status', NULL),
  if(year(fetched_at) NOT BETWEEN 1970 AND 9998, 'fetched at an impossible time', NULL),
  if(outcome = 'captured' AND capture_id IS NULL, 'captured without a capture', NULL)
], lambda rule: rule IS NOT NULL))
FROM lake_fetches;
