-- The marts that are worked out when they are asked for: each reads narrow columns alone. Reads: versions, not the view
-- with texts on it, so that no text is looked for.

CREATE OR REPLACE VIEW links AS
SELECT
  article_id, position, url, host, domain, text, is_internal, is_nofollow, is_sponsored, is_ugc, target_article_id,
  source, from_domain, linked_date, capture_id
FROM version_links
WHERE is_current;
COMMENT ON VIEW links IS 'The links inside the text of the current version of each article';
COMMENT ON COLUMN links.article_id IS 'the article whose text it stands in';
COMMENT ON COLUMN links.position IS 'order within the text, from 0';
COMMENT ON COLUMN links.url IS 'the address that it leads to, absolute and normalised';
COMMENT ON COLUMN links.host IS 'host name of that address';
COMMENT ON COLUMN links.domain IS 'registrable domain of that host by the public suffix list; the host where there is none';
COMMENT ON COLUMN links.text IS 'the words that are linked';
COMMENT ON COLUMN links.is_internal IS 'whether it stays on its site: the same registrable domain and port';
COMMENT ON COLUMN links.is_nofollow IS 'whether the page does not vouch for it: rel=nofollow';
COMMENT ON COLUMN links.is_sponsored IS 'whether it was paid for: rel=sponsored';
COMMENT ON COLUMN links.is_ugc IS 'whether readers made it: rel=ugc';
COMMENT ON COLUMN links.target_article_id IS 'the article at that address, where it was captured under the same address';
COMMENT ON COLUMN links.source IS 'id of the source of the article that it stands in';
COMMENT ON COLUMN links.from_domain IS 'registrable domain of the article that it stands in';
COMMENT ON COLUMN links.linked_date IS 'the day on which that article says that it was published, UTC, else of its capture';
COMMENT ON COLUMN links.capture_id IS 'the capture that showed it';

CREATE OR REPLACE VIEW edits AS
SELECT
  now.article_id, now.version_number, now.source, coalesce(now.final_url, now.url) AS url,
  was.title AS was_title, now.title,
  coalesce(string_split(now.changed_fields, ','), []) AS changed_fields,
  now.words_added_count, now.words_removed_count, now.is_silent,
  now.published_at,
  was.captured_at AS was_seen_at,
  now.captured_at AS seen_at,
  (epoch(now.captured_at) - epoch(now.published_at)) / 3600 AS after_publication_h
FROM versions AS now
JOIN versions AS was ON was.capture_id = now.previous_capture_id;
COMMENT ON VIEW edits IS 'A change of an article: each version but the first, beside the version before';
COMMENT ON COLUMN edits.article_id IS 'the article that changed';
COMMENT ON COLUMN edits.version_number IS 'the version that the change led to, from 2';
COMMENT ON COLUMN edits.source IS 'id of the source that led to it';
COMMENT ON COLUMN edits.url IS 'the address that answered';
COMMENT ON COLUMN edits.was_title IS 'the headline before';
COMMENT ON COLUMN edits.title IS 'the headline after';
COMMENT ON COLUMN edits.changed_fields IS 'what changed: title, authors, published_at, text';
COMMENT ON COLUMN edits.words_added_count IS 'words of the text that came';
COMMENT ON COLUMN edits.words_removed_count IS 'words of the text that went';
COMMENT ON COLUMN edits.is_silent IS 'whether the page did not say that it changed: modified_at did not move forward, no note of a correction or an update was added';
COMMENT ON COLUMN edits.published_at IS 'when the page says after the change that it was published, UTC';
COMMENT ON COLUMN edits.was_seen_at IS 'the capture that first showed the version before, UTC';
COMMENT ON COLUMN edits.seen_at IS 'the capture that first showed the change, UTC: the page changed at some time before it';
COMMENT ON COLUMN edits.after_publication_h IS 'hours from published_at to seen_at';

CREATE OR REPLACE VIEW edit_days AS
SELECT
  source,
  CAST(captured_at AT TIME ZONE 'UTC' AS DATE) AS day_date,
  count(*) AS edit_count,
  count(DISTINCT article_id) AS article_count,
  count(*) FILTER (is_silent) AS silent_count,
  count(*) FILTER (changed_fields LIKE '%title%') AS headline_count,
  CAST(sum(words_added_count) AS BIGINT) AS words_added_count,
  CAST(sum(words_removed_count) AS BIGINT) AS words_removed_count,
  median(epoch(captured_at) - epoch(published_at)) / 3600 AS after_publication_median_h
FROM versions
WHERE version_number > 1
GROUP BY ALL;
COMMENT ON VIEW edit_days IS 'How much each source changed in what it had published, by the day on which it was seen';
COMMENT ON COLUMN edit_days.source IS 'id of the source';
COMMENT ON COLUMN edit_days.day_date IS 'the day of the capture that first showed the changes, UTC';
COMMENT ON COLUMN edit_days.edit_count IS 'changes seen that day';
COMMENT ON COLUMN edit_days.article_count IS 'articles that they were made in';
COMMENT ON COLUMN edit_days.silent_count IS 'changes of which the page does not say that they were made';
COMMENT ON COLUMN edit_days.headline_count IS 'changes of the headline';
COMMENT ON COLUMN edit_days.words_added_count IS 'words that came';
COMMENT ON COLUMN edit_days.words_removed_count IS 'words that went';
COMMENT ON COLUMN edit_days.after_publication_median_h IS 'hours from publication to the capture that showed the change, the median';

CREATE OR REPLACE VIEW takedowns AS
WITH gone AS (
  SELECT url, arg_min(source, fetched_at) AS source, min(fetched_at) AS gone_at, arg_min(status, fetched_at) AS status
  FROM fetches
  WHERE kind = 'page' AND status IN (404, 410, 451)
  GROUP BY url
),
seen AS (
  SELECT g.url, g.source, g.gone_at, g.status, o.article_id, max(c.captured_at) AS last_captured_at
  FROM gone AS g
  JOIN captures AS c USING (url)
  JOIN observations AS o USING (capture_id)
  GROUP BY ALL
)
SELECT s.article_id, s.source, s.url, v.title, v.published_at, s.last_captured_at, s.gone_at, s.status
FROM seen AS s
JOIN versions AS v ON v.article_id = s.article_id AND v.is_current
WHERE s.gone_at > s.last_captured_at AND NOT EXISTS (
  SELECT 1 FROM fetches AS f
  WHERE f.url = s.url AND f.fetched_at > s.gone_at AND f.outcome IN ('captured', 'not_modified')
);
COMMENT ON VIEW takedowns IS 'An article that was captured, and whose address has answered 404, 410 or 451 ever since';
COMMENT ON COLUMN takedowns.article_id IS 'the article';
COMMENT ON COLUMN takedowns.source IS 'id of the source that asked for it';
COMMENT ON COLUMN takedowns.url IS 'the address that is gone';
COMMENT ON COLUMN takedowns.title IS 'its headline when last seen';
COMMENT ON COLUMN takedowns.published_at IS 'when the page said that it was published, UTC';
COMMENT ON COLUMN takedowns.last_captured_at IS 'the last capture that shows it, UTC';
COMMENT ON COLUMN takedowns.gone_at IS 'when it was first found gone, UTC';
COMMENT ON COLUMN takedowns.status IS 'the HTTP status then';

CREATE OR REPLACE VIEW comment_threads AS
SELECT c.article_id, v.source, v.title, c.* EXCLUDE (article_id)
FROM (
  SELECT
    article_id,
    count(*) AS comment_count,
    count(*) FILTER (parent_id IS NULL) AS thread_count,
    count(DISTINCT author) AS author_count,
    min(published_at) AS first_published_at,
    max(published_at) AS last_published_at,
    min(first_seen_at) AS first_seen_at,
    max(last_seen_at) AS last_seen_at
  FROM comments
  GROUP BY article_id
) AS c
JOIN versions AS v ON v.article_id = c.article_id AND v.is_current;
COMMENT ON VIEW comment_threads IS 'What readers wrote under each article, over all its captures';
COMMENT ON COLUMN comment_threads.article_id IS 'the article';
COMMENT ON COLUMN comment_threads.source IS 'id of its source';
COMMENT ON COLUMN comment_threads.title IS 'its headline';
COMMENT ON COLUMN comment_threads.comment_count IS 'comments seen under it, those that are gone since among them';
COMMENT ON COLUMN comment_threads.thread_count IS 'comments that answer no other';
COMMENT ON COLUMN comment_threads.author_count IS 'different names of authors';
COMMENT ON COLUMN comment_threads.first_published_at IS 'when the page says that the first was written, UTC';
COMMENT ON COLUMN comment_threads.last_published_at IS 'when the page says that the last was written, UTC';
COMMENT ON COLUMN comment_threads.first_seen_at IS 'the first capture that shows one, UTC';
COMMENT ON COLUMN comment_threads.last_seen_at IS 'the last capture that shows one, UTC';

CREATE OR REPLACE VIEW comment_days AS
SELECT
  v.source,
  CAST(coalesce(c.published_at, c.first_seen_at) AT TIME ZONE 'UTC' AS DATE) AS day_date,
  count(*) AS comment_count,
  count(*) FILTER (c.parent_id IS NOT NULL) AS reply_count,
  count(DISTINCT c.article_id) AS article_count,
  count(DISTINCT c.author) AS author_count
FROM comments AS c
JOIN versions AS v ON v.article_id = c.article_id AND v.is_current
GROUP BY ALL;
COMMENT ON VIEW comment_days IS 'How much readers wrote under the articles of each source, by day';
COMMENT ON COLUMN comment_days.source IS 'id of the source';
COMMENT ON COLUMN comment_days.day_date IS 'the day on which the comments were written, UTC; of their first capture where the page does not say';
COMMENT ON COLUMN comment_days.comment_count IS 'comments of that day';
COMMENT ON COLUMN comment_days.reply_count IS 'those that answer another comment';
COMMENT ON COLUMN comment_days.article_count IS 'articles under which they stand';
COMMENT ON COLUMN comment_days.author_count IS 'different names of authors';

CREATE OR REPLACE VIEW language_days AS
SELECT
  coalesce(published_date, CAST(captured_at AT TIME ZONE 'UTC' AS DATE)) AS day_date,
  language,
  count(*) AS article_count,
  count(DISTINCT source) AS source_count,
  CAST(sum(word_count) AS BIGINT) AS word_count
FROM versions
WHERE is_current
GROUP BY ALL;
COMMENT ON VIEW language_days IS 'How much was published in each language, by day';
COMMENT ON COLUMN language_days.day_date IS 'the day of publication as printed; of the capture where the page states none';
COMMENT ON COLUMN language_days.language IS 'ISO 639-1 code of the texts'' language';
COMMENT ON COLUMN language_days.article_count IS 'articles, each in its current version';
COMMENT ON COLUMN language_days.source_count IS 'sources that they are from';
COMMENT ON COLUMN language_days.word_count IS 'words in them';

CREATE OR REPLACE VIEW topic_days AS
SELECT
  day_date, language, kind, topic,
  count(*) AS article_count,
  CAST(sum(word_count) AS BIGINT) AS word_count
FROM (
  SELECT
    coalesce(published_date, CAST(captured_at AT TIME ZONE 'UTC' AS DATE)) AS day_date,
    language, 'tag' AS kind, unnest(list_distinct(tags)) AS topic, word_count
  FROM versions
  WHERE is_current
  UNION ALL
  SELECT
    coalesce(published_date, CAST(captured_at AT TIME ZONE 'UTC' AS DATE)), language, 'section', section, word_count
  FROM versions
  WHERE is_current AND section IS NOT NULL
)
GROUP BY ALL;
COMMENT ON VIEW topic_days IS 'How much was published on each topic, as the pages name it, by day and language';
COMMENT ON COLUMN topic_days.day_date IS 'the day of publication as printed; of the capture where the page states none';
COMMENT ON COLUMN topic_days.language IS 'ISO 639-1 code of the texts'' language';
COMMENT ON COLUMN topic_days.kind IS 'tag or section: where the page names the topic';
COMMENT ON COLUMN topic_days.topic IS 'the tag or section as the page writes it';
COMMENT ON COLUMN topic_days.article_count IS 'articles, each in its current version';
COMMENT ON COLUMN topic_days.word_count IS 'words in them';

CREATE OR REPLACE VIEW story_timelines AS
SELECT
  m.story_id, s.title AS story_title,
  row_number() OVER in_order AS place,
  m.article_id, v.source, m.domain, coalesce(v.final_url, v.url) AS url, v.title, v.language,
  m.appeared_at, m.delay_s, m.similarity, m.is_first
FROM story_articles AS m
JOIN stories AS s USING (story_id)
JOIN versions AS v ON v.article_id = m.article_id AND v.is_current
WINDOW in_order AS (PARTITION BY m.story_id ORDER BY m.is_first DESC, m.appeared_at, m.article_id);
COMMENT ON VIEW story_timelines IS 'Each story as it went around: who printed it, in order, how late and how alike';
COMMENT ON COLUMN story_timelines.story_id IS 'the story';
COMMENT ON COLUMN story_timelines.story_title IS 'the first article''s headline';
COMMENT ON COLUMN story_timelines.place IS '1 for the first to print it, counted in the order of appearance';
COMMENT ON COLUMN story_timelines.article_id IS 'the article that prints it';
COMMENT ON COLUMN story_timelines.source IS 'id of that article''s source';
COMMENT ON COLUMN story_timelines.domain IS 'registrable domain of that article';
COMMENT ON COLUMN story_timelines.url IS 'its address';
COMMENT ON COLUMN story_timelines.title IS 'its headline';
COMMENT ON COLUMN story_timelines.language IS 'ISO 639-1 code of its text''s language';
COMMENT ON COLUMN story_timelines.appeared_at IS 'when it appeared, UTC; see story_articles.appeared_at';
COMMENT ON COLUMN story_timelines.delay_s IS 'seconds after the first article';
COMMENT ON COLUMN story_timelines.similarity IS 'estimated share of shingles in common with the first article, 0 to 1';
COMMENT ON COLUMN story_timelines.is_first IS 'whether it is the first article';
