"""An encoder that remembers, so that folds and repeated trainings encode every text once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from clustering.encoder import Encoder


class RememberingEncoder:
    """Wraps an `Encoder`; rows known already come from memory, optionally kept in a file.

    The file is an npz of `texts` and `rows`, named by the encoder's fingerprint.
    """

    def __init__(self, encoder: Encoder, folder: Path | None = None) -> None:
        self._encoder = encoder
        self._rows: dict[str, NDArray[np.float32]] = {}
        self._file = folder / f"vectors-{encoder.fingerprint[:32]}.npz" if folder else None
        if self._file is not None and self._file.exists():
            with np.load(self._file) as kept:
                self._rows = dict(zip(kept["texts"].tolist(), kept["rows"], strict=True))

    @property
    def fingerprint(self) -> str:
        return self._encoder.fingerprint

    @property
    def dimension(self) -> int:
        return self._encoder.dimension

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Rows of the texts, (n, dimension) float32."""
        unknown = [text for text in dict.fromkeys(texts) if text not in self._rows]
        if unknown:
            self._rows.update(zip(unknown, self._encoder.encode(unknown), strict=True))
            self._keep()
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        return np.stack([self._rows[text] for text in texts])

    def _keep(self) -> None:
        if self._file is None:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        texts = np.array(list(self._rows), dtype=np.str_)
        np.savez(self._file, texts=texts, rows=np.stack(list(self._rows.values())))
