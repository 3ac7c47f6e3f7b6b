-- The article that an address, an article_id or a capture_id names; of several, the one captured last.
-- Parameters: $wanted as given, $address normalised.
SELECT o.article_id
FROM observations AS o
JOIN captures AS c USING (capture_id)
WHERE o.article_id = $wanted
  OR c.capture_id = $wanted
  OR c.url IN ($wanted, $address)
  OR c.final_url IN ($wanted, $address)
ORDER BY c.captured_at DESC, o.article_id
LIMIT 1
