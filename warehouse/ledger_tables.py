"""The ledger's tables: what the crawl must remember between runs, and between a kill and the next start.

Times are seconds since 1970 in double precision, which SQLite and PostgreSQL keep alike. Nothing here is SQLite's own.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, LargeBinary, MetaData, String, Table

metadata = MetaData()

urls = Table(
    "urls",
    metadata,
    Column("url", String, primary_key=True, comment="normalised"),
    Column("original_url", String, nullable=False, comment="as the source wrote it"),
    Column("source", String, nullable=False, comment="the source that named it first"),
    Column("first_seen_at", Float, nullable=False),
    Column("listed_published_at", Float),
    Column("listed_modified_at", Float),
    Column("depth", Integer, nullable=False, comment="clicks from a home page; 0 for listed URLs"),
    Column("due_at", Float, comment="when it is to be asked for next; null: never"),
    Column("attempts", Integer, nullable=False, comment="runs without success since the last one"),
    Column("visits", Integer, nullable=False, comment="captures and 304s so far"),
    Column("etag", String),
    Column("last_modified", String),
    Column("digest", String, comment="payload digest of the last capture"),
    Column("capture_id", String),
    Column("warc_record_id", String),
    Column("captured_at", Float),
    Column("final_url", String, comment="the address that gave the capture"),
    Column("outcome", String),
    Column("outcome_at", Float),
    Column("gone_at", Float, comment="when a page that we had first answered 404 or 410"),
    Column("run_id", String, comment="the run that has it in hand"),
    Index("urls_due", "source", "due_at"),
    Index("urls_run", "run_id"),
)

documents = Table(
    "documents",
    metadata,
    Column("url", String, primary_key=True, comment="a feed, sitemap or home page that is polled"),
    Column("source", String, primary_key=True),
    Column("due_at", Float, nullable=False),
    Column("poll_s", Float, comment="the pause that adapts to how often there is news"),
    Column("etag", String),
    Column("last_modified", String),
    Column("digest", String),
    Column("outcome", String),
    Column("outcome_at", Float),
    Column("link_count", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
)

hosts = Table(
    "hosts",
    metadata,
    Column("site", String, primary_key=True, comment="scheme://host:port"),
    Column("lease_run_id", String),
    Column("lease_owner", String, comment="machine:pid:start of the process"),
    Column("lease_until", Float),
    Column("not_before", Float, comment="the site asked to be left alone until then"),
    Column("last_request_at", Float),
    Column("latency_s", Float),
    Column("failures", Integer, nullable=False, comment="failed requests in a row"),
    Index("hosts_lease", "lease_run_id"),
)

robots = Table(
    "robots",
    metadata,
    Column("site", String, primary_key=True),
    Column("fetched_at", Float, nullable=False),
    Column("expires_at", Float, nullable=False),
    Column("outcome", String, nullable=False, comment="read, http_4xx (allows all) or why it could not be read"),
    Column("detail", String),
    Column("body", LargeBinary, comment="the last copy that could be read, at most 500 KiB"),
    Column("body_at", Float),
    Column("digest", String),
)

robots_copies = Table(
    "robots_copies",
    metadata,
    Column("digest", String, primary_key=True, comment="what fetches.robots_digest names"),
    Column("site", String, nullable=False),
    Column("first_seen_at", Float, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("run_id", String, primary_key=True),
    Column("owner", String, nullable=False),
    Column("started_at", Float, nullable=False),
    Column("finished_at", Float),
    Column("state", String, nullable=False, comment="running, finished, interrupted"),
)

batches = Table(
    "batches",
    metadata,
    Column("batch_id", String, primary_key=True),
    Column("run_id", String, nullable=False),
    Column("warc_file", String, comment="below captures/"),
    Column("closed_at", Float),
    Column("handed_at", Float, comment="when whoever loads it had taken it over"),
    Index("batches_handed", "handed_at"),
)

fetch_log = Table(
    "fetch_log",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("batch_id", String, nullable=False),
    Column("capture_id", String),
    Column("record", LargeBinary, nullable=False, comment="a transforms.schema.Fetch as JSON"),
    Index("fetch_log_batch", "batch_id"),
)

# What several workers on one crawl need, and no other crawl uses.

workers = Table(
    "workers",
    metadata,
    Column("run_id", String, primary_key=True, comment="a worker is a run of a shared crawl"),
    Column("owner", String, nullable=False, comment="machine/boot/namespace:pid:start of its process"),
    Column("place", String, nullable=False, comment="its data dir: only from there its WARC files can be read"),
    Column("joined_at", Float, nullable=False),
    Column("alive_until", Float, nullable=False, comment="without another sign of life by then it counts as dead"),
    Column("taken_at", Float, comment="when another worker found it dead and took its hosts and pages over"),
    Column("is_hungry", Boolean, nullable=False, comment="it could take hosts and finds none free"),
    Column("commit_number", Integer, nullable=False, comment="groups written so far: none is written twice"),
)

queue = Table(
    "queue",
    metadata,
    Column("url", String, primary_key=True, comment="a page that the shared crawl has taken on and not asked for yet"),
    Column("site", String, nullable=False),
    Column("source", String, nullable=False),
    Column("depth", Integer, nullable=False),
    Column("queued_at", Float, nullable=False),
    Column("rank", Integer, nullable=False, comment="its place in the listing, new pages first"),
    Column("run_id", String, comment="the worker that has it in hand"),
    Column("batch_id", String, comment="set while its answer is being written: whether it was, its worker's disk says"),
    Index("queue_site", "site", "run_id"),
    Index("queue_run", "run_id"),
)

courses = Table(
    "courses",
    metadata,
    Column("source", String, primary_key=True),
    Column("run_id", String, comment="the worker that reads its feeds, sitemaps or list"),
    Column("done_at", Float, comment="when a worker was last through with them"),
)

layout = Table("ledger_layout", metadata, Column("number", Integer, primary_key=True))
"""On a server: which layout the tables have. A file's layout is that of its data dir."""
