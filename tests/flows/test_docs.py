"""The documents hold together: nothing was left to be filled in, and what they link to is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])

_GAP = re.compile(r"(?<!\$)\{[A-Z][A-Z0-9_ -]*\}")
_FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)|<(?:img|a)\b[^>]*?\b(?:src|href)=\"([^\"]+)\"")
_HEADING = re.compile(r"^#+\s+(.*?)\s*$", re.MULTILINE)


def gaps(text: str) -> list[str]:
    """Words in capitals between braces, which somebody meant to replace; a shell's ${NAME} is none."""
    return _GAP.findall(text)


def dead_links(file: Path, text: str) -> list[str]:
    """Links and pictures of a document that lead nowhere: no such file, or no such heading in it."""
    dead = []
    for found in _LINK.finditer(_FENCE.sub("", text)):
        target = found[1] or found[2]
        if re.match(r"[a-z][a-z0-9+.-]*:", target):
            continue
        path, _, anchor = target.partition("#")
        place = file.parent / path if path else file
        if not place.exists() or (anchor and place.suffix == ".md" and anchor not in anchors(place.read_text())):
            dead.append(target)
    return dead


def anchors(text: str) -> set[str]:
    """The names that headings are reached by."""
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in _HEADING.findall(text)}


@pytest.mark.parametrize("file", DOCS, ids=[str(file.relative_to(ROOT)) for file in DOCS])
def test_a_document_is_whole(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert gaps(text) == []
    assert dead_links(file, text) == []


def test_what_would_be_found(tmp_path: Path) -> None:
    assert gaps("took {SECONDS} s, ${HOME}, {word}, {MEDIAN MS} and `{A1}`") == ["{SECONDS}", "{MEDIAN MS}", "{A1}"]
    (tmp_path / "there.md").write_text("# What is *here*, now\n")
    text = (
        "[a](there.md) [b](gone.md) ![c](gone.png) [d](https://a.example/x) [e](there.md#what-is-here-now)\n"
        '[f](there.md#gone) <img src="gone.svg">\n```\n[g](in-code.md)\n```\n'
    )
    assert dead_links(tmp_path / "doc.md", text) == ["gone.md", "gone.png", "there.md#gone", "gone.svg"]
