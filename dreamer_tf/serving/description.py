"""What lies beside an exported model: whose it is, what it takes, which files belong to it.

Nothing here needs TensorFlow. The files are `assets.extra/policy.json` (in `tflite/` it is
`policy.json`) and `settings.gin`, the run's settings.
"""

from __future__ import annotations

import hashlib
import json
import os
import pathlib
from typing import Any, Dict, List, Mapping, Optional

import numpy as np

from dreamer_tf.errors import UserError

FORMAT = 1
FILE = "policy.json"
SETTINGS = "settings.gin"
EXTRA = "assets.extra"
NEEDED = ("format", "kind", "robot", "env_steps", "observation", "action", "state", "files")


def spec_json(spec: Any) -> Dict[str, Any]:
    """Returns shape, dtype and, where there are any, bounds of an array or tensor spec."""
    result = {"shape": list(spec.shape), "dtype": np.dtype(_numpy_dtype(spec)).name}
    for bound in ("minimum", "maximum"):
        if hasattr(spec, bound):
            values = np.asarray(getattr(spec, bound), np.float64)
            result[bound] = values.item() if values.ndim == 0 else values.tolist()
    return result


def write(folder: os.PathLike, description: Mapping[str, Any], settings: str) -> None:
    """Writes both files and, into the description, size and SHA-256 of every other file.

    Args:
      folder: of one version; a SavedModel gets them into `assets.extra`.
      description: everything but `format` and `files`.
      settings: gin.

    Raises:
      OSError: they cannot be written.
    """
    folder = pathlib.Path(folder)
    beside = folder / EXTRA if (folder / "saved_model.pb").is_file() else folder
    beside.mkdir(exist_ok=True)
    (beside / SETTINGS).write_text(settings, encoding="utf-8")
    files = {
        path.relative_to(folder).as_posix(): {"bytes": path.stat().st_size, "sha256": _sha(path)}
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    whole = {"format": FORMAT, **description, "files": files}
    (beside / FILE).write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")


def read(folder: os.PathLike) -> Dict[str, Any]:
    """Returns the description of an exported model after a look at all of its files.

    Args:
      folder: of one version.

    Raises:
      UserError: it is no exported model, one of another format, or a file is missing, cut off or
        changed.
    """
    folder = pathlib.Path(folder)
    path = next((x for x in (folder / EXTRA / FILE, folder / FILE) if x.is_file()), None)
    if path is None:
        raise UserError(f"{folder} holds no exported policy: there is no {EXTRA}/{FILE}")
    try:
        description = json.loads(path.read_text(encoding="utf-8"))
        missing = [key for key in NEEDED if key not in description]
    except (ValueError, TypeError) as error:
        raise UserError(f"{path} is damaged ({error}): copy the whole folder again") from error
    if missing:
        raise UserError(f"{path} is damaged (no {', '.join(missing)}): copy the whole folder again")
    if description["format"] != FORMAT:
        raise UserError(
            f"{folder} has format {description['format']}, this program knows {FORMAT}: export "
            "again, or use the version that wrote it"
        )
    for name, wanted in description["files"].items():
        _check_file(folder, name, wanted)
    return description


def newest(path: os.PathLike, kind: Optional[str] = None) -> pathlib.Path:
    """Returns the folder of a version.

    Args:
      path: it, or the folder of versions, of which the newest is taken, or with `kind` the
        folder that `dreamer_tf.export` has made.
      kind: greedy, sampling or world_model.

    Raises:
      UserError: there is none.
    """
    path = pathlib.Path(path).expanduser()
    if not path.is_dir():
        raise UserError(f"there is no folder {path}")
    if (path / FILE).is_file() or (path / EXTRA).is_dir() or (path / "saved_model.pb").is_file():
        return path
    if kind and (path / kind).is_dir():
        path = path / kind
    numbers = versions(path)
    if not numbers:
        raise UserError(f"{path} holds no exported policy: there is no numbered folder in it")
    return path / str(numbers[-1])


def versions(folder: os.PathLike) -> List[int]:
    """Returns the numbers of the versions in a folder, the oldest first."""
    folder = pathlib.Path(folder)
    entries = folder.iterdir() if folder.is_dir() else ()
    return sorted(int(x.name) for x in entries if x.name.isdecimal() and x.is_dir())


def _check_file(folder: pathlib.Path, name: str, wanted: Mapping[str, Any]) -> None:
    path, again = folder / name, "copy the whole folder again"
    if not path.is_file():
        raise UserError(f"{folder} is not complete: {name} is missing; {again}")
    size = path.stat().st_size
    if size != wanted["bytes"]:
        raise UserError(
            f"{folder} is damaged: {name} has {size:,} bytes instead of {wanted['bytes']:,}; "
            + again
        )
    if _sha(path) != wanted["sha256"]:
        raise UserError(f"{folder} is damaged: {name} is not what was exported; {again}")


def _sha(path: pathlib.Path) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def _numpy_dtype(spec: Any):
    return getattr(spec.dtype, "as_numpy_dtype", spec.dtype)
