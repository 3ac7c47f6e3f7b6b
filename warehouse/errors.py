"""Errors meant for people: one line that says what is wrong and what to do.

The command line prints them as they are and exits 1; any other exception is a defect and keeps its traceback.
"""

from __future__ import annotations


class UserError(Exception):
    """One line: what is wrong, and what to do about it."""


class DataDirError(UserError):
    """The data directory cannot be used."""


class LakeError(UserError):
    """The lake's manifest or a file that it names cannot be read."""


class StorageError(UserError):
    """The storage of captures and lake cannot be reached, or refuses."""


class WarehouseError(UserError):
    """The warehouse cannot be read, built or published."""


class NotLoadedYet(WarehouseError):  # noqa: N818 - a state, which callers ask for
    """There is no warehouse yet."""


class QueryError(UserError):
    """A query that DuckDB refuses; carries DuckDB's own message, with the line and the place in it."""
