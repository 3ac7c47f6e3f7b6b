-- The columns that the checks need, of the rows in scope.
CREATE OR REPLACE TEMP TABLE checked_captures AS
SELECT capture_id, outcome FROM captures SEMI JOIN scope_captures USING (capture_id);
CREATE OR REPLACE TEMP TABLE checked_observations AS
SELECT capture_id, article_id FROM observations SEMI JOIN scope_captures USING (capture_id);
CREATE OR REPLACE TEMP TABLE checked_versions AS
SELECT capture_id, article_id, version_number, captured_at AS valid_from, valid_to, is_current
FROM versions SEMI JOIN scope_articles USING (article_id);
