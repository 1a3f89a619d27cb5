"""The packs in words: each product's needs and the texts that were said about them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from clustering.assign import profile_texts
from clustering.training.annotated import PACKS, load_needs, load_packs

NONE: Final = -1


@dataclass(frozen=True, slots=True)
class Wording:
    """One pack in words.

    Attributes:
        name: of the product.
        needs: its needs, as items are embedded.
        spans, need_of: its annotated spans, and each one's place in `needs`, or NONE.
        quiet: its notes in which nothing is asked.
    """

    name: str
    needs: tuple[str, ...]
    spans: tuple[str, ...]
    need_of: tuple[int, ...]
    quiet: tuple[str, ...] = ()


def load_wordings(folder: Path = PACKS) -> list[Wording]:
    """Every pack in the folder, by name."""
    notes = load_packs(folder)
    found = []
    for name, needs in load_needs(folder).items():
        mine = [note for note in notes if note.product == name]
        place = {need.id: number for number, need in enumerate(needs)}
        said = [(note.text[s.start : s.end], s.need) for note in mine for s in note.spans]
        found.append(
            Wording(
                name=name,
                needs=tuple(profile_texts(need.name, need.description)[0] for need in needs),
                spans=tuple(text for text, _ in said),
                need_of=tuple(NONE if need is None else place[need] for _, need in said),
                quiet=tuple(note.text for note in mine if not note.spans),
            )
        )
    return found
