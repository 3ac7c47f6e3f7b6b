"""Which robots.txt stands for a site, by RFC 9309: what an answer to it means, how long it holds, what it forbids."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace

from flows.fetch.client import Answer
from flows.fetch.judge import Judgement
from transforms.outcome import Outcome
from transforms.robots import BODY_MAX, Robots, Verdict, parse_robots
from transforms.url import site_key
from warehouse.ledger_rows import RobotsState

PRODUCT_TOKEN = "Broadsheet"
LAST_GOOD_MAX_S = 86_400.0
"""How long the last copy that could be read stands in for one that cannot."""
_RETRY_AFTER_FAILURE_S = 600.0
_FRESH_MIN_S = 300.0
_HELD_MIN_S = 60.0  # whatever is set: a file that never holds would be asked for before each page
_MAX_AGE = re.compile(r"max-age\s*=\s*\"?(\d{1,9})", re.IGNORECASE)

_HOST_FAILED = frozenset([Outcome.DNS, Outcome.REFUSED, Outcome.TLS, Outcome.ADDRESS_FORBIDDEN])


@dataclass(frozen=True, slots=True)
class Standing:
    """What a site's robots.txt comes to at present."""

    robots: Robots | None
    """The rules, or None where nothing may be asked for."""
    outcome: Outcome = Outcome.READ
    """Where nothing may be asked for: what every URL of the site ends in."""
    detail: str | None = None
    digest: str | None = None
    expires_at: float = 0.0

    def verdict(self, url: str) -> Verdict | None:
        """The verdict on a URL, None where nothing may be asked for."""
        return None if self.robots is None else self.robots.verdict(url)


_ALL_ALLOWED = Robots((), None, ())


def robots_url(site: str) -> str:
    """Where a site keeps its robots.txt; `site` is `scheme://host:port`."""
    scheme, _, rest = site.partition("://")
    host, _, port = rest.rpartition(":")
    is_default = (scheme, port) in (("http", "80"), ("https", "443"))
    return f"{scheme}://{host if is_default else rest}/robots.txt"


def next_state(
    previous: RobotsState | None, site: str, answer: Answer, judgement: Judgement, *, now: float, max_age_s: float
) -> RobotsState:
    """What to keep after a robots.txt was asked for. 4xx but 429 allows everything; other failures deny everything."""
    outcome = judgement.outcome
    last = previous or RobotsState(site=site, fetched_at=now, expires_at=now, outcome="")
    state = replace(last, fetched_at=now, outcome=outcome.value, detail=judgement.detail)
    if outcome is Outcome.HTTP_4XX:
        held = now + max(_HELD_MIN_S, max_age_s)
        return replace(state, body=None, body_at=None, digest=None, expires_at=held)
    if outcome in (Outcome.CAPTURED, Outcome.EMPTY):
        body = judgement.text[:BODY_MAX]
        digest = hashlib.sha1(body, usedforsecurity=False).hexdigest()
        held = now + _held_s(answer, max_age_s)
        return replace(state, outcome="read", body=body, body_at=now, digest=digest, expires_at=held)
    if site_key(answer.url) != site and outcome in _HOST_FAILED:  # the site answered; where it sent us did not
        state = replace(state, outcome=Outcome.ROBOTS_UNREACHABLE.value, detail=f"{outcome}: {judgement.detail}")
    return replace(state, expires_at=now + _RETRY_AFTER_FAILURE_S)


def standing(state: RobotsState, now: float) -> Standing:
    """What a kept robots.txt means now."""
    if state.outcome == Outcome.HTTP_4XX.value:
        return Standing(_ALL_ALLOWED, expires_at=state.expires_at)
    if state.outcome == "read":
        robots = parse_robots(state.body or b"", PRODUCT_TOKEN)
        return Standing(robots, digest=state.digest, expires_at=state.expires_at)
    if state.outcome in _HOST_FAILED:
        return Standing(None, Outcome(state.outcome), f"at robots.txt: {state.detail}", expires_at=state.expires_at)
    if state.body_at is not None and now - state.body_at <= LAST_GOOD_MAX_S:
        robots = parse_robots(state.body or b"", PRODUCT_TOKEN)
        return Standing(robots, digest=state.digest, expires_at=state.expires_at)
    detail = f"{state.outcome}: {state.detail}" if state.detail else state.outcome
    return Standing(None, Outcome.ROBOTS_UNREACHABLE, detail[:300], expires_at=state.expires_at)


def _held_s(answer: Answer, max_age_s: float) -> float:
    """How long a copy holds: Cache-Control within bounds."""
    match = _MAX_AGE.search(answer.header("cache-control") or "")
    stated = max(_FRESH_MIN_S, float(match[1])) if match else max_age_s
    return max(_HELD_MIN_S, min(max_age_s, stated))
