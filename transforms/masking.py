"""Secrets in addresses, hidden wherever an address is shown rather than kept.

A feed may want `?token=…`, a signed download `&X-Amz-Signature=…`. The data keep the address, since it names the page;
messages, logs and artifacts are read by more people than the data, and are mailed about.
"""

from __future__ import annotations

import re

MASK = "***"

_SECRET = (
    "token", "secret", "password", "passwd", "pwd", "pass", "auth", "authorization", "key", "apikey", "appkey",
    "sig", "sign", "signature", "hmac", "credential", "credentials", "jwt", "session", "sessionid", "sid", "phpsessid",
    "jsessionid",
)  # fmt: skip
# the last word of the parameter's name: access_token, X-Amz-Signature, auth[key], apiKey, sig; not keyword or design
_NAME = (
    rf"(?:[\w.\[\]-]*[-_.\[])?(?:{'|'.join(_SECRET)})"
    r"|[\w.-]*[a-z0-9](?-i:Token|Secret|Password|Key|Auth|Signature)"
)
_END = r"""&#\s"'<>|)\]}"""
_PARAMETER = re.compile(
    rf"([?&;#](?:amp;)?(?:{_NAME})\]?=)(?!{re.escape(MASK)})[^{_END}]+?(?=[:,.;!]?(?:\s|$)|[{_END}])", re.IGNORECASE
)
_PASSWORD = re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s/:@?#]*:)[^\s/@?#]+(?=@)", re.IGNORECASE)


def masked(text: str) -> str:
    """A text, or an address alone, in which the values of parameters that look like secrets are `***`.

    So is a password before the host. Names are judged by their last word; masking twice changes nothing more.
    """
    return _PASSWORD.sub(rf"\1{MASK}", _PARAMETER.sub(rf"\1{MASK}", text))
