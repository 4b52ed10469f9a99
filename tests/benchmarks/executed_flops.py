"""Counts what a compiled function really multiplied, from a trace of its execution."""

import collections
import math
import pathlib
import re
import tempfile

import tensorflow as tf
from tensorflow.core.framework import node_def_pb2
from tensorflow.python.eager import context
from tensorflow.tsl.profiler.protobuf import xplane_pb2


def executed_flops(function, *arguments):
    """Floating-point operations of all matrix products and convolutions of one call.

    Every operation that ran is counted as often as it ran (loops included) with the shapes that
    it ran with; products with a vector that `tf.linalg.matvec` made are left out, being sums
    over channels.

    Args:
      function: a `tf.function` that was not called yet.
      *arguments: of the call.
    """
    with context.collect_graphs() as graphs:
        function(*arguments)
    nodes = {node.name: node for graph in graphs for node in graph.node}
    total = 0
    for (name, shapes), times in _executed(function, arguments).items():
        if "MatVec" not in name:
            total += times * _flops(nodes[name], shapes, nodes)
    return total


def _executed(function, arguments):
    """(name of the operation, shapes of its inputs) -> times."""
    with tempfile.TemporaryDirectory() as folder:
        options = tf.profiler.experimental.ProfilerOptions(
            host_tracer_level=3, python_tracer_level=0, device_tracer_level=0
        )
        with tf.profiler.experimental.Profile(folder, options):
            function(*arguments)
        (file,) = pathlib.Path(folder).rglob("*.xplane.pb")
        space = xplane_pb2.XSpace.FromString(file.read_bytes())
    counts = collections.Counter()
    for plane in space.planes:
        is_shape = lambda stat, names=plane.stat_metadata: names[stat.metadata_id].name == "shape"
        for event in (event for line in plane.lines for event in line.events):
            name, _, kind = plane.event_metadata[event.metadata_id].name.rpartition(":")
            if re.fullmatch(r"_?(Mkl)?(Native)?(_?Fused)?(Batch)?(MatMul|Conv2D)\w*", kind):
                (text,) = [_text(stat, plane) for stat in event.stats if is_shape(stat)]
                counts[name, _shapes(text)] += 1
    return counts


def _text(stat, plane):
    return stat.str_value or plane.stat_metadata[stat.ref_value].name


def _shapes(text):
    """'(float[3,4];int32[2])' -> ((3, 4), (2,))"""
    numbers = re.findall(r"\w+\[([\d,]*)\]", text)
    return tuple(tuple(int(n) for n in part.split(",") if n) for part in numbers)


def _flops(node: node_def_pb2.NodeDef, shapes, nodes):
    if "MatMul" in node.op:
        return _matmul(node, *shapes[:2])
    if "BackpropInput" in node.op:
        _, kernel, rows = shapes
    elif "BackpropFilter" in node.op:
        rows = shapes[2]
        kernel = tf.make_ndarray(nodes[node.input[1]].attr["value"].tensor)
    else:
        (batch, *size, _), kernel = shapes
        _, stride, _, _ = node.attr["strides"].list.i
        rows = (batch, *((n - k) // stride + 1 for n, k in zip(size, kernel)))
    return 2 * math.prod(int(n) for n in kernel) * math.prod(rows[:3])


def _matmul(node, left, right):
    flipped = node.attr["transpose_a"].b or node.attr["adj_x"].b
    columns = right[-2] if node.attr["transpose_b"].b or node.attr["adj_y"].b else right[-1]
    assert left[-2 if flipped else -1] * columns == right[-1] * right[-2], node
    return 2 * math.prod(left) * columns
