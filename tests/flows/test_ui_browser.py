"""One served Broadsheet, looked at as people and machines do: a scheduled run and its artifact, readers, the run form,
the UI in Chromium, /metrics, the doctor; at last Ctrl-C.

With BROADSHEET_SHOTS=folder the pages are kept there as pictures: those in docs/ were made so.
"""

import json
import os
import re
import shutil
import signal
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import psutil
import pytest
from made_archives import archive_of
from prometheus_client.parser import text_string_to_metric_families
from served_kit import FINAL, Served, free_port, get, served, until

from demo.press import Press

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
CRAWL = "crawl and load what is due"
PROJECT = Path(__file__).parents[2] / "prefect.yaml"
SECRETS = {"header": "Bearer 8f1c-tides-77aa", "pseudonym": "ebb-and-flow-51c2", "parameter": "neap-1f77-spring"}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder, metrics = tmp_path_factory.mktemp("ui"), free_port()
    with Press(base_port=0) as press:
        text = press.sources_toml() + f'headers = {{ Authorization = "{SECRETS["header"]}" }}\n'
        gone = f"{urllib.parse.urljoin(press.origin('saltmere'), '/nowhere')}?token={SECRETS['parameter']}"
        text += f'[[source]]\nid = "keyed"\nkind = "urls"\nurl = "{gone}"\n'
        (folder / "sources.toml").write_text(text)
        environment = {
            "BROADSHEET_SOURCES_FILE": str(folder / "sources.toml"),
            "BROADSHEET_ALLOW_PRIVATE": '["127.0.0.0/8"]',
            "BROADSHEET_HOST_GAP_S": "0",
            "BROADSHEET_LATENCY_FACTOR": "0",
            "BROADSHEET_PSEUDONYMS": "1",
            "BROADSHEET_PSEUDONYM_KEY": SECRETS["pseudonym"],
            "BROADSHEET_METRICS": str(metrics),
        }
        # five minutes are long for a test; once is enough
        project = PROJECT.read_text().replace("- interval: 300\n", "- interval: 60\n")
        with served(folder, project, environment, "--metrics-port", str(metrics)) as here:
            for deployment in here.ask("deployments/filter", {}):
                assert deployment["enforce_parameter_schema"]
            ended = until(
                lambda: [r for r in here.runs(*FINAL) if r["name"] == CRAWL], 600, "a scheduled run has ended"
            )
            found = here.ask("deployments/name/pipeline/crawl-and-load")
            here.ask(f"deployments/{found['id']}/pause_deployment", {})
            assert ended[-1]["auto_scheduled"]
            assert ended[-1]["state"]["type"] == "COMPLETED", ended[-1]["state"]["message"]
            yield here


def scheduled_run(here: Served) -> dict[str, Any]:
    """The first one."""
    return next(run for run in reversed(here.runs("COMPLETED")) if run["name"] == CRAWL)


def test_a_scheduled_run_leaves_its_artifacts(here: Served) -> None:
    run = scheduled_run(here)
    assert " new" in run["state"]["message"]
    artifacts = here.ask("artifacts/filter", {"artifacts": {"flow_run_id": {"any_": [run["id"]]}}})
    pages = {a["key"]: a["data"] for a in artifacts}
    assert {"run", "corpus-today", "source-saltmere"} <= pages.keys()
    [captured] = re.findall(r"captures (\d+) = ", pages["run"])
    assert int(captured) > 20
    assert "DO NOT BALANCE" not in pages["run"]
    rows = re.findall(r"^\| [\w-]+ \| captures \| \w+ \| (\d+) \|", pages["run"], re.MULTILINE)
    assert sum(map(int, rows)) == int(captured)
    assert "/nowhere?token=***" in pages["run"]


def test_readers_ask_while_it_serves(here: Served) -> None:
    asked = here.command("sql", "SELECT count(*) AS n FROM articles", "--format", "json")
    assert json.loads(asked.stdout)[0]["n"] > 20


WRONG: list[tuple[str, dict[str, Any]]] = [
    ("crawl-source/crawl-one-source", {"source": "no spaces here"}),
    ("crawl-source/crawl-one-source", {"source": 7}),
    ("crawl-source/crawl-one-source", {}),
    ("pipeline/crawl-and-load", {"group": "hourly"}),
    ("ingest/ingest-files", {"paths": []}),
    ("backfill/backfill-archives", {"archives": ["x.paths"], "keep": "some"}),
    ("backfill/backfill-archives", {"archives": ["x.paths"], "month": "2026-13"}),
    ("backfill/backfill-archives", {"archives": ["x.paths"], "disk_budget_gigabytes": 0}),
    ("reextract/reextract-aside", {"source": ["two words"]}),
    ("retain/retire-captures", {"max_age_days": 0}),
    ("compact/compact", {"no_such": 1}),
    ("pipeline/crawl-and-load", {"groups": ["hourly"]}),
    ("forget/forget-page", {"target": "neither"}),
    ("forget/forget-page", {"target": "https://a.example/x", "wait_minutes": -1}),
]


@pytest.mark.parametrize(("deployment", "parameters"), WRONG, ids=lambda one: str(one)[:40])
def test_the_server_refuses_what_a_form_must_not_send(
    here: Served, deployment: str, parameters: dict[str, Any]
) -> None:
    with pytest.raises(HTTPError) as caught:
        here.start(deployment, parameters)
    assert caught.value.code in (409, 422)


def test_runs_that_people_ask_for(here: Served) -> None:
    """Each upkeep deployment, with what its form would send."""
    page = "http://127.0.0.1/nowhere"
    archive = here.folder / "a.warc.gz"
    archive.write_bytes(archive_of(1, pages=3))
    asked = {
        "backfill/backfill-archives": (
            {"archives": [str(archive)], "keep": "none"},
            "3 captures loaded, 1 files dropped",
        ),
        "compact/compact": ({}, "file"),
        "replay-quarantine/replay-quarantine": ({}, "stay in quarantine"),
        "retain/retire-captures": ({"max_age_days": 3_000}, "0 files"),
        "forget/forget-page": ({"target": page}, "0 captures would be removed"),
        "crawl-source/crawl-one-source": ({"source": "marsa"}, "not modified"),
        "reextract/reextract-aside": ({"source": ["marsa"]}, "read again"),
        "pipeline/crawl-nightly": ({}, "no source in the group nightly of "),
    }
    missing = here.start("backfill/backfill-archives", {"archives": [f"{here.folder}/none.paths?token=a1"]})
    names = list(asked)
    for some in (names[:3], names[3:6], names[6:]):  # Prefect's SQLite has one writer: not all nine
        runs = {name: here.start(name, asked[name][0]) for name in some}
        for name, run_id in runs.items():
            state = here.ended(run_id, 180)["state"]
            assert state["type"] == "COMPLETED", (name, state)
            assert asked[name][1] in state["message"], (name, state)
    failed = here.ended(missing, 180)
    words = f"{here.folder}/none.paths?token=***: no such file or folder"
    assert (failed["state"]["type"], failed["state"]["message"]) == ("FAILED", words)
    assert failed["name"] == "backfill none.paths?token=***"


def test_prometheus_scrapes_it(here: Served) -> None:
    text = get(f"http://127.0.0.1:{here.env['BROADSHEET_METRICS']}/metrics")
    families = {family.name: family for family in text_string_to_metric_families(text)}
    pages = families["broadsheet_pages"].samples
    assert {s.labels["outcome"] for s in pages} >= {"new"}
    assert sum(s.value for s in pages if s.labels["outcome"] == "new") >= 40
    captured = [s for s in families["broadsheet_fetches"].samples if s.labels["outcome"] == "captured"]
    assert sum(s.value for s in captured) >= 40
    assert sum(s.value for s in families["broadsheet_fetched_bytes"].samples) > 50_000
    assert {s.labels["kind"] for s in families["broadsheet_queue"].samples} >= {"due_urls", "unloaded_batches"}
    assert {s.labels["quantile"] for s in families["broadsheet_request_latency_quantile_seconds"].samples} >= {"0.5"}
    assert {s.value for s in families["broadsheet_unreadable"].samples} == {0.0}
    with pytest.raises(OSError, match=r"refused|timed out"):
        get(f"http://{_other_address()}:{here.env['BROADSHEET_METRICS']}/metrics")


def _other_address() -> str:
    """Loopback, but not the address that everything is bound to."""
    return "127.0.0.2"


def test_the_doctor_finds_what_is_wrong_with_a_server(here: Served) -> None:
    healthy = marks(here)
    assert "bad" not in healthy.values(), healthy
    assert {"server", "pool", "worker", "schedules", "automations", "runs", "reach"} <= set(healthy)

    automations = here.ask("automations/filter", {})
    zombies = next(a for a in automations if "no sign of life" in a["name"])
    _patch(here, f"automations/{zombies['id']}", {"enabled": False})
    _patch(here, "work_pools/broadsheet", {"is_paused": True})
    active = [
        d for d in here.ask("deployments/filter", {}) if any(s["active"] for s in d["schedules"]) and not d["paused"]
    ]
    for deployment in active:
        here.ask(f"deployments/{deployment['id']}/pause_deployment", {})
    ill = marks(here)
    assert (ill["automations"], ill["pool"], ill["schedules"]) == ("bad", "bad", "bad")
    assert ill["exit code"] == "1"
    _patch(here, f"automations/{zombies['id']}", {"enabled": True})
    _patch(here, "work_pools/broadsheet", {"is_paused": False})
    for deployment in active:
        here.ask(f"deployments/{deployment['id']}/resume_deployment", {})


def marks(here: Served) -> dict[str, str]:
    """What the doctor says about each thing, and its exit code."""
    done = here.command("doctor")
    lines = [line for line in done.stdout.splitlines() if line.startswith("│")]
    rows = [[cell.strip() for cell in line.split("│")[1:3]] for line in lines]
    return {check: mark for check, mark in rows if check} | {"exit code": str(done.returncode)}


def _patch(here: Served, path: str, change: dict[str, Any]) -> None:
    here.ask(path, change, method="PATCH")


@pytest.mark.skipif(BROWSER is None, reason="no chromium on PATH")
def test_seen_in_a_browser(here: Served) -> None:
    from playwright.sync_api import sync_playwright

    run = scheduled_run(here)
    form = here.ask("deployments/name/crawl-source/crawl-one-source")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 860})
        page.set_default_timeout(180_000)
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        asked: set[str] = set()
        page.on("request", lambda request: asked.add(urllib.parse.urlsplit(request.url).netloc))

        def see(path: str, words: str | re.Pattern[str], name: str) -> None:
            page.goto(f"{here.ui}{path}")
            page.get_by_text(words).first.wait_for()
            page.wait_for_timeout(1_500)
            if folder := os.environ.get("BROADSHEET_SHOTS"):
                page.screenshot(path=Path(folder) / f"ui-{name}.png")

        see("/dashboard", "Active Work Pools", "dashboard")
        see("/runs", CRAWL, "runs")
        see(f"/runs/flow-run/{run['id']}", re.compile(r"\d+ new"), "run")
        see("/artifacts", re.compile(r"\d+ Artifacts?"), "artifacts")
        see("/deployments", "backfill-archives", "deployments")

        see(f"/deployments/deployment/{form['id']}/run", "id of the source, as sources.toml", "form")
        before = {r["id"] for r in here.runs()}
        page.locator("textarea").first.fill("shionagi")
        if folder := os.environ.get("BROADSHEET_SHOTS"):
            page.screenshot(path=Path(folder) / "ui-form.png")
        page.get_by_role("button", name="Submit").click()
        made = until(
            lambda: [r for r in here.runs() if r["id"] not in before and r["name"].endswith("shionagi")], 60, "a run"
        )
        assert made[0]["parameters"]["source"] == "shionagi"
        ended = here.ended(made[0]["id"], 180)
        assert ended["state"]["type"] == "COMPLETED", ended["state"]
        see(f"/runs/flow-run/{ended['id']}", "crawl and load shionagi", "run-of-the-form")
        browser.close()
    assert errors == []
    assert asked <= {urllib.parse.urlsplit(here.ui).netloc, ""}, "the UI asks nobody but our server"


def test_no_secret_is_in_logs_artifacts_or_the_data(here: Served) -> None:
    """Planted: a source's header and the key of pseudonyms. A password in an address is refused (test_sources.py)."""
    texts = {"serve.log": here.log()}
    texts["artifacts"] = json.dumps(here.ask("artifacts/filter", {"limit": 200}))
    texts["logs"] = json.dumps(here.ask("logs/filter", {"limit": 200}))
    texts["runs"] = json.dumps(here.runs())
    # While a run goes on, Prefect keeps its environment in a folder for the user alone, which goes with the run.
    scratch = here.data / "prefect" / "tmp"
    assert until(lambda: not list(scratch.glob("prefect-workspace-attempt-*")), 120, "the runs' own folders to go")
    for path in (here.data / "prefect").rglob("*"):
        if path.is_file():
            texts[path.name] = path.read_bytes().decode("latin-1")
    found = {(name, kind) for name, text in texts.items() for kind, secret in SECRETS.items() if secret in text}
    assert found == set()
    for path in here.data.rglob("*"):
        if path.is_file() and "prefect" not in path.parts:
            content = path.read_bytes()
            assert SECRETS["header"].encode() not in content, path
            assert SECRETS["pseudonym"].encode() not in content, path


def test_ctrl_c_stops_everything_that_was_started(here: Served) -> None:
    """The last one: nothing is served any more."""
    children = psutil.Process(here.process.pid).children(recursive=True)
    assert len(children) >= 2
    here.process.send_signal(signal.SIGINT)
    assert here.process.wait(90) == 0
    _, alive = psutil.wait_procs(children, timeout=10)
    assert alive == []
    assert not (here.data / "prefect" / "server.url").exists()
