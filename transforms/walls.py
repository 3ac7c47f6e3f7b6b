"""Whether a page stands in front of the article instead of being it: a consent dialogue, or a teaser to be paid for.

One page proves little, since many articles are short and many mention cookies; the sign is kept with the capture, and a
source is judged by how many of its pages carry it (`transforms.health_content`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from transforms.schema import Wall
from transforms.small_letters import small

SHORT_WORDS = 200
"""A wall has fewer words; what has more is an article, whatever it is about."""

_CONSENT_ADDRESS = re.compile(
    r"^https?://(?:consent|guce|cmp|myprivacy|privacy-?wall)\.|/(?:consent|cookie-?wall|cookie-?consent|privacy-?gate)(?:[/?.]|$)",
    re.IGNORECASE,
)
_CONSENT_WORDS = re.compile(
    r"before you continue|your (?:privacy|cookie) (?:choices|settings|preferences)|we (?:value|respect) your privacy"
    r"|(?:we|our partners|and our)\b.{0,60}\b(?:use|store) cookies|accept (?:all )?cookies|cookie consent"
    r"|bevor sie (?:fortfahren|weiterlesen)|zustimmung (?:erforderlich|zu cookies)|cookies? (?:zulassen|akzeptieren)"
    r"|wir (?:verwenden|nutzen).{0,40}cookies|datenschutz-?einstellungen|mit werbung weiterlesen"
    r"|avant de continuer|nous respectons votre vie privée|accepter les cookies|gérer (?:vos|mes) cookies"
    r"|antes de continuar|valoramos tu privacidad|aceptar (?:las )?cookies|accetta (?:i )?cookie|prima di continuare"
    r"|voordat je verdergaat|cookies accepteren|aceitar cookies|zgoda na pliki cookie|クッキーの使用に同意",
    re.DOTALL,
)
_CONSENT_HINTS = (
    *("cookie", "continu", "privacy", "privacidad", "vie privée", "datenschutz", "zustimmung", "bevor sie"),
    *("weiterlesen", "verdergaat", "クッキー"),
)
"""Every text with one of these wordings has one of these words; to look for them takes a hundredth of the time."""
_PAY_MARKS = ("paywall", "pay-wall", "regwall", "subscriber-only", "subscribers-only", "premium-gate")


def has_pay_marks(names: Iterable[str]) -> bool:
    """Whether one of a page's class names is that of a box that asks to pay or register before reading on."""
    called = " ".join(names).lower()
    return any(mark in called for mark in _PAY_MARKS)


def wall_of(*, final_url: str, title: str | None, text: str, is_free: bool | None, is_marked: bool) -> Wall | None:
    """The wall that a page is, by its address and what could be read of it; `text` is empty where nothing could.

    `is_marked` is what `has_pay_marks` said, which counts for short texts alone.
    """
    is_short = len(text.split(maxsplit=SHORT_WORDS)) < SHORT_WORDS
    if is_short and (_CONSENT_ADDRESS.search(final_url) or _asks_consent(small(f"{title or ''}\n{text[:1_500]}"))):
        return Wall.CONSENT
    if is_free is False or (is_short and is_marked):
        return Wall.PAYWALL
    return None


def _asks_consent(text: str) -> bool:
    return any(hint in text for hint in _CONSENT_HINTS) and _CONSENT_WORDS.search(text) is not None
