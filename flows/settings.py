"""Every setting in one frozen object, each with its default and the reason for it.

Read, in this order, from arguments, from environment variables `BROADSHEET_<NAME>`, and from the defaults here.
Nothing reads settings from a global: whoever needs a value is given it.
"""

from __future__ import annotations

from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, SecretStr, TypeAdapter, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from warehouse.errors import UserError
from warehouse.lakehouse import Lakehouse
from warehouse.storage import Storage, parse_storage
from warehouse.text_store import TextStore


def _period(value: Any) -> timedelta:
    """A bare number in the environment is seconds; other durations are for pydantic to read (`P1D`, `06:00:00`)."""
    is_bare = isinstance(value, str) and value.replace(".", "", 1).isdigit()
    try:
        found = TypeAdapter(timedelta).validate_python(float(value) if is_bare else value)
    except ValidationError:
        found = timedelta(0)
    if found < timedelta(seconds=1):
        raise ValueError("must be seconds, such as 3600, or a duration, such as P1D or 06:00:00; at least a second")
    return found


class Settings(BaseSettings):
    """The settings of one run. Sizes are bytes, times seconds unless the name says otherwise."""

    model_config = SettingsConfigDict(env_prefix="BROADSHEET_", frozen=True, extra="forbid")

    data_dir: Path = Field(Path("data"), description="holds captures, lake, index, ledger and warehouse")
    sources_file: Path = Field(Path("sources.toml"), description="what to crawl")

    # The crawl's state: a file, or a server where several workers share one crawl.
    ledger: SecretStr | None = Field(
        None,
        description="address of a PostgreSQL database (postgresql://user:password@server/database) that keeps the "
        "ledger; not set: the file ledger.sqlite in the data dir",
    )
    lease_s: float = Field(
        120.0, gt=0, description="a worker that gave no sign of life for so long is dead: others take its hosts over"
    )

    # The warehouse: a file that one writer publishes anew, or a DuckLake for several writers at once.
    warehouse: Literal["duckdb", "ducklake"] = Field(
        "duckdb", description="duckdb: a file in the data dir; ducklake: data files and a catalog (extra [lake])"
    )
    warehouse_catalog: SecretStr | None = Field(
        None,
        description="address of the PostgreSQL database that is the DuckLake's catalog "
        "(postgresql://user:password@server/database); not set: an SQLite file in the data dir",
    )

    # Captures and lake: in the data dir, or in a bucket that many machines share. Keys only by AWS_ACCESS_KEY_ID …
    storage: str | None = Field(
        None,
        description="s3://bucket/prefix that keeps captures and lake; not set: where they are, at first the data dir",
    )
    storage_endpoint: str | None = Field(
        None, description="address of the S3 server, http://host:port; not set: AWS_ENDPOINT_URL, else AWS itself"
    )
    storage_region: str | None = Field(None, description="not set: AWS_REGION, else us-east-1")
    storage_cache_gb: float = Field(20.0, ge=0, description="local copies of stored files: the least used go first")
    storage_patience_s: float = Field(
        60.0, gt=0, description="a request is tried again for so long while the storage does not answer"
    )

    # Who we are: a site's owner must be able to reach whoever crawls it, so beyond loopback a contact is required.
    contact: str | None = Field(None, description="address or URL for the User-Agent")
    allow_private: tuple[IPv4Network | IPv6Network, ...] = Field(
        (),
        description="private networks that may be fetched from, on any port; none, so that no page leads us inside",
    )

    # Politeness: slower than a person reading with a few tabs open.
    host_concurrency: int = Field(1, ge=1, description="requests at a time per host")
    host_gap_s: float = Field(1.0, ge=0, description="least pause between two requests to a host")
    latency_factor: float = Field(2.0, ge=0, description="the pause is at least this many times the host's latency")
    crawl_delay_max_s: float = Field(
        60.0, ge=0, description="a longer Crawl-delay is clamped: it would stall a run for days"
    )
    rate_limit_wait_s: float = Field(30.0, ge=0, description="pause after a 429 that names no Retry-After")
    retry_after_max_s: float = Field(300.0, ge=0, description="a longer Retry-After puts the URL off to a later run")
    hosts_at_once: int = Field(64, ge=1, description="hosts fetched from concurrently")
    host_pages_max: int = Field(10_000, ge=1, description="pages of one host in one run: where crawler traps end")
    run_pages_max: int = Field(1_000_000, ge=1, description="pages of one run")
    robots_max_age_s: float = Field(86_400.0, ge=0, description="robots.txt is kept at most a day (RFC 9309)")

    # Limits of one fetch: above what a page needs, below what hurts.
    connect_timeout_s: float = Field(10.0, gt=0)
    idle_timeout_s: float = Field(20.0, gt=0, description="longest silence within an answer")
    total_timeout_s: float = Field(60.0, gt=0, description="from first connection to last byte, redirects included")
    raw_bytes_max: int = Field(16_000_000, gt=0, description="body as sent")
    decoded_bytes_max: int = Field(64_000_000, gt=0, description="body after its content coding")
    redirects_max: int = Field(20, ge=0)
    fetch_tries: int = Field(3, ge=1, description="requests for one URL where trying again can help")

    revisit_after: tuple[timedelta, ...] = Field(
        tuple(timedelta(seconds=s) for s in (3_600, 21_600, 86_400, 604_800, 2_592_000)),
        description="pauses between visits of a fetched article: edits come early, takedowns late",
    )

    # How long captures are kept: for ever, unless somebody says otherwise; `retain` shows first what would go.
    captures_max_days: int | None = Field(
        None, ge=1, description="a capture file goes when its newest capture is older"
    )
    captures_max_gb: float | None = Field(None, gt=0, description="the oldest capture files go until so much is left")

    # Source health: each source beside its own past, period by period.
    health_period: Annotated[timedelta, BeforeValidator(_period)] = Field(
        timedelta(days=1),
        description="the period that sources are judged by: seconds, or a duration such as P1D",
    )
    notify_webhook: SecretStr | None = Field(
        None,
        description="address that a message goes to when a source falls ill or is well again; may hold a token. "
        "Not set: what was deployed stays; empty: nobody is told any more",
    )

    text_store: TextStore | None = Field(
        None,
        description="where texts are kept: in the warehouse's file (at first), or in the lake, which makes each "
        "publication of a large corpus much smaller and questions to texts slower. The next load moves them; "
        "not set: they stay where they are, so that a command without the setting moves nothing",
    )

    # Captures and extraction.
    warc_bytes_max: int = Field(100_000_000, gt=0, description="a WARC file is closed at this size, and then loaded")
    warc_age_max_s: float = Field(60.0, gt=0, description="or at this age: rows appear while a long crawl goes on")
    shard_pages: int = Field(256, ge=1, description="pages of one extraction task: Prefect's cost per task is 30 ms")
    workers: int = Field(0, ge=0, description="extraction children; 0 is one a core")
    runner: Literal["processes", "dask"] = Field(
        "processes",
        description="where shards are extracted: in this machine's processes, or on a Dask cluster (extra [dask])",
    )
    dask_address: str | None = Field(
        None, description="the cluster's scheduler, as tcp://host:8786; not set: a cluster on this machine, for the run"
    )
    page_cpu_s: float = Field(30.0, gt=0, description="far above what an allowed page takes, so load changes no result")
    page_memory_bytes: int = Field(1_000_000_000, gt=0)
    pseudonyms: bool = Field(False, description="replace the names of readers who comment by pseudonyms")
    pseudonym_key: str = Field(
        "", repr=False, description="secret behind the pseudonyms: without it a guess can be checked"
    )

    heartbeats_missed_max: float = Field(
        3.0, ge=1.0, description="a run without a sign of life for so many heartbeats is called crashed when deployed"
    )

    @property
    def store_at(self) -> Storage | None:
        """Where captures and lake are to be kept; None where nothing is said. Raises StorageError."""
        if not self.storage:
            return None
        return parse_storage(
            self.storage,
            endpoint=self.storage_endpoint,
            region=self.storage_region,
            cache_bytes=round(self.storage_cache_gb * 1e9),
            patience_s=self.storage_patience_s,
        )

    @property
    def lakehouse(self) -> Lakehouse | None:
        """The DuckLake that is the warehouse; None for the file. Raises UserError."""
        if self.warehouse == "duckdb":
            return None
        return Lakehouse(self.warehouse_catalog.get_secret_value() or None if self.warehouse_catalog else None)

    @property
    def ledger_url(self) -> str | None:
        """The address of the ledger's database in plain words; None for the file."""
        return self.ledger.get_secret_value() or None if self.ledger else None


def make_settings(**given: Any) -> Settings:
    """Settings from what was given, then the environment, then the defaults. Raises UserError naming the setting."""
    try:
        return Settings(**{name: value for name, value in given.items() if value not in (None, [], ())})
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else "settings"
        words = first["msg"].removeprefix("Value error, ")
        raise UserError(f"setting {name}: {first['input']!r}: {words}") from error
    except SettingsError as error:  # a list in the environment that is no JSON
        name = str(error).partition('"')[2].partition('"')[0]
        raise UserError(f'setting {name}: must be a list in JSON, such as ["127.0.0.0/8"]') from error
