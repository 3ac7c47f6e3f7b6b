-- In how many articles each field changes, with the words that the text wins and loses.
SELECT
    field,
    count(*) AS article_count,
    CAST(sum(if(field = 'text', words_added, 0)) AS BIGINT) AS words_added,
    CAST(sum(if(field = 'text', words_removed, 0)) AS BIGINT) AS words_removed
FROM (
    SELECT unnest(changed_fields) AS field, words_added, words_removed
    FROM comparison
    WHERE is_latest
) AS fields
GROUP BY field
ORDER BY article_count DESC, field
