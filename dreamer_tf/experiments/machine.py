"""On what a run was made: machine and packages."""
from __future__ import annotations

import os
import platform
from importlib import metadata
from typing import Any, Dict

PACKAGES = ('dreamer_tf', 'tensorflow', 'tensorflow-cpu', 'keras', 'tensorflow-probability',
            'tf-agents', 'dm-reverb', 'gin-config', 'numpy', 'mujoco')


def describe() -> Dict[str, Any]:
    """Returns processor, cores that may be used, memory in GB, system, and package versions."""
    versions = {'python': platform.python_version()}
    for name in PACKAGES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    memory = os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES')
    return {'processor': _processor(), 'cores': len(os.sched_getaffinity(0)),
            'memory_gb': round(memory / 1e9, 1), 'system': platform.platform(),
            'packages': versions}


def _processor() -> str:
    try:
        with open('/proc/cpuinfo', encoding='utf-8') as file:
            for line in file:
                if line.startswith('model name'):
                    return line.split(':', 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
