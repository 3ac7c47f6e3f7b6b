"""Feeds from another project's tests, well-formed and not: none is lost that the forgiving parser finds links in."""

from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path

import feedparser
import pytest

from transforms.feeds import FeedDocument, parse_feed

FOLDER = os.environ.get("CONFORMANCE_DIR")
pytestmark = pytest.mark.skipif(not FOLDER, reason="CONFORMANCE_DIR names no folder of public cases")
BASE = "http://example.com/feed"


def test_the_whole_corpus() -> None:
    poorer, unreadable, salvaged, count = [], [], 0, 0
    with tarfile.open(Path(FOLDER or "") / "feeds.tar.gz") as archive:
        for member in archive:
            file = archive.extractfile(member) if member.isfile() else None
            if file is None:
                continue
            body = file.read()
            count += 1
            theirs = feedparser.parse(io.BytesIO(body), response_headers={"content-location": BASE})
            known = {e.link for e in theirs.entries if str(e.get("link", "")).startswith(("http://", "https://"))}
            ours = parse_feed(body, BASE)
            if isinstance(ours, FeedDocument):
                salvaged += ours.is_salvaged
                if len(ours.links) < len(known):
                    poorer.append(member.name)
            elif known:
                unreadable.append(member.name)
    assert count > 1_800
    assert poorer == []
    assert unreadable == []
    assert salvaged > 10
