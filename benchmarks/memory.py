"""The most memory that a process has used."""

from __future__ import annotations

import re
from typing import Union


def peak_rss_mb(pid: Union[int, str] = "self") -> float:
    """Returns the peak resident memory of a running process since it began, in 1e6 bytes.

    Not from `getrusage`: its figure starts with that of the program that started this one.

    Args:
      pid: of the process.

    Raises:
      OSError: there is no such process, or this is no Linux.
    """
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return int(re.search(r"VmHWM:\s+(\d+) kB", file.read()).group(1)) * 1024 / 1e6
