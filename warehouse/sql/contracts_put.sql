-- What breaks a rule, whole. Reads: violations, lake_* (views on the new batches). Changes: quarantine.

INSERT INTO quarantine BY NAME
SELECT v.record, v.row_key, v.rule, v.batch_id, CAST(to_json(r) AS VARCHAR) AS payload
FROM violations AS v
JOIN lake_captures AS r ON v.record = 'captures' AND v.row_key = r.capture_id AND v.batch_id = r.batch_id;

INSERT INTO quarantine BY NAME
SELECT v.record, v.row_key, v.rule, v.batch_id, CAST(to_json(r) AS VARCHAR) AS payload
FROM violations AS v
JOIN lake_articles AS r ON v.record = 'articles' AND v.row_key = r.capture_id AND v.batch_id = r.batch_id;

INSERT INTO quarantine BY NAME
SELECT v.record, v.row_key, v.rule, v.batch_id, CAST(to_json(r) AS VARCHAR) AS payload
FROM violations AS v
JOIN lake_comments AS r
  ON v.record = 'comments' AND v.row_key = r.capture_id || ' ' || r.comment_id AND v.batch_id = r.batch_id;

INSERT INTO quarantine BY NAME
SELECT v.record, v.row_key, v.rule, v.batch_id, CAST(to_json(r) AS VARCHAR) AS payload
FROM violations AS v
JOIN lake_fetches AS r
  ON v.record = 'fetches' AND v.row_key = r.run_id || ' ' || r.url AND v.batch_id = r.batch_id;
