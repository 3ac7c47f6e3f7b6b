"""The prompt as a process on a terminal of its own, typed into key by key."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from flows.cli import main, make_app

COMMAND = str(Path(sys.executable).parent / "broadsheet")
WAIT_S = 30.0


@dataclass
class Terminal:
    pid: int
    fd: int
    shown: str = ""

    def type(self, keys: str, until: str = "broadsheet> ") -> str:
        """What the terminal shows after some keys, up to and with a text that must come."""
        os.write(self.fd, keys.encode())
        shown = self._shown(until, WAIT_S)
        assert until in shown, shown
        return shown

    def drop(self) -> None:
        """Ctrl-C until the prompt is there: CPython misses one that comes while readline draws."""
        for _ in range(5):
            os.write(self.fd, b"\x03")
            if "broadsheet> " in self._shown("broadsheet> ", WAIT_S / 5):
                return
        raise AssertionError("Ctrl-C did not bring the prompt back")

    def _shown(self, until: str, seconds: float) -> str:
        got, deadline = b"", time.monotonic() + seconds
        while until not in self._plain(got) and time.monotonic() < deadline:
            if select.select([self.fd], [], [], 0.2)[0]:
                try:
                    got += os.read(self.fd, 65_536)
                except OSError:  # the other end has closed
                    break
        return self._plain(got)

    @staticmethod
    def _plain(raw: bytes) -> str:
        return re.sub(r"\x1b\[[?0-9;]*[a-zA-Z]", "", raw.decode(errors="replace")).replace("\r", "")


def start(data: Path, state: Path) -> Terminal:
    pid, fd = pty.fork()
    if pid == 0:
        environ = os.environ | {"XDG_STATE_HOME": str(state), "TERM": "xterm", "INPUTRC": "/dev/null"}
        os.execve(COMMAND, [COMMAND, "sql", "--data-dir", str(data)], environ)
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 90, 0, 0))
    terminal = Terminal(pid, fd)
    terminal.type("")
    return terminal


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("prompt")
    (place / "bell.html").write_text(
        "<html lang=en><h1>Bell found</h1><article>"
        + "<p>The bell was lifted from the mud again.</p>" * 9
        + "</article>"
    )
    with pytest.raises(SystemExit):
        main(["ingest", str(place / "bell.html"), "--data-dir", str(place / "data")])
    return place / "data"


@pytest.fixture
def terminal(data: Path, tmp_path: Path) -> Iterator[Terminal]:
    terminal = start(data, tmp_path)
    yield terminal
    leave(terminal)


def leave(terminal: Terminal) -> int | None:
    """Leave by Ctrl-D; None where that did not end it."""
    if terminal.pid == 0:
        return 0
    pid, terminal.pid = terminal.pid, 0
    code, deadline = None, time.monotonic() + WAIT_S
    with contextlib.suppress(OSError, AssertionError):  # a Ctrl-C amid what it prints ends it as well
        # the terminal drops with it what was typed behind; one that was missed would be noticed with the Ctrl-D
        terminal.drop()
        os.write(terminal.fd, b"\x04")
    while code is None and time.monotonic() < deadline:
        ended, status = os.waitpid(pid, os.WNOHANG)
        code = os.waitstatus_to_exitcode(status) if ended else None
        time.sleep(0.05)
    if code is None:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    os.close(terminal.fd)
    return code


def test_a_query_over_several_lines_is_answered(terminal: Terminal) -> None:
    assert "...> " in terminal.type("SELECT count(*) AS n,\n", "...> ")
    shown = terminal.type("  1 + 1 AS two FROM articles;\n")
    assert re.search(r"│ 1 │ +2 │", shown)
    assert leave(terminal) == 0


def test_tab_completes_tables_columns_and_keywords(terminal: Terminal) -> None:
    assert "articles_as_of(" in terminal.type("FROM articles_a\t", "articles_as_of(")
    terminal.drop()
    assert "a.captured_at" in terminal.type("FROM articles AS a SELECT a.captured\t", "a.captured_at")
    terminal.drop()
    # a table may be named in a line before
    terminal.type("FROM articles AS b\n", "...> ")
    assert "b.word_count" in terminal.type("SELECT b.word_co\t", "b.word_count")


def test_a_mistake_is_shown_and_the_prompt_goes_on(terminal: Terminal) -> None:
    shown = terminal.type("SELECT titel FROM articles;\n")
    assert "no column titel in articles; did you mean title?" in shown
    assert "^^^^^" in shown
    assert "│ 7 │" in terminal.type("SELECT 7 AS n;\n", "│ 7 │")


def test_ctrl_c_drops_what_is_typed_and_stops_what_runs(terminal: Terminal) -> None:
    terminal.type("SELECT 1,\n", "...> ")
    terminal.drop()
    terminal.type("SELECT 'begun' AS word;\n", "begun │")
    terminal.type("SELECT count(*) FROM range(1000000) AS a, range(1000000) AS b;\n", "AS b;\n")
    time.sleep(3.0)  # it was read, and would run for hours: by then it has begun
    assert "stopped" in terminal.type("\x03", "stopped")
    terminal.type("\n")
    assert "│ 7 │" in terminal.type("SELECT 7 AS n;\n", "│ 7 │")


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        (".tables\n", "article_versions"),
        ("\\d comments\n", "a hash of"),
        (".schema comment\n", "did you mean comments?"),
        (".help\n", "ends with a semicolon"),
        (".nonsense\n", "ends with a semicolon"),
        (".format vertical\nSELECT 1 AS one, 2 AS two;\n", "two  2"),
    ],
)
def test_helpers(terminal: Terminal, typed: str, shown: str) -> None:
    assert shown in terminal.type(typed, shown)


def test_history_lasts_over_sessions(data: Path, tmp_path: Path) -> None:
    first = start(data, tmp_path)
    first.type("SELECT 'remembered' AS word;\n")
    leave(first)
    second = start(data, tmp_path)
    assert "remembered" in second.type("\x1b[A\n")
    leave(second)


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["sche"], "schema"),
        (["schema", "rejec"], "rejections"),
        (["sql", "--form"], "--format"),
        (["sql", "--format", "ver"], "vertical"),
    ],
)
def test_the_shell_completes_subcommands_options_and_tables(data: Path, words: list[str], offered: str) -> None:
    script = make_app().generate_completion(shell="bash", prog_name="broadsheet")
    typed = " ".join(["broadsheet", *words])
    line = f'COMP_WORDS=({typed}); COMP_CWORD={len(words)}; _broadsheet; echo "${{COMPREPLY[@]}}"'
    done = subprocess.run(
        ["bash", "-c", f"{script}\n{line}"],
        env=os.environ | {"BROADSHEET_DATA_DIR": str(data), "PATH": f"{Path(COMMAND).parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.split() == [offered]
