"""The floor: aiohttp in a loop, two at once per host, bodies thrown away. No robots, no ledger, no archive."""

from __future__ import annotations

import asyncio
import sys
import time
from collections import defaultdict
from urllib.parse import urlsplit

import aiohttp


async def main(urls: list[str]) -> int:
    slots: dict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(2))
    fetched = 0

    async def fetch(session: aiohttp.ClientSession, url: str) -> None:
        nonlocal fetched
        async with slots[urlsplit(url).netloc], session.get(url) as response:
            await response.read()
            fetched += response.status == 200

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        await asyncio.gather(*(fetch(session, url) for url in urls))
    return fetched


urls = sys.stdin.read().split()
started, cpu = time.perf_counter(), time.process_time()
count = asyncio.run(main(urls))
print(count, time.perf_counter() - started, time.process_time() - cpu)
