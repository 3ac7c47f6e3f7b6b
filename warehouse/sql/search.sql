-- The table function `search`, on a connection that has the function broadsheet_search (warehouse/search_sql.py).
-- What is passed on is one JSON text, so that a filter can be one text or a list of them.

CREATE OR REPLACE TEMP MACRO search(
  query,
  source := NULL, language := NULL, domain := NULL,
  published_from := NULL, published_to := NULL,
  top := NULL, sort := 'relevance'
) AS TABLE
SELECT unnest(broadsheet_search(CAST(to_json({
  'query': query,
  'source': source, 'language': language, 'domain': domain,
  'published_from': published_from, 'published_to': published_to,
  'top': top, 'sort': sort
}) AS VARCHAR)), recursive := true);
