-- Which texts that the search index gave are those that the versions have, and which rows' texts are still to be read.
-- Reads: found_texts, observations, compared_rows. Makes: former_texts, unread_rows.
CREATE OR REPLACE TEMP TABLE former_texts AS
SELECT f.capture_id, f.text
FROM found_texts AS f
JOIN observations AS o USING (capture_id)
WHERE o.text_hash = CAST(md5_number_lower(f.text) >> 32 AS UINTEGER);

CREATE OR REPLACE TEMP TABLE unread_rows AS
SELECT * FROM compared_rows ANTI JOIN former_texts USING (capture_id);
