"""Names of cases, the same in every worker.

pytest-xdist compares the names that its workers collected. A case named by packed bytes differs from worker to
worker, since gzip writes the second into its header: bytes that are no plain text are named by their length.
"""


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    if isinstance(val, bytes) and not (val.isascii() and val.decode("ascii").isprintable()):
        return f"{argname}-{len(val)}-bytes"
    return None
