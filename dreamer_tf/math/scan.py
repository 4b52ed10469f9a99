"""A loop over time whose every state is kept."""

from __future__ import annotations

from typing import Any, Callable

import tensorflow as tf


def scan(
    step: Callable[[tf.Tensor, Any, Any], Any],
    initial: Any,
    inputs: Any,
    length: int,
    unroll: bool = False,
) -> Any:
    """Applies ``step`` over time and stacks the states that it returns.

    Args:
      step: (t, state, input at t) -> next state, of the structure of ``initial``.
      initial: nest of tensors, the state before the first step.
      inputs: nest of tensors (T, ...), time first.
      length: T, static.
      unroll: True writes every step into the graph (a little faster to run, 2-3
        times slower to start), False uses a ``tf.while_loop``.

    Returns:
      Nest like ``initial``, each tensor (T, ...): the states after each step.
    """
    if unroll:
        states, state = [], initial
        for t in range(length):
            state = step(tf.constant(t), state, tf.nest.map_structure(lambda x, t=t: x[t], inputs))
            states.append(tf.nest.flatten(state))
        return tf.nest.pack_sequence_as(initial, [tf.stack(xs) for xs in zip(*states)])

    arrays = [
        tf.TensorArray(x.dtype, length, element_shape=x.shape) for x in tf.nest.flatten(initial)
    ]
    sources = [tf.TensorArray(x.dtype, length).unstack(x) for x in tf.nest.flatten(inputs)]

    def body(t, state, arrays):
        at_t = tf.nest.pack_sequence_as(inputs, [source.read(t) for source in sources])
        state = step(t, state, at_t)
        arrays = [a.write(t, x) for a, x in zip(arrays, tf.nest.flatten(state))]
        return t + 1, state, arrays

    _, _, arrays = tf.while_loop(
        lambda t, *_: t < length,
        body,
        (tf.constant(0), initial, arrays),
        parallel_iterations=1,
        maximum_iterations=length,
    )
    return tf.nest.pack_sequence_as(initial, [a.stack() for a in arrays])
