"""Texts in small letters, for patterns that are to hold without regard to case.

A pattern of many words that ignores case itself tries each of them at each place; in small letters, `re` sees by the
first letter that most cannot begin there, and takes a third of the time. So patterns of words are written in small
letters and asked of texts in small letters.
"""

from __future__ import annotations


def small(text: str) -> str:
    """The text in small letters, each letter in its place: what a pattern found in it stands there in the text."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join([one if len(one := letter.lower()) == 1 else letter for letter in text])  # as of the Turkish İ
