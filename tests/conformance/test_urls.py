"""The table of URLs that browsers are tested with: what they parse we parse alike, and normalising is idempotent."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from ada_url import URL

from transforms.url import host_of, normalize, resolve

FOLDER = os.environ.get("CONFORMANCE_DIR")
pytestmark = pytest.mark.skipif(not FOLDER, reason="CONFORMANCE_DIR names no folder of public cases")


def cases() -> list[dict[str, Any]]:
    rows = json.loads((Path(FOLDER or "") / "url" / "urltestdata.json").read_text(encoding="utf-8"))
    return [row for row in rows if isinstance(row, dict)]


def test_absolute_and_relative_urls_are_parsed_as_browsers_do() -> None:
    wrong = []
    for case in cases():
        if not (case.get("href") or "").startswith(("http://", "https://")):
            continue
        base = case.get("base")
        if base is not None and not base.startswith(("http", "file", "about", "ftp")):
            continue
        parsed = resolve(base if base and base != "about:blank" else "", case["input"])
        if parsed != case["href"]:
            wrong.append((case["input"], base, case["href"], parsed))
    # A text with lone surrogates or outer control characters is cleaned before it is parsed, as documented.
    assert wrong == []


def test_what_browsers_refuse_we_refuse() -> None:
    refused = [c for c in cases() if c.get("failure") and c.get("base") in (None, "about:blank")]
    assert len(refused) > 200
    assert [c["input"] for c in refused if resolve("", c["input"]) is not None] == []


def test_normalising_is_idempotent_and_keeps_the_host() -> None:
    wrong = []
    for case in cases():
        for text in (case["input"], case.get("href") or ""):
            once = normalize(text)
            if normalize(once) != once:
                wrong.append((text, once, normalize(once)))
        href = case.get("href") or ""
        if href.startswith(("http://", "https://")) and host_of(normalize(href)) != host_of(href):
            wrong.append((href, host_of(normalize(href)), host_of(href)))
        if href.startswith(("http://", "https://")):
            assert URL(normalize(href)).protocol == URL(href).protocol
    assert wrong == []
