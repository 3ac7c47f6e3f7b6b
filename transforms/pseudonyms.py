"""Stable pseudonyms for readers: one name gives one pseudonym, and without the key nobody can test a guess."""

from __future__ import annotations

import unicodedata
from hashlib import blake2b


def pseudonym(name: str, key: str) -> str:
    """The pseudonym of a printed name: `reader-` and 12 hex digits of a keyed BLAKE2b hash.

    Spelling variants in case, width and spacing count as one name. With an empty key the pseudonyms still hide names
    from reading eyes, but whoever guesses a name can check the guess.
    """
    plain = " ".join(unicodedata.normalize("NFKC", name).casefold().split())
    secret = blake2b(key.encode("utf-8", "surrogatepass"), digest_size=64).digest()
    return "reader-" + blake2b(plain.encode("utf-8", "surrogatepass"), key=secret, digest_size=6).hexdigest()
