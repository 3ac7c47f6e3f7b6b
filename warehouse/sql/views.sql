-- What analysts read besides the tables. Created anew at each load, so that a new version of the code brings its views.

CREATE OR REPLACE VIEW articles AS
SELECT * EXCLUDE (valid_from, valid_to, is_current)
FROM article_versions
WHERE is_current;
COMMENT ON VIEW articles IS 'The current version of each article';

CREATE OR REPLACE VIEW rejections AS
SELECT *
FROM captures
WHERE outcome NOT IN ('new', 'changed', 'unchanged');
COMMENT ON VIEW rejections IS 'A capture that gave no article, and why';

CREATE OR REPLACE MACRO articles_as_of(moment) AS TABLE
SELECT * EXCLUDE (valid_from, valid_to, is_current)
FROM article_versions
WHERE valid_from <= CAST(moment AS TIMESTAMP WITH TIME ZONE)
  AND (is_current OR valid_to > CAST(moment AS TIMESTAMP WITH TIME ZONE));

CREATE OR REPLACE VIEW source_days AS
WITH captured AS (
  SELECT
    source,
    CAST(captured_at AT TIME ZONE 'UTC' AS DATE) AS day_date,
    count(*) AS capture_count,
    count(*) FILTER (WHERE outcome = 'new') AS new_count,
    count(*) FILTER (WHERE outcome = 'changed') AS changed_count,
    count(*) FILTER (WHERE outcome = 'unchanged') AS unchanged_count,
    count(*) FILTER (WHERE outcome NOT IN ('new', 'changed', 'unchanged')) AS rejected_count
  FROM captures
  GROUP BY ALL
),
versions AS (
  SELECT
    source,
    CAST(captured_at AT TIME ZONE 'UTC' AS DATE) AS day_date,
    avg(CAST(published_at IS NOT NULL AS INTEGER)) AS dated_share,
    avg(CAST(len(authors) > 0 AS INTEGER)) AS authored_share,
    sum(word_count) AS word_count
  FROM article_versions
  GROUP BY ALL
),
fetched AS (
  SELECT
    source,
    CAST(fetched_at AT TIME ZONE 'UTC' AS DATE) AS day_date,
    count(*) AS fetch_count,
    histogram(outcome) AS fetch_outcomes
  FROM fetches
  GROUP BY ALL
)
SELECT
  source,
  day_date,
  coalesce(capture_count, 0) AS capture_count,
  coalesce(new_count, 0) AS new_count,
  coalesce(changed_count, 0) AS changed_count,
  coalesce(unchanged_count, 0) AS unchanged_count,
  coalesce(rejected_count, 0) AS rejected_count,
  dated_share,
  authored_share,
  CAST(coalesce(word_count, 0) AS BIGINT) AS word_count,
  coalesce(fetch_count, 0) AS fetch_count,
  fetch_outcomes
FROM captured
FULL JOIN versions USING (source, day_date)
FULL JOIN fetched USING (source, day_date);
COMMENT ON VIEW source_days IS 'The health of each source on each day, UTC';
COMMENT ON COLUMN source_days.source IS 'id of the source; ''ingest'' for files given by hand';
COMMENT ON COLUMN source_days.day_date IS 'the day of capture or fetch, UTC';
COMMENT ON COLUMN source_days.capture_count IS 'captures of that day: the sum of new, changed, unchanged and rejected';
COMMENT ON COLUMN source_days.new_count IS 'captures that showed an article for the first time';
COMMENT ON COLUMN source_days.changed_count IS 'captures that showed another version of a known article';
COMMENT ON COLUMN source_days.unchanged_count IS 'captures that showed a version seen before';
COMMENT ON COLUMN source_days.rejected_count IS 'captures that gave no article';
COMMENT ON COLUMN source_days.dated_share IS 'share of the day''s new and changed versions that state published_at, 0 to 1';
COMMENT ON COLUMN source_days.authored_share IS 'share of the day''s new and changed versions that name an author, 0 to 1';
COMMENT ON COLUMN source_days.word_count IS 'words in the day''s new and changed versions';
COMMENT ON COLUMN source_days.fetch_count IS 'URLs asked for, or decided on, that day';
COMMENT ON COLUMN source_days.fetch_outcomes IS 'how many of those URLs ended in each outcome';
