"""One update on several devices: each replica of the agent learns from its rows of the batch.

A strategy of `tf.distribute` keeps a copy of every variable on each device. Our variables have no
aggregation of their own, so an assignment in a replica goes to its own copy: the copies stay the
same because what is assigned is made of numbers that all replicas share. Whatever is a mean over
the batch and ends in a variable therefore goes through `mean_over_replicas`, gradients too. Without
a strategy all this does nothing, at no cost: it is decided while the graph is made.
"""

from __future__ import annotations

import contextlib
from typing import Any, Callable, ContextManager, Dict, Optional, Sequence, Tuple

import tensorflow as tf

from dreamer_tf.errors import UserError


def check_devices(devices: Optional[Sequence[str]], batch_size: int) -> None:
    """Checks what a person wrote as devices, without TensorFlow; `scope_on` looks for them.

    Raises:
      UserError: they are no names, or the sequences of a batch cannot be split evenly over them.
    """
    if devices is None:
        return
    if not isinstance(devices, (list, tuple)) or not all(isinstance(x, str) for x in devices):
        raise UserError(
            f"Trainer.devices must be names such as ('GPU:0', 'GPU:1'), not {devices!r}"
        )
    if devices and batch_size % len(devices):
        raise UserError(
            f"Trainer.batch_size={batch_size} cannot be split evenly over the {len(devices)} "
            "devices of Trainer.devices"
        )


def scope_on(devices: Optional[Sequence[str]]) -> ContextManager:
    """Returns a context in which an agent is made that trains on these devices.

    Call it before TensorFlow does anything: ``CPU:1`` and further ones, for trying things out,
    come from splitting the processor, which TensorFlow only does at its start.

    Args:
      devices: names such as ``GPU:0``, each once; None is for one device of TensorFlow's choice.

    Raises:
      UserError: a device is not there, or named twice.
    """
    if devices is None:
        return contextlib.nullcontext()
    wanted = [name.upper() for name in devices]
    if not wanted or len(set(wanted)) < len(wanted):
        raise UserError(f"Trainer.devices must name devices, each once, not {tuple(devices)}")
    _split_processor(sum(name.startswith("CPU") for name in wanted))
    there = [device.name.rpartition("/device:")[2] for device in tf.config.list_logical_devices()]
    missing = [name for name in wanted if name not in there]
    if missing:
        raise UserError(
            f"Trainer.devices: there is no device {', '.join(missing)} here; there is "
            f"{', '.join(there)}"
        )
    only_gpus = all(name.startswith("GPU") for name in wanted)
    reduction = None if only_gpus else tf.distribute.ReductionToOneDevice()
    return tf.distribute.MirroredStrategy(wanted, reduction).scope()


def _split_processor(count: int) -> None:
    if count > 1:
        processor = tf.config.list_physical_devices("CPU")[0]
        parts = [tf.config.LogicalDeviceConfiguration()] * count
        # Too late when TensorFlow has begun: what is missing then is told by the caller.
        with contextlib.suppress(RuntimeError):
            tf.config.set_logical_device_configuration(processor, parts)


def in_replicas() -> bool:
    """Tells whether the code that runs (or is traced) is that of one of several replicas."""
    context = tf.distribute.get_replica_context()
    return context is not None and context.num_replicas_in_sync > 1


def replica_number() -> Tuple[int, ...]:
    """Returns (number of this replica,), or () where there are not several: for `make_seed`."""
    return (tf.distribute.get_replica_context().replica_id_in_sync_group,) if in_replicas() else ()


def mean_over_replicas(nest: Any) -> Any:
    """Returns the mean over the replicas of each tensor; the tensors themselves without any.

    All replicas must get here, and not inside of a loop or a `tf.cond`.

    Args:
      nest: of float tensors, of the same shapes in each replica.
    """
    if not in_replicas():
        return nest
    return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.MEAN, nest)


def split_over_replicas(step: Callable[[Dict[str, tf.Tensor]], Any]) -> Callable[..., Any]:
    """Returns ``step`` as it runs under the strategy in whose scope this is called.

    Args:
      step: takes a batch (B, ...), gives a nest of float scalars.

    Returns:
      ``step`` itself without a strategy; else a function like it whose replicas get B / R rows of
      the batch each, in their order, and which returns the means of what they give. It raises
      ValueError for a B that R does not divide.
    """
    if not tf.distribute.has_strategy():
        return step
    strategy = tf.distribute.get_strategy()
    count = strategy.num_replicas_in_sync

    def step_of_replica(batch):
        number = tf.distribute.get_replica_context().replica_id_in_sync_group
        # The batch is on the host: only its rows go to the replica's device.
        with tf.device("CPU:0"):
            rows = {key: _part(value, number, count) for key, value in batch.items()}
        return mean_over_replicas(step(rows))

    def step_of_all(batch):
        results = strategy.run(step_of_replica, (dict(batch),))
        return tf.nest.map_structure(lambda x: strategy.experimental_local_results(x)[0], results)

    return step_of_all


def _part(value: tf.Tensor, number: int, count: int) -> tf.Tensor:
    size = value.shape[0]
    if size is None or size % count:
        raise ValueError(f"a batch of {size} sequences cannot be split over {count} devices")
    size //= count
    return value[number * size : (number + 1) * size]
