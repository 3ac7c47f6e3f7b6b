"""Work that looks at where it runs after importing the real work, for the pool's tests."""

import os
import sys
from pathlib import Path

import transforms.extract  # noqa: F401 - what the real children import


def count(item, options):
    """Threads of this process and of its server, and which of the forbidden modules are imported."""
    of_server = len(list(Path(f"/proc/{os.getppid()}/task").iterdir()))
    return len(list(Path("/proc/self/task").iterdir())), of_server, sorted({"prefect", "duckdb"} & set(sys.modules))
