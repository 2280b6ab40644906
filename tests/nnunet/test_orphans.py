"""What is forked ends with its parent, even one that is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from processes import is_running, wait_for

PARENT = """\
import os, time
from vesalius.adapters.nnunet.orphans import end_with_parent
end_with_parent()
end_with_parent()
child = os.fork()
if child:
    print(child, flush=True)
time.sleep(600)
"""


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
def test_a_child_ends_with_its_parent():
    process = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    child = int(process.stdout.readline())
    time.sleep(1.5)
    assert is_running(child)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    wait_for(lambda: not is_running(child))
