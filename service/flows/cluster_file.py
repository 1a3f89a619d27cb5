"""Cluster the texts of a file: no store, no taxonomy, each text one request."""

from __future__ import annotations

from collections.abc import Iterable

from clustering.cluster_file import ClusterRow, cluster_texts
from clustering.encoder import BUNDLED, load_encoder
from models.errors import InvalidInput
from models.raw_fields import identifier, text
from service.flows.receipts import Line


def texts_of(lines: Iterable[Line]) -> tuple[list[str], list[str]]:
    """The ids and texts of lines {"id", "text"}.

    Raises:
        InvalidInput: the first line that can't be read, names no id or text, or repeats an
            id; its message names the line.
    """
    texts: dict[str, str] = {}
    for number, line in lines:
        try:
            if isinstance(line, InvalidInput):
                raise line
            key, words = identifier(line, "id"), text(line, "text")
            if key in texts:
                raise InvalidInput(
                    "This id stands on an earlier line too.", code="repeated_id", field="id"
                )
        except InvalidInput as refusal:
            raise InvalidInput(
                f"Line {number}: {refusal.message}", code=refusal.code, field=refusal.field
            ) from None
        texts[key] = words
    return list(texts), list(texts.values())


def cluster_lines(lines: Iterable[Line], encoder_name: str = BUNDLED) -> list[ClusterRow]:
    """A row {"id", "cluster", "label", "confidence"} for each line, in their order.

    The default is the plain encoder: the texts may be of any kind, and what the adapted one
    learned about requests holds for requests only.

    Raises:
        InvalidInput: as `texts_of`, before the encoder is loaded.
        Unavailable: the codes of `load_encoder`.
    """
    ids, texts = texts_of(lines)
    return cluster_texts(ids, texts, load_encoder(encoder_name)) if ids else []
