"""The re-ranker: reads a request and an item together and says how well the two fit.

It is the bundled encoder with updates of its own (`weights/RERANKER.md`), as a cross-encoder.
It is slow beside the encoder, so it reads only what is in doubt: see `doubt`.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterator, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from clustering.adapter import CONTENT, about_updates, checked, merge
from clustering.encoder_files import BUNDLED_SHA256, bundled_folder, check_bundled
from clustering.pair_network import HEAD, apart, judged, through, together, unit_means
from models.errors import Unavailable

WEIGHTS: Final = Path(__file__).parent / "weights" / "reranker.safetensors"

Scores = NDArray[np.float32]

_BATCH = 16
_LENGTHS = (16, 24, 32, 48, 64, 80, 96, 128)
_SCHEME = "pairs-1"
SPLIT: Final = "split"
TOKENS: Final = "tokens"


class Reranker(Protocol):
    """Anything that reads pairs of texts.

    Attributes:
        fingerprint: at most 64 characters; equal for re-rankers that give equal scores.
    """

    @property
    def fingerprint(self) -> str: ...

    def score(self, pairs: Sequence[tuple[str, str]]) -> Scores:
        """One score, float32 (n,), for each (request, item) of texts; higher fits better."""
        ...


class PairReader:
    """The trained network as a `Reranker`. A pair's score depends on its two texts alone.

    As with the encoder, every forward pass has one of a few fixed shapes, which follows from
    the lengths of the pair's own texts; longer texts are cut at `tokens`.
    """

    def __init__(
        self,
        model: Any,
        plain: Any,
        tokenizer: Any,
        head: dict[str, Any],
        *,
        split: int,
        tokens: int,
        fingerprint: str,
    ) -> None:
        self._model = model
        self._plain = plain
        self._tokenizer = tokenizer
        self._head = head
        self._split = split
        self._tokens = tokens
        self._fingerprint = fingerprint
        self._lock = threading.Lock()

    @property
    def fingerprint(self) -> str:
        return self._fingerprint

    def score(self, pairs: Sequence[tuple[str, str]]) -> Scores:
        """Read each pair; float32 (n,). Safe to call from several threads, one at a time."""
        import torch

        if not pairs:
            return np.zeros(0, dtype=np.float32)
        with self._lock, torch.inference_mode():
            states, rows = self._alone(sorted({text for pair in pairs for text in pair}))
            lengths = [len(states[one]) + len(states[other]) for one, other in pairs]
            scores = np.zeros(len(pairs), dtype=np.float32)
            for length, chosen in _batches(lengths):
                batch = [(states[pairs[n][0]], states[pairs[n][1]]) for n in chosen]
                scores[chosen] = self._read(batch, length)[: len(chosen)].numpy()
            likeness = [float(rows[one] @ rows[other]) for one, other in pairs]
        return scores + float(self._head["head.plain"]) * np.array(likeness, dtype=np.float32)

    def _alone(self, texts: Sequence[str]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Each text's states (t, d) from the lower layers, and its unit row as read plainly."""
        import torch

        found = self._tokenizer(list(texts), truncation=True, max_length=self._tokens)
        ids = [list(row) for row in found["input_ids"]]
        states: dict[str, Any] = {}
        rows: dict[str, Any] = {}
        for length, chosen in _batches([len(row) for row in ids]):
            tokens = torch.zeros((_BATCH, length), dtype=torch.long)
            mask = torch.zeros((_BATCH, length), dtype=torch.bool)
            for row in range(_BATCH):
                own = ids[chosen[row] if row < len(chosen) else chosen[0]]
                tokens[row, : len(own)] = torch.tensor(own, dtype=torch.long)
                mask[row, : len(own)] = True
            made = apart(self._model, tokens, mask, self._split)
            plain = unit_means(through(self._plain, made, mask), mask.float())
            for row, number in enumerate(chosen):
                states[texts[number]] = made[row, : len(ids[number])].clone()
                rows[texts[number]] = plain[row]
        return states, rows

    def _read(self, pairs: Sequence[tuple[Any, Any]], length: int) -> Any:
        import torch

        width = pairs[0][0].shape[1]
        states = torch.zeros((_BATCH, length, width))
        request = torch.zeros((_BATCH, length))
        item = torch.zeros((_BATCH, length))
        for row in range(_BATCH):
            one, other = pairs[row if row < len(pairs) else 0]
            middle, end = len(one), len(one) + len(other)
            states[row, :middle] = one
            states[row, middle:end] = other + self._head["head.item"]
            request[row, :middle] = 1.0
            item[row, middle:end] = 1.0
        mask = (request + item) > 0
        return judged(together(self._model, states, mask, self._split), request, item, self._head)


def load_reranker(path: Path = WEIGHTS) -> PairReader:
    """The re-ranker of this file of weights, by default the one that is shipped.

    Raises:
        Unavailable: `encoder_unavailable` or `encoder_checksum` for the bundled model under
            it; `adapter_unavailable` or `adapter_base` for weights that are missing, damaged,
            altered or made for another model.
    """
    tensors = checked(path, BUNDLED_SHA256)
    about = about_updates(path)
    try:
        head = {name: tensors[name].float() for name in HEAD}
        split, tokens = int(about[SPLIT]), int(about[TOKENS])
    except (KeyError, ValueError) as missing:
        raise Unavailable(
            f"The weights in {path} are not those of a re-ranker: {missing} is missing. "
            "Install the project again, or run `make train-adapters`.",
            code="adapter_unavailable",
        ) from missing
    known = f"{_SCHEME} {BUNDLED_SHA256} {about[CONTENT]} {split} {tokens}"
    fingerprint = hashlib.sha256(known.encode()).hexdigest()
    model, tokenizer = bare_model()
    plain = deepcopy(model.encoder.layer[split:])
    merge(model, path, BUNDLED_SHA256)
    return PairReader(
        model, plain, tokenizer, head, split=split, tokens=tokens, fingerprint=fingerprint
    )


def bare_model() -> tuple[Any, Any]:
    """The bundled transformer, checked, and its tokeniser.

    Raises:
        Unavailable: `encoder_unavailable` or `encoder_checksum`.
    """
    from transformers import AutoModel, AutoTokenizer
    from transformers.utils import logging

    os.environ["HF_HUB_OFFLINE"] = "1"
    folder = bundled_folder()
    check_bundled(folder)
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        tokenizer = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
        model = AutoModel.from_pretrained(str(folder), local_files_only=True)
    except (OSError, ValueError, KeyError, ImportError, RuntimeError) as broken:
        raise Unavailable(
            f"The bundled model could not be loaded from {folder}: {broken}.",
            code="encoder_unavailable",
        ) from broken
    return model.eval().requires_grad_(False), tokenizer


def _batches(lengths: Sequence[int]) -> Iterator[tuple[int, list[int]]]:
    """(padded length, at most `_BATCH` indices) for each forward pass."""
    for padded in _LENGTHS:
        shorter = max((size for size in _LENGTHS if size < padded), default=0)
        inside = [n for n, length in enumerate(lengths) if shorter < length <= padded]
        for start in range(0, len(inside), _BATCH):
            yield padded, inside[start : start + _BATCH]
