"""The name of the code that makes records: beside `transforms.extract`, whose import takes a third of a second."""

from __future__ import annotations

from importlib.metadata import version

RULES = 3
"""Counts the changes of what becomes of a page since the version began."""
EXTRACTOR = f"broadsheet {version('broadsheet')} rules {RULES} trafilatura {version('trafilatura')}"
"""Names the code that made a record; another value means that history can be read again."""
