"""Settings that are wrong: what is said about them."""

from datetime import timedelta

import pytest

from flows.settings import make_settings
from warehouse.errors import UserError

_PERIOD = "must be seconds, such as 3600, or a duration, such as P1D or 06:00:00; at least a second"


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("HEALTH_PERIOD", "0", f"setting health_period: '0': {_PERIOD}"),
        ("HEALTH_PERIOD", "-3600", f"setting health_period: '-3600': {_PERIOD}"),
        ("HEALTH_PERIOD", "a day", f"setting health_period: 'a day': {_PERIOD}"),
        ("HEALTH_PERIOD", "", f"setting health_period: '': {_PERIOD}"),
        ("HEALTH_PERIOD", "9" * 400, f"setting health_period: '{'9' * 400}': {_PERIOD}"),
        ("WORKERS", "many", "setting workers: 'many': Input should be a valid integer"),
        ("ALLOW_PRIVATE", "127.0.0.1", 'setting allow_private: must be a list in JSON, such as ["127.0.0.0/8"]'),
    ],
)
def test_what_is_wrong_is_said_in_one_line(monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str) -> None:
    monkeypatch.setenv(f"BROADSHEET_{name}", value)
    with pytest.raises(UserError) as caught:
        make_settings()
    assert str(caught.value).startswith(says)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "seconds"), [("3600", 3_600), ("0.5e1", None), ("1.5", 1.5), ("P1D", 86_400), ("06:00:00", 21_600)]
)
def test_a_period_is_seconds_or_a_duration(monkeypatch: pytest.MonkeyPatch, value: str, seconds: float | None) -> None:
    monkeypatch.setenv("BROADSHEET_HEALTH_PERIOD", value)
    if seconds is None:
        with pytest.raises(UserError):
            make_settings()
    else:
        assert make_settings().health_period == timedelta(seconds=seconds)
