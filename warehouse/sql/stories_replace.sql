-- What the touched articles' signatures were and are.
-- Reads: known_articles, former_versions, story_now, story_signed, article_signatures. Makes: story_before, story_after,
-- story_renewed, story_dropped and story_added (views), story_seeds, story_deltas and story_known (empty), story_members
-- (view: what is known of the articles that this load has to do with).

CREATE OR REPLACE TEMP TABLE story_before AS
SELECT s.article_id, f.capture_id, f.domain, f.appeared_at, s.shingle_count, s.hashes
FROM article_signatures AS s
LEFT JOIN former_versions AS f USING (article_id)
WHERE s.article_id IN (SELECT article_id FROM known_articles);

CREATE OR REPLACE TEMP TABLE story_after AS
SELECT
  n.article_id, n.capture_id, n.domain, n.appeared_at,
  coalesce(s.shingle_count, b.shingle_count) AS shingle_count,
  coalesce(s.hashes, b.hashes) AS hashes
FROM story_now AS n
LEFT JOIN story_signed AS s USING (article_id)
LEFT JOIN story_before AS b USING (article_id);

DROP TABLE story_signed;

CREATE OR REPLACE TEMP TABLE story_renewed AS
SELECT
  coalesce(b.article_id, a.article_id) AS article_id,
  b.hashes IS DISTINCT FROM a.hashes OR b.domain IS DISTINCT FROM a.domain AS is_other_text
FROM story_before AS b
FULL JOIN story_after AS a USING (article_id)
WHERE b.hashes IS DISTINCT FROM a.hashes
  OR b.capture_id IS DISTINCT FROM a.capture_id
  OR b.domain IS DISTINCT FROM a.domain
  OR b.appeared_at IS DISTINCT FROM a.appeared_at;

CREATE OR REPLACE TEMP VIEW story_dropped AS
SELECT article_id, hashes FROM story_before
WHERE article_id IN (SELECT article_id FROM story_renewed WHERE is_other_text);

CREATE OR REPLACE TEMP VIEW story_added AS
SELECT article_id, hashes FROM story_after
WHERE article_id IN (SELECT article_id FROM story_renewed WHERE is_other_text);

CREATE OR REPLACE TEMP TABLE story_seeds AS SELECT article_id FROM story_renewed;
CREATE OR REPLACE TEMP TABLE story_deltas (article_id VARCHAR, other_id VARCHAR, shared_count BIGINT);
CREATE OR REPLACE TEMP TABLE story_known AS
SELECT article_id, domain, appeared_at, shingle_count, hashes FROM story_after LIMIT 0;

CREATE OR REPLACE TEMP VIEW story_members AS
SELECT article_id, domain, appeared_at, shingle_count, hashes FROM story_after
UNION ALL
FROM story_known;
