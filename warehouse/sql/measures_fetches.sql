-- Fetches since the beginning, and the bytes that came with them.
SELECT source, CAST(kind AS VARCHAR) AS kind, CAST(outcome AS VARCHAR) AS outcome,
       count(*) AS fetch_count, CAST(coalesce(sum(raw_bytes), 0) AS BIGINT) AS raw_bytes
FROM fetches
GROUP BY ALL
ORDER BY ALL
