"""A loop over time whose every state is kept."""

from __future__ import annotations

from typing import Any, Callable, Union

import tensorflow as tf


def time_length(x: tf.Tensor) -> Union[int, tf.Tensor]:
    """Returns T of (B, T, ...): a number where it is known, else an int32 scalar."""
    return tf.shape(x)[1] if x.shape[1] is None else x.shape[1]


def scan(
    step: Callable[[tf.Tensor, Any, Any], Any],
    initial: Any,
    inputs: Any,
    length: Union[int, tf.Tensor],
    unroll: bool = False,
) -> Any:
    """Applies ``step`` over time and stacks the states that it returns.

    Args:
      step: (t, state, input at t) -> next state, of the structure of ``initial``.
      initial: nest of tensors, the state before the first step.
      inputs: nest of tensors (T, ...), time first.
      length: T, from `time_length`.
      unroll: True writes every step into the graph (a little faster to run, 2-3
        times slower to start), False uses a ``tf.while_loop``, and so does a T that is known
        only when the graph runs.

    Returns:
      Nest like ``initial``, each tensor (T, ...): the states after each step.
    """
    if unroll and isinstance(length, int):
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
