"""Scrapy with robots on, two at once per host and no delay. Nothing is archived."""

from __future__ import annotations

import sys
import time

import scrapy
from scrapy.crawler import CrawlerProcess

urls = sys.stdin.read().split()
fetched = 0


class Bench(scrapy.Spider):
    name = "bench"

    async def start(self):  # type: ignore[no-untyped-def]
        for url in urls:
            yield scrapy.Request(url, callback=self.parse)

    def parse(self, response):  # type: ignore[no-untyped-def]
        global fetched  # noqa: PLW0603 - the smallest spider that counts
        fetched += response.status == 200 and len(response.body) > 1_000


process = CrawlerProcess(
    {
        "ROBOTSTXT_OBEY": True,
        "CONCURRENT_REQUESTS": 64,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 2,
        "DOWNLOAD_DELAY": 0,
        "LOG_LEVEL": "ERROR",
        "TELNETCONSOLE_ENABLED": False,
        "COOKIES_ENABLED": False,
        "DOWNLOADER_MIDDLEWARES": {},
        "DOWNLOAD_SLOTS": {},
    }
)
process.crawl(Bench)
started, cpu = time.perf_counter(), time.process_time()
process.start()
print(fetched, time.perf_counter() - started, time.process_time() - cpu)
