"""Each check of the doctor, shown by breaking what it looks at. Those that need a server are in test_ui_browser.py."""

import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

from flows import prefect_env
from flows.commands.doctor import doctor, finish
from flows.doctor import Finding, Machine, Mark, check_data, check_machine, check_settings
from flows.doctor_server import check_server
from flows.runs import open_run
from flows.stages import run_ingest
from flows.steps import direct_steps

PAGE = "<html><body><article><h1>The bell</h1><p>The bell was lifted from the mud and rings true.</p></article></body>"


def of(findings: Iterable[Finding], check: str) -> Finding:
    return next(finding for finding in findings if finding.check == check)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "page.html").write_text(PAGE)
    run = open_run(data_dir=tmp_path / "data", workers=1)
    with direct_steps(run) as steps:
        run_ingest(run, [tmp_path / "page.html"], steps)
    return run.datadir.root


def too_old(name: str) -> str:
    return "2.1.0" if name.lower() == "sqlalchemy" else version(name)


def missing(name: str) -> str:
    if name == "duckdb":
        raise PackageNotFoundError(name)
    return version(name)


@pytest.mark.parametrize(
    ("machine", "check", "mark", "says"),
    [
        (Machine(), "python", Mark.OK, f"{sys.version_info[0]}.{sys.version_info[1]}"),
        (Machine(python=(3, 14)), "python", Mark.BAD, "3.14"),
        (Machine(), "packages", Mark.OK, "each within its range"),
        (Machine(version_of=too_old), "packages", Mark.BAD, "sqlalchemy 2.1.0 is not <2.1,>=2.0"),
        (Machine(version_of=missing), "packages", Mark.BAD, "duckdb is not installed"),
        (Machine(), "clock", Mark.OK, "UTC"),
        (Machine(clock=lambda: 1e9), "clock", Mark.BAD, "2001-09-09"),
        (Machine(files_max=256), "open files", Mark.WARN, "at most 256"),
        (Machine(files_max=4_096), "open files", Mark.OK, "at most 4096"),
    ],
)
def test_the_machine(machine: Machine, check: str, mark: Mark, says: str) -> None:
    found = of(check_machine(machine), check)
    assert found.mark is mark
    assert says in found.found
    assert bool(found.advice) is (mark is not Mark.OK)


def test_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("BROADSHEET_SOURCES_FILE", str(tmp_path / "none.toml"))
    _, findings = check_settings({"BROADSHEET_CONTCT": "", "PATH": ""})
    assert of(findings, "settings") == Finding(
        "settings", Mark.WARN, "BROADSHEET_CONTCT means nothing", "look for a misspelling: it is ignored"
    )
    assert of(findings, "contact").mark is Mark.WARN
    assert "no such sources file" in of(findings, "sources").found
    (tmp_path / "none.toml").write_text('[[source]]\nid = "a"\nkind = "feed"\nurl = "https://news.example/feed"\n')
    monkeypatch.setenv("BROADSHEET_CONTACT", "you@example.org")
    _, findings = check_settings({"BROADSHEET_CONTACT": ""})
    assert {finding.mark for finding in findings} == {Mark.OK}
    monkeypatch.setenv("BROADSHEET_WORKERS", "many")
    settings, findings = check_settings({})
    assert settings is None
    assert (findings[0].mark, "workers" in findings[0].found) == (Mark.BAD, True)


def test_a_data_dir_that_is_right(data: Path) -> None:
    findings = list(check_data(data, Machine(free_bytes=lambda _: 10**12)))
    assert {finding.mark for finding in findings} == {Mark.OK}
    assert "1 articles" in of(findings, "warehouse").found


@pytest.mark.parametrize(("free", "mark"), [(10**8, Mark.BAD), (5 * 10**9, Mark.WARN), (10**11, Mark.OK)])
def test_the_disk(data: Path, free: int, mark: Mark) -> None:
    assert of(check_data(data, Machine(free_bytes=lambda _: free)), "disk").mark is mark


def test_what_is_broken_in_a_data_dir_is_named(data: Path, tmp_path: Path) -> None:
    def found(check: str, machine: Machine | None = None) -> Finding:
        return of(check_data(data, machine or Machine()), check)

    assert found("warehouse", Machine(clock=lambda: 4e9)).mark is Mark.WARN
    (data / "ledger.sqlite").write_bytes(b"this is no database, it only has the name of one" * 40)
    assert found("ledger").mark is Mark.BAD
    (data / "ledger.sqlite").unlink()
    with sqlite3.connect(data / "ledger.sqlite") as con:
        con.execute("CREATE TABLE urls (url TEXT, outcome_at FLOAT)")
        con.execute("INSERT INTO urls VALUES ('a', 9e9)")
    con.close()
    assert "the clock has gone back" in found("ledger").found
    manifest = (data / "lake" / "manifest.json").read_bytes()
    (data / "lake" / "manifest.json").write_bytes(b"{")
    assert found("lake").mark is Mark.BAD
    (data / "lake" / "manifest.json").write_bytes(manifest)
    content = (data / "warehouse.duckdb").read_bytes()
    (data / "warehouse.duckdb").write_bytes(b"x" * 4_096)
    assert found("warehouse").mark is Mark.BAD
    (data / "warehouse.duckdb").unlink()
    assert found("warehouse").mark is Mark.WARN
    (data / "warehouse.duckdb").write_bytes(content)
    (data / "broadsheet-version").write_text("999")
    assert (found("data dir").mark, "use a newer" in found("data dir").found) == (Mark.BAD, True)
    (data / "broadsheet-version").unlink()
    assert found("data dir").mark is Mark.BAD
    assert of(check_data(tmp_path / "nowhere", Machine()), "data dir").mark is Mark.WARN


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_data_dir_of_somebody_else(data: Path) -> None:
    (data / "lake").chmod(0o500)
    try:
        assert of(check_data(data, Machine()), "data dir").mark is Mark.BAD
    finally:
        (data / "lake").chmod(0o700)


def test_places_where_no_data_dir_can_be(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def found(root: Path) -> str:
        [one] = check_data(root, Machine())
        assert (one.check, one.mark) == ("data dir", Mark.BAD)
        assert one.advice
        return one.found

    file = tmp_path / "file"
    file.write_text("")
    assert found(file) == f"{file} is a file"
    assert found(file / "sub" / "data") == f"{file / 'sub' / 'data'} cannot be a folder: {file} is a file"
    assert found(tmp_path / ("n" * 300)).endswith("cannot be looked at: File name too long")
    assert doctor(data_dir=file / "data") == 1
    assert "cannot be a folder" in " ".join(capsys.readouterr().out.split())


def test_places_that_are_somebody_elses(tmp_path: Path) -> None:
    """Looked at without root's rights, who may go everywhere."""
    closed, listed = tmp_path / "closed", tmp_path / "listed"
    closed.mkdir(mode=0o700)
    listed.mkdir(mode=0o755)
    code = (
        "import os, sys; from pathlib import Path\n"
        "from flows.doctor import Machine, check_data; import flows.doctor_server as s\n"
        "os.getuid() or os.setuid(65534)\n"
        "for root in map(Path, sys.argv[1:]):\n"
        "    print(*(f.mark + ' ' + f.found for f in check_data(root, Machine())), sep='; ')\n"
        "    assert [f.mark for f in s.check_server(root, {}) if f.check == 'server'] == ['bad']"
    )
    for place in (tmp_path, *tmp_path.parents[:3]):
        if place.stat().st_uid == os.getuid() and place != Path("/tmp"):
            place.chmod(place.stat().st_mode | 0o055)
    if os.getuid():
        closed.chmod(0o000)
        listed.chmod(0o555)
    done = subprocess.run(
        [sys.executable, "-c", code, str(closed), str(closed / "data"), str(listed / "data")],
        capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    closed.chmod(0o700)
    assert done.stdout.splitlines() == [
        f"bad no right to read {closed}",
        f"bad {closed / 'data'} cannot be looked at: Permission denied",
        f"bad {listed / 'data'} is not there, and there is no right to make it in {listed}",
    ], done.stderr


def test_one_wrong_setting_does_not_hide_the_data_dir(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BROADSHEET_WORKERS", "many")
    monkeypatch.setenv("BROADSHEET_DATA_DIR", str(data))
    monkeypatch.setattr(os, "environ", dict(os.environ))
    assert doctor() == 1
    shown = capsys.readouterr().out
    assert "setting workers: 'many'" in shown
    assert "1 articles" in shown


def test_files_of_two_users_are_noticed(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.getuid() == 0:
        os.chown(data / "lake", 12_345, -1)
        assert "belong to 2 users" in of(check_data(data, Machine()), "data dir").found


def test_no_server_and_a_port_that_is_taken(tmp_path: Path) -> None:
    findings = list(check_server(tmp_path, {}))
    assert (of(findings, "server").mark, of(findings, "server").found) == (Mark.BAD, "none is running")
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        left = prefect_env.address_file(tmp_path)
        left.parent.mkdir()
        left.write_text(f"http://127.0.0.1:{other.getsockname()[1]}/api")
        assert of(check_server(tmp_path, {}), "port").mark is Mark.WARN
    named = list(check_server(tmp_path, {"PREFECT_API_URL": "http://127.0.0.1:9/api"}))
    assert "does not answer" in of(named, "server").found


def test_the_exit_code_says_whether_something_must_be_done(capsys: pytest.CaptureFixture[str]) -> None:
    assert finish([Finding("a", Mark.OK, "x"), Finding("b", Mark.WARN, "y", "z")]) == 0
    assert "0 bad, 1 to look at, 1 right" in capsys.readouterr().out
    assert finish([Finding("a", Mark.BAD, "x", "do this")]) == 1
    assert "do this" in capsys.readouterr().out
