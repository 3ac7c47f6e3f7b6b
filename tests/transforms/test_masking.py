"""What looks like a secret in an address is hidden, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.masking import masked

CASES = [
    ("https://a.example/feed?token=abc123", "https://a.example/feed?token=***"),
    ("https://a.example/feed?page=2&access_token=abc&x=1", "https://a.example/feed?page=2&access_token=***&x=1"),
    ("https://a.example/f?X-Amz-Date=2026&X-Amz-Signature=9f%2B0&e=1#top",
     "https://a.example/f?X-Amz-Date=2026&X-Amz-Signature=***&e=1#top"),
    ("https://a.example/f?X-Amz-Credential=AK%2F1&X-Amz-Security-Token=zz",
     "https://a.example/f?X-Amz-Credential=***&X-Amz-Security-Token=***"),
    ("https://a.example/f?KEY=abc", "https://a.example/f?KEY=***"),
    ("https://a.example/f?apiKey=abc&userToken=b", "https://a.example/f?apiKey=***&userToken=***"),
    ("https://a.example/f?auth[key]=abc", "https://a.example/f?auth[key]=***"),
    ("https://a.example/f;jsessionid=12AB?x=1", "https://a.example/f;jsessionid=***"),
    ("https://a.example/f?a=1&amp;token=abc&amp;b=2", "https://a.example/f?a=1&amp;token=***&amp;b=2"),
    ("https://me:pa55@a.example/f", "https://me:***@a.example/f"),
    ("cannot read https://a.example/f?sig=abc: 403, and [x](https://b.example/?pwd=q)",
     "cannot read https://a.example/f?sig=***: 403, and [x](https://b.example/?pwd=***)"),
    ("| https://a.example/?sid=1 | 404 |", "| https://a.example/?sid=*** | 404 |"),
]  # fmt: skip
KEPT = [
    "https://a.example/search?keyword=tide&q=token&design=3",
    "https://a.example/token=abc/page",
    "https://a.example/2026/11/the-secret=of-bells",
    "https://a.example/?monkey=1&passage=2&author=ann&turnkeys=3&keys_only=1",
    "https://a.example/?token=",
    "46 new, 1 rejected; first: 3 of 7 at 12:30 @ noon",
]


@pytest.mark.parametrize(("text", "shown"), CASES, ids=[str(n) for n in range(len(CASES))])
def test_the_values_of_secrets_are_hidden(text: str, shown: str) -> None:
    assert masked(text) == shown
    assert masked(shown) == shown


@pytest.mark.parametrize("text", KEPT, ids=[str(n) for n in range(len(KEPT))])
def test_the_rest_is_shown_as_it_is(text: str) -> None:
    assert masked(text) == text


@given(st.text(alphabet="abkey=&?/;:@#.*%[]_- ", max_size=60))
def test_masking_twice_is_masking_once(text: str) -> None:
    assert masked(masked(text)) == masked(text)


@given(st.from_regex(r"[A-Za-z0-9%._~+/-]{1,40}", fullmatch=True))
def test_no_secret_value_stays(value: str) -> None:
    assert masked(f"https://a.example/f?api_key={value}&x=1") == "https://a.example/f?api_key=***&x=1"
