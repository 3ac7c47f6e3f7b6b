"""The named outcomes: each URL asked for and each capture kept ends in exactly one of them.

One enumeration serves both because some names apply to both stages, and because counts only balance when nobody
can invent a name on the side. `DESCRIPTIONS` is what the data dictionary and the run reports print.
"""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """What became of one URL (in `fetches`) or one capture (in `captures`)."""

    # a URL that was answered
    CAPTURED = "captured"
    NOT_MODIFIED = "not_modified"
    DUPLICATE = "duplicate"
    READ = "read"
    # a URL that was not asked for
    ROBOTS_DENIED = "robots_denied"
    ROBOTS_UNREACHABLE = "robots_unreachable"
    OUT_OF_SCOPE = "out_of_scope"
    DEFERRED = "deferred"
    BUDGET = "budget"
    ADDRESS_FORBIDDEN = "address_forbidden"
    # a URL whose host or answer failed
    DNS = "dns"
    REFUSED = "refused"
    RESET = "reset"
    TIMEOUT = "timeout"
    TLS = "tls"
    TRUNCATED = "truncated"
    TOO_LARGE = "too_large"
    BAD_ENCODING = "bad_encoding"
    BAD_RESPONSE = "bad_response"
    REDIRECT_LOOP = "redirect_loop"
    BAD_REDIRECT = "bad_redirect"
    HTTP_4XX = "http_4xx"
    HTTP_5XX = "http_5xx"
    RATE_LIMITED = "rate_limited"
    NOT_HTML = "not_html"
    EMPTY = "empty"
    UNREADABLE = "unreadable"
    OPTED_OUT = "opted_out"
    # a capture that holds a version of an article
    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    # a capture that gave no article
    HTTP_STATUS = "http_status"
    REVISIT = "revisit"
    EXTRACT_EMPTY = "extract_empty"
    EXTRACT_TIMEOUT = "extract_timeout"
    EXTRACT_MEMORY = "extract_memory"
    EXTRACT_CRASHED = "extract_crashed"
    EXTRACT_ERROR = "extract_error"
    QUARANTINED = "quarantined"


DESCRIPTIONS: dict[Outcome, str] = {
    Outcome.CAPTURED: "answered with a page, which was kept",
    Outcome.NOT_MODIFIED: "the server said that the page is still the one we have (304)",
    Outcome.DUPLICATE: "the same URL, or a redirect to one, was already asked for in this run",
    Outcome.READ: "a feed, sitemap, home page or robots.txt that was read",
    Outcome.ROBOTS_DENIED: "robots.txt asks us to stay out",
    Outcome.ROBOTS_UNREACHABLE: "robots.txt could not be read, which counts as a full disallow (RFC 9309)",
    Outcome.OUT_OF_SCOPE: "outside the include and exclude patterns of its source",
    Outcome.DEFERRED: "put off to a later run: the host asked to wait, is down, or is leased to another run",
    Outcome.BUDGET: "beyond the page budget of its source, host or run",
    Outcome.ADDRESS_FORBIDDEN: "the host's address is private, loopback or otherwise not public",
    Outcome.DNS: "the host name did not resolve",
    Outcome.REFUSED: "the host refused the connection",
    Outcome.RESET: "the host closed the connection before a whole answer",
    Outcome.TIMEOUT: "no whole answer within the deadline",
    Outcome.TLS: "the host's certificate or handshake failed",
    Outcome.TRUNCATED: "the body ended before its announced length",
    Outcome.TOO_LARGE: "the body or the headers passed the size cap",
    Outcome.BAD_ENCODING: "the body does not decode by its content coding",
    Outcome.BAD_RESPONSE: "the answer is not valid HTTP",
    Outcome.REDIRECT_LOOP: "the redirects form a loop or are too many",
    Outcome.BAD_REDIRECT: "a redirect to no usable address",
    Outcome.HTTP_4XX: "the server answered with a 4xx status other than 429",
    Outcome.HTTP_5XX: "the server answered with a 5xx status",
    Outcome.RATE_LIMITED: "the server kept answering 429 or 503 with a wish to wait",
    Outcome.NOT_HTML: "the answer is not an HTML page",
    Outcome.EMPTY: "the answer has no body",
    Outcome.UNREADABLE: "an answer that is neither feed nor sitemap, where one was expected",
    Outcome.OPTED_OUT: "the page opts out of text and data mining, and its source obeys that",
    Outcome.NEW: "the first version of an article",
    Outcome.CHANGED: "another version of a known article",
    Outcome.UNCHANGED: "the same version of a known article, seen again",
    Outcome.HTTP_STATUS: "an archived response whose status is not 200",
    Outcome.REVISIT: "a revisit record: it names an earlier response and has no body of its own",
    Outcome.EXTRACT_EMPTY: "the page has no article text",
    Outcome.EXTRACT_TIMEOUT: "extraction passed its CPU limit",
    Outcome.EXTRACT_MEMORY: "extraction passed its memory limit",
    Outcome.EXTRACT_CRASHED: "extraction ended its process",
    Outcome.EXTRACT_ERROR: "extraction raised; the detail names the error",
    Outcome.QUARANTINED: "what was read from it breaks a rule of the warehouse; the record is in the table quarantine",
}

VERSION_OUTCOMES = frozenset({Outcome.NEW, Outcome.CHANGED, Outcome.UNCHANGED})
"""A capture with one of these holds a version; any other capture outcome but `revisit` is a rejection."""

REJECTION_OUTCOMES = frozenset(
    {
        Outcome.NOT_HTML,
        Outcome.HTTP_STATUS,
        Outcome.EMPTY,
        Outcome.TRUNCATED,
        Outcome.TOO_LARGE,
        Outcome.BAD_ENCODING,
        Outcome.BAD_RESPONSE,
        Outcome.EXTRACT_EMPTY,
        Outcome.EXTRACT_TIMEOUT,
        Outcome.EXTRACT_MEMORY,
        Outcome.EXTRACT_CRASHED,
        Outcome.EXTRACT_ERROR,
        Outcome.QUARANTINED,
    }
)

CAPTURE_OUTCOMES = VERSION_OUTCOMES | REJECTION_OUTCOMES | {Outcome.REVISIT}
"""What `captures.outcome` can hold."""

FETCH_OUTCOMES = frozenset(list(Outcome)[: list(Outcome).index(Outcome.NEW)])
"""What `fetches.outcome` can hold: the names before `new`, in the order of the enumeration."""
