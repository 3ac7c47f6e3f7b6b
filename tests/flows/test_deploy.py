import importlib
from pathlib import Path

import pytest
import yaml

from flows.deploy import check_deployments
from warehouse.errors import UserError

GOOD = """
deployments:
  - name: every-hour
    entrypoint: flows.pipeline.pipeline
    schedules:
      - interval: 3600
"""

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
        (GOOD.replace("    entrypoint: flows.pipeline.pipeline\n", ""), "needs `name` and `entrypoint`"),
        (GOOD.replace("deployments", "deployment"), "needs a list `deployments`"),
        ("deployments: [", "not YAML"),
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


def test_a_missing_file_says_where_to_run(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"run this where prefect\.yaml lies"):
        check_deployments(tmp_path / "prefect.yaml")
