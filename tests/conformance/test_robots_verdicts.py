"""Google's own verdicts: all 142 are read as Google reads them. Real files are read as Protego reads them, but one."""

from __future__ import annotations

import json
import os
import tarfile
from pathlib import Path

import pytest
from protego import Protego

from transforms.robots import parse_robots

FOLDER = os.environ.get("CONFORMANCE_DIR")
pytestmark = pytest.mark.skipif(not FOLDER, reason="CONFORMANCE_DIR names no folder of public cases")


def test_verdicts_are_googles() -> None:
    cases = [json.loads(line) for line in (Path(FOLDER or "") / "robots-verdicts.jsonl").read_text().splitlines()]
    differing = [
        (number, case["test"], case["url"])
        for number, case in enumerate(cases)
        if parse_robots(case["robots"].encode(), case["user_agent"]).verdict(case["url"]).is_allowed != case["allowed"]
    ]
    assert len(cases) == 142
    assert differing == []


PATHS = ["/", "/index.html", "/search?q=a", "/news/2026/11/a-story.html", "/admin/", "/a.pdf", "/tag/x/feed/", "/?p=1"]


def test_real_files_read_as_another_parser_reads_them() -> None:
    differing: dict[str, list[str]] = {}
    with tarfile.open(Path(FOLDER or "") / "robots-real.tar.gz") as archive:
        members = [m for m in archive.getmembers() if m.isfile()]
        assert len(members) > 600
        for member in members:
            file = archive.extractfile(member)
            assert file is not None
            body = file.read()
            ours, theirs = parse_robots(body, "Broadsheet"), Protego.parse(body.decode("utf-8", "replace"))
            for path in PATHS:
                url = f"https://site.example{path}"
                if ours.verdict(url).is_allowed != theirs.can_fetch(url, "Broadsheet"):
                    differing.setdefault(member.name, []).append(f"{path} ours={ours.verdict(url)}")
    # Unknown lines between its user agents: one group, as Google's parser has it, so the stricter reading.
    assert set(differing) == {"test_data/bitbucket.org"}
    assert all("is_allowed=False" in line for line in differing["test_data/bitbucket.org"])
