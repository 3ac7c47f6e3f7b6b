-- What a re-extraction changes: one row a capture that both lakes hold, in the temporary table `comparison`.
-- Views: before_captures, before_articles (the lake), after_captures, after_articles (the side lake).

CREATE OR REPLACE TEMP MACRO words_of(content) AS regexp_extract_all(
    content,
    -- scripts without spaces are compared letter by letter
    '[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]'
    || '|[^\s\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]+'
);

CREATE OR REPLACE TEMP MACRO lines_without(content, other) AS list_filter(
    string_split(coalesce(content, ''), chr(10)),
    lambda line: line <> '' AND NOT list_contains(string_split(coalesce(other, ''), chr(10)), line)
);

-- A capture that two files hold is in two batches, with the same content.
CREATE OR REPLACE TEMP TABLE pairs AS
WITH
bc AS (FROM before_captures QUALIFY row_number() OVER (PARTITION BY capture_id ORDER BY batch_id) = 1),
ba AS (FROM before_articles QUALIFY row_number() OVER (PARTITION BY capture_id ORDER BY batch_id) = 1),
ac AS (FROM after_captures QUALIFY row_number() OVER (PARTITION BY capture_id ORDER BY batch_id) = 1),
aa AS (FROM after_articles QUALIFY row_number() OVER (PARTITION BY capture_id ORDER BY batch_id) = 1)
SELECT
    ac.capture_id,
    ac.final_url AS url,
    ac.source,
    ac.captured_at,
    if(ba.capture_id IS NULL, bc.outcome, 'article') AS before_outcome,
    if(aa.capture_id IS NULL, ac.outcome, 'article') AS after_outcome,
    ba AS before,
    aa AS after,
    ba.capture_id IS NOT NULL AND aa.capture_id IS NOT NULL AS is_pair
FROM ac
JOIN bc USING (capture_id)
LEFT JOIN ba USING (capture_id)
LEFT JOIN aa USING (capture_id);

CREATE OR REPLACE TEMP TABLE word_changes AS
WITH counted AS (
    SELECT capture_id, word, sum(CASE WHEN is_after THEN 1 ELSE -1 END) AS more
    FROM (
        SELECT capture_id, false AS is_after, unnest(words_of(before.text)) AS word FROM pairs
        WHERE before.text IS DISTINCT FROM after.text
        UNION ALL
        SELECT capture_id, true AS is_after, unnest(words_of(after.text)) AS word FROM pairs
        WHERE before.text IS DISTINCT FROM after.text
    ) AS words
    GROUP BY capture_id, word
)
SELECT
    capture_id,
    CAST(sum(greatest(more, 0)) AS BIGINT) AS words_added,
    CAST(sum(greatest(-more, 0)) AS BIGINT) AS words_removed
FROM counted
GROUP BY capture_id;

CREATE OR REPLACE TEMP TABLE comparison AS
WITH compared AS (
    SELECT
        *,
        CASE
            WHEN is_pair THEN list_filter([
                CASE WHEN before.title IS DISTINCT FROM after.title THEN 'title' END,
                CASE WHEN before.authors IS DISTINCT FROM after.authors THEN 'authors' END,
                CASE WHEN before.published_at IS DISTINCT FROM after.published_at THEN 'published_at' END,
                CASE WHEN before.published_date IS DISTINCT FROM after.published_date THEN 'published_date' END,
                CASE WHEN before.modified_at IS DISTINCT FROM after.modified_at THEN 'modified_at' END,
                CASE WHEN before.text IS DISTINCT FROM after.text THEN 'text' END,
                CASE WHEN before.comment_count IS DISTINCT FROM after.comment_count THEN 'comment_count' END,
                CASE WHEN before.page_type IS DISTINCT FROM after.page_type THEN 'page_type' END,
                CASE WHEN before.language IS DISTINCT FROM after.language THEN 'language' END,
                CASE WHEN before.description IS DISTINCT FROM after.description THEN 'description' END,
                CASE WHEN before.tags IS DISTINCT FROM after.tags THEN 'tags' END,
                CASE WHEN before.section IS DISTINCT FROM after.section THEN 'section' END,
                CASE WHEN before.image_url IS DISTINCT FROM after.image_url THEN 'image_url' END,
                CASE WHEN before.captions IS DISTINCT FROM after.captions THEN 'captions' END,
                CASE WHEN before.site_name IS DISTINCT FROM after.site_name THEN 'site_name' END,
                CASE WHEN before.is_free IS DISTINCT FROM after.is_free THEN 'is_free' END
            ], lambda field: field IS NOT NULL)
            ELSE CAST([] AS VARCHAR[])
        END AS changed_fields
    FROM pairs
)
SELECT
    capture_id,
    url,
    source,
    captured_at,
    CASE
        WHEN before_outcome = 'article' AND after_outcome <> 'article' THEN 'lost'
        WHEN before_outcome <> 'article' AND after_outcome = 'article' THEN 'gained'
        WHEN before_outcome <> after_outcome THEN 'rejected otherwise'
        WHEN len(changed_fields) > 0 THEN 'changed'
        ELSE 'same'
    END AS change,
    changed_fields,
    coalesce(words_added, 0) AS words_added,
    coalesce(words_removed, 0) AS words_removed,
    before_outcome,
    after_outcome,
    before.title AS before_title,
    after.title AS after_title,
    before.authors AS before_authors,
    after.authors AS after_authors,
    before.published_at AS before_published_at,
    after.published_at AS after_published_at,
    lines_without(before.text, after.text) AS lines_removed,
    lines_without(after.text, before.text) AS lines_added,
    row_number() OVER (
        PARTITION BY url
        ORDER BY 'article' IN (before_outcome, after_outcome) DESC, captured_at DESC, capture_id
    ) = 1 AS is_latest
FROM compared
LEFT JOIN word_changes USING (capture_id);
