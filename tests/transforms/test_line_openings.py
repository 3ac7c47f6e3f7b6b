"""How lines begin that patterns match: no line that one matches may be left out."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms import body_words, body_words_credits, body_words_tail
from transforms.line_openings import Openings, starts_of
from transforms.line_patterns import is_whole, starts
from transforms.small_letters import small

PATTERNS = [
    value
    for module in (body_words, body_words_credits, body_words_tail)
    for value in vars(module).values()
    if isinstance(value, re.Pattern)
]
OPENINGS = Openings(PATTERNS)
WORDS = sorted({word for pattern in PATTERNS for word in re.findall(r"[^\W\d_]+", pattern.pattern)})

lines = st.lists(
    st.sampled_from(WORDS)
    | st.sampled_from((" ", " ", ":", "- ", "-", "(", "©", "【", "*", "…", ".", "1", "2026", "’", "@"))
).map("".join) | st.text(max_size=12)


@given(lines)
def test_what_matches_is_asked(line: str) -> None:
    lowered = small(line)
    asked = OPENINGS.of(lowered)
    assert not [p.pattern for n, p in enumerate(PATTERNS) if p.match(lowered) and not asked >> n & 1]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        (starts("read more|subscribe(?: now)?|e-?mail"), {"rea", "sub", "e"}),
        (starts(r"(?:please |do )?(?:log|sign) in\b|texte?:"), {"log", "sig", "ple", "do ", "tex"}),
        (is_whole(r"[\d.]+k? shares|\d+ likes|\d* votes"), {".", ""}),
        (starts(r"©|\(c\)|\(?(?:dpa|afp)\)?|\*?links"), {"©", "(", "dpa", "afp", "lin"}),
        (starts(r"[\w .]{3,20} contributed"), {""}),
        (starts(r"[- ]?read|ab+c|a*b"), {"rea", "ab", ""}),
    ],
)
def test_starts(pattern: re.Pattern[str], found: set[str]) -> None:
    assert set(starts_of(pattern.pattern)) == found


@pytest.mark.parametrize(
    ("line", "bits"),
    [
        ("the eels came back", 0),
        ("read more: eels", 1),
        ("- read more", 1),
        ("© harbour", 2),
        ("© 2026", 3),
        ("12 shares", 3),
        ("", 3),
    ],
)
def test_which_patterns_may_match(line: str, bits: int) -> None:
    assert Openings([starts("read more"), starts("©|copyright")]).of(line) == bits
