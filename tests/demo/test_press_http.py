import http.client
import json
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from press_client import Answer, ask

from demo.access import count_conditional, read_log
from demo.articles import last_edition, load_sites
from demo.expected import expected_fetches, republished
from demo.press import Fault, Press, PressError

CLOCK = "/2026/11/10/town-clock/"
ALL = ["etag", "last-modified"]


def validators(answer: Answer) -> dict[str, str]:
    asked = {"etag": "If_None_Match", "last-modified": "If_Modified_Since"}
    return {asked[name]: answer.headers[name] for name in asked if name in answer.headers}


@pytest.mark.parametrize("site", load_sites(), ids=lambda s: s.id)
def test_validators_are_answered_with_304(press: Press, site) -> None:
    for path in ("/", site.feed_path, "/robots.txt", "/sitemap.xml", site.articles[-1].path):
        first = ask(press.origin(site.id) + path)
        assert first.status == 200
        assert first.headers["cache-control"] == "no-cache"
        assert sorted(n for n in ALL if n in first.headers) == sorted(site.validators)
        again = ask(press.origin(site.id) + path, **validators(first))
        assert (again.status, again.body) == (304, b"")
        assert {n: again.headers.get(n) for n in site.validators} == {n: first.headers[n] for n in site.validators}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If_None_Match": '"other"'}, 200),
        ({"If_None_Match": "*"}, 304),
        ({"If_Modified_Since": "Tue, 10 Nov 2026 17:19:59 GMT"}, 200),
        ({"If_Modified_Since": "Tue, 10 Nov 2026 17:20:00 GMT"}, 304),
        ({"If_Modified_Since": "no date"}, 200),
        ({"If_None_Match": '"other"', "If_Modified_Since": "Tue, 10 Nov 2026 17:20:00 GMT"}, 200),
    ],
)
def test_conditions(press: Press, headers: dict[str, str], status: int) -> None:
    assert ask(press.origin("saltmere") + CLOCK, **headers).status == status


def test_strong_form_and_lists_of_tags_match(press: Press) -> None:
    tag = ask(press.origin("saltmere") + CLOCK).headers["etag"].removeprefix("W/")
    assert ask(press.origin("saltmere") + CLOCK, If_None_Match=f'"x", {tag}').status == 304


def test_gzip_where_accepted(press: Press) -> None:
    url = press.origin("marsa") + "/akhbar/2026/11/manara"
    plain, packed = ask(url), ask(url, Accept_Encoding="gzip, br")
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"])
    assert (packed.body, packed.headers["etag"]) == (plain.body, plain.headers["etag"])


def test_head_has_headers_and_no_body(press: Press) -> None:
    answer = ask(press.origin("relay") + "/", method="HEAD")
    assert (answer.status, answer.body) == (200, b"")
    assert int(answer.headers["content-length"]) > 0


def test_what_is_not_there(press: Press) -> None:
    assert ask(press.origin("relay") + "/nothing").status == 404
    assert ask(press.origin("saltmere") + "/2026/11/14/storm-names/").status == 404  # not before edition 2
    assert "etag" not in ask(press.origin("relay") + "/nothing").headers


@pytest.mark.parametrize("edition", range(1, last_edition()))
def test_a_revisit_is_answered_as_the_gold_says(press: Press, edition: int) -> None:
    """The gold is made from the article files; here the served pages have to agree with it."""
    for row in expected_fetches(edition + 1, since=edition):
        url = press.origin(row.site) + row.final_path
        press.edition = edition
        before = ask(url)
        press.edition = edition + 1
        after = ask(url, **(validators(before) if before.status == 200 else {}))
        match row.fetch:
            case "not_modified":
                assert after.status == 304, row
            case "captured":
                assert after.status == 200, row
                assert before.status == (404 if row.capture == "new" else 200), row
            case "http_4xx":
                assert after.status in (404, 410), row
            case _:
                assert after.status == 304, row  # disallowed, or no HTML: served all the same


def test_the_correction_is_announced_and_the_silent_change_is_not(press: Press) -> None:
    clock, rug = press.origin("saltmere") + CLOCK, press.origin("montorvelle") + "/2026/11/le-loup-du-col"
    before = ask(clock).text(), ask(rug).text()
    press.edition = 2
    after = ask(clock).text(), ask(rug).text()
    assert "for three weeks from Monday" in before[0]
    assert "for five weeks from Monday" in after[0]
    assert "Correction, 14 November" in after[0]
    assert 'article:modified_time" content="2026-11-14T20:05:00+00:00"' in after[0]
    assert "contre une tournée" in before[1]
    assert "contre deux tournées" in after[1]
    assert [page.count('dateModified": "2026-11-05T06:45:00+01:00"') for page in (before[1], after[1])] == [1, 1]


def test_a_title_goes_and_comes_back(press: Press) -> None:
    pages = []
    for press.edition in (1, 2, 3):
        page = ask(press.origin("relay") + "/articles/reading-paper-tape-with-a-torch").text()
        pages.append("nine photocells and a penguin</h1>" in page or "torch, nine photocells" in page)
    assert pages == [False, True, False]


def test_gone_is_gone(press: Press) -> None:
    honey, bus = "/2026/10/honig-preis-verlosung/", "/2026/10/bibliobus-en-panne"
    seen = {}
    for press.edition in (1, 2, 3):
        seen[press.edition] = (
            ask(press.origin("grauwalden") + honey).status,
            ask(press.origin("montorvelle") + bus).status,
        )
    assert seen == {1: (200, 200), 2: (410, 200), 3: (410, 404)}


def test_editions_past_the_last_change_nothing(press: Press) -> None:
    press.edition = last_edition()
    last = ask(press.origin("saltmere") + "/feed.xml").body
    press.edition = last_edition() + 40
    assert ask(press.origin("saltmere") + "/feed.xml").body == last


def test_reprints_carry_the_words_of_the_original(press: Press) -> None:
    for (copy_site, copy_path), (site, path) in republished().items():
        original = ask(press.origin(site) + path).text()
        copy = ask(press.origin(copy_site) + copy_path).text("iso-8859-1" if copy_site == "alisio" else "utf-8")
        assert "whose grandfather laid the keel" in original
        assert "whose grandfather laid the keel" in copy
    assert {site for site, _ in republished()} == {"alisio", "relay"}


def test_faults_are_off_until_switched_on(press: Press) -> None:
    url = press.origin("saltmere") + "/feed.xml"
    press.faults["saltmere"] = Fault(is_down=True)
    assert ask(url).status == 503
    assert ask(press.origin("relay") + "/feed.json").status == 200
    press.faults["saltmere"] = Fault(delay_s=0.3)
    begun = time.monotonic()
    assert ask(url).status == 200
    assert time.monotonic() - begun >= 0.3
    press.faults.clear()
    assert ask(url).status == 200


def test_every_answer_is_one_entry_in_the_log(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "access.jsonl"
    with Press(base_port=0, access_log=log) as press:
        url = press.origin("relay") + "/feed.json"
        first = ask(url, User_Agent="Tester/1")
        ask(url, User_Agent="Tester/1", **validators(first))
        ask(press.origin("saltmere") + "/nothing?q=1")
    entries = press.log.entries()
    assert read_log(log) == entries
    assert len(log.read_text("utf-8").splitlines()) == 3
    assert [(e.site, e.method, e.path, e.status) for e in entries] == [
        ("relay", "GET", "/feed.json", 200),
        ("relay", "GET", "/feed.json", 304),
        ("saltmere", "GET", "/nothing?q=1", 404),
    ]
    assert entries[0].bytes == len(first.body)
    assert entries[1].bytes == 0
    assert entries[1].if_none_match == first.headers["etag"]
    assert entries[1].if_modified_since == first.headers["last-modified"]
    assert entries[0].user_agent == "Tester/1"
    assert [count_conditional(entries, status=s) for s in (None, 304, 200)] == [1, 1, 0]
    assert count_conditional(press.log.entries(site="saltmere")) == 0
    assert press.log.entries(since=2) == entries[2:]


def test_the_edition_file_turns_the_page_for_another_process(tmp_path: Path) -> None:
    control = tmp_path / "edition"
    with Press(base_port=0, edition_file=control) as press:
        url = press.origin("saltmere") + "/2026/11/14/storm-names/"
        assert ask(url).status == 404
        control.write_text("2\n", "utf-8")
        assert ask(url).status == 200
        control.write_text("two", "utf-8")  # unreadable: the last good number stands
        assert ask(url).status == 200
        press.edition = 1
        assert control.read_text("utf-8") == "1\n"
        assert ask(url).status == 404


def test_a_taken_port_is_one_clear_line_and_nothing_is_left_running() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        press = Press(base_port=taken)
        with pytest.raises(PressError) as caught:
            press.start()
        assert f"127.0.0.1:{taken}" in str(caught.value)
        assert "\n" not in str(caught.value)
        assert press.sites == ()


def test_stopping_closes_ports_and_kept_connections() -> None:
    press = Press(base_port=0).start()
    origin = urlsplit(press.origin("relay"))
    connection = http.client.HTTPConnection("127.0.0.1", origin.port, timeout=10)
    connection.request("GET", "/robots.txt")
    assert connection.getresponse().read()
    kept = connection.sock
    kept.settimeout(10)
    press.stop()
    press.stop()
    assert kept.recv(1) == b""
    connection.close()
    with pytest.raises(ConnectionRefusedError):
        ask(f"http://127.0.0.1:{origin.port}/robots.txt")


@pytest.mark.slow
def test_the_command_serves_until_it_is_told_to_stop(tmp_path: Path) -> None:
    log = tmp_path / "access.jsonl"
    command = [sys.executable, "-m", "demo.press", "--base-port", "0", "--edition", "2", "--access-log", str(log)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            lines = [process.stdout.readline().split(maxsplit=1) for _ in load_sites()]
            assert [name.strip() for _, name in lines] == [site.name for site in load_sites()]
            assert ask(lines[0][0] + "2026/11/14/storm-names/").status == 200
        finally:
            process.terminate()
        assert process.wait(timeout=20) == 0
    assert json.loads(log.read_text("utf-8"))["edition"] == 2


@pytest.mark.slow
def test_the_command_says_in_one_line_that_a_port_is_taken() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        command = [sys.executable, "-m", "demo.press", "--base-port", str(other.getsockname()[1])]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("demo press: cannot serve The Saltmere Courier on 127.0.0.1:")
