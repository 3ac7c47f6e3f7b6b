"""A hostile page, looked at in a real browser: nothing of it runs, and nothing is asked for."""

import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

COMMAND = str(Path(sys.executable).parent / "broadsheet")
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

HOSTILE = """<!doctype html><html lang="en" onclick="boom()"><head><title>The bell rings</title>
<meta http-equiv="refresh" content="0; url=TRAP/refresh"><base href="TRAP/base/">
<link rel="stylesheet" href="TRAP/style.css"><link rel="prefetch" href="TRAP/prefetch">
<script src="TRAP/script.js"></script><script>document.title = "PWNED"; fetch("TRAP/fetch")</script>
<style>@import url(TRAP/import.css); body {{ background: url(TRAP/background.png) }}
.kept {{ position: fixed; inset: 0; background: url(TRAP/cover.png) }}</style></head>
<body onload="document.body.innerHTML = 'PWNED'" background="TRAP/body.png"><article><h1>The bell rings</h1>
{paragraphs}
<p style="background: url(TRAP/inline.png)">It was <img src="TRAP/image.png" srcset="TRAP/set.png 2x" onerror="boom()"
alt="PICTURE &lt;/iframe&gt;&lt;img src=TRAP/alt.png&gt;"> heard in the valley behind the mill, where nobody had heard
a bell since the flood, and the miller stopped his wheel to listen until the last stroke had gone.</p>
<svg onload="boom()"><script>fetch("TRAP/svg")</script><image href="TRAP/svg.png"/><use href="TRAP/use.svg#a"/></svg>
<iframe src="TRAP/frame"></iframe><iframe srcdoc="<script>parent.boom()</script>"></iframe>
<object data="TRAP/object"></object><embed src="TRAP/embed"><video src="TRAP/video" poster="TRAP/poster.png" autoplay>
</video><audio src="TRAP/audio" autoplay></audio>
<form action="TRAP/form" id="f"><input autofocus onfocus="document.forms[0].submit()" name="a"><button>Send</button>
</form><details open ontoggle="boom()"><summary>More</summary>
<p><a href="javascript:boom()" ping="TRAP/ping">link</a></p>
</details><math><mtext><table><mglyph><style><img src="TRAP/mutation.png" onerror="boom()"></style></mglyph></table>
</mtext></math><noscript><p title="</noscript><img src=TRAP/noscript.png onerror=boom()>"></noscript>
<p>&lt;script&gt;fetch("TRAP/escaped")&lt;/script&gt; "&gt;&lt;/iframe&gt;&lt;img src=TRAP/breakout.png&gt;</p>
</article><script>document.write("<p>PWNED</p>")</script></body></html>"""
PARAGRAPH = (
    "<p>The bell of the old harbour was lifted from the mud on Thursday, {n} years after it fell from its tower, and "
    "the divers who found it say that it still rings true when it is struck with a wooden mallet.</p>"
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason="no chromium, chromium-browser or google-chrome on PATH"),
]


class Trap:
    """A server that notes what it is asked for."""

    def __init__(self) -> None:
        asked = self.asked = list[str]()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_POST = do_GET  # noqa: N815 - the name that http.server calls

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self.server.server_address[1]}"


@pytest.fixture
def trap() -> Iterator[Trap]:
    trap = Trap()
    thread = threading.Thread(target=trap.server.serve_forever)
    thread.start()
    yield trap
    trap.server.shutdown()
    thread.join()
    trap.server.server_close()


def browse(document: Path, home: Path) -> str:
    """The document as the browser has it after whatever would run has run."""
    flags = (
        *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"),
        # the frame in the process of the page, or the browser would show the page before the frame is there
        *("--disable-features=IsolateSandboxedIframes", f"--user-data-dir={home}", "--virtual-time-budget=3000"),
        *(f"--screenshot={home / 'x.png'}", "--window-size=1400,1600", "--dump-dom"),
    )
    done = subprocess.run(
        [str(BROWSER), *flags, document.as_uri()], capture_output=True, text=True, timeout=90, check=False
    )
    assert "</html>" in done.stdout, done.stderr[-2000:]
    return done.stdout


def test_nothing_of_a_hostile_page_runs_and_nothing_is_asked_for(tmp_path: Path, trap: Trap) -> None:
    source, shown = tmp_path / "hostile.html", tmp_path / "shown.html"
    markup = HOSTILE.format(paragraphs="".join(PARAGRAPH.format(n=n) for n in range(61, 66)))
    source.write_text(markup.replace("TRAP", trap.origin), encoding="utf-8")
    command = [COMMAND, "inspect", str(source), "--no-open", "--output", str(shown)]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=90)

    dom = browse(shown, tmp_path / "browser")
    assert trap.asked == []
    assert "PWNED" not in dom
    assert "<title>The bell rings · Broadsheet inspect</title>" in dom
    assert "sandbox=" in dom
    assert dom.count("m kept") >= 5
    assert "PICTURE" in dom

    # the frame's own document, as if there were no frame around it
    frame = tmp_path / "frame.html"
    start = shown.read_text(encoding="utf-8").split('srcdoc="', 1)[1].split('"', 1)[0]
    frame.write_text(unescape(start), encoding="utf-8")
    inner = browse(frame, tmp_path / "browser")
    assert trap.asked == []
    assert "PWNED" not in inner
    assert "<script" not in inner
    assert 'class="m kept"' in inner


def test_the_trap_would_have_caught_it(tmp_path: Path, trap: Trap) -> None:
    page = tmp_path / "page.html"
    page.write_text(f'<html><body><img src="{trap.origin}/seen.png"><script>document.title = 1</script></body></html>')
    browse(page, tmp_path / "browser")
    assert trap.asked == ["/seen.png"]
