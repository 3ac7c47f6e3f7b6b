"""Where the texts of a warehouse are, as a setting: a word, apart from `warehouse.texts`, which needs the database."""

from __future__ import annotations

from enum import StrEnum


class TextStore(StrEnum):
    """Where the texts of a warehouse are."""

    WAREHOUSE = "warehouse"
    LAKE = "lake"
