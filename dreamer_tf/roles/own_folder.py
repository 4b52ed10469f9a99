"""Where a role keeps what it writes."""

from __future__ import annotations

from dreamer_tf.run_folder import RunFolder


def own_folder(folder: RunFolder, role: str, actor: int) -> RunFolder:
    """The folder of a role: the learner's is the run's own, the others' lie in it.

    Raises:
      UserError: it cannot be made.
    """
    if role == "learner":
        return folder
    name = f"actors/{actor}" if role == "actor" else f"{role}_role"
    return RunFolder(str(folder.path / name))
