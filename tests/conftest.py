"""What holds for every test: names that all workers agree on, and Ctrl-C that can be tested.

pytest-xdist compares the names that its workers collected. A case named by packed bytes differs from worker to
worker, since gzip writes the second into its header: bytes that are no plain text are named by their length.
"""

import signal

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # a shell starts what runs in its background so, and every process that a test interrupts would inherit it
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    if isinstance(val, bytes) and not (val.isascii() and val.decode("ascii").isprintable()):
        return f"{argname}-{len(val)}-bytes"
    return None
