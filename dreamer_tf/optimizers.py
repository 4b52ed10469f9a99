"""Adam as DayDreamer uses it, and the step that it takes."""

from __future__ import annotations

from typing import Sequence

import keras
import tensorflow as tf

from dreamer_tf.replicas import in_replicas, mean_over_replicas


def make_optimizer(
    variables: Sequence[tf.Variable],
    learning_rate: float = 1e-4,
    epsilon: float = 1e-6,
    clip_norm: float = 100.0,
    weight_decay: float = 1e-2,
    loss_scaling: bool = False,
) -> keras.optimizers.Optimizer:
    """Adam with global-norm clipping and decoupled weight decay on kernels, ready to use.

    Args:
      variables: what it will train; kernels are those named so.
      learning_rate: of Adam; the decay of a step is learning_rate * weight_decay.
      epsilon: of Adam.
      clip_norm: largest global norm of the gradient.
      weight_decay: 0 for none.
      loss_scaling: dynamic loss scaling, needed by float16.

    Returns:
      An optimizer with all of its variables made.
    """
    optimizer = keras.optimizers.Adam(
        learning_rate,
        epsilon=epsilon,
        global_clipnorm=clip_norm,
        weight_decay=weight_decay or None,
    )
    decay_only_kernels(optimizer, variables)
    if loss_scaling:
        optimizer = keras.mixed_precision.LossScaleOptimizer(optimizer)
    optimizer.build(list(variables))
    return optimizer


def decay_only_kernels(
    optimizer: keras.optimizers.Optimizer, variables: Sequence[tf.Variable]
) -> None:
    """Takes all but kernels out of the weight decay of an optimizer that is not built yet.

    Args:
      optimizer: of Keras; one with loss scaling, or without decay, will do too.
      variables: what it will train; kernels are those named so.
    """
    optimizer = getattr(optimizer, "inner_optimizer", optimizer)
    if optimizer.weight_decay:
        optimizer.exclude_from_weight_decay([v for v in variables if "kernel" not in v.name])


def minimise(
    optimizer: keras.optimizers.Optimizer,
    tape: tf.GradientTape,
    loss: tf.Tensor,
    variables: Sequence[tf.Variable],
) -> tf.Tensor:
    """One step of ``optimizer`` down ``loss``, with loss scaling where it is in use.

    Replicas make the step of their mean gradient: it is what is clipped, and what must be finite.

    Args:
      optimizer: from `make_optimizer`.
      tape: that recorded ``loss``.
      loss: () float32.
      variables: to train.

    Returns:
      () global norm of the gradient before clipping.
    """
    scaled = isinstance(optimizer, keras.mixed_precision.LossScaleOptimizer)
    if scaled:
        with tape:
            loss = optimizer.get_scaled_loss(loss)
    gradients = tape.gradient(loss, variables)
    if scaled:
        gradients = optimizer.get_unscaled_gradients(gradients)
    gradients = mean_over_replicas(gradients)
    norm = tf.linalg.global_norm(gradients)
    # Keras would add up over the replicas what is the same in all of them by now.
    reduced = {"skip_gradients_aggregation": True} if in_replicas() else {}
    optimizer.apply_gradients(zip(gradients, variables), **reduced)
    return norm
