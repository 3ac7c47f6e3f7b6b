"""What the press did: a notebook over the warehouse, with charts. `make notebook` opens it, over `data/` by default."""

import marimo

app = marimo.App(width="medium", app_title="The press, as Broadsheet saw it")


@app.cell
def _():
    import os
    from pathlib import Path

    import duckdb
    import marimo as mo
    import matplotlib.dates as mdates
    import matplotlib.pyplot as plt

    plt.rcParams.update(
        {"figure.figsize": (9, 4), "figure.dpi": 110, "axes.spines.top": False, "axes.spines.right": False}
    )
    file = Path(os.environ.get("BROADSHEET_DATA_DIR", "data")) / "warehouse.duckdb"
    con = duckdb.connect(str(file), read_only=True)
    con.execute("SET TimeZone = 'UTC'")

    def ask(query):
        """The answer to a query as a pandas frame."""
        return con.sql(query).df()

    def titled(axes, title, x, y):
        """Title and axes, with their units."""
        axes.set_title(title, loc="left", fontweight="bold")
        axes.set_xlabel(x)
        axes.set_ylabel(y)

    return ask, mdates, mo, plt, titled


@app.cell
def _(ask, mo):
    total = ask(
        """SELECT count(*) AS articles, count(DISTINCT source) AS sources, count(DISTINCT language) AS languages,
             sum(word_count)::BIGINT AS words, min(captured_at)::DATE AS first_day, max(captured_at)::DATE AS last_day
           FROM articles"""
    ).iloc[0]
    mo.md(
        f"""# The press, as Broadsheet saw it

        {total.articles} articles of {total.sources} sources in {total.languages} languages, {total.words:,} words;
        captured from {total.first_day:%Y-%m-%d} to {total.last_day:%Y-%m-%d}. All times are UTC."""
    )
    return


@app.cell
def _(ask, mdates, plt, titled):
    _days = ask(
        """SELECT published_at::DATE AS day, source, count(*) AS articles
           FROM articles
           WHERE published_at > (SELECT max(published_at) FROM articles) - INTERVAL 60 DAY
           GROUP BY ALL"""
    ).pivot_table(index="day", columns="source", values="articles", fill_value=0)
    _figure, _axes = plt.subplots()
    _below = 0
    for _n, _source in enumerate(_days.columns):
        _axes.bar(_days.index, _days[_source], bottom=_below, label=_source, color=f"C{_n % 10}", width=0.9)
        _below = _below + _days[_source]
    titled(_axes, "What was published: articles by source and day", "day of publication (UTC)", "articles a day")
    _axes.yaxis.get_major_locator().set_params(integer=True)
    _axes.xaxis.set_major_formatter(mdates.ConciseDateFormatter(_axes.xaxis.get_major_locator()))
    _axes.legend(ncols=4, loc="upper center", bbox_to_anchor=(0.5, -0.2), frameon=False)
    _figure
    return


@app.cell
def _(ask, plt, titled):
    _latency = ask(
        """SELECT a.source, quantile_cont(days, 0.5) AS median, quantile_cont(days, 0.9) AS p90
           FROM (
             SELECT source, (epoch(captured_at) - epoch(published_at)) / 86400 AS days
             FROM article_versions
             WHERE version_number = 1 AND published_at < captured_at AND published_precision <> 'day'
           ) AS a
           GROUP BY ALL ORDER BY median DESC"""
    )
    _figure, _axes = plt.subplots()
    _axes.hlines(_latency.source, _latency["median"], _latency.p90, color="C0", alpha=0.4, linewidth=3)
    _axes.plot(_latency["median"], _latency.source, "o", color="C0", label="half of the articles")
    _axes.plot(_latency.p90, _latency.source, "D", color="C1", label="nine of ten")
    titled(_axes, "How soon we had it: publication to first capture", "days", "source")
    _axes.set_xlim(left=0)
    _axes.legend(frameon=False)
    _figure
    return


@app.cell
def _(ask, plt, titled):
    _shares = ask(
        """SELECT source, outcome, 100 * n / sum(n) OVER (PARTITION BY source) AS percent
           FROM (SELECT source, outcome, count(*) AS n FROM fetches WHERE kind = 'page' GROUP BY ALL)"""
    ).pivot_table(index="source", columns="outcome", values="percent", fill_value=0)
    _figure, _axes = plt.subplots()
    _left = 0
    for _n, _outcome in enumerate(_shares.mean().sort_values(ascending=False).index):
        _axes.barh(_shares.index, _shares[_outcome], left=_left, label=_outcome, color=f"C{_n % 10}")
        _left = _left + _shares[_outcome]
    titled(_axes, "What became of each address: shares of outcomes", "percent of the pages asked for", "source")
    _axes.set_xlim(0, 100)
    _axes.legend(ncols=5, loc="upper center", bbox_to_anchor=(0.5, -0.2), frameon=False)
    _figure
    return


@app.cell
def _(ask, mo):
    _edits = ask(
        """SELECT source, was_title AS headline_was, title AS became,
             round(after_publication_h)::INTEGER AS hours_after, is_silent AS without_notice
           FROM edits WHERE list_contains(changed_fields, 'title') ORDER BY seen_at, source"""
    )
    mo.vstack(
        [
            mo.md("## Headlines that changed\n`hours_after` counts from publication to the capture that showed it."),
            mo.ui.table(
                _edits, selection=None, wrapped_columns=["headline_was", "became"], pagination=len(_edits) > 10
            ),
        ]
    )
    return


@app.cell
def _(ask, mo, plt, titled):
    _edits = ask(
        """SELECT source, count(*) FILTER (is_silent) AS silent, count(*) FILTER (NOT is_silent) AS said
           FROM edits GROUP BY ALL ORDER BY source"""
    )
    _figure, _axes = plt.subplots(figsize=(9, 3))
    _axes.bar(_edits.source, _edits.said, label="the page says so", color="C0")
    _axes.bar(_edits.source, _edits.silent, bottom=_edits.said, label="without notice", color="C3")
    titled(_axes, "Articles changed after publication", "source", "changes seen")
    _axes.yaxis.get_major_locator().set_params(integer=True)
    _axes.legend(frameon=False)
    _figure if len(_edits) else mo.md("No article changed so far.")
    return


@app.cell
def _(ask, mo, plt, titled):
    _hours = ask(
        """SELECT floor((epoch(c.published_at) - epoch(a.published_at)) / 3600)::INTEGER AS hour, count(*) AS comments
           FROM comments AS c JOIN articles AS a USING (article_id)
           WHERE c.published_at >= a.published_at AND c.published_at < a.published_at + INTERVAL 72 HOUR
           GROUP BY ALL"""
    )
    _figure, _axes = plt.subplots(figsize=(9, 3))
    _axes.bar(_hours.hour, _hours.comments, width=0.9, align="edge")
    titled(_axes, "When readers comment: the first three days", "hours after the article", "comments")
    _axes.set_xticks(range(0, 73, 12))
    _axes.yaxis.get_major_locator().set_params(integer=True)
    _figure if len(_hours) else mo.md("No dated comments so far.")
    return


@app.cell
def _(ask, mo, plt, titled):
    _links = ask(
        """SELECT l.source, coalesce(t.source, 'elsewhere') AS target, count(*) AS links
           FROM links AS l LEFT JOIN articles AS t ON t.article_id = l.target_article_id
           GROUP BY ALL"""
    ).pivot_table(index="source", columns="target", values="links", fill_value=0)
    _figure, _axes = plt.subplots()
    if _links.size:
        _axes.imshow(_links, cmap="Blues", aspect="auto")
        _axes.set_xticks(range(len(_links.columns)), _links.columns)
        _axes.set_yticks(range(len(_links.index)), _links.index)
        for _y, _row in enumerate(_links.to_numpy()):
            for _x, _count in enumerate(_row):
                _axes.text(
                    _x, _y, f"{_count:.0f}", ha="center", color="white" if _count > _links.max().max() / 2 else "black"
                )
    titled(_axes, "Who links to whom: links inside the texts", "the linked article's source", "links from")
    _figure if _links.size else mo.md("No links so far.")
    return


if __name__ == "__main__":
    app.run()
