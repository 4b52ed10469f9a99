"""What the world model predicts, for people: videos of images, curves of vectors."""
from __future__ import annotations

import io
import os
import pathlib
from typing import Mapping, Sequence, Tuple

import numpy as np
import tensorflow as tf
from PIL import Image

from dreamer_tf import video

MAX_CURVES = 12


class Summaries:
    """Writes pictures and videos to the videos folder and to TensorBoard."""

    def __init__(self, folder: os.PathLike, writer: tf.summary.SummaryWriter, *, fps: float):
        """Makes the writer.

        Args:
          folder: where the files go; made when first needed.
          writer: TensorBoard writer of the run.
          fps: frames a second of the videos.
        """
        self._folder = pathlib.Path(folder)
        self._writer = writer
        self._fps = fps

    def open_loop(self, predictions: Mapping[str, Tuple[np.ndarray, np.ndarray]],
                  context_steps: int, env_steps: int) -> None:
        """Writes what the world model predicts without looking.

        Args:
          predictions: for each observation key the truth and the prediction, float32
            (B, T, height, width, C) in [0, 1] for images, (B, T, N) for vectors.
          context_steps: the first steps, which the model has seen.
          env_steps: for the names of the files and the axis of TensorBoard.

        Raises:
          OSError: a file cannot be written.
        """
        for key, (truth, prediction) in predictions.items():
            truth, prediction = np.asarray(truth), np.asarray(prediction)
            name = 'open_loop_{}'.format(key)
            if truth.ndim == 5:
                frames = video.comparison_frames(truth, prediction, context_steps)
                self.film(name, list(frames), env_steps)
            else:
                picture = curves_picture(truth[0], prediction[0], context_steps, key)
                video.save(picture, self._path(name, env_steps, 'png'))
                self._image(name, picture, env_steps)

    def film(self, name: str, frames: Sequence[np.ndarray], env_steps: int) -> None:
        """Writes frames, N x uint8 (height, width, 3), as an animated GIF.

        Raises:
          OSError: the file cannot be written.
        """
        data = video.encode_gif(frames, self._fps)
        video.save(data, self._path(name, env_steps, 'gif'))
        self._image(name, data, env_steps)

    def _path(self, name: str, env_steps: int, ending: str) -> pathlib.Path:
        return self._folder / '{}_{:08d}.{}'.format(name, env_steps, ending)

    def _image(self, name: str, data: bytes, env_steps: int) -> None:
        # tf.summary.image would store a still; the browser animates a GIF that is stored as it is.
        height, width = _size_of(data)
        image = tf.compat.v1.Summary.Image(height=height, width=width, colorspace=3,
                                           encoded_image_string=data)
        summary = tf.compat.v1.Summary(value=[tf.compat.v1.Summary.Value(tag=name, image=image)])
        with self._writer.as_default():
            tf.summary.experimental.write_raw_pb(summary.SerializeToString(), step=env_steps)


def curves_picture(truth: np.ndarray, prediction: np.ndarray, context_steps: int,
                   title: str) -> bytes:
    """Returns a PNG with one small plot a component: truth, prediction, end of the context.

    Args:
      truth: float32 (T, N).
      prediction: float32 (T, N).
      context_steps: steps that the model has seen.
      title: stands above.
    """
    from matplotlib.figure import Figure  # half a second, only for robots with vectors
    count = min(truth.shape[-1], MAX_CURVES)
    columns = min(count, 3)
    rows = -(-count // columns)
    figure = Figure(figsize=(3.2 * columns, 1.7 * rows + 0.5), dpi=90)
    for index in range(count):
        axes = figure.add_subplot(rows, columns, index + 1)
        axes.plot(truth[:, index], color='black', linewidth=1, label='truth')
        axes.plot(prediction[:, index], color='tab:orange', linewidth=1, label='model')
        axes.axvline(context_steps - 0.5, color='tab:green', linewidth=0.8)
        axes.tick_params(labelsize=6)
    figure.axes[0].legend(fontsize=6, frameon=False)
    figure.suptitle('{}: predicted without looking after the green line'.format(title),
                    fontsize=9)
    figure.tight_layout()
    buffer = io.BytesIO()
    figure.savefig(buffer, format='png')
    return buffer.getvalue()


def _size_of(data: bytes) -> Tuple[int, int]:
    with Image.open(io.BytesIO(data)) as picture:
        return picture.height, picture.width
