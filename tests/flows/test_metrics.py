from datetime import UTC, datetime
from pathlib import Path

from made_archives import archive_of
from prometheus_client.parser import text_string_to_metric_families
from served_kit import free_port, get

from flows.metrics import serve_metrics
from flows.runs import open_run
from flows.stages import run_ingest
from flows.steps import direct_steps
from warehouse.ledger import open_ledger
from warehouse.ledger_rows import UrlState
from warehouse.measures import measure_waiting


def scrape(port: int) -> dict[str, dict[tuple[str, ...], float]]:
    text = get(f"http://127.0.0.1:{port}/metrics")
    return {
        family.name: {tuple(v for _, v in sorted(sample.labels.items())): sample.value for sample in family.samples}
        for family in text_string_to_metric_families(text)
    }


def test_an_empty_data_dir_answers_and_says_what_is_missing(tmp_path: Path) -> None:
    datadir = open_run(data_dir=tmp_path / "data").datadir
    stop = serve_metrics(datadir, port := free_port())
    try:
        found = scrape(port)
        assert found["broadsheet_unreadable"] == {("warehouse",): 1.0, ("queue",): 0.0, ("disk",): 0.0}
        assert found["broadsheet_queue"] == {("due_urls",): 0, ("claimed_urls",): 0, ("unloaded_batches",): 0}
        (tmp_path / "a.warc.gz").write_bytes(archive_of(1, pages=3))
        run = open_run(data_dir=tmp_path / "data", workers=1)
        with direct_steps(run) as steps:
            run_ingest(run, [tmp_path / "a.warc.gz"], steps)
        found = scrape(port)
        assert found["broadsheet_unreadable"][("warehouse",)] == 0.0
        assert found["broadsheet_pages"] == {("new", "ingest"): 3.0}  # by name of the label
        assert found["broadsheet_articles"] == {(): 3.0}
        assert found["broadsheet_last_load_timestamp_seconds"][()] > 1.7e9
        datadir.ledger.write_bytes(b"no database")
        assert scrape(port)["broadsheet_unreadable"] == {("warehouse",): 0.0, ("queue",): 1.0, ("disk",): 0.0}
    finally:
        stop()


def test_what_waits_is_counted(tmp_path: Path) -> None:
    datadir = open_run(data_dir=tmp_path / "data").datadir
    now = datetime(2026, 11, 1, tzinfo=UTC)
    with open_ledger(datadir.ledger) as ledger:
        for url, due in (("https://a.example/1", -5.0), ("https://a.example/2", 5.0), ("https://a.example/3", None)):
            state = {"url": url, "original_url": url, "source": "a", "first_seen_at": 0.0, "depth": 0}
            due_at = None if due is None else now.timestamp() + due
            ledger.put_urls([UrlState(**state, due_at=due_at)])  # type: ignore[arg-type]
    waiting = measure_waiting(datadir, now)
    assert (waiting.due_count, waiting.claimed_count, waiting.batch_count) == (1, 0, 0)
