"""What a re-extraction would change, in words."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from flows.comparison import comparison_markdown, comparison_rows, field_rows, remarks
from warehouse.compare import Change, Comparison, FieldCount

AT = datetime(2026, 11, 1, 8, tzinfo=UTC)
SAME = Change(
    capture_id="c1", url="https://q.example/a", source="quay", captured_at=AT, change="changed", changed_fields=[],
    words_added=0, words_removed=0, before_outcome="article", after_outcome="article", before_title="A bell",
    after_title="A bell", before_authors=["Ada"], after_authors=["Ada"], before_published_at=AT,
    after_published_at=AT, lines_removed=[], lines_added=[], is_latest=True,
)  # fmt: skip


def comparison(*worst: Change, earlier: int = 0) -> Comparison:
    return Comparison(
        extractors=("one", "two"),
        counts={"changed": len(worst), "same": 3},
        fields=(FieldCount("text", 2, 8, 4), FieldCount("title", 1, 0, 0)),
        earlier_count=earlier,
        worst=worst,
    )


@pytest.mark.parametrize(
    ("change", "words", "what"),
    [
        (
            replace(SAME, change="lost", after_outcome="extract_empty", words_removed=9),
            "+0 -9",
            "article → extract_empty",
        ),
        (replace(SAME, lines_removed=["Gone."], lines_added=["New.", "x"], words_added=2), "+2 -0", "− Gone.\n+ New."),
        (replace(SAME, lines_added=["y" * 500], words_added=1), "+1 -0", "+ " + "y" * 157 + "…"),
        (replace(SAME, after_title=None), "", "A bell → none"),
        (replace(SAME, before_authors=None, after_authors=["Ada", "Bo"]), "", "none → Ada, Bo"),
        (replace(SAME, after_published_at=None), "", "2026-11-01 08:00:00 → none"),
        (replace(SAME, changed_fields=["tags"]), "", ""),
    ],
)
def test_each_change_says_first_what_is_different(change: Change, words: str, what: str) -> None:
    [row] = comparison_rows(comparison(change), " --data-dir d")
    assert row[2] == words
    assert row[3] == f"https://q.example/a\n{what}"
    assert row[4] == "broadsheet inspect c1 --data-dir d"


def test_the_sums_and_remarks() -> None:
    one = comparison(SAME, earlier=2)
    assert one.words() == "4 articles compared: 1 changed, 3 same"
    assert field_rows(one) == [("text", 2, "+8 -4"), ("title", 1, "")]
    assert remarks(one) == ["before: one", "after: two", "2 earlier captures are read differently too"]
    assert replace(one, counts={}).words() == "0 articles compared: none"


def test_text_of_pages_is_no_markup_in_the_report() -> None:
    hostile = "<img src=x> | [a](javascript:b) ![c](http://x.example/d.png) `e`"
    text = comparison_markdown(comparison(replace(SAME, after_title=hostile)))
    assert "\\<img src=x\\> \\| \\[a\\](javascript:b) !\\[c\\](http://x.example/d.png) \\`e\\`" in text
    assert "| text | 2 | +8 -4 |" in text
