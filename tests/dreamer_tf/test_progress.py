"""The progress line, on a terminal and in a file."""
import io

from dreamer_tf.progress import Progress


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_file_gets_a_plain_line_now_and_then():
    clock, stream = Clock(), io.StringIO()
    progress = Progress(1000, total_updates=500, stream=stream, clock=clock)
    for step in range(1, 31):
        clock.now = step
        progress.update(10 * step, 5 * step, None if step < 20 else -3.5)
    assert stream.getvalue().splitlines() == [
        'step 100/1,000 | update 50 | 10.0 steps/s 5.0 updates/s | return - | left 0:01:30',
        'step 200/1,000 | update 100 | 10.0 steps/s 5.0 updates/s | return -3.50 | left 0:01:20',
        'step 300/1,000 | update 150 | 10.0 steps/s 5.0 updates/s | return -3.50 | left 0:01:10',
    ]


def test_without_updates_the_steps_tell_the_time_left():
    clock, stream = Clock(), io.StringIO()
    progress = Progress(7300, total_updates=50, start=100, stream=stream, clock=clock)
    clock.now = 10.0
    progress.update(120, 0, None)
    assert stream.getvalue().endswith('2.0 steps/s 0.0 updates/s | return - | left 0:59:50\n')


def test_a_terminal_gets_one_line_and_messages_stay_whole():
    stream = Terminal()
    progress = Progress(100, total_updates=10, stream=stream)
    progress.update(50, 5, 1.0)
    progress.say('a message')
    progress.close()
    progress.close()
    text = stream.getvalue()
    assert 'step 50/100 | update 5' in text and '\r' in text
    assert any(line.strip('\r').endswith('a message') for line in text.splitlines())
