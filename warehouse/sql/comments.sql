-- A comment is first and last seen over all captures of its article; what it says is as last seen.
-- Reads: lake_comments (view on the new batches), violations, staged_observations, touched_observations, moved.
-- Changes: comments.

CREATE OR REPLACE TEMP TABLE seen AS
SELECT
  c.comment_id, o.article_id, c.parent_id, c.position, c.author, c.published_at, c.text,
  c.seen_at AS first_seen_at, c.seen_at AS last_seen_at, c.capture_id
FROM lake_comments AS c
SEMI JOIN staged_observations AS s USING (capture_id, batch_id)
ANTI JOIN (SELECT row_key, batch_id FROM violations WHERE record = 'comments') AS broken
  ON broken.row_key = c.capture_id || ' ' || c.comment_id AND broken.batch_id = c.batch_id
JOIN touched_observations AS o USING (capture_id);

INSERT INTO seen BY NAME
SELECT c.* REPLACE (m.new_id AS article_id)
FROM comments AS c
JOIN (SELECT DISTINCT old_id, new_id FROM moved) AS m ON m.old_id = c.article_id;

DELETE FROM comments WHERE article_id IN (SELECT old_id FROM moved);

INSERT INTO seen BY NAME
SELECT * FROM comments SEMI JOIN seen USING (article_id, comment_id);

CREATE OR REPLACE TEMP TABLE comment_states AS
SELECT
  * EXCLUDE (first_seen_at),
  min(first_seen_at) OVER (PARTITION BY article_id, comment_id) AS first_seen_at
FROM seen
QUALIFY row_number() OVER (
  PARTITION BY article_id, comment_id ORDER BY last_seen_at DESC, capture_id DESC, position DESC, text DESC
) = 1;

UPDATE comments AS c
SET
  parent_id = s.parent_id, position = s.position, author = s.author, published_at = s.published_at, text = s.text,
  first_seen_at = s.first_seen_at, last_seen_at = s.last_seen_at, capture_id = s.capture_id
FROM comment_states AS s
WHERE c.article_id = s.article_id AND c.comment_id = s.comment_id;

INSERT INTO comments BY NAME
SELECT * FROM comment_states ANTI JOIN comments USING (article_id, comment_id);
