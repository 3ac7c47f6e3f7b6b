"""crawlee with robots on. It bounds concurrency as a whole, so sixteen stand for two at once per host."""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from datetime import timedelta

from crawlee import ConcurrencySettings
from crawlee.crawlers import HttpCrawler, HttpCrawlingContext
from crawlee.storage_clients import MemoryStorageClient

urls = sys.stdin.read().split()


async def main() -> int:
    fetched = 0
    crawler = HttpCrawler(
        concurrency_settings=ConcurrencySettings(min_concurrency=16, max_concurrency=16, desired_concurrency=16),
        respect_robots_txt_file=True,
        storage_client=MemoryStorageClient(),
        configure_logging=False,
        request_handler_timeout=timedelta(seconds=30),
    )

    @crawler.router.default_handler
    async def handle(context: HttpCrawlingContext) -> None:
        nonlocal fetched
        fetched += len(await context.http_response.read()) > 1_000

    await crawler.run(urls)
    return fetched


logging.disable(logging.WARNING)
started, cpu = time.perf_counter(), time.process_time()
count = asyncio.run(main())
print(count, time.perf_counter() - started, time.process_time() - cpu)
