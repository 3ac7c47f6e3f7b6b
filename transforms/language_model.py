"""py3langid's model in a fifth of the memory and, from the second start on, without its second of CPU: same answers.

The library unpacks 5 MB to a table of 40 MB that it reads texts through and one of 28 MB that it weighs them with.
Here the first becomes a trie (`transforms.language_trie`), the second loses what repeats
(`transforms.language_weights`), and both are kept ready (`transforms.kept_arrays`). How a text is prepared and a
language chosen is the library's code.
"""

from __future__ import annotations

from collections import Counter
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt
from py3langid.langid import MODEL_DIR, MODEL_FILE, LanguageIdentifier

from transforms.kept_arrays import Arrays, kept_arrays
from transforms.language_trie import Trie, trie_of
from transforms.language_weights import Weights, weights_of

_FORM = 1
"""Of what is kept: to be counted up where the modules that make it change."""


class LeanIdentifier(LanguageIdentifier):  # type: ignore[misc]  # it has no types
    """Tells the language as py3langid does."""

    def __init__(self, trie: Trie, weights: Weights, priors: npt.NDArray[Any], languages: list[str]) -> None:
        super().__init__(weights, priors, languages, (), (), tk_row=())
        self._trie = trie
        self._weights = weights

    def _raw_score(self, text: bytes) -> npt.NDArray[Any]:
        visits = Counter(self._trie.found_in(text))
        if not visits:
            nothing: npt.NDArray[Any] = super()._raw_score(b"")
            return nothing
        features = np.fromiter(visits.keys(), np.intp, len(visits))
        counts = np.fromiter(visits.values(), np.float32, len(visits))
        scores: npt.NDArray[Any] = np.log1p(counts) @ self._weights.rows(features) + self.nb_pc
        return scores


def load_identifier() -> LanguageIdentifier:
    """The model that comes with the library; its own class where it has another form than is known here."""
    model = MODEL_DIR / MODEL_FILE
    arrays = kept_arrays(f"language-{crc32(model.read_bytes()):08x}-{_FORM}", _made)
    if not arrays:
        return LanguageIdentifier.from_model_file(MODEL_FILE)
    trie = Trie(**{name: arrays[name] for name in Trie.__slots__})
    weights = Weights(**{name: arrays[name] for name in Weights.__slots__})
    return LeanIdentifier(trie, weights, arrays["priors"], arrays["languages"].tolist())


def _made() -> Arrays:
    """All arrays by name; none where the model has another form."""
    whole = LanguageIdentifier.from_model_file(MODEL_FILE)
    moves = np.frombuffer(whole.tk_nextmove, whole.tk_nextmove.typecode).reshape(-1, 256)
    trie = trie_of(moves, whole.tk_row, whole.tk_output)
    weights = weights_of(whole.nb_ptc)
    if trie is None or weights is None:
        return {}
    return {
        **{name: getattr(trie, name) for name in Trie.__slots__},
        **{name: getattr(weights, name) for name in Weights.__slots__},
        "priors": whole.nb_pc,
        "languages": np.array(whole.nb_classes),
    }
