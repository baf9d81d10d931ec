# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs that are started for a measurement, and ended after it."""
import subprocess
import time

READY_S = 20


def text(log):
    with open(log, encoding="utf-8", errors="replace") as f:
        return f.read()


def wait_ready(popen, ready, seconds=READY_S):
    """Whether ready() becomes true while the process lives."""
    end = time.monotonic() + seconds
    while not ready():
        if popen.poll() is not None or time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def end(popen, *signals, seconds=5):
    """The process gets these signals, and so much time; then it is killed. Nothing if it has ended."""
    if popen.poll() is None:
        for number in signals:
            popen.send_signal(number)
        try:
            popen.wait(seconds)
        except subprocess.TimeoutExpired:
            popen.kill()
    popen.wait()
