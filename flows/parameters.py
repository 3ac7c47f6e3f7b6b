"""Types of the flows' parameters: what the run form in the Prefect UI shows, and what it refuses.

Each is a plain value with its bounds in the type, so that one declaration makes the form, the server's check of what
was filled in, and the flow's own check.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

_ID = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"

SourceId = Annotated[str, StringConstraints(pattern=_ID)]
"""The id of a source, as sources.toml spells it."""
SourceIds = Annotated[list[SourceId], Field(max_length=1_000)]
GroupName = Annotated[str, StringConstraints(pattern=_ID)]
"""The group of sources that one schedule is for."""
GroupNames = Annotated[list[GroupName], Field(max_length=100)]
FilePath = Annotated[str, StringConstraints(min_length=1, max_length=4_096)]
"""A path on the worker's machine."""
FilePaths = Annotated[list[FilePath], Field(min_length=1, max_length=10_000)]
Network = Annotated[str, StringConstraints(pattern=r"^[0-9A-Fa-f.:]+(/[0-9]{1,3})?$")]
"""An address or a network, such as 127.0.0.0/8."""
Networks = Annotated[list[Network], Field(max_length=100)]
ArchiveList = Annotated[str, StringConstraints(pattern=r"^(https?://\S+|[^\s:]\S*|[^\s:].*[^\s])$", max_length=4_096)]
"""A file or URL that lists WARC files, one a line; a WARC file; or a folder."""
ArchiveLists = Annotated[list[ArchiveList], Field(min_length=1, max_length=1_000)]
Month = Annotated[str, StringConstraints(pattern=r"^(|[12][0-9]{3}-(0[1-9]|1[0-2]))$")]
"""A month as 2026-10, or empty."""
Gigabytes = Annotated[float, Field(ge=0.1, le=100_000)]
FileCount = Annotated[int, Field(ge=0, le=10_000_000)]
ForgetTarget = Annotated[
    str, StringConstraints(pattern=r"^(https?://[^\s/]+\S*|[^\s/:]+\.[^\s/:.]+)$", min_length=3, max_length=4_096)
]
"""The address of a page, or a domain with all below it."""


class Keep(StrEnum):
    """What becomes of a WARC file of a backfill once it is loaded."""

    ALL = "all"
    NONE = "none"
