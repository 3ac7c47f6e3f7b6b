from __future__ import annotations

import pytest

from flows.fetch.retry_after import A_DAY_S, retry_after_s

NOW = 1_795_420_800.0  # Mon, 23 Nov 2026 08:00:00 GMT


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2", 2.0),
        (" 120 ", 120.0),
        ("1.5", 1.5),
        ("-5", 0.0),
        ("Mon, 23 Nov 2026 08:00:30 GMT", 30.0),
        ("Mon, 23 Nov 2026 08:00:30 -0000", 30.0),
        ("Mon, 23 Nov 2026 07:00:00 GMT", 0.0),
        ("Mon, 23 Nov 2037 08:00:00 GMT", A_DAY_S),
        ("999999999", A_DAY_S),
        ("inf", A_DAY_S),
        ("nan", None),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_both_forms_clamped(value: str | None, expected: float | None) -> None:
    assert retry_after_s(value, NOW) == expected
