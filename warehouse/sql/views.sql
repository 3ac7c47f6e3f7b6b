-- What analysts read besides the tables. Created anew at each load, so that a new version of the code brings its views.

-- The name after FROM stands for the table versions, or, where texts are kept in the lake, for its join with them.
CREATE OR REPLACE VIEW article_versions AS
SELECT
  * EXCLUDE (batch_id, valid_to, is_current) REPLACE (
    coalesce(final_url, url) AS final_url,
    coalesce(string_split(changed_fields, ','), []) AS changed_fields
  ),
  captured_at AS valid_from, valid_to, is_current
FROM versions_with_text;
COMMENT ON VIEW article_versions IS 'One distinct version of an article and the span in which it was seen';

CREATE OR REPLACE VIEW articles AS
SELECT * EXCLUDE (valid_from, valid_to, is_current)
FROM article_versions
WHERE is_current;
COMMENT ON VIEW articles IS 'The current version of each article';

CREATE OR REPLACE VIEW rejections AS
SELECT *
FROM captures
WHERE outcome NOT IN ('new', 'changed', 'unchanged', 'revisit');
COMMENT ON VIEW rejections IS 'A capture that gave no article, and why';

CREATE OR REPLACE MACRO articles_as_of(moment) AS TABLE
SELECT * EXCLUDE (valid_from, valid_to, is_current)
FROM article_versions
WHERE valid_from <= CAST(moment AS TIMESTAMP WITH TIME ZONE)
  AND (is_current OR valid_to > CAST(moment AS TIMESTAMP WITH TIME ZONE));
COMMENT ON MACRO TABLE articles_as_of IS 'The articles as they had been captured by a moment, such as ''2026-11-01''';
