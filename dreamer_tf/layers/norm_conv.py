"""Strided convolutions with LayerNorm over channels and ELU."""

from __future__ import annotations

import keras
import tensorflow as tf

from dreamer_tf.math.norm_act import centre, norm_act
from dreamer_tf.math.product import rounded
from dreamer_tf.math.wide_rows import shift

STRIDE = 2
_FEW_FILTERS = 8


@keras.saving.register_keras_serializable("dreamer_tf")
class NormConv(keras.layers.Layer):
    """Convolution of stride 2, up or down, valid padding; LayerNorm and ELU if asked for.

    Args:
      filters: output channels.
      kernel_size: height and width of the kernel.
      transposed: False halves the picture, True doubles it.
      normalise: LayerNorm and ELU; else a bias is all that follows.
      **kwargs: of `keras.layers.Layer`.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int,
        transposed: bool = False,
        normalise: bool = True,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.filters = filters
        self.kernel_size = kernel_size
        self.transposed = transposed
        self.normalise = normalise

    def build(self, input_shape):
        window = (self.kernel_size, self.kernel_size)
        channels = (input_shape[-1], self.filters)
        self.kernel = self.add_weight(
            "kernel",
            window + (channels[::-1] if self.transposed else channels),
            initializer="glorot_uniform",
        )
        if self.normalise:
            self.scale = self.add_weight("scale", (self.filters,), initializer="ones")
        self.offset = self.add_weight("offset", (self.filters,), initializer="zeros")
        super().build(input_shape)

    @property
    def by_phases(self) -> bool:
        """Whether it is computed as a convolution of stride 1 for each phase of the output."""
        few = self.filters < _FEW_FILTERS and self.kernel_size % STRIDE == 0
        return self.transposed and few

    def output_size(self, size: int) -> int:
        """Height or width of the output for that of the input."""
        if self.transposed:
            return (size - 1) * STRIDE + self.kernel_size
        return (size - self.kernel_size) // STRIDE + 1

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Maps (N, height, width, channels) to (N, height', width', filters)."""
        kernel = tf.convert_to_tensor(self.kernel)
        if self.normalise:
            kernel = centre(kernel, 2 if self.transposed else 3)
        kernel = tf.cast(kernel, self.compute_dtype)
        offset = tf.cast(self.offset, self.compute_dtype)
        x = self._convolve(rounded(tf.cast(inputs, self.compute_dtype)), rounded(kernel))
        x = tf.cast(x, self.compute_dtype)
        if not self.normalise:
            return shift(x, offset)
        return norm_act(x, tf.cast(self.scale, self.compute_dtype), offset)

    def _convolve(self, x, kernel):
        if not self.transposed:
            return tf.nn.conv2d(x, kernel, STRIDE, "VALID")
        height, width = (self.output_size(size) for size in x.shape[1:3])
        if x.shape[1:3] == (1, 1):
            y = _from_one_pixel(x, kernel)
        elif self.by_phases:
            y = _by_phases(x, kernel)
        else:
            shape = [tf.shape(x)[0], height, width, self.filters]
            y = tf.nn.conv2d_transpose(x, kernel, shape, STRIDE, "VALID")
        return tf.ensure_shape(y, [None, height, width, self.filters])

    def get_config(self):
        names = ("filters", "kernel_size", "transposed", "normalise")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


def _from_one_pixel(x, kernel):
    """Transposed convolution of a 1 x 1 picture: a matrix product, three times faster."""
    height, width, filters, channels = kernel.shape
    product = tf.matmul(x[:, 0, 0], tf.reshape(kernel, [-1, channels]), transpose_b=True)
    return tf.reshape(product, [-1, height, width, filters])


def _by_phases(x, kernel):
    """Transposed convolution as one of stride 1 whose channels are the phases of the output.

    The same products in another order (Shi et al., arXiv 1609.07009): y[2 i + p] is the sum over
    a of x[i - a] kernel[2 a + p].
    """
    size, _, filters, channels = kernel.shape
    half = size // STRIDE
    taps = tf.reshape(kernel, [half, STRIDE, half, STRIDE, filters, channels])
    taps = tf.transpose(taps[::-1, :, ::-1], [0, 2, 5, 1, 3, 4])
    taps = tf.reshape(taps, [half, half, channels, STRIDE * STRIDE * filters])
    phases = _full_convolution(x, taps)
    height, width = phases.shape[1:3]
    # `tf.nn.depth_to_space`, three times faster.
    rows = tf.reshape(phases, [-1, height, width, STRIDE, STRIDE * filters])
    rows = tf.transpose(rows, [0, 1, 3, 2, 4])
    return tf.reshape(rows, [-1, STRIDE * height, STRIDE * width, filters])


@tf.custom_gradient
def _full_convolution(x, taps):
    """Convolution of stride 1 with every place where the taps touch ``x``.

    The gradient of ``x`` alone is a plain convolution; TensorFlow's would be that of the padded
    ``x``, in twice the time.
    """
    margin = [taps.shape[0] - 1] * 2
    padded = tf.pad(x, [[0, 0], margin, margin, [0, 0]])

    def grad(dy):
        turned = tf.transpose(taps[::-1, ::-1], [0, 1, 3, 2])
        d_taps = tf.raw_ops.Conv2DBackpropFilter(
            input=padded,
            filter_sizes=taps.shape,
            out_backprop=dy,
            strides=[1, 1, 1, 1],
            padding="VALID",
        )
        return tf.nn.conv2d(dy, turned, 1, "VALID"), d_taps

    return tf.nn.conv2d(padded, taps, 1, "VALID"), grad
