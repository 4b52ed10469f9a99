"""No role survives its launcher, whatever it is busy with."""

import subprocess
import sys
import time

_LAUNCHER = """
import os, subprocess, sys
role = subprocess.Popen([sys.executable, "-c", sys.argv[1]], stdout=subprocess.PIPE,
                        env={**os.environ, "DREAMER_TF_LAUNCHER": str(os.getpid())})
role.stdout.readline()
print(role.pid, flush=True)
"""

_ROLE_THAT_DOES_NOT_LISTEN = """
import signal, time
from dreamer_tf.roles import launcher_watch
signal.signal(signal.SIGTERM, signal.SIG_IGN)
launcher_watch.GRACE_SECONDS = 1
launcher_watch.watch_launcher()
print("watching", flush=True)
time.sleep(60)
"""


def test_who_does_not_listen_is_ended():
    words = [sys.executable, "-c", _LAUNCHER, _ROLE_THAT_DOES_NOT_LISTEN]
    began = time.monotonic()
    # The pipe to the role's standard error closes when the role is gone.
    launcher = subprocess.run(words, capture_output=True, text=True, timeout=50)
    assert launcher.returncode == 0 and int(launcher.stdout)
    assert time.monotonic() - began < 40
