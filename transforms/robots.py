"""robots.txt read as RFC 9309 says and as Google's own parser decides where the standard leaves room.

Own code rather than a library, since it must name the line that decided, must never let in what Google's parser keeps
out, and must know a group from the unknown lines between its user agents. Where an escape in a pattern could be read
in two ways, a Disallow matches both and an Allow only the literal one: when in doubt, we stay out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from transforms.url import path_and_query

BODY_MAX = 500 * 1024
"""Bytes of the file that are read, as RFC 9309 asks of a crawler at least."""

_LINE_MAX = 2083 * 8
_RULES_MAX = 20_000
_BOM = b"\xef\xbb\xbf"
_AUTHORITY = re.compile(r"^[a-z]+:/*[^/?]*", re.IGNORECASE)
_AGENT = re.compile(r"[A-Za-z_-]*")
_ESCAPED = re.compile(r"%[0-9a-fA-F]{2}")
_RATE = re.compile(r"(\d{1,6})\s*/\s*(\d{1,6})\s*([smhd]?)", re.IGNORECASE)
_UNIT_S = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_AGENT_KEYS = ("user-agent", "useragent", "user agent")
_DISALLOW_KEYS = ("disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw")
_SITEMAP_KEYS = ("sitemap", "site-map")
_DELAY_KEYS = ("crawl-delay", "crawldelay")
_RATE_KEYS = ("request-rate", "requestrate")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a URL may be asked for, and the line that decided, where one did."""

    is_allowed: bool
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One Allow or Disallow line of the group that applies to us."""

    is_allow: bool
    pattern: str
    line: str


@dataclass(frozen=True, slots=True)
class Robots:
    """What one robots.txt says to one crawler."""

    rules: tuple[Rule, ...]
    delay_s: float | None
    """The longer of Crawl-delay and what Request-rate comes to, unclamped; None where neither is stated."""
    sitemaps: tuple[str, ...]

    def verdict(self, url: str) -> Verdict:
        """The longest matching pattern decides; Allow wins over a Disallow of the same length."""
        path = path_and_query(url)
        # A URL is to be escaped before it is asked about. Where it is not, Google's parser finds no Allow in the
        # unescaped part; to be no more permissive, neither do we.
        literal = path if url.isascii() else _AUTHORITY.sub("", url.partition("#")[0])
        best: Rule | None = None
        for rule in self.rules:
            if best is not None and (len(rule.pattern), rule.is_allow) <= (len(best.pattern), best.is_allow):
                continue
            if rule.pattern and _applies(rule, path, literal):
                best = rule
        return Verdict(True) if best is None else Verdict(best.is_allow, best.line)


def parse_robots(body: bytes, product_token: str) -> Robots:
    """Read the first 500 KiB of a robots.txt for a crawler with this product token (`Broadsheet`). Never raises."""
    token = product_token.lower()
    own, everyone = _Group(), _Group()
    is_own = is_everyone = has_rules = False
    sitemaps: list[str] = []
    for key, value, line in _lines(body):
        if key.startswith(_AGENT_KEYS):
            if has_rules:  # only a rule closes the list of a group's user agents
                is_own = is_everyone = has_rules = False
            if value.split(None, 1)[:1] == ["*"]:
                is_everyone = True
            elif (_AGENT.match(value) or [""])[0].lower() == token and token:
                is_own = own.is_named = True
        elif key.startswith("allow") or key.startswith(_DISALLOW_KEYS):
            has_rules = True
            for group in [own] * is_own + [everyone] * is_everyone:
                group.add_rule(key.startswith("allow"), value, line)
        elif key.startswith(_DELAY_KEYS + _RATE_KEYS):
            delay = _seconds(value) if key.startswith(_DELAY_KEYS) else _seconds_of_rate(value)
            for group in [own] * is_own + [everyone] * is_everyone:
                group.delay_s = max((d for d in (group.delay_s, delay) if d is not None), default=None)
        elif key.startswith(_SITEMAP_KEYS) and value:
            sitemaps.append(value)
    group = own if own.is_named else everyone
    return Robots(tuple(group.rules), group.delay_s, tuple(dict.fromkeys(sitemaps)))


class _Group:
    """The rules for one user agent, gathered from all groups that name it."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []
        self.delay_s: float | None = None
        self.is_named = False

    def add_rule(self, is_allow: bool, value: str, line: str) -> None:
        if len(self.rules) >= _RULES_MAX:
            # Reading on would cost time on each verdict; what we did not read counts as forbidden.
            self.rules.append(Rule(False, "/", "more rules than can be read"))
            return
        pattern = _escape(value)
        self.rules.append(Rule(is_allow, pattern, line))
        folder, slash, page = pattern.rpartition("/")
        if is_allow and slash and page.startswith("index.htm"):  # allowing a folder's index allows the folder
            self.rules.append(Rule(True, f"{folder}/$", line))


def _lines(body: bytes) -> list[tuple[str, str, str]]:
    """The (key in lower case, value, line) of each line that has a key."""
    found = []
    for raw in re.split(rb"\r\n|\r|\n", body.removeprefix(_BOM)[:BODY_MAX]):
        line = raw[:_LINE_MAX].replace(b"\0", b"").decode("utf-8", "surrogateescape")
        text = line.split("#", 1)[0].strip()
        key, colon, value = text.partition(":")
        if not colon:
            words = text.split()
            if len(words) != 2:
                continue
            key, value = words
        found.append((key.strip().lower(), value.strip(), text.encode("utf-8", "replace").decode()[:500]))
    return found


def _escape(value: str) -> str:
    """A pattern in the form in which URLs are compared: bytes beyond ASCII escaped, hex digits in upper case."""
    raw = value.encode("utf-8", "surrogateescape")
    text = "".join(chr(b) if b < 0x80 else f"%{b:02X}" for b in raw)
    return _ESCAPED.sub(lambda m: m[0].upper(), text)


def _unescape(text: str) -> str:
    """Escapes of characters that need none undone."""

    def one(match: re.Match[str]) -> str:
        char = chr(int(match[0][1:], 16))
        return char if char in _UNRESERVED else match[0].upper()

    return _ESCAPED.sub(one, text)


def _applies(rule: Rule, path: str, literal: str) -> bool:
    if rule.is_allow:
        return _matches(rule.pattern, _ESCAPED.sub(lambda m: m[0].upper(), literal))
    escaped = _ESCAPED.sub(lambda m: m[0].upper(), path)
    if _matches(rule.pattern, escaped):
        return True
    return "%" in rule.pattern + path and _matches(_unescape(rule.pattern), _unescape(path))


def _matches(pattern: str, path: str) -> bool:
    """Prefix match with `*` for any characters and `$` for the end, in time linear in the path."""
    is_anchored = pattern.endswith("$")
    first, *rest = (pattern[:-1] if is_anchored else pattern).split("*")
    if not path.startswith(first):
        return False
    position = len(first)
    if not rest:
        return not is_anchored or position == len(path)
    for part in rest[:-1] if is_anchored else rest:
        found = path.find(part, position)
        if found < 0:
            return False
        position = found + len(part)
    return not is_anchored or (path.endswith(rest[-1]) and len(path) - len(rest[-1]) >= position)


def _seconds(value: str) -> float | None:
    try:
        seconds = float(value)
    except ValueError:
        return None
    return seconds if 0 <= seconds < float("inf") else None


def _seconds_of_rate(value: str) -> float | None:
    match = _RATE.match(value)
    if match is None or int(match[1]) == 0:
        return None
    return int(match[2]) * _UNIT_S[match[3].lower()] / int(match[1])
