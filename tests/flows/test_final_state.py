"""How flows end whose work cannot be done, or is nothing: in one line for people."""

import importlib
from pathlib import Path
from typing import Any

import pytest
from prefect.client.schemas.objects import State
from prefect.exceptions import ParameterTypeError
from prefect.states import Completed, Failed

from flows.final_state import in_words, is_unexpected
from flows.pipeline import pipeline
from flows.schedules import read_deployments
from warehouse.errors import LakeError, UserError

PROJECT = Path(__file__).parents[2] / "prefect.yaml"


@in_words
def crawled(source: str, error: Exception | None = None) -> State[Any]:
    """Crawl it."""
    if error:
        raise error
    return Completed(message=source)


def test_an_error_for_people_is_the_state_and_its_data() -> None:
    error = LakeError("the manifest is damaged: `broadsheet verify --repair` makes it anew")
    state = crawled("saltmere", error)
    assert (state.type.value, state.message) == ("FAILED", str(error))
    with pytest.raises(LakeError) as caught:
        state.result()
    assert caught.value is error


def test_a_secret_in_the_error_is_not_in_the_state() -> None:
    state = crawled("saltmere", UserError("https://a.example/list?token=8f1c: answers 403"))
    assert state.message == "https://a.example/list?token=***: answers 403"


def test_a_defect_stays_one() -> None:
    with pytest.raises(KeyError):
        crawled("saltmere", KeyError("no"))


def test_what_goes_well_is_as_it_was() -> None:
    assert crawled("saltmere").message == "saltmere"
    assert crawled.__doc__ == "Crawl it."


@pytest.mark.parametrize(("error", "is_tried_again"), [(UserError("the disk is full"), False), (OSError(28), True)])
def test_only_what_nobody_expected_is_tried_again(error: Exception, is_tried_again: bool) -> None:
    assert is_unexpected(None, None, Failed(data=error)) is is_tried_again


REQUIRED: dict[str, dict[str, Any]] = {
    "crawl-source": {"source": "quay"},
    "ingest": {"paths": ["a.warc"]},
    "backfill": {"archives": ["a.paths"]},
    "forget": {"target": "https://a.example/x"},
}


def test_every_flow_that_is_deployed_ends_in_words_and_checks_its_parameters() -> None:
    for deployment in read_deployments(PROJECT)["deployments"]:
        module, _, name = deployment["entrypoint"].rpartition(".")
        flow = getattr(importlib.import_module(module), name)
        assert flow.fn.__code__ is crawled.__code__, deployment["entrypoint"]  # type: ignore[attr-defined]
        assert "Args:" in flow.fn.__doc__
        right = REQUIRED.get(flow.name, {})
        flow.validate_parameters({**right, "data_dir": "data"})
        with pytest.raises(ParameterTypeError):
            flow.validate_parameters({**right, "data_dir": 7})


ONE_SOURCE = '[[source]]\nid = "quay"\nkind = "feed"\nurl = "http://127.0.0.1:9/feed"\n'


def test_a_schedule_whose_group_has_no_source_has_nothing_to_do(tmp_path: Path) -> None:
    file = tmp_path / "sources.toml"
    file.write_text(ONE_SOURCE)
    state = pipeline.fn(group=["nightly", "hourly"], sources_file=file, data_dir=tmp_path / "data")
    assert (state.type.value, state.message) == ("COMPLETED", f"no source in the group nightly, hourly of {file}")


def test_a_source_that_is_not_there_is_an_error_in_any_group(tmp_path: Path) -> None:
    file = tmp_path / "sources.toml"
    file.write_text(ONE_SOURCE)
    state = pipeline.fn(source=["tide"], group=["default"], sources_file=file, data_dir=tmp_path / "data")
    assert state.type.value == "FAILED"
    assert state.message == f"{file}: no source 'tide'; known are quay"
