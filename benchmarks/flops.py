"""The arithmetic of an update, counted from the agent's sizes.

Only matrix products and convolutions count, 2 x rows x inner x columns each; what is done for
each number (LayerNorm, draws, Adam) and sums over channels (also those written as a product with
a vector) do not. A product that is trained through has up to three passes: forward, gradient for
its inputs, gradient for its weights. Data needs no gradient, frozen weights need none, and what
has neither in front of it needs none for its inputs.
"""

from __future__ import annotations

import math
from typing import Iterable, List, NamedTuple, Sequence

import numpy as np

from dreamer_tf.agent import DreamerAgent
from dreamer_tf.behavior import Behavior
from dreamer_tf.layers.decoder import Decoder
from dreamer_tf.layers.encoder import Encoder
from dreamer_tf.layers.rssm import RSSM
from dreamer_tf.world_model import WorldModel


class Product(NamedTuple):
    """A matrix product, or a convolution as one, and how often an update makes it.

    Attributes:
      name: where it is.
      rows: states, or places that a kernel is laid on.
      inner: numbers that are summed.
      columns: outputs.
      passes: 1 for forward, 1 more each for gradients of inputs and of weights.
    """

    name: str
    rows: int
    inner: int
    columns: int
    passes: int

    @property
    def gflop(self) -> float:
        """Billions of multiplications and additions of all passes."""
        return 2e-9 * self.rows * self.inner * self.columns * self.passes


def gflop(products: Iterable[Product]) -> float:
    """Returns the sum over products, in GFLOP."""
    return sum(product.gflop for product in products)


def update_gflop(agent: DreamerAgent, batch_size: int, sequence_length: int) -> float:
    """Returns the GFLOP of one update of world model, actor and critic.

    Args:
      agent: its sizes, gradient and share of starts count.
      batch_size: B.
      sequence_length: T.
    """
    states = batch_size * sequence_length
    model = world_model_products(agent.world_model, batch_size, sequence_length)
    return gflop(model) + gflop(behavior_products(agent.behavior, agent.world_model, states))


def world_model_products(
    world_model: WorldModel, batch_size: int, sequence_length: int
) -> List[Product]:
    """Lists what one update of the world model multiplies.

    Args:
      world_model: its sizes count.
      batch_size: B.
      sequence_length: T.
    """
    rows = batch_size * sequence_length
    trained = {"to_inputs": True, "to_weights": True}
    result = _encoder(world_model.encoder, rows) + _filter(world_model.rssm, rows)
    result += _decoder("decoder", world_model.decoder, rows)
    if world_model.expected_picture is not None:
        result += _expected_picture(world_model.expected_picture, batch_size, sequence_length)
    result += _chain("reward_head", _head(world_model.reward_head), rows, **trained)
    result += _chain("continue_head", _head(world_model.continue_head), rows, **trained)
    return result


def behavior_products(behavior: Behavior, world_model: WorldModel, states: int) -> List[Product]:
    """Lists what one update of actor and critic multiplies.

    Args:
      behavior: its sizes, horizon, gradient and share of starts count.
      world_model: imagined in.
      states: N = B T, states of the batch, of which a share are starts.
    """
    starts = number_of_starts(behavior.start_fraction, states)
    rows = behavior.horizon * starts
    through = behavior.gradient == "dynamics"
    actor = _head(behavior.actor)
    result = _chain("imagine/actor", actor, rows)
    result += _imagination(world_model.rssm, rows, through)
    slow_critic = _head(behavior.slow_critic)
    heads = {name: _head(getattr(world_model, name)) for name in ("reward_head", "continue_head")}
    for name, kernels in {**heads, "slow_critic": slow_critic}.items():
        result += _chain(f"assess/{name}", kernels, rows, to_inputs=through)
    result += _chain("assess/first_value", slow_critic, starts)
    result += _chain("actor", actor, rows, to_weights=True)
    result += _chain("critic", _head(behavior.critic), rows, to_weights=True)
    return result


def number_of_starts(start_fraction: float, states: int) -> int:
    """Returns how many of the batch's states imagination starts from, as `Behavior` rounds."""
    if start_fraction == 1.0:
        return states
    return math.ceil(np.float32(start_fraction) * np.float32(states))


def _head(layer) -> List[Sequence[int]]:
    """Shapes of the kernels of an MLP with an output layer."""
    hidden = [tuple(dense.kernel.shape) for dense in layer.mlp.layers]
    return hidden + [tuple(layer.output_layer.kernel.shape)]


def _chain(
    name: str,
    kernels: Sequence[Sequence[int]],
    rows: int,
    to_inputs: bool = False,
    to_weights: bool = False,
) -> List[Product]:
    """Dense layers in a row; whether gradients flow to the first inputs and to the weights."""
    result = []
    for i, (inner, columns) in enumerate(kernels):
        passes = 1 + to_weights + (to_inputs or to_weights and i > 0)
        result.append(Product(f"{name}/{i}", rows, inner, columns, passes))
    return result


def _encoder(encoder: Encoder, rows: int) -> List[Product]:
    result = []
    size = encoder.shapes[encoder.image_keys[0]][0] if encoder.convs else 0
    for i, conv in enumerate(encoder.convs):
        size = conv.output_size(size)
        height, width, channels, filters = conv.kernel.shape
        inner = height * width * channels
        result.append(
            Product(f"encoder/conv_{i}", rows * size * size, inner, filters, 3 if i else 2)
        )
    if encoder.mlp:
        kernels = [dense.kernel.shape for dense in encoder.mlp.layers]
        result += _chain("encoder/mlp", kernels, rows, to_weights=True)
    return result


def _filter(rssm: RSSM, rows: int) -> List[Product]:
    """`RSSM.observe`: posterior in a loop, prior of all steps at once."""
    logits = rssm.stoch * rssm.classes
    through = 3
    return [
        Product("observe/action", rows, rssm.action_size, rssm.units, 2),  # actions are data
        Product("observe/embedding", rows, rssm.embedding_size, rssm.units, through),
        Product("observe/stoch", rows, logits, rssm.units, through),
        Product("observe/gru", rows, rssm.units + rssm.deter, 3 * rssm.deter, through),
        Product("observe/posterior", rows, rssm.deter, rssm.units, through),
        Product("observe/posterior_logits", rows, rssm.units, logits, through),
        Product("observe/prior", rows, rssm.deter, rssm.units, through),
        Product("observe/prior_logits", rows, rssm.units, logits, through),
        # The mode of the prior at the learned initial state: one row, without gradient.
        Product("observe/initial_prior", 1, rssm.deter, rssm.units, 1),
        Product("observe/initial_prior_logits", 1, rssm.units, logits, 1),
    ]


def _expected_picture(layer, batch_size: int, sequence_length: int) -> List[Product]:
    """Of all pictures without a gradient, and of a share of the sequences with one."""
    kernels = [dense.kernel.shape for dense in layer.mlp.layers]
    rows = batch_size * sequence_length
    taught = number_of_starts(layer.train_share, batch_size) * sequence_length
    result = _chain("expected_picture/mlp", kernels, rows)
    result += _decoder("expected_picture", layer.decoder, rows, passes=1)
    result += _chain("expected_picture/mlp", kernels, taught, to_weights=True)
    return result + _decoder("expected_picture", layer.decoder, taught)


def _decoder(name: str, decoder: Decoder, rows: int, passes: int = 3) -> List[Product]:
    result, size = [], 1
    for i, conv in enumerate(decoder.convs):
        height, width, filters, channels = conv.kernel.shape
        columns, places = height * width * filters, size * size
        if conv.by_phases and size > 1:  # but for that of the inputs, of a padded picture
            padded, of_padded = rows * (size + height // 2 - 1) ** 2, min(passes, 2)
            parts = [("/padded", padded, of_padded), ("", rows * places, passes - of_padded)]
        else:
            parts = [("", rows * places, passes)]
        for part, count, times in parts:
            result.append(Product(f"{name}/conv_{i}{part}", count, channels, columns, times))
        size = conv.output_size(size)
    if decoder.mlp:
        kernels = [dense.kernel.shape for dense in decoder.mlp.layers]
        result += _chain(f"{name}/mlp", kernels, rows, to_inputs=True, to_weights=True)
        for key, output in decoder.outputs.items():
            inner, columns = output.kernel.shape
            result.append(Product(f"{name}/{key}", rows, inner, columns, 3))
    return result


def _imagination(rssm: RSSM, rows: int, through: bool) -> List[Product]:
    """`RSSM.imagine_step` of every step, with a gradient for inputs only (frozen weights)."""
    logits, passes = rssm.stoch * rssm.classes, 1 + through
    return [
        Product("imagine/action", rows, rssm.action_size, rssm.units, passes),
        Product("imagine/stoch", rows, logits, rssm.units, passes),
        Product("imagine/gru", rows, rssm.units + rssm.deter, 3 * rssm.deter, passes),
        Product("imagine/prior", rows, rssm.deter, rssm.units, passes),
        Product("imagine/prior_logits", rows, rssm.units, logits, passes),
    ]
