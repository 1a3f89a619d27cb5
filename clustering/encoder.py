"""Texts to vectors: float32 unit rows that depend on the text alone, and a fingerprint.

A transformer's row for a text can change in its last bits with the other texts of a batch,
because another batch shape runs other kernels. Here every forward pass has one of a few
fixed shapes (32 rows by 8, 12, ... tokens): a text's shape follows from its own length, so
its row is the same, bit for bit, alone or among thousands, in any order.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from clustering.adapter import REQUESTS, about_updates, adapted_fingerprint, checked, merge
from clustering.encoder_files import (
    BUNDLED_SHA256,
    bundled_folder,
    check_bundled,
    folder_fingerprint,
    named_folder,
)
from clustering.word_pieces import WEIGHT, WIDTH, WordPieces
from models.errors import Unavailable

BUNDLED = "bundled:all-MiniLM-L6-v2"
ADAPTED = "bundled:all-MiniLM-L6-v2+requests"

PIECES = "pieces.rarity"

_BATCH = 32
_LENGTHS = (8, 12, 16, 20, 24, 28, 32, 40, 48, 64, 96, 128, 192, 256, 384, 512)
_SCHEME = "rows-2"


class Encoder(Protocol):
    """Anything that turns texts into unit rows.

    Attributes:
        fingerprint: at most 64 characters; equal for encoders that give equal rows.
        dimension: the width of a row.
    """

    @property
    def fingerprint(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Rows of shape (len(texts), dimension), float32, each of length one."""
        ...


class TransformerEncoder:
    """A sentence-transformers model from a local folder, as an `Encoder`.

    Texts longer than the model's `max_seq_length` are not cut off: they are read in windows
    of that length, whose rows are averaged by their number of tokens.
    """

    def __init__(self, model: Any, fingerprint: str) -> None:
        self._model = model
        self._fingerprint = fingerprint
        self._lock = threading.Lock()
        self._prefix: str = (model.prompts or {}).get(model.default_prompt_name) or ""
        self._frame = _frame(model)
        self._window = _window_size(model, self._frame)

    @property
    def fingerprint(self) -> str:
        return self._fingerprint

    @property
    def dimension(self) -> int:
        return int(self._model.get_embedding_dimension())

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Encode each distinct text once; shape (n, dimension), float32 unit rows.

        Safe to call from several threads; one call runs at a time.
        """
        distinct = list(dict.fromkeys(texts))
        if not distinct:
            return np.zeros((0, self.dimension), dtype=np.float32)
        with self._lock:
            rows = unit_rows(self._encode_distinct(distinct))
        place = {text: row for row, text in enumerate(distinct)}
        return rows[[place[text] for text in texts]]

    def _encode_distinct(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if self._frame is None:
            return np.vstack([self._encode_alone(text) for text in texts])
        windows: list[list[int]] = []
        owner: list[int] = []
        for number, ids in enumerate(self._tokens(texts)):
            for start in range(0, max(len(ids), 1), self._window):
                windows.append(ids[start : start + self._window])
                owner.append(number)
        rows = self._forward(windows)
        pooled = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, number, window in zip(rows, owner, windows, strict=True):
            pooled[number] += row * np.float32(max(len(window), 1))
        return pooled

    def _tokens(self, texts: Sequence[str]) -> list[list[int]]:
        prefixed = [self._prefix + text for text in texts]
        answer = self._model.tokenizer(
            prefixed, add_special_tokens=False, truncation=False, verbose=False
        )
        return [list(ids) for ids in answer["input_ids"]]

    def _forward(self, windows: Sequence[list[int]]) -> NDArray[np.float32]:
        """One row per window; windows of one padded length go through in full batches."""
        import torch

        tokenizer = self._model.tokenizer
        before, after = self._frame or ([], [])
        whole = [[*before, *window, *after] for window in windows]
        rows = np.zeros((len(whole), self.dimension), dtype=np.float32)
        for length, chosen in _batches([len(ids) for ids in whole]):
            tokens = torch.full((_BATCH, length), tokenizer.pad_token_id or 0, dtype=torch.long)
            mask = torch.zeros((_BATCH, length), dtype=torch.long)
            for row in range(_BATCH):
                ids = whole[chosen[row] if row < len(chosen) else chosen[0]]
                tokens[row, : len(ids)] = torch.tensor(ids, dtype=torch.long)
                mask[row, : len(ids)] = 1
            features = {"input_ids": tokens, "attention_mask": mask}
            if "token_type_ids" in tokenizer.model_input_names:
                features["token_type_ids"] = torch.zeros_like(tokens)
            with torch.inference_mode():
                answer = self._model(features)["sentence_embedding"]
            rows[chosen] = answer[: len(chosen)].float().numpy()
        return rows

    def _encode_alone(self, text: str) -> NDArray[np.float32]:
        row = self._model.encode([text], batch_size=1, show_progress_bar=False)
        return np.asarray(row, dtype=np.float32)


class RequestEncoder:
    """The bundled encoder taught on requests, and beside its rows how the texts are worded.

    The product of two rows is that of what they mean and, `WEIGHT` times, of how they are
    worded, over 1 + `WEIGHT`. What they mean comes first: see `Lens.meaning`.
    """

    def __init__(self, meaning: TransformerEncoder, pieces: WordPieces) -> None:
        self._meaning = meaning
        self._pieces = pieces

    @property
    def fingerprint(self) -> str:
        return self._meaning.fingerprint

    @property
    def dimension(self) -> int:
        return self._meaning.dimension + WIDTH

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Shape (n, dimension), float32 unit rows. Safe to call from several threads."""
        wording = self._pieces.rows(texts) * np.float32(WEIGHT**0.5)
        return unit_rows(np.hstack([self._meaning.encode(texts), wording]))


def load_encoder(name: str = BUNDLED) -> TransformerEncoder | RequestEncoder:
    """Load a bundled encoder, or a sentence-transformers model by folder or cached name.

    `ADAPTED` is the bundled model with updates merged into its weights that were learned on
    requests and needs: see `weights/ADAPTER.md`. Nothing is fetched from the network. The
    bundled weights and the updates are checked before use.

    Raises:
        Unavailable: `encoder_checksum` for altered bundled weights; `encoder_unavailable`
            when the model is not on this machine or can't be loaded; `adapter_unavailable`
            and `adapter_base` for updates that are missing, damaged or of other weights.
    """
    os.environ["HF_HUB_OFFLINE"] = "1"
    if name == ADAPTED:
        return load_adapted(REQUESTS)
    if name == BUNDLED:
        folder = bundled_folder()
        check_bundled(folder)
    else:
        folder = named_folder(name)
    return TransformerEncoder(_load_model(folder, name), folder_fingerprint(folder, _SCHEME))


def load_first_layers(count: int) -> TransformerEncoder:
    """The bundled encoder without the layers above its first `count`, at their share of its cost.

    A row is the mean of a text's tokens as these layers leave them: how it is said more than
    what it is about.

    Raises:
        Unavailable: as `load_encoder`.
    """
    os.environ["HF_HUB_OFFLINE"] = "1"
    folder = bundled_folder()
    check_bundled(folder)
    model = _load_model(folder, BUNDLED)
    blocks = model[0].auto_model.encoder
    blocks.layer = blocks.layer[:count]
    return TransformerEncoder(model, folder_fingerprint(folder, f"{_SCHEME} first {count}"))


def load_adapted(updates: Path) -> RequestEncoder:
    """The bundled encoder with a file of updates merged in (see `clustering.adapter`).

    The file also holds how rare each piece of a word is.

    Raises:
        Unavailable: as `load_encoder`.
    """
    os.environ["HF_HUB_OFFLINE"] = "1"
    folder = bundled_folder()
    check_bundled(folder)
    model = _load_model(folder, ADAPTED)
    merge(model[0].auto_model, updates, BUNDLED_SHA256)
    try:
        pieces = WordPieces(checked(updates, BUNDLED_SHA256)[PIECES].float().numpy())
    except KeyError as missing:
        raise Unavailable(
            f"{updates} does not say how rare the pieces of words are; run `make train-adapters`.",
            code="adapter_unavailable",
        ) from missing
    base = folder_fingerprint(folder, _SCHEME)
    fingerprint = adapted_fingerprint(base, about_updates(updates))
    return RequestEncoder(TransformerEncoder(model, fingerprint), pieces)


def unit_rows(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows scaled to length one, float32; a row of zeros stays zero."""
    norms = np.linalg.norm(rows.astype(np.float64), axis=1, keepdims=True)
    return (rows / np.where(norms > 0, norms, 1.0)).astype(np.float32)


def _load_model(folder: Path, name: str) -> Any:
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    except (OSError, ValueError, KeyError, ImportError, RuntimeError) as broken:
        raise Unavailable(
            f"The encoder '{name}' could not be loaded from {folder}: {broken}. "
            "Check that the folder holds a complete sentence-transformers model.",
            code="encoder_unavailable",
        ) from broken
    return model.eval()


def _frame(model: Any) -> tuple[list[int], list[int]] | None:
    """Special tokens before and after a text, or None for models that aren't plain transformers."""
    tokenizer: Any = getattr(model, "tokenizer", None)
    if model.max_seq_length is None or not hasattr(tokenizer, "model_input_names"):
        return None
    bare = list(tokenizer("a", add_special_tokens=False)["input_ids"])
    whole = list(tokenizer("a", add_special_tokens=True)["input_ids"])
    for start in range(len(whole) - len(bare) + 1):
        if bare and whole[start : start + len(bare)] == bare:
            return whole[:start], whole[start + len(bare) :]
    return None


def _window_size(model: Any, frame: tuple[list[int], list[int]] | None) -> int:
    """Content tokens per forward pass."""
    special = 0 if frame is None else len(frame[0]) + len(frame[1])
    return max(1, min(int(model.max_seq_length or _LENGTHS[-1]), _LENGTHS[-1]) - special)


def _batches(lengths: Sequence[int]) -> Iterator[tuple[int, list[int]]]:
    """(padded length, at most `_BATCH` indices) for each forward pass."""
    for padded in _LENGTHS:
        shorter = max((size for size in _LENGTHS if size < padded), default=0)
        inside = [n for n, length in enumerate(lengths) if shorter < length <= padded]
        for start in range(0, len(inside), _BATCH):
            yield padded, inside[start : start + _BATCH]
