-- How long the requests of the last day took, to the end of the answer.
SELECT count(*), coalesce(sum(seconds), 0.0),
       [CAST(quantile_cont(seconds, 0.5) AS DOUBLE), CAST(quantile_cont(seconds, 0.9) AS DOUBLE),
        CAST(quantile_cont(seconds, 0.99) AS DOUBLE)]
FROM (
  SELECT unnest(list_transform(attempts, lambda a: a.latency_s)) AS seconds
  FROM fetches
  WHERE fetched_at > CAST($now AS TIMESTAMPTZ) - INTERVAL 1 DAY
)
WHERE seconds IS NOT NULL
