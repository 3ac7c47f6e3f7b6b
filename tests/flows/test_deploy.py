import importlib
import os
from pathlib import Path

import pytest
import yaml
from served_kit import free_port

from flows.commands.operate import serve as serve_command
from flows.deploy import last_words
from flows.deployment_check import check_deployments
from flows.serve import serve
from warehouse.errors import UserError

GOOD = """
deployments:
  - name: every-hour
    entrypoint: flows.pipeline.pipeline
    work_pool:
      name: broadsheet
    concurrency_limit: 1
    parameters:
      group: [hourly]
    schedules:
      - interval: 3600
"""
NEEDS_SOURCE = GOOD.replace("flows.pipeline.pipeline", "flows.pipeline.crawl_source").replace(
    "    parameters:\n      group: [hourly]\n", ""
)

OWN = Path(__file__).parents[2] / "prefect.yaml"


def entrypoints() -> set[str]:
    return {deployment["entrypoint"] for deployment in yaml.safe_load(OWN.read_text())["deployments"]}


def test_the_projects_own_file_is_right() -> None:
    names = check_deployments(OWN)
    assert "crawl-and-load" in names
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("entrypoint", sorted(entrypoints()))
def test_each_deployed_flow_describes_its_parameters_where_prefect_shows_them(entrypoint: str) -> None:
    module, _, name = entrypoint.rpartition(".")
    flow = getattr(importlib.import_module(module), name)
    assert flow.description
    for parameter, schema in flow.parameters.model_dump()["properties"].items():
        assert schema.get("description"), f"{name}: {parameter}"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (GOOD.replace("schedules", "schedule_s"), "unknown key 'schedule_s'"),
        (GOOD.replace("interval", "intervall"), "unknown key 'intervall'"),
        (GOOD.replace("interval: 3600", "timezone: UTC"), "needs cron, interval or rrule"),
        (GOOD.replace("schedules:", "schedule_s:"), "line 10: deployment 'every-hour' has the unknown key"),
        (
            GOOD.replace("interval: 3600", "interval: 1h"),
            "line 11: a schedule of deployment 'every-hour': interval '1h'",
        ),
        (GOOD.replace("interval: 3600", 'cron: "61 * * * *"'), "is no cron line"),
        (GOOD.replace("interval: 3600", 'rrule: "FREQ=SOMETIMES"'), "is no recurrence rule"),
        (GOOD.replace("3600", "3600\n        timezone: Europe/Pairs"), "line 12: a schedule of deployment"),
        (GOOD.replace("3600", '3600\n        active: "no"'), "must be true or false"),
        (GOOD.replace("3600", "3600\n        cron: 5 * * * *"), "one of them"),
        (GOOD.replace("3600", "3600\n        parameters: {sorce: [a]}"), "has no parameter 'sorce'; it has"),
        (GOOD.replace("group:", "groups:"), "line 9: deployment 'every-hour': its flow has no parameter 'groups'"),
        (GOOD.replace("[hourly]", "hourly"), "parameter group: 'hourly': Input should be a valid list"),
        (GOOD.replace("[hourly]", '["two words"]'), "parameter group: ['two words']: String should match pattern"),
        (GOOD.replace("pipeline.pipeline", "pipline.pipeline"), "line 4: deployment 'every-hour': entrypoint"),
        (GOOD.replace("pipeline.pipeline", "pipeline.Path"), "is no flow"),
        (GOOD.replace("flows.pipeline.pipeline", "flows/pipline.py:pipeline"), "there is no file 'flows/pipline.py'"),
        (GOOD.replace("    work_pool:\n      name: broadsheet\n", ""), "a schedule and no `work_pool`"),
        (GOOD.replace("      name: broadsheet", "      nam: broadsheet"), "line 6: deployment 'every-hour', work_pool"),
        (GOOD.replace("broadsheet", "broadshet"), "line 6: deployment 'every-hour': work_pool 'broadshet': the pool"),
        (
            GOOD.replace("\n      name: broadsheet", " broadsheet"),
            "line 5: deployment 'every-hour': `work_pool` must be",
        ),
        (GOOD.replace("    concurr", "    tags: press\n    concurr"), "line 7: deployment 'every-hour': tags 'press'"),
        (GOOD.replace("    concurr", "    tags: [1]\n    concurr"), "tags [1]: must be a list of texts"),
        (GOOD.replace("- interval", "  interval"), "line 10: deployment 'every-hour': `schedules` must be a list"),
        (GOOD.replace("limit: 1", "limit: none"), "whole number from 1"),
        (GOOD.replace("limit: 1", "limit: {limit: 1, collision_strategy: WAIT}"), "none of CANCEL_NEW, ENQUEUE"),
        (GOOD.replace("    entry", "    name: again\n    entry"), "line 4: not YAML: the key 'name' comes twice"),
        (GOOD + GOOD.replace("deployments:", ""), "there are two of this name for one flow"),
        (NEEDS_SOURCE, "gives no value for source, which has no default"),
        (GOOD.replace("    entrypoint: flows.pipeline.pipeline\n", ""), "needs `name` and `entrypoint`"),
        (GOOD.replace("deployments", "deployment"), "needs a list `deployments`"),
        ("deployments: [", "not YAML"),
        (GOOD.replace("deployments:", "deployments:\n  - entrypoint: x"), "line 3: deployment 1 needs"),
        ("- 1", "needs a list `deployments`"),
    ],
)
def test_a_wrong_file_is_one_line_that_names_what_is_wrong(tmp_path: Path, content: str, says: str) -> None:
    path = tmp_path / "prefect.yaml"
    path.write_text(content)
    with pytest.raises(UserError) as caught:
        check_deployments(path)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("tags", ["[]", "[press, nightly]", "null"])
def test_a_right_file_passes(tmp_path: Path, tags: str) -> None:
    path = tmp_path / "prefect.yaml"
    path.write_text(GOOD.replace("    concurr", f"    tags: {tags}\n    concurr"))
    assert check_deployments(path) == ("every-hour",)


@pytest.mark.parametrize(
    ("output", "says"),
    [
        ("", ""),
        ("Deploying …\n\nNo pool of this name.\nMake it in\n  the UI.\n", "No pool of this name. Make it in the UI."),
    ],
)
def test_a_refusal_is_told_from_its_beginning(output: str, says: str) -> None:
    assert last_words(output) == says


def test_a_missing_file_says_where_to_run(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"run this where prefect\.yaml lies"):
        check_deployments(tmp_path / "prefect.yaml")


def test_serve_in_another_folder_makes_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"run this where prefect\.yaml lies"):
        serve_command(project=tmp_path, data_dir=tmp_path / "data")
    assert list(tmp_path.iterdir()) == []


def test_serve_starts_nothing_for_a_file_that_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "prefect.yaml").write_text(GOOD.replace("broadsheet", "broadshet"))
    said: list[str] = []
    monkeypatch.setattr(os, "environ", dict(os.environ))
    monkeypatch.setattr("flows.serve.Supervised", lambda *_: pytest.fail("a process is started"))
    monkeypatch.setattr("flows.serve.serve_metrics", lambda *_: pytest.fail("the metrics are served"))
    with pytest.raises(UserError, match="line 6"):
        serve(
            project=tmp_path,
            data_dir=tmp_path,
            port=free_port(),
            metrics_port=free_port(),
            demo_command=None,
            say=said.append,
        )
    assert said == []
