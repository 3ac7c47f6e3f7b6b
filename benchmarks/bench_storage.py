"""What a bucket costs beside files: writing a shard's batch, storing and reading a capture file, a load.

usage: BROADSHEET_BENCH=FOLDER python benchmarks/bench_storage.py [--shards 20] [--latency-ms 0]

The server is SeaweedFS on this machine (the tests' own). `--latency-ms` makes a proxy wait before each answer, as a
server that is farther away does. Extraction is done once and not counted: it is the same for both.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "scale")]

import pyarrow as pa  # noqa: E402
from s3_server import BUCKET, KEYS, Fault, missing, s3_proxy, s3_server  # noqa: E402
from scale_pages import record_of  # noqa: E402

from flows.pool import Pool, PoolLimits  # noqa: E402
from flows.shards import read_shard  # noqa: E402
from transforms.page import ExtractOptions  # noqa: E402
from warehouse.captures import Captured, plan_shards, read_captures  # noqa: E402
from warehouse.captures_stored import keep_capture, shard_file  # noqa: E402
from warehouse.datadir import DataDir  # noqa: E402
from warehouse.lake import known_batches, write_batch  # noqa: E402
from warehouse.load import load  # noqa: E402
from warehouse.storage import parse_storage  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shards", type=int, default=20)
    parser.add_argument("--latency-ms", type=float, default=0.0)
    options = parser.parse_args()
    if reason := missing():
        sys.exit(reason)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        archive = folder / "pages.warc.gz"
        pages = make_archive(archive)
        os.environ.update(KEYS)
        endpoint = stack.enter_context(s3_server(folder / "server"))
        address, use = stack.enter_context(s3_proxy(endpoint))
        counter = use(Fault(delay_s=options.latency_ms / 1000))
        files = DataDir.open(folder / "files", create=True)
        storage = parse_storage(f"s3://{BUCKET}/bench", endpoint=address if options.latency_ms else endpoint)
        bucket = DataDir.open(folder / "bucket", create=True, storage=storage)
        tables = extracted(files, archive)
        size = sum(table.nbytes for table in tables.values())
        print(f"{pages} pages a shard, {size / 1e6:.1f} MB of rows; {options.shards} shards")
        print(f"{'':34} {'files s':>9} {'CPU s':>7} {'bucket s':>9} {'CPU s':>7}")
        row(
            "write a shard's batch",
            options.shards,
            lambda d, n: write_batch(d, f"b{n}", tables, extractor="x"),
            files,
            bucket,
        )
        row("ask which batches there are", options.shards, lambda d, _: known_batches(d), files, bucket)
        for datadir in (files, bucket):
            for number in range(options.shards):
                target = datadir.captures / "crawl" / f"{number}.warc.gz"
                target.parent.mkdir(exist_ok=True)
                target.write_bytes(archive.read_bytes())
        megabytes = archive.stat().st_size / 1e6
        row(
            f"store a capture file of {megabytes:.1f} MB",
            options.shards,
            lambda d, n: keep_capture(d, f"crawl/{n}.warc.gz"),
            files,
            bucket,
        )
        for path in bucket.captures.rglob("*.warc.gz"):
            path.unlink()
        [shard, *_] = plan_shards(files.captures / "crawl" / "0.warc.gz", root=files.captures, pages=10_000).shards

        def read(datadir: DataDir, _: int) -> None:
            with shard_file(datadir, shard) as (path, root):
                sum(1 for _ in read_captures(path, root=root, start=shard.start, end=shard.end))

        row("read a shard's captures", options.shards, read, files, bucket)
        for path in bucket.lake.rglob("*.parquet"):
            path.unlink()
        row("load all, no copies here", 1, lambda d, _: load(d, run_id="r", now=datetime.now(UTC)), files, bucket)
        if options.latency_ms:
            print(f"{len(counter.seen)} requests in all, {options.latency_ms:g} ms each at least")


def make_archive(archive: Path) -> int:
    """256 real pages, or as many as there are."""
    path = Path(os.environ["BROADSHEET_BENCH"], "dev", "pages.warc.gz")
    kept = [c for c in read_captures(path, root=path.parent) if isinstance(c, Captured) and not c.reject][:256]
    archive.write_bytes(b"".join(record_of(c.page.url, c.page.body, n) for n, c in enumerate(kept)))
    return len(kept)


def extracted(files: DataDir, archive: Path) -> dict[str, pa.Table]:
    """The rows of one shard."""
    target = files.captures / "bench.warc.gz"
    target.write_bytes(archive.read_bytes())
    [shard] = plan_shards(target, root=files.captures, pages=10_000).shards
    with Pool(workers=2, options=ExtractOptions(), limits=PoolLimits()) as pool:
        return read_shard(files, shard, 1, pool).tables


def row(name: str, count: int, work: Callable[[DataDir, int], object], *datadirs: DataDir) -> None:
    """One line: seconds and CPU seconds of one of `count` times, in each data dir."""
    parts = []
    for datadir in datadirs:
        wall, cpu = time.perf_counter(), time.process_time()
        for number in range(count):
            work(datadir, number)
        parts.append(f"{(time.perf_counter() - wall) / count:9.4f} {(time.process_time() - cpu) / count:7.4f}")
    print(f"{name:34} {' '.join(parts)}", flush=True)


if __name__ == "__main__":
    main()
