"""`/metrics` in Prometheus' text format, on loopback, answered from what lies in the data dir.

No run pushes anything: numbers are read when they are asked for, the warehouse's once a load. A part that cannot be
read is left out of the answer and named in `broadsheet_unreadable`, so that a scrape never fails as a whole.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from prometheus_client import start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, SummaryMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector, CollectorRegistry

from warehouse.datadir import DataDir
from warehouse.errors import UserError
from warehouse.measures import QUANTILES, Loaded, measure_disk, measure_loaded, measure_waiting

DISK_EVERY_S = 60.0
"""Sizes are found by walking folders: not at each scrape."""


class DataDirCollector(Collector):
    """Reads a data dir's numbers when Prometheus asks."""

    def __init__(self, datadir: DataDir, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._datadir = datadir
        self._clock = clock
        self._loaded: tuple[int, Loaded] | None = None
        self._disk: tuple[float, dict[str, int]] | None = None

    def describe(self) -> list[Metric]:
        """Nothing: registering must not read."""
        return []

    def collect(self) -> Iterator[Metric]:
        """The numbers as they are now."""
        unreadable = GaugeMetricFamily("broadsheet_unreadable", "1 where a part could not be read", labels=["part"])
        for part, read in (("warehouse", self._of_loaded), ("queue", self._of_waiting), ("disk", self._of_disk)):
            try:
                metrics = list(read())
            except (UserError, OSError):
                unreadable.add_metric([part], 1)
                continue
            unreadable.add_metric([part], 0)
            yield from metrics
        yield unreadable

    def _of_loaded(self) -> Iterator[Metric]:
        # a DuckLake has no one file that changes with each load: it is asked once a minute
        is_file = self._datadir.lakehouse is None
        stamp = self._datadir.warehouse.stat().st_mtime_ns if is_file else int(self._clock().timestamp() // 60)
        if self._loaded is None or self._loaded[0] != stamp:
            self._loaded = (stamp, measure_loaded(self._datadir, self._clock()))
        loaded = self._loaded[1]
        fetches = CounterMetricFamily(
            "broadsheet_fetches", "URLs asked for, by outcome", labels=["source", "kind", "outcome"]
        )
        volume = CounterMetricFamily("broadsheet_fetched_bytes", "bytes of body received", labels=["source"])
        total: dict[str, int] = {}
        for one in loaded.fetches:
            fetches.add_metric([one.source, one.kind, one.outcome], one.count)
            total[one.source] = total.get(one.source, 0) + one.raw_bytes
        for source, size in total.items():
            volume.add_metric([source], size)
        pages = CounterMetricFamily("broadsheet_pages", "captures loaded, by outcome", labels=["source", "outcome"])
        for (source, outcome), count in loaded.captures.items():
            pages.add_metric([source, outcome], count)
        latency = SummaryMetricFamily(
            "broadsheet_request_latency_seconds",
            "requests of the last day, to the end of the answer",
            count_value=loaded.latency.count,
            sum_value=loaded.latency.sum_s,
        )
        quantiles = GaugeMetricFamily(
            "broadsheet_request_latency_quantile_seconds", "requests of the last day", labels=["quantile"]
        )
        for quantile, seconds in zip(QUANTILES, loaded.latency.quantiles_s, strict=True):
            if seconds is not None:
                quantiles.add_metric([f"{quantile:g}"], seconds)
        yield from (fetches, volume, pages, latency, quantiles)
        yield GaugeMetricFamily("broadsheet_articles", "articles in their current version", value=loaded.article_count)
        yield GaugeMetricFamily("broadsheet_versions", "versions of articles", value=loaded.version_count)
        yield GaugeMetricFamily("broadsheet_comments", "readers' comments", value=loaded.comment_count)
        yield GaugeMetricFamily("broadsheet_quarantined", "records in quarantine", value=loaded.quarantined_count)
        if loaded.last_load_at:
            yield GaugeMetricFamily(
                "broadsheet_last_load_timestamp_seconds", "when was last loaded", value=loaded.last_load_at.timestamp()
            )

    def _of_waiting(self) -> Iterator[Metric]:
        waiting = measure_waiting(self._datadir, self._clock())
        queue = GaugeMetricFamily("broadsheet_queue", "what waits, by kind", labels=["kind"])
        queue.add_metric(["due_urls"], waiting.due_count)
        queue.add_metric(["claimed_urls"], waiting.claimed_count)
        queue.add_metric(["unloaded_batches"], waiting.batch_count)
        yield queue

    def _of_disk(self) -> Iterator[Metric]:
        if self._disk is None or time.monotonic() - self._disk[0] > DISK_EVERY_S:
            self._disk = (time.monotonic(), measure_disk(self._datadir))
        disk = GaugeMetricFamily("broadsheet_disk_bytes", "bytes on disk, by part of the data dir", labels=["part"])
        for part, size in self._disk[1].items():
            disk.add_metric([part], size)
        yield disk


def serve_metrics(datadir: DataDir, port: int) -> Callable[[], None]:
    """Answer `http://127.0.0.1:port/metrics` from a thread; returns what stops it. Raises UserError: port taken."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(DataDirCollector(datadir))
    try:
        server, thread = start_http_server(port, addr="127.0.0.1", registry=registry)
    except OSError as error:
        raise UserError(f"port {port} for the metrics cannot be had: {error.strerror or error}") from error

    def stop() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return stop
