"""A camera whose pictures and clock a test gives."""

import queue
import time

from robot_envs.cameras.camera import Camera


class QueuedCamera(Camera):
    """Grabs what was put: a frame, or an error to raise."""

    def __init__(self, settings, clock):
        super().__init__('camera', settings, clock)
        self._queue = queue.Queue()
        self.released = 0
        self._start()

    def put(self, item):
        """Returns when it was taken in."""
        self._queue.put(item)
        self._queue.put(None)
        deadline = time.monotonic() + 5
        while self._queue.qsize() and time.monotonic() < deadline:
            time.sleep(0.001)
        time.sleep(0.01)

    def _grab(self):
        try:
            item = self._queue.get(timeout=0.05)
        except queue.Empty:
            return None
        if isinstance(item, Exception):
            raise item
        return item

    def _release(self):
        self.released += 1
