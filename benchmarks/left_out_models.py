"""What models answer about products they were trained without, fold by fold, kept on disk."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from clustering.encoder import Encoder, load_adapted
from clustering.reading import Reader, ReadSpan, load_clause_encoder
from clustering.rerank import Reranker, load_reranker
from clustering.training.annotated import AnnotatedNote
from clustering.training.remembering import RememberingEncoder
from models.severity import Severity


class LeftOutModels:
    """Trains a fold's models when they are asked for, or takes them from a folder.

    Args:
        folder: keeps each fold's readings (`readings-K.json`), updates of the encoder
            (`adapter-K.safetensors`), re-ranker (`reranker-K.safetensors`) and rows of clauses,
            so that a second call is quick. Whoever changes a recipe, or how notes are read,
            empties it.
        seeds: members of the reader's ensembles.
    """

    def __init__(self, folder: Path, seeds: Sequence[int]) -> None:
        self._folder = folder
        self._seeds = seeds
        self._clauses: Encoder | None = None

    def readings(
        self, fold: int, left: Sequence[str], notes: Sequence[AnnotatedNote]
    ) -> list[list[ReadSpan]]:
        """What a reader that never saw the products `left` reads in each of the notes."""
        path = self._folder / f"readings-{fold}.json"
        if not path.exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            read = self._reader(left).read([note.text for note in notes])
            rows = [[asdict(span) for span in spans] for spans in read]
            path.write_text(json.dumps(rows), encoding="utf-8")
        kept = json.loads(path.read_text(encoding="utf-8"))
        if len(kept) != len(notes):
            raise ValueError(f"{path} holds other notes than the packs do; empty the folder.")
        return [[_span(row) for row in rows] for rows in kept]

    def encoder(self, fold: int, left: Sequence[str]) -> Encoder:
        """The bundled encoder with updates learned without the products `left`."""
        from clustering.training.calibrate import fold_adapter
        from clustering.training.train_adapter import Recipe
        from clustering.training.wordings import load_wordings

        path = fold_adapter(load_wordings(), Recipe(), fold, left, self._folder)
        return RememberingEncoder(load_adapted(path))

    def reranker(self, fold: int, left: Sequence[str]) -> Reranker | None:
        """The re-ranker learned without the products `left`, where the folder has it.

        `clustering.training.train_reranker --cache FOLDER` puts it there.
        """
        path = self._folder / f"reranker-{fold}.safetensors"
        return load_reranker(path) if path.exists() else None

    def _reader(self, left: Sequence[str]) -> Reader:
        from clustering.training.reader_examples import prepare
        from clustering.training.train_reader import train_reader, training_notes

        if self._clauses is None:
            self._clauses = RememberingEncoder(load_clause_encoder(), self._folder)
        prepared = prepare(training_notes(), self._clauses)
        taught = [one for one in prepared if one.note.product not in left]
        return Reader(self._clauses, train_reader(taught, self._seeds))


def _span(row: dict[str, object]) -> ReadSpan:
    return ReadSpan(**{**row, "severity": Severity(str(row["severity"]))})  # type: ignore[arg-type]
