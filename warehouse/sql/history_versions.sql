-- The versions of one article, in order, without their texts. Parameter: $article_id.
SELECT
  version_number, coalesce(final_url, url) AS url, title, authors, published_at, modified_at, word_count, captured_at AS valid_from, valid_to,
  coalesce(string_split(changed_fields, ','), []) AS changed_fields,
  words_added_count, words_removed_count, is_silent
FROM versions
WHERE article_id = $article_id
ORDER BY version_number
