"""Refuses a table that is not the one asked for."""

from __future__ import annotations

import reverb

from dreamer_tf.errors import UserError


def refuse_other_table(
    asked: reverb.reverb_types.TableInfo, found: reverb.reverb_types.TableInfo, where: str
) -> None:
    """Compare the table that was asked for with the one that a server really has.

    A restored table brings back all its old settings, whatever was asked for, and a server at a
    given address has its own. How many items sampling waits for may differ: `ReplayRatio.of_table`
    asks the server.

    Args:
      asked: `make_replay_table(...).info`.
      found: `table_info(client)`.
      where: words for the message, like "at localhost:8000".

    Raises:
      UserError: keys, shapes, dtypes, capacity or samples per insert differ; it names them all.
    """
    differences = signature_differences(asked.signature, found.signature)
    if asked.max_size != found.max_size:
        differences.append(f"capacity {found.max_size} items (asked: {asked.max_size})")
    old, new = (info.rate_limiter_info for info in (found, asked))
    if (old.samples_per_insert, old.min_diff) != (new.samples_per_insert, new.min_diff):
        differences.append(
            f"{old.samples_per_insert:g} samples per insert (asked: {new.samples_per_insert:g})"
        )
    if differences:
        raise UserError(
            f"the replay {where} was made with other settings: "
            f"{'; '.join(differences)}: use the old settings, or another replay"
        )


def signature_differences(asked: dict, found: dict) -> list[str]:
    """One phrase for every key whose dtype or shape differs between two signatures."""

    def phrase(spec) -> str:
        return "absent" if spec is None else f"{spec.dtype.name} {tuple(spec.shape)}"

    return [
        f"'{key}' {phrase(found.get(key))} (asked: {phrase(asked.get(key))})"
        for key in sorted(set(asked) | set(found))
        if phrase(asked.get(key)) != phrase(found.get(key))
    ]
