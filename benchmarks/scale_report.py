"""From measurements to the tables of docs/scale.md, and to a billion pages: arithmetic alone, every step of it shown.

A part that was not measured is left out, with whatever would be computed from it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flows.settings import Settings

PAGES = 1_000_000_000
DAY_S = 86_400
FETCH = "fetch, with robots, ledger and capture, pages of 24 kB"
COMMAND = "python benchmarks/scale.py"


def report_of(found: dict[str, Any]) -> dict[str, str]:
    """Sections by name, each Markdown."""
    text = {"machine": f"Measured with `{COMMAND}` on pages of {found['source']}: {found['machine']}."}
    if "extract" in found:
        text["runners"] = _runners(found["extract"])
    if {"extract", "stages", "fetch", "load"} <= found.keys():
        text["costs"] = _costs(found)
        text["billion"] = _billion(found)
        text["when"] = _when(found)
    if "manifest" in found:
        text["manifest"] = _manifest(found["manifest"])
        if "costs" in text:
            text["breaks"] = _breaks(found)
    return text


def write_between(path: Path, text: dict[str, str]) -> None:
    """Replace what stands between `<!-- measured NAME -->` and `<!-- end NAME -->`."""
    page = path.read_text(encoding="utf-8")
    for name, section in text.items():
        pattern = re.compile(rf"(<!-- measured {name} -->\n).*?(<!-- end {name} -->)", re.DOTALL)
        if not pattern.search(page):
            raise SystemExit(f"{path} has no place for {name}")
        page = pattern.sub(lambda match, section=section: f"{match[1]}{section}\n{match[2]}", page)
    path.write_text(page, encoding="utf-8")


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"| --- |{(' --- |' if head[-1] == 'why' else ' ---: |') * (len(head) - 1)}"]
    return "\n".join([*lines, *(f"| {' | '.join(map(str, row))} |" for row in rows)])


def _row(rows: list[dict[str, Any]], runner: str, workers: int, name: str) -> dict[str, Any]:
    return next(r for r in rows if (r["runner"], r["workers"], r["size"]) == (runner, workers, name))


def start_of(rows: list[dict[str, Any]], runner: str, workers: int) -> dict[str, Any]:
    """What it takes to have the workers, with hardly a page to do."""
    return _row(rows, runner, workers, "start")


def _tiny(rows: list[dict[str, Any]], runner: str) -> list[dict[str, Any]]:
    found = [row for row in rows if row["runner"] == runner and row["size"].startswith("tiny")]
    return sorted(found, key=lambda row: -row["shards"])


def per_shard_ms(rows: list[dict[str, Any]], runner: str, key: str = "cpu_s") -> float:
    """What one more shard over the same pages costs."""
    many, few = _tiny(rows, runner)
    return max(0.0, 1_000 * (many[key] - few[key]) / (many["shards"] - few["shards"]))


def page_ms(rows: list[dict[str, Any]], runner: str, workers: int) -> float:
    """CPU a page of the whole process tree, its start taken off."""
    row, start = _row(rows, runner, workers, "large"), start_of(rows, runner, workers)
    return 1_000 * (row["cpu_s"] - start["cpu_s"]) / (row["pages"] - start["pages"])


def page_rate(rows: list[dict[str, Any]], runner: str, workers: int) -> float:
    """Pages a second by the clock, the start taken off."""
    row, start = _row(rows, runner, workers, "large"), start_of(rows, runner, workers)
    return (row["pages"] - start["pages"]) / (row["seconds"] - start["seconds"])


def _runners(rows: list[dict[str, Any]]) -> str:
    first = page_rate(rows, "processes", 1)
    lines = []
    for runner in ("processes", "dask"):
        for workers in (1, 2):
            rate, start = page_rate(rows, runner, workers), start_of(rows, runner, workers)
            lines.append((
                f"{runner}, {workers} worker{'s' if workers > 1 else ''}", f"{rate:.1f}", f"{rate / first:.2f}",
                f"{page_ms(rows, runner, workers):.1f}", f"{start['cpu_s']:.1f} s",
                f"{_row(rows, runner, workers, 'large')['peak_mb']:.0f} MB",
            ))  # fmt: skip
    head = ("", "pages/s", "speed-up", "CPU ms a page", "CPU of the start", "peak memory (PSS)")
    small, large = _tiny(rows, "dask")
    words = (
        f"One more shard costs {per_shard_ms(rows, 'processes'):.0f} ms of CPU with processes and "
        f"{per_shard_ms(rows, 'dask'):.0f} ms with Dask ({small['shards']} shards beside {large['shards']} over "
        f"{large['pages']} small pages, all processes counted); of these the run itself, one process however many "
        f"workers there are, takes {per_shard_ms(rows, 'dask', 'own_cpu_s'):.0f} ms. The batches have the same digests."
    )
    return f"{_table(head, lines)}\n\n{words}"


def stage_ms(found: dict[str, Any]) -> dict[str, float]:
    """CPU a page of each stage."""
    stages, load, fetch = found["stages"], found["load"], found["fetch"]
    own = {name: 1_000 * value / stages["pages"] for name, value in stages["cpu_s"].items()}
    index = sum(value for name, value in load["cpu_s"].items() if "index" in name)
    rest = sum(load["cpu_s"].values()) - index
    return {
        FETCH: 1_000 * fetch["cpu_s"] / fetch["pages"],
        "write the capture": own["capture"],
        "cut into shards": own["plan"],
        "extract": own["extract"],
        "read the capture, write Parquet": own["parquet"],
        "load": 1_000 * rest / load["captures"],
        "search index": 1_000 * index / load["captures"],
    }


def page_bytes(found: dict[str, Any]) -> dict[str, float]:
    """Bytes on the disk a page."""
    stages = found["stages"]
    lake = stages["bytes"]["parquet"] / stages["pages"]
    return {
        "captures (WARC)": stages["bytes"]["warc"] / stages["pages"],
        "lake (Parquet)": lake,
        "warehouse": lake * _of_lake(found, "warehouse"),
        "search index": lake * _of_lake(found, "index"),
    }


def _of_lake(found: dict[str, Any], name: str) -> float:
    """Bytes for each byte of Parquet that was loaded."""
    load = found["load"]
    return float(load["bytes"][name] / load["lake_bytes"])


def _costs(found: dict[str, Any]) -> str:
    cpu = _table(("stage", "CPU ms a page"), [(name, f"{value:.2f}") for name, value in stage_ms(found).items()])
    disk = _table(("on the disk", "kB a page"), [(n, f"{value / 1_000:.1f}") for n, value in page_bytes(found).items()])
    stages, load, fetch = found["stages"], found["load"], found["fetch"]
    words = (
        f"Captures to Parquet: {stages['pages']} pages of {stages['bytes']['body'] / stages['pages'] / 1_000:.0f} kB. "
        f"Fetch: {fetch['pages']} loopback pages. Load and index: {load['captures']:,} captures of a made-up "
        f"press, texts of 3.1 kB, into a new warehouse. It took {_of_lake(found, 'warehouse'):.2f} bytes for each "
        f"byte of Parquet, the index {_of_lake(found, 'index'):.2f}: the sizes above are these times the pages' own."
    )
    return f"{cpu}\n\n{disk}\n\n{words}"


def _when(found: dict[str, Any]) -> str:
    rate, size, settings = page_rate(found["extract"], "processes", 2), page_bytes(found), Settings()
    polite = settings.hosts_at_once / settings.host_gap_s
    captures, file = (1e12 / size[name] / 1e6 for name in ("captures (WARC)", "warehouse"))
    return _table(
        ("change", "when", "why"),
        [
            (
                "`RUNNER` to `dask`", f"more than {rate * DAY_S / 1e6:.1f} million pages a day",
                f"two cores like these extract {rate:.0f} pages/s; a machine with more cores comes first",
            ),
            (
                "`LEDGER` to PostgreSQL", f"more than {polite * DAY_S / 1e6:.1f} million pages a day",
                f"one crawl worker asks {settings.hosts_at_once} hosts at once, each every {settings.host_gap_s:g} s",
            ),
            (
                "`STORAGE` to a bucket", f"some {captures:,.0f} million pages, or workers that share no disk",
                "captures are 1 TB by then",
            ),
            (
                "`WAREHOUSE` to `ducklake`", f"well before {file:,.0f} million pages, or a second writer",
                "the file is 1 TB by then, and each publication is a copy of it",
            ),
        ],
    )  # fmt: skip


def _core_days(ms: float) -> float:
    return ms / 1_000 * PAGES / DAY_S


def _billion(found: dict[str, Any]) -> str:
    ms, size, rows = stage_ms(found), page_bytes(found), found["extract"]
    fetch = ms[FETCH] + ms["write the capture"]
    extract, load = page_ms(rows, "dask", 2), ms["load"] + ms["search index"]
    rate = page_rate(rows, "dask", 2)
    settings = Settings()
    polite = settings.hosts_at_once / settings.host_gap_s
    stages = _table(
        ("stage", "CPU ms a page", "core-days for 10⁹ pages", "how"),
        [
            (
                "fetch, and capture of the large pages",
                f"{fetch:.2f}",
                f"{_core_days(fetch):,.0f}",
                "any number of crawl workers",
            ),
            ("extract to Parquet, on Dask", f"{extract:.2f}", f"{_core_days(extract):,.0f}", "any number of workers"),
            ("load and index", f"{load:.2f}", f"{_core_days(load):,.0f}", "one writer"),
        ],
    )
    one = PAGES / rate / DAY_S + _core_days(fetch) / 2
    days = _table(
        ("machines like this one (2 cores)", "days of fetching and extracting"),
        [(f"{n:,}", f"{one / n:,.1f}") for n in (1, 10, 100)],
    )
    disk = _table(
        ("on the disk", "TB for 10⁹ pages"), [(name, f"{value * PAGES / 1e12:.1f}") for name, value in size.items()]
    )
    many = PAGES / polite / DAY_S / 30
    words = (
        f"Core-days are ms × 10⁹ / 1,000 / 86,400. One machine extracts {rate:.1f} pages/s with two Dask workers "
        f"by the clock: {PAGES / rate / DAY_S:,.0f} days, and half the core-days of fetching; more machines take "
        "less in proportion.\n\nPoliteness sets the crawl's pace beside the cores: "
        f"{settings.hosts_at_once} hosts at once with a pause of {settings.host_gap_s:g} s are at most {polite:.0f} "
        f"pages/s for one crawl worker, {PAGES / polite / DAY_S:,.0f} days for 10⁹ pages. For 30 days it takes "
        f"{many:.0f} of them, and {PAGES / (30 * DAY_S):,.0f} hosts that are asked without end."
    )
    return f"{stages}\n\n{days}\n\n{disk}\n\n{words}"


def _manifest(sizes: list[dict[str, Any]]) -> str:
    names = ("commit one", "read", "batches by id", "write whole")
    rows = [(name, *(f"{1_000 * one['cpu_s'][name]:,.1f}" for one in sizes)) for name in names]
    rows += [("size, MB", *(f"{one['bytes'] / 1e6:.1f}" for one in sizes))]
    rows += [("memory of one reader, MB", *(f"{one['memory_mb']:.0f}" for one in sizes))]
    return _table(("CPU ms", *(f"{one['batches']:,} batches" for one in sizes)), rows)


def _breaks(found: dict[str, Any]) -> str:
    ms, size, rows, last = stage_ms(found), page_bytes(found), found["extract"], found["manifest"][-1]
    shard, load = Settings().shard_pages, ms["load"] + ms["search index"]
    per_batch = last["cpu_s"]["read"] / last["batches"]
    own = max(per_shard_ms(rows, "dask", "own_cpu_s"), 0.001)
    extract = page_ms(rows, "dask", 2)
    limits = [
        (
            10 / per_batch * shard,
            f"reading the manifest takes 10 s of CPU ({per_batch * 1e6:.0f} µs a batch of {shard})",
        ),
        (DAY_S * 1_000 / load, f"building the warehouse anew takes a core a day ({load:.2f} ms a page)"),
        (1e12 / size["warehouse"], f"the warehouse is a file of 1 TB ({size['warehouse'] / 1_000:.1f} kB a page)"),
        (1e12 / size["captures (WARC)"], f"captures take 1 TB ({size['captures (WARC)'] / 1_000:.0f} kB a page)"),
    ]
    table = _table(("what", "pages"), [(words, f"{pages / 1e6:,.0f} million") for pages, words in sorted(limits)])
    cores = 1_000 / own * shard * extract / 1_000
    batches, memory = PAGES / shard, last["memory_mb"] / last["batches"]
    words = (
        f"At 10⁹ pages the manifest names {batches / 1e6:.1f} million batches: {per_batch * batches:,.0f} s of CPU and "
        f"{memory * batches / 1_000:,.0f} GB for each reader. The run's own process spends {own:.0f} ms on a shard: "
        f"{1_000 / own:,.0f} shards/s, which keep some {cores:,.0f} cores extracting."
    )
    return f"{table}\n\n{words}"
