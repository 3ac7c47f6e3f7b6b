"""URLs: one parser (WHATWG, as browsers have it), one normalised form, and the keys that are derived from it.

The normalised form decides identity, so it only takes away what cannot name another page: fragments, credentials,
default ports, trailing dots of the host, session ids and well-known tracking parameters. It keeps the order of
parameters and the case of paths. General rules such as "any parameter with `ref` or `cid` in it" are avoided: on some
site they are the article's number, and two articles would become one.
"""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import blake2b
from urllib.parse import unquote_plus

from ada_url import URL

from transforms.suffixes import is_suffix, registered_name
from transforms.url_plain import is_plain, is_plain_path

_TRACKING_PREFIXES = ("utm_", "mtm_", "matomo_", "pk_", "piwik_", "hsa_", "itm_", "ns_", "oly_", "vero_", "wt_", "at_c")
_TRACKING_TEXT = """fbclid gclid gclsrc dclid gbraid wbraid msclkid yclid ysclid twclid ttclid li_fat_id igshid igsh
epik rdt_cid sccid _ga _gl _hsenc _hsmi __hssc __hstc __hsfp hsctatracking mc_cid mc_eid mkt_tok ml_subscriber
ml_subscriber_hash xtor xtref at_medium at_link_id at_link_type at_link_origin at_format at_ptr_name at_bbc_team
cmpid cmp icid ocid ncid smid smtyp s_cid s_kwcid ef_id ref_src ref_url wt.mc_id wt.zmc spm scm _openstat
__twitter_impression ftag guccounter guce_referrer guce_referrer_sig sfnsn traffic_source zanpid"""
_TRACKING_NAMES = frozenset(_TRACKING_TEXT.split())
_SESSION_NAMES = frozenset(
    ["phpsessid", "jsessionid", "cfid", "cftoken", "sessionid", "session_id", "sessid", "zenid", "oscsid"]
)
_SESSION_NAMES_IF_LONG = frozenset(["sid", "s", "session"])
"""Names that hold a session id on some sites and an article's number on others: 24 or more hex digits tell."""

_OUTER = "".join(map(chr, range(0x21)))
_LONG_HEX = re.compile(r"[0-9a-f]{24,}", re.IGNORECASE)
_PATH_SESSION = re.compile(r";jsessionid=[^/;?#]*|(?<=/)\([A-Z]\([a-z0-9]{20,}\)\)/?", re.IGNORECASE)
_ESCAPE = re.compile(r"%([0-9a-fA-F]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_WEB_PORTS = {"http:": "80", "https:": "443"}
_WEB_STARTS = tuple(f"{protocol}//" for protocol in _WEB_PORTS)
_ROOT_PATH = re.compile(r"/?(index\.[a-z]{3,5}|default\.aspx?)?", re.IGNORECASE)


def normalize(url: str) -> str:
    """The normalised form of a URL: idempotent, and it never raises. What cannot be parsed comes back stripped."""
    text = _clean(url)
    if is_plain(text):
        return text
    # Taking something away can bring up a form that a second pass would change (`/..;jsessionid=1`), so this runs to
    # its fixed point. Each step shortens the text or leaves it; the bound is a seat belt.
    for _ in range(len(text) + 2):
        step = _normalize_once(text)
        if step == text:
            break
        text = step
    return text


def article_id(final_url: str) -> str:
    """The key of the article at a URL: 32 hex digits of blake2b over the normalised form."""
    return article_id_of_normalized(normalize(final_url))


def article_id_of_normalized(url: str) -> str:
    """The same for a URL that is in its normalised form already."""
    return blake2b(url.encode(), digest_size=16).hexdigest()


def host_of(url: str) -> str:
    """The host name of a URL in ASCII and lower case, without brackets; empty where there is none."""
    parsed = _parse(url)
    return parsed.hostname.strip("[]").rstrip(".") if parsed else ""


def site_key(url: str) -> str:
    """`scheme://host:port` with the port spelled out: what robots.txt and politeness are keyed by. Empty for none."""
    parsed = _parse(url)
    if parsed is None or parsed.protocol not in _WEB_PORTS:
        return ""
    return f"{parsed.protocol}//{parsed.hostname.rstrip('.')}:{parsed.port or _WEB_PORTS[parsed.protocol]}"


def is_web(url: str) -> bool:
    """Whether this is a URL with http or https and a host."""
    parsed = _parse(url)
    return parsed is not None and parsed.protocol in _WEB_PORTS


def is_root(url: str) -> bool:
    """Whether a URL names a site's front page: no path beyond an index file, no query."""
    parsed = _parse(url)
    return parsed is not None and not parsed.search.strip("?") and bool(_ROOT_PATH.fullmatch(parsed.pathname))


def path_and_query(url: str) -> str:
    """The path with its query, as a server is asked for it; `/` where there is none."""
    parsed = _parse(url)
    return (parsed.pathname or "/") + parsed.search if parsed else "/"


def resolve(base: str, link: str) -> str | None:
    """A link in a page as an absolute http or https URL, or None where it is another kind or cannot be parsed."""
    link = _clean(link)
    if is_plain(link):
        return link
    base_url, site = _base(base)
    if site and is_plain_path(link):
        return site + link
    try:
        joined = URL(link, base_url).href
    except ValueError:
        return None
    return joined if joined.startswith(_WEB_STARTS) else None


@lru_cache(maxsize=8)
def _base(base: str) -> tuple[str | None, str]:
    """A base as it is written out, once for all links of a page, and what stands before an absolute path on its site.

    The latter is empty for what is not http, and where a name or a password would be handed on.
    """
    parsed = _parse(base)
    if parsed is None:
        return None, ""
    href, site = parsed.href, f"{parsed.protocol}//{parsed.host}"
    return href, site if href.startswith(_WEB_STARTS) and href.startswith(f"{site}/") else ""


def without_credentials(url: str) -> str:
    """The URL without name and password: whom we log in as is not for a page to say."""
    parsed = _parse(url)
    if parsed is None or not (parsed.username or parsed.password):
        return url
    parsed.username = parsed.password = ""
    return parsed.href


@lru_cache(maxsize=65_536)
def registrable_domain(host_or_url: str) -> str:
    """The registrable domain by the bundled public suffix list, private suffixes included.

    For an IP address, a suffix by itself or a name without a known suffix it is the host. Empty where there is none.
    """
    host = host_of(host_or_url) if "/" in host_or_url else host_or_url.strip("[]").rstrip(".").lower()
    return registered_name(host) or host


def is_public_suffix(host: str) -> bool:
    """Whether a host is one under which anybody can register names: com, co.uk, github.io."""
    return is_suffix(host.strip("[]").rstrip(".").lower())


def _clean(url: str) -> str:
    """Without outer white space and control characters; lone surrogates, which no URL can hold, are replaced."""
    url = url.strip(_OUTER)
    return url if url.isascii() else url.encode("utf-8", "replace").decode()


def _parse(url: str) -> URL | None:
    try:
        return URL(_clean(url))
    except ValueError:
        return None


def _normalize_once(text: str) -> str:
    parsed = _parse(text)
    if parsed is None:
        return text
    if parsed.protocol not in _WEB_PORTS:
        return parsed.href
    host = parsed.hostname.rstrip(".")
    if host != parsed.hostname and not URL.can_parse(f"http://{host}/"):  # `1.09.` is a name, `1.09` a broken address
        host = parsed.hostname
    port = f":{parsed.port}" if parsed.port else ""
    path = parsed.pathname
    path = _unescape(_PATH_SESSION.sub("", path) if ";" in path or "(" in path else path)
    search = parsed.search
    query = "&".join(p for p in _unescape(search[1:]).split("&") if p and not _is_noise(p)) if search else ""
    return f"{parsed.protocol}//{host}{port}{path}" + (f"?{query}" if query else "")


def _unescape(part: str) -> str:
    """Escapes in upper case, and none for characters that need none: `%7e` is `~`, `%2f` is `%2F`."""

    if "%" not in part:
        return part

    def one(match: re.Match[str]) -> str:
        char = chr(int(match[1], 16))
        return char if char in _UNRESERVED else match[0].upper()

    return _ESCAPE.sub(one, part)


def _is_noise(parameter: str) -> bool:
    """Whether a query parameter tracks the reader or names a session."""
    name, _, value = parameter.partition("=")
    name = unquote_plus(name).lower()
    if name in _SESSION_NAMES_IF_LONG:
        return bool(_LONG_HEX.fullmatch(value))
    return (
        name in _TRACKING_NAMES
        or name in _SESSION_NAMES
        or name.startswith(_TRACKING_PREFIXES)
        or name.startswith("aspsessionid")
    )
