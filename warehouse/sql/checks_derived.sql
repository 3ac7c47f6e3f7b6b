-- What must hold in the tables that a load derives: stories and days. Each row that comes back is a problem, in words.
SELECT 'story ' || min(story_id) || ' counts other articles than it has' AS problem
FROM stories AS s
LEFT JOIN (SELECT story_id, count(*) AS n FROM story_articles GROUP BY story_id) AS a USING (story_id)
WHERE s.article_count IS DISTINCT FROM a.n
HAVING count(*) > 0
UNION ALL
SELECT 'story ' || min(story_id) || ' is told and not listed'
FROM story_articles ANTI JOIN stories USING (story_id)
HAVING count(*) > 0
UNION ALL
SELECT 'story ' || min(story_id) || ' has no first article, or several'
FROM (SELECT story_id FROM story_articles GROUP BY story_id HAVING count(*) FILTER (WHERE is_first) <> 1)
HAVING count(*) > 0
UNION ALL
SELECT 'story article ' || min(article_id) || ' is no article'
FROM story_articles ANTI JOIN versions USING (article_id)
HAVING count(*) > 0
UNION ALL
SELECT 'link in capture ' || min(capture_id) || ', which starts no version'
FROM version_links ANTI JOIN versions USING (capture_id)
HAVING count(*) > 0
UNION ALL
SELECT 'source_days count ' || days || ' captures, and there are ' || captures
FROM (
  SELECT
    (SELECT CAST(coalesce(sum(capture_count), 0) AS BIGINT) FROM source_days) AS days,
    (SELECT count(*) FROM captures) AS captures
)
WHERE days <> captures
