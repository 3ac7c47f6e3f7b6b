"""The ledger's rows as values, and the owner of a lease.

Frozen, so that a state can be handed to a worker, changed with `replace` and written back as one whole.
"""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class UrlState:
    """What the ledger knows of one URL. Times are seconds since 1970; the columns say what each field is."""

    url: str
    original_url: str
    source: str
    first_seen_at: float
    listed_published_at: float | None = None
    listed_modified_at: float | None = None
    depth: int = 0
    due_at: float | None = None
    attempts: int = 0
    visits: int = 0
    etag: str | None = None
    last_modified: str | None = None
    digest: str | None = None
    capture_id: str | None = None
    warc_record_id: str | None = None
    captured_at: float | None = None
    final_url: str | None = None
    outcome: str | None = None
    outcome_at: float | None = None
    gone_at: float | None = None
    run_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentState:
    """What the ledger knows of one feed, sitemap or home page."""

    url: str
    source: str
    due_at: float = 0.0
    poll_s: float | None = None
    etag: str | None = None
    last_modified: str | None = None
    digest: str | None = None
    outcome: str | None = None
    outcome_at: float | None = None
    link_count: int = 0
    failures: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class HostState:
    """What politeness must not forget about a site between runs."""

    site: str
    not_before: float | None = None
    last_request_at: float | None = None
    latency_s: float | None = None
    failures: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotsState:
    """A site's robots.txt as last asked for, with the last copy that could be read."""

    site: str
    fetched_at: float
    expires_at: float
    outcome: str
    detail: str | None = None
    body: bytes | None = None
    body_at: float | None = None
    digest: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchState:
    """One batch of a crawl that has not been taken over yet."""

    batch_id: str
    run_id: str
    warc_file: str | None
    closed_at: float | None


NOBODY = "nobody"
"""The owner of a run that broke off while its process lives on."""


def this_owner(*, is_shared: bool = False) -> str:
    """This process, told apart from a later one with the same number: `machine:pid:start`.

    Where several machines share a ledger, two may have one name, and containers number their processes alike: then the
    machine is named with the boot and the namespace in which process numbers mean something.
    """
    machine = _exact_machine() if is_shared else platform.node()
    return f"{machine}:{os.getpid()}:{_started(os.getpid())}"


def is_alive(owner: str) -> bool:
    """Whether the process that holds a lease may still run. One on another machine may."""
    if owner == NOBODY:
        return False
    machine, _, rest = owner.rpartition(":")[0].rpartition(":")
    if machine not in (platform.node(), _exact_machine()) or not rest.isdigit():
        return True
    started = _started(int(rest))
    return started != "" and started == owner.rpartition(":")[2]


def is_running_here(owner: str) -> bool:
    """Whether it is a process of this machine that runs."""
    machine = owner.rpartition(":")[0].rpartition(":")[0]
    return machine in (platform.node(), _exact_machine()) and is_alive(owner)


@cache
def _exact_machine() -> str:
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{platform.node()}/{boot}/{Path('/proc/self/ns/pid').readlink()}".replace(":", "")
    except OSError:  # macOS: no containers of its own
        return platform.node()


def _started(pid: int) -> str:
    """When a process began, in the kernel's ticks; empty where it does not run (a zombie does not)."""
    stat = Path(f"/proc/{pid}/stat")
    if not Path("/proc/self/stat").exists():  # macOS: the number alone must do
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return ""
        except PermissionError:
            return "0"
        return "0"
    try:
        fields = stat.read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else fields[19]
