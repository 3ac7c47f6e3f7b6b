-- The stories that were told anew.
-- Reads: told (the rows of story_articles), versions. Changes: stories, story_articles.

INSERT INTO story_articles BY NAME FROM told;

INSERT INTO stories BY NAME
WITH heads AS (
  SELECT story_id, article_id, domain, appeared_at FROM told WHERE is_first
),
titles AS (
  SELECT article_id, title, language FROM versions
  WHERE is_current AND article_id IN (SELECT article_id FROM heads)
),
counts AS (
  SELECT
    story_id, count(*) AS article_count, count(DISTINCT domain) AS domain_count,
    count(*) FILTER (WHERE is_embedding) AS embedding_count, max(appeared_at) AS last_published_at
  FROM told
  GROUP BY story_id
)
SELECT
  h.story_id, h.article_id AS first_article_id, h.domain AS first_domain, h.appeared_at AS first_published_at,
  c.last_published_at, t.title, t.language, c.article_count, c.domain_count, c.embedding_count
FROM heads AS h
JOIN counts AS c USING (story_id)
LEFT JOIN titles AS t USING (article_id);
