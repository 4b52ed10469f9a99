"""What is benchmarked: robots, presets and the settings that they stand for."""

from __future__ import annotations

from typing import Dict, List, NamedTuple, Sequence, Tuple

GRADIENTS = ("dynamics", "reinforce")

_BFLOAT16 = ("make_agent.precision = 'bfloat16_products'",)


class Preset(NamedTuple):
    """A gin file and what is set beside it.

    Attributes:
      file: name of the gin file; what it means for a robot is read behind it, see
        `dreamer_tf.config.files_of_run`.
      bindings: lines of gin.
      beside: gin files that are read behind it.
    """

    file: str
    bindings: Tuple[str, ...] = ()
    beside: Tuple[str, ...] = ()

    @property
    def files(self) -> Tuple[str, ...]:
        """The names for `--gin_file`."""
        return (self.file, *self.beside)


PRESETS: Dict[str, Preset] = {
    "debug": Preset("debug"),
    "small": Preset("small"),
    # Every state of the batch is a start of imagination, as in the paper.
    "small_all_starts": Preset("small", ("Behavior.start_fraction = 1.0",)),
    "small_cnn16": Preset("small", ("Encoder.cnn_depth = 16", "Decoder.cnn_depth = 16")),
    "small_v3": Preset("small", beside=("v3",)),
    "small_bfloat16": Preset("small", _BFLOAT16),
    "paper": Preset("paper"),
    "paper_bfloat16": Preset("paper", _BFLOAT16),
}


def gin_bindings(preset: str, gradient: str, more: Sequence[str] = ()) -> List[str]:
    """Returns the lines of gin beside the file; those in `more` win."""
    return [*PRESETS[preset].bindings, f"Behavior.gradient = '{gradient}'", *more]
