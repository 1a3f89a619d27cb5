"""Low-rank updates of the bundled encoder's weights (LoRA, Hu et al. 2021): read, checked, merged.

A file of updates holds two thin factors for each layer it changes, `NAME.down` of shape
(rank, in) and `NAME.up` of shape (out, rank), float16. Added to the plain weights when a model
is loaded, they cost nothing at run time. The file says in its metadata for which weights it was
made, and what its own numbers hash to, so that neither can be mistaken.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from clustering.word_pieces import SCHEME
from models.errors import Unavailable

if TYPE_CHECKING:
    from torch import Tensor

REQUESTS: Final = Path(__file__).parent / "weights" / "adapter.safetensors"
BASE: Final = "base_sha256"
CONTENT: Final = "content_sha256"


def merge(model: Any, path: Path, base_sha256: str) -> None:
    """Add each update, up @ down in float32, to the weight of the layer it is named for.

    `model` is the transformers BertModel (of a SentenceTransformer: `model[0].auto_model`);
    `base_sha256` is of the file its weights came from. Tensors that are no update are left.

    Raises:
        Unavailable: `adapter_unavailable` when the file is missing, damaged or altered, or
            does not fit the model; `adapter_base` when it was made for other weights.
    """
    import torch

    tensors = checked(path, base_sha256)
    with torch.no_grad():
        for key in sorted(tensors):
            name = key.removesuffix(".down")
            if name == key:
                continue
            try:
                update = tensors[f"{name}.up"].float() @ tensors[key].float()
                model.get_submodule(name).weight.add_(update)
            except (KeyError, AttributeError, RuntimeError) as unfit:
                raise _broken(path, f"the update of '{name}' does not fit the model") from unfit


def checked(path: Path, base_sha256: str) -> dict[str, Tensor]:
    """The tensors of a file of updates, once it is sure that they are whole and of this base.

    Raises:
        Unavailable: as `merge`.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="pt") as file:
            about = file.metadata() or {}
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as broken:
        raise _broken(path, str(broken)) from broken
    if about.get(BASE) != base_sha256:
        raise Unavailable(
            f"The updates in {path} were made for other weights than this encoder's "
            f"(SHA-256 {str(about.get(BASE))[:12]}..., these are {base_sha256[:12]}...). "
            "Install the project again, or run `make train-adapters`.",
            code="adapter_base",
        )
    if about.get(CONTENT) != content_sha256(tensors):
        raise _broken(path, "its numbers are not those that were written")
    return tensors


def content_sha256(tensors: Mapping[str, Tensor]) -> str:
    """SHA-256, in hex, of the tensors by name: type, shape and bytes."""
    digest = hashlib.sha256()
    for name in sorted(tensors):
        values = tensors[name].detach().contiguous().cpu().numpy()
        digest.update(f"{name} {values.dtype.str} {values.shape}\n".encode())
        digest.update(values.tobytes())
    return digest.hexdigest()


def about_updates(path: Path) -> dict[str, str]:
    """The metadata of a file of updates; its tensors are not read.

    Raises:
        Unavailable: `adapter_unavailable`.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            return dict(file.metadata() or {})
    except (OSError, SafetensorError) as broken:
        raise _broken(path, str(broken)) from broken


def adapted_fingerprint(base: str, about: Mapping[str, str]) -> str:
    """A name for the rows that an encoder of fingerprint `base` gives with these updates in it."""
    return hashlib.sha256(f"{base} {SCHEME} {about.get(CONTENT, '')}".encode()).hexdigest()


def _broken(path: Path, why: str) -> Unavailable:
    return Unavailable(
        f"The updates of the encoder's weights can't be used from {path}: {why}. "
        "Install the project again, or run `make train-adapters`.",
        code="adapter_unavailable",
    )
