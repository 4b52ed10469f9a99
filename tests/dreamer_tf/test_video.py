"""GIFs and comparison frames."""
import io

import numpy as np
import pytest
from PIL import Image

from dreamer_tf import video


def test_a_gif_keeps_frames_colours_and_speed():
    frames = np.zeros((4, 8, 12, 3), np.uint8)
    for index, colour in enumerate([(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)]):
        frames[index] = colour
    with Image.open(io.BytesIO(video.encode_gif(frames[[0, 2, 3]], fps=5))) as gif:
        assert (gif.n_frames, gif.size, gif.info['duration'], gif.info['loop']) == (
            3, (12, 8), 200, 0)
        for index, frame in enumerate(frames[[0, 2, 3]]):
            gif.seek(index)
            error = np.abs(np.asarray(gif.convert('RGB')).astype(int) - frame)
            assert error.max() <= 8


@pytest.mark.parametrize('frames', [
    [], [np.zeros((4, 4, 3), np.float32)], [np.zeros((4, 4), np.uint8)],
    [np.zeros((4, 4, 3), np.uint8), np.zeros((4, 5, 3), np.uint8)],
])
def test_frames_of_other_kinds_are_refused(frames):
    with pytest.raises(ValueError, match='frame'):
        video.encode_gif(frames, fps=5)


def test_comparison_shows_truth_prediction_and_difference():
    truth = np.zeros((2, 3, 4, 5, 1), np.float32)
    prediction = np.zeros_like(truth)
    prediction[1, 2] = 1.0
    frames = video.comparison_frames(truth, prediction, context_steps=1, scale=2, border=1)
    assert frames.shape == (3, 2 * (8 + 2), 30 + 2, 3) and frames.dtype == np.uint8
    last = frames[2, 11:19, 1:31]  # second sequence, without its border
    assert (last[:, :10] == 0).all()
    assert (last[:, 10:20] == 255).all()
    assert (last[:, 20:] == 255).all()
    assert (frames[2, 1:9, 21:31] == 128).all()  # the first sequence has no difference
    context, alone = frames[0, 0, 0], frames[1, 0, 0]
    assert context[1] > context[0] and alone[0] > alone[1]  # green, then orange


def test_comparison_needs_equal_shapes():
    with pytest.raises(ValueError, match='truth and prediction'):
        video.comparison_frames(np.zeros((1, 2, 4, 4, 3)), np.zeros((1, 2, 4, 4, 1)), 1)


def test_save_makes_the_folder_and_leaves_nothing_beside(tmp_path):
    video.save(b'GIF', str(tmp_path / 'videos' / 'a.gif'))
    assert [path.name for path in (tmp_path / 'videos').iterdir()] == ['a.gif']
