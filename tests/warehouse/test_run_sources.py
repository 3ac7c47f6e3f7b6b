"""What is asked of the warehouse about one run: its own fetches alone, whoever loaded them."""

from dataclasses import replace

from synthetic import NOW, Shown, fetch, put

from transforms.outcome import Outcome
from transforms.schema import FetchKind
from warehouse.apply import Tally
from warehouse.datadir import DataDir
from warehouse.load import load
from warehouse.run_sources import run_errors, run_hosts, run_sources, run_tallies


def test_a_source_whose_feed_fails_has_a_row(datadir: DataDir) -> None:
    feed = fetch("https://down.example/feed", run_id="now", source="down", kind=FetchKind.FEED)
    put(datadir, "a", [], [replace(feed, outcome=Outcome.HTTP_5XX, capture_id=None), fetch(run_id="now", minute=1)])
    load(datadir, run_id="now", now=NOW)
    rows = {row.source: row for row in run_sources(datadir, "now")}
    assert (rows["down"].page_count, rows["down"].why_not) == (0, "feed http_5xx")
    assert rows["paper"].page_count == 1


def test_a_source_whose_feed_was_read_and_had_nothing_has_none(datadir: DataDir) -> None:
    feed = fetch("https://quiet.example/feed", run_id="now", source="quiet", kind=FetchKind.FEED)
    put(datadir, "a", [], [replace(feed, outcome=Outcome.READ, capture_id=None)])
    load(datadir, run_id="now", now=NOW)
    assert run_sources(datadir, "now") == ()


def test_a_run_is_counted_by_its_own_fetches_whoever_loaded_them(datadir: DataDir) -> None:
    shown = Shown()
    killed = [
        fetch(f"https://news.example/{n}", run_id="killed", outcome=Outcome.DEFERRED, capture_id=None) for n in "xyz"
    ]
    put(datadir, "a", [shown], [fetch(shown.url, run_id="now", capture_id=shown.capture_id), *killed])
    load(datadir, run_id="somebody-else", now=NOW)
    fetches, captures = run_tallies(datadir, "now")
    assert fetches == (Tally("paper", "captured", 1),)
    assert captures == (Tally("paper", "new", 1),)
    assert run_tallies(datadir, "killed")[1] == ()
    assert run_tallies(datadir, "nothing", ["one.warc.gz"])[1] == (Tally("paper", "new", 1),)


def test_errors_and_slow_hosts_of_a_run(datadir: DataDir) -> None:
    empty = Shown(url="https://news.example/empty", rejected=Outcome.EXTRACT_EMPTY)
    put(
        datadir,
        "a",
        [empty],
        [
            fetch(empty.url, run_id="now", capture_id=empty.capture_id),
            fetch(
                "https://news.example/1", run_id="now", outcome=Outcome.HTTP_4XX, detail="status 404", capture_id=None
            ),
            fetch(
                "https://news.example/2", run_id="now", outcome=Outcome.HTTP_4XX, detail="status 404", capture_id=None
            ),
        ],
    )
    load(datadir, run_id="now", now=NOW)
    worst, other = run_errors(datadir, "now")
    assert (worst.outcome, worst.error_count, worst.example_url) == ("http_4xx", 2, "https://news.example/1")
    assert (other.outcome, other.example_url) == ("extract_empty", empty.url)
    [host] = run_hosts(datadir, "now")
    assert (host.host, host.request_count, host.latency_median_s) == ("news.example", 3, 0.1)
