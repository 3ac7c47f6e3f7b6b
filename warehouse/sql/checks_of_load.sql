-- What a load can have changed: the captures that it brought or moved, and the articles that it touched.
-- All else is as it was checked when it came in; `broadsheet verify` looks at everything.
CREATE OR REPLACE TEMP TABLE scope_articles AS FROM touched;
CREATE OR REPLACE TEMP TABLE scope_captures AS
SELECT capture_id FROM staged_captures
UNION
SELECT capture_id FROM touched_observations;
