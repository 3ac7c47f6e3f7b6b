-- What is known of the reached pages, as some capture showed them. A page's own key is page_key, or article_id where that
-- is null: asked for apart, since an expression of both is worked out for every row there is.
-- Reads: reached_pages, observations, captures. Changes: page_sightings.
INSERT INTO page_sightings
SELECT page_key AS own_key, article_id, canonical_key, title_hash, text_hash, capture_id
FROM observations
WHERE page_key IN (FROM reached_pages)
UNION ALL
SELECT article_id, article_id, canonical_key, title_hash, text_hash, capture_id
FROM observations
WHERE article_id IN (FROM reached_pages) AND page_key IS NULL;

SELECT s.own_key, s.canonical_key, s.title_hash, s.text_hash, min(c.captured_at) AS captured_at
FROM page_sightings AS s
JOIN (SELECT capture_id, captured_at FROM captures) AS c USING (capture_id)
GROUP BY ALL;
