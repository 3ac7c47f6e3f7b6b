"""py3langid's model in four fifths of the memory, with the same answers.

The library keeps a table of 256 columns, one for each byte, and many bytes are alike to it: those that no language
uses. Here alike ones share a column, and texts are translated to the numbers of their columns before they are read.
Two lists of 100,000 numbers become arrays: a process that reads a list's numbers writes to each one's reference count,
and so has its own copy of what it could share with the process that it was forked from.
"""

from __future__ import annotations

from array import array
from typing import Any

import numpy as np
from py3langid.langid import MODEL_FILE, LanguageIdentifier

_EVERY = 16
"""Columns are compared in each 16th row first: there are 38,000."""


class LeanIdentifier(LanguageIdentifier):  # type: ignore[misc]  # it has no types
    """Tells the language as py3langid does."""

    tk_nextmove: Any
    tk_output: Any

    def __init__(self, *model: Any, **options: Any) -> None:
        super().__init__(*model, **options)
        table = np.frombuffer(self.tk_nextmove, self.tk_nextmove.typecode).reshape(-1, 256)
        number_of: dict[bytes, int] = {}
        alike = table[::_EVERY].T
        columns = [number_of.setdefault(alike[byte].tobytes(), len(number_of)) for byte in range(256)]
        first = [columns.index(number) for number in range(len(number_of))]
        for byte, number in enumerate(columns):
            if first[number] != byte and not np.array_equal(table[:, byte], table[:, first[number]]):
                columns[byte] = len(first)
                first.append(byte)
        self.tk_nextmove = array(self.tk_nextmove.typecode, table[:, first].tobytes())
        self._columns = bytes(columns)
        self._rowbase = array("I", (len(first) * row for row in self.tk_row))
        self.tk_output = array("i", self.tk_output)

    def _encode(self, text: str | bytes) -> bytes:
        encoded: bytes = super()._encode(text)
        return encoded.translate(self._columns)


def load_identifier() -> LeanIdentifier:
    """The model that comes with the library; half a second of CPU."""
    identifier: LeanIdentifier = LeanIdentifier.from_model_file(MODEL_FILE)
    return identifier
