-- Everything, for the checks of a whole warehouse.
CREATE OR REPLACE TEMP TABLE scope_articles AS
SELECT article_id FROM observations
UNION
SELECT article_id FROM versions
UNION
SELECT article_id FROM comments
UNION
SELECT article_id FROM evidence;
CREATE OR REPLACE TEMP TABLE scope_captures AS
SELECT capture_id FROM captures
UNION
SELECT capture_id FROM observations;
