"""Write down the needs of the packs as the encoder sees them: the landmarks of clustering.

    python -m clustering.training.train_landmarks

Nothing is learned here: half a minute of one core, to be run again whenever the encoder's updates
are learned anew.
"""

from __future__ import annotations

import argparse
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from clustering.adapter import REQUESTS
from clustering.assign import profile_texts
from clustering.encoder import Encoder, load_adapted
from clustering.landmarks import ENCODER, LANDMARKS, Landmarks, landmarks_of
from clustering.lens import ADAPTED_WIDTH, PLAIN, Lens
from clustering.training.annotated import PACKS, Need, load_needs


def known_needs(
    encoder: Encoder, needs: Mapping[str, Sequence[Need]], left: Collection[str] = ()
) -> Landmarks:
    """The landmarks that the needs of all products but those `left` make, as items are seen."""
    heads = [
        profile_texts(need.name, need.description)[0]
        for product in sorted(needs)
        if product not in left
        for need in needs[product]
    ]
    return landmarks_of(Lens(None, PLAIN, ADAPTED_WIDTH).meaning(encoder.encode(heads)))


def main(arguments: Sequence[str] | None = None) -> None:
    """Encode the needs with the updates and write the landmarks."""
    from safetensors.numpy import save_file

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packs", type=Path, default=PACKS)
    parser.add_argument("--updates", type=Path, default=REQUESTS, help="of the encoder's weights")
    parser.add_argument("--out", type=Path, default=LANDMARKS)
    given = parser.parse_args(arguments)
    encoder = load_adapted(given.updates)
    needs = load_needs(given.packs)
    found = known_needs(encoder, needs)
    about = {ENCODER: encoder.fingerprint, "products": " ".join(sorted(needs))}
    save_file(found.tensors(), given.out, metadata=about)
    print(f"{len(found.needs)} needs of {len(needs)} products -> {given.out}")


if __name__ == "__main__":
    main()
