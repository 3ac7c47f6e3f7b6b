"""Zone names that dates print, as minutes east of UTC.

Only names that mean one thing in news: "IST" is India's, because Irish and Israeli pages print offsets. "ET" and its
like name no offset but a place, so the day decides between summer and winter time by the rule of the United States.
"""

from __future__ import annotations

from datetime import date, timedelta

_FIXED = {
    "z": 0, "utc": 0, "gmt": 0, "wet": 0, "bst": 60, "cet": 60, "mez": 60, "west": 60, "wat": 60, "cest": 120,
    "mesz": 120, "eet": 120, "sast": 120, "cat": 120, "eest": 180, "msk": 180, "eat": 180, "trt": 180, "gst": 240,
    "pkt": 300, "ist": 330, "wib": 420, "ict": 420, "sgt": 480, "hkt": 480, "wita": 480, "awst": 480, "pht": 480,
    "jst": 540, "kst": 540, "wit": 540, "aest": 600, "aedt": 660, "nzst": 720, "nzdt": 780, "brt": -180, "art": -180,
    "ast": -240, "adt": -180, "edt": -240, "est": -300, "cdt": -300, "cst": -360, "mdt": -360, "mst": -420,
    "pdt": -420, "pst": -480, "akst": -540, "hst": -600,
}  # fmt: skip
_PLACES = {"et": -300, "ct": -360, "mt": -420, "pt": -480}

NAMES = "|".join(sorted([*_FIXED, *_PLACES], key=len, reverse=True))
"""All names as one alternation for a regular expression that ignores case."""


def minutes_east(name: str, day: date) -> int | None:
    """Minutes east of UTC that `name` means on `day`: a zone's name or an offset like +01:00, +0100, +1, GMT+2."""
    text = name.strip().lower()
    if text in _FIXED:
        return _FIXED[text]
    if text in _PLACES:
        return _PLACES[text] + (60 if _is_american_summer(day) else 0)
    for prefix in ("utc", "gmt"):
        text = text.removeprefix(prefix).strip()
    text = text.replace("\u2212", "-")
    if text[:1] not in "+-" or not text[1:].replace(":", "").isdecimal():
        return None
    digits = text[1:].replace(":", "")
    hours, minutes = (int(digits[:-2]), int(digits[-2:])) if len(digits) > 2 else (int(digits), 0)
    if hours > 14 or minutes > 59:
        return None
    return (hours * 60 + minutes) * (-1 if text[0] == "-" else 1)


def _is_american_summer(day: date) -> bool:
    march, november = date(day.year, 3, 8), date(day.year, 11, 1)
    start = march + timedelta(days=(6 - march.weekday()) % 7)
    end = november + timedelta(days=(6 - november.weekday()) % 7)
    return start <= day < end
