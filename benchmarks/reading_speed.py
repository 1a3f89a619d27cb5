"""What reading and embedding notes costs beside the plain encoder on the same clauses.

    python -m benchmarks.reading_speed [--notes 600] [--at-once 768]

The notes are those of the packs, in rounds, each round with other words here and there, so that
no text comes twice. Processor seconds of one thread, the least of three rounds in turns:

- the plain encoder on every clause that the reader considers, by our fixed shapes, and by
  sentence-transformers' own `encode` in batches of 32;
- our way: reading the notes, which looks at the clauses by the encoder's first layers, then
  embedding what was read by the adapted encoder, so many notes at once.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

from clustering.clause_features import read_note
from clustering.encoder import ADAPTED, BUNDLED, Encoder, load_encoder
from clustering.encoder_files import bundled_folder
from clustering.note_text import readable
from clustering.reading import Reader, load_reader
from clustering.training.annotated import load_packs

_ROUNDS = 3


def varied_notes() -> Iterator[str]:
    """Notes without end: those of the packs, round by round, each round numbered anew."""
    texts = [note.text for note in load_packs()]
    # By turns of all products rather than one product after another.
    ordered = sorted(range(len(texts)), key=lambda n: (n * 7919) % len(texts))
    for number in range(1_000_000):
        for place in ordered:
            yield texts[place] if not number else f"{texts[place]} ({number})"


def ours(notes: Sequence[str], reader: Reader, encoder: Encoder, at_once: int) -> int:
    """Read the notes and embed their requests; how many there were."""
    count = 0
    for start in range(0, len(notes), at_once):
        part = notes[start : start + at_once]
        requests = [
            readable(note[span.start : span.end])
            for note, spans in zip(part, reader.read(part), strict=True)
            for span in spans
        ]
        encoder.encode(requests)
        count += len(requests)
    return count


def main() -> None:
    """Print the seconds for each thousand notes, and the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--notes", type=int, default=600)
    parser.add_argument("--at-once", type=int, default=768, help="as a worker takes them")
    given = parser.parse_args()
    count = given.notes
    import torch

    torch.set_num_threads(1)
    plain, adapted = load_encoder(BUNDLED), load_encoder(ADAPTED)
    stock, reader = _stock(), load_reader()
    notes = list(islice(varied_notes(), count))
    clauses = [clause for note in notes for clause in read_note(note).plains]
    distinct, found = list(dict.fromkeys(clauses)), 0

    def way_of_ours() -> None:
        nonlocal found
        found = ours(notes, reader, adapted, given.at_once)

    fixed, batched, way = _seconds(
        lambda: plain.encode(clauses),
        lambda: stock.encode(distinct, batch_size=32, show_progress_bar=False),
        way_of_ours,
    )
    print(f"{count} notes, {len(clauses)} clauses, {found} requests; seconds per 1,000 notes")
    per = 1_000 / count
    print(f"plain encoder, fixed shapes:          {fixed * per:7.1f}")
    print(f"plain encoder, sentence-transformers: {batched * per:7.1f}")
    print(f"reading and embedding:                {way * per:7.1f}")
    print(f"ratio to fixed shapes {way / fixed:.2f}, to sentence-transformers {way / batched:.2f}")


def _stock() -> Any:
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(bundled_folder()), device="cpu", local_files_only=True)


def _seconds(*works: Callable[[], object]) -> list[float]:
    """Processor seconds of each, the least of several rounds; all take part in every round.

    So whatever else the machine has to do falls on all of them. The first round warms up too.
    """
    least = [float("inf")] * len(works)
    for _ in range(_ROUNDS):
        for number, work in enumerate(works):
            began = time.process_time()
            work()
            least[number] = min(least[number], time.process_time() - began)
    return least


if __name__ == "__main__":
    main()
