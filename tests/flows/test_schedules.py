"""Which sources crawl by themselves, by what a prefect.yaml or a server has for schedules."""

from pathlib import Path

import pytest

from flows.commands.operate import check
from flows.doctor import Mark
from flows.doctor_server import about_groups
from flows.schedules import Schedule, never_crawled, read_deployments, schedules_of
from flows.sources import Kind, Source

OWN = Path(__file__).parents[2] / "prefect.yaml"
PIPELINE, ONE = "flows.pipeline.pipeline", "flows.pipeline.crawl_source"


def source(source_id: str, group: str) -> Source:
    return Source(id=source_id, kind=Kind.FEED, urls=("http://127.0.0.1:9/feed",), group=group)


BELL, TIDE, MOSS = source("bell", "default"), source("tide", "hourly"), source("moss", "weekly")


def schedule(*, is_on: bool = True, entrypoint: str = PIPELINE, **parameters: object) -> Schedule:
    return Schedule(deployment="crawl-it", entrypoint=entrypoint, parameters=parameters, is_on=is_on)


@pytest.mark.parametrize(
    ("schedules", "crawled"),
    [
        ([], ""),
        ([schedule()], "bell tide moss"),
        ([schedule(group=[])], "bell tide moss"),
        ([schedule(group=["hourly"])], "tide"),
        ([schedule(group=["hourly", "weekly"]), schedule(group=["default"])], "bell tide moss"),
        ([schedule(group=["hourly"], is_on=False)], ""),
        ([schedule(source=["moss"], group=["hourly"])], "moss"),  # a flow does not ask for groups then
        ([schedule(urls_file="list.txt")], ""),
        ([schedule(entrypoint="flows/pipeline.py:pipeline", group=["weekly"])], "moss"),
        ([schedule(entrypoint=ONE, source="bell")], "bell"),
        ([schedule(entrypoint="flows.crawl.crawl")], "bell tide moss"),
        ([schedule(entrypoint="flows.load.load")], ""),
        ([schedule(group="hourly"), schedule(source=5)], "bell tide moss"),  # for check_deployments to refuse
    ],
)
def test_what_the_schedules_crawl(schedules: list[Schedule], crawled: str) -> None:
    left = [s.id for s in (BELL, TIDE, MOSS) if never_crawled([s], schedules)]
    assert left == [s.id for s in (BELL, TIDE, MOSS) if s.id not in crawled.split()]


def test_the_file_that_ships_has_the_default_group_on_and_the_others_off() -> None:
    lines = never_crawled([BELL, TIDE, MOSS], schedules_of(read_deployments(OWN)))
    assert lines == (
        "group 'hourly' (tide) is never crawled by itself: the schedule of crawl-hourly is off",
        "group 'weekly' (moss) is never crawled by itself: no schedule names it",
    )


def test_a_group_of_many_sources_is_one_line() -> None:
    [line] = never_crawled([source(name, "weekly") for name in "abcde"], [])
    assert "(a, b, c and 2 more)" in line


def test_a_file_that_is_half_right_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "prefect.yaml"
    path.write_text(
        f"deployments: [1, {{name: a, entrypoint: {PIPELINE}, parameters: 3, schedules: 4, schedule: {{cron: x}}}}]"
    )
    [found] = schedules_of(read_deployments(path))
    assert (found.deployment, found.parameters, found.is_on) == ("a", {}, True)


def test_sources_check_says_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sources = tmp_path / "sources.toml"
    sources.write_text('[[source]]\nid = "tide"\nkind = "feed"\nurl = "http://127.0.0.1:9/feed"\ngroup = "hourly"\n')
    assert check(sources=sources, data_dir=tmp_path / "data", project=OWN.parent) == 0
    assert "the schedule of crawl-hourly is off" in capsys.readouterr().err
    (tmp_path / "prefect.yaml").write_text(OWN.read_text().replace("active: false", "active: true"))
    for project in (tmp_path, tmp_path / "elsewhere"):
        assert check(sources=sources, data_dir=tmp_path / "data", project=project) == 0
        assert capsys.readouterr().err == ""


def test_the_doctor_says_it() -> None:
    [right] = about_groups([BELL], [schedule(group=["default"])])
    assert (right.check, right.mark, right.advice) == ("groups", Mark.OK, "")
    [wrong] = about_groups([BELL, TIDE], [schedule(group=["default"])])
    assert (wrong.mark, "'hourly'" in wrong.found, "active: true" in wrong.advice) == (Mark.WARN, True, True)
    assert list(about_groups([], [])) == []
