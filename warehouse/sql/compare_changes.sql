-- Every capture that a re-extraction changes, the worst first: articles lost, then words lost, then words won.
SELECT *
FROM comparison
WHERE change <> 'same'
ORDER BY
    is_latest DESC,
    change = 'lost' DESC,
    words_removed DESC,
    words_added DESC,
    len(changed_fields) DESC,
    url,
    capture_id
