-- The links of each version, in step with the versions, and how often domains link to each other.
-- The counts are changed by what the touched articles' current versions no longer link to and now do: nothing else is
-- read. Reads: known_articles, touched_observations, touched_versions, told_otherwise, spans, missing, observations,
-- lake_links (view on the batches that hold what is missing). Changes: version_links, domain_links.

CREATE OR REPLACE TEMP TABLE link_counts AS
SELECT
  CAST(date_trunc('month', linked_date) AS DATE) AS month_date, from_domain, domain AS to_domain,
  -count(*) AS link_count, -count(DISTINCT article_id) AS article_count
FROM version_links
WHERE is_current AND article_id IN (FROM known_articles)
GROUP BY ALL;

DELETE FROM version_links
WHERE article_id IN (FROM known_articles)
  AND capture_id NOT IN (SELECT capture_id FROM spans ANTI JOIN missing USING (capture_id));

UPDATE version_links AS l
SET article_id = s.article_id, is_current = s.is_current
FROM (FROM told_otherwise WHERE is_moved OR is_ended) AS s
WHERE l.capture_id = s.capture_id AND (l.article_id <> s.article_id OR l.is_current <> s.is_current);

CREATE OR REPLACE TEMP VIEW new_links AS
SELECT
  l.* EXCLUDE (batch_id) REPLACE (m.article_id AS article_id),
  v.source,
  v.domain AS from_domain,
  CAST(coalesce(v.published_at, v.captured_at) AT TIME ZONE 'UTC' AS DATE) AS linked_date,
  m.is_current
FROM lake_links AS l
JOIN missing AS m ON m.capture_id = l.capture_id AND m.batch_id = l.batch_id
JOIN touched_versions AS v ON v.capture_id = l.capture_id;

INSERT INTO link_counts
SELECT CAST(date_trunc('month', linked_date) AS DATE), from_domain, domain, count(*), count(DISTINCT article_id)
FROM version_links
WHERE is_current AND article_id IN (FROM known_articles)
GROUP BY ALL;

-- an article's current version is one of these or one of those, so that none is counted twice
INSERT INTO link_counts
SELECT CAST(date_trunc('month', linked_date) AS DATE), from_domain, domain, count(*), count(DISTINCT article_id)
FROM new_links
WHERE is_current
GROUP BY ALL;

INSERT INTO version_links BY NAME FROM new_links;

CREATE OR REPLACE TEMP TABLE link_changes AS
SELECT
  month_date, from_domain, to_domain,
  CAST(sum(link_count) AS BIGINT) AS link_count, CAST(sum(article_count) AS BIGINT) AS article_count
FROM link_counts
GROUP BY ALL
HAVING sum(link_count) <> 0 OR sum(article_count) <> 0;

INSERT INTO link_changes BY NAME
SELECT * FROM domain_links SEMI JOIN link_changes USING (month_date, from_domain, to_domain);

DELETE FROM domain_links
WHERE (month_date, from_domain, to_domain) IN (SELECT (month_date, from_domain, to_domain) FROM link_changes);

INSERT INTO domain_links BY NAME
SELECT
  month_date, from_domain, to_domain,
  CAST(sum(link_count) AS BIGINT) AS link_count, CAST(sum(article_count) AS BIGINT) AS article_count
FROM link_changes
GROUP BY ALL
HAVING sum(link_count) <> 0;

-- Which article a link leads to: for links that are new here, and for pages that are new here or moved.
UPDATE version_links AS l
SET target_article_id = p.article_id
FROM (
  SELECT DISTINCT CAST('0x' || coalesce(page_key, article_id)[:15] AS BIGINT) AS target_key, article_id
  FROM touched_observations
) AS p
WHERE l.target_key = p.target_key AND l.target_article_id IS DISTINCT FROM p.article_id;

UPDATE version_links AS l
SET target_article_id = o.article_id
FROM (
  SELECT DISTINCT n.target_key, o.article_id
  FROM (
    SELECT left(article_id, 15) AS page_start, article_id FROM observations WHERE page_key IS NULL
    UNION ALL
    SELECT left(page_key, 15), article_id FROM observations WHERE page_key IS NOT NULL
  ) AS o
  JOIN (
    SELECT DISTINCT target_key, format('{:015x}', target_key) AS page_start
    FROM version_links
    WHERE target_article_id IS NULL AND capture_id IN (SELECT capture_id FROM missing)
  ) AS n USING (page_start)
) AS o
WHERE l.target_key = o.target_key AND l.target_article_id IS DISTINCT FROM o.article_id;
