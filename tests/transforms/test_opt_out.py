from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.opt_out import opt_out_of


@pytest.mark.parametrize(
    ("fields", "markup", "expected"),
    [
        ({}, b"<html>", None),
        ({"x-robots-tag": "noindex, max-snippet: 5"}, b"", None),
        ({"x-robots-tag": "NoAI, noindex"}, b"", "x-robots-tag: noai"),
        ({"x-robots-tag": "otherbot: noai, noimageai"}, b"", None),
        ({"x-robots-tag": "otherbot: noindex, broadsheet: noai"}, b"", "x-robots-tag: noai"),
        ({"tdm-reservation": "1"}, b"", "tdm-reservation: 1"),
        ({"tdm-reservation": "0"}, b"", None),
        ({}, b"<meta name='robots' content='noindex, noai'>", "meta robots: noai"),
        ({}, b"<META CONTENT=noml NAME=broadsheet>", "meta robots: noml"),
        ({}, b"<meta name='otherbot' content='noai'>", None),
        ({}, b'<meta name="tdm-reservation" content="1">', "meta tdm-reservation: 1"),
        ({"tdm-reservation": "1"}, b'<meta name="robots" content="noai">', "tdm-reservation: 1, meta robots: noai"),
    ],
)
def test_signals(fields: dict[str, str], markup: bytes, expected: str | None) -> None:
    assert opt_out_of(fields, markup) == expected


@given(st.text(max_size=50), st.binary(max_size=100))
def test_never_raises(header: str, markup: bytes) -> None:
    opt_out_of({"x-robots-tag": header}, b"<meta name=robots content=" + markup + b">")
