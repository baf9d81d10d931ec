# SPDX-License-Identifier: GPL-2.0-or-later
"""CPU time, from the kernel's own accounts."""
import os
import time


def thread_s(pid, tid):
    """Seconds on a core: the first number of schedstat, in nanoseconds."""
    with open(f"/proc/{pid}/task/{tid}/schedstat", encoding="ascii") as f:
        return int(f.read().split()[0]) / 1e9


def process_s(pid):
    total = 0.0
    for tid in os.listdir(f"/proc/{pid}/task"):
        try:
            total += thread_s(pid, tid)
        except OSError:  # ended meanwhile
            continue
    return total


def core_s(core):
    """Seconds since boot that the core idled, and that the hypervisor took from it."""
    ticks = os.sysconf("SC_CLK_TCK")
    with open("/proc/stat", encoding="ascii") as f:
        for line in f:
            if line.startswith(f"cpu{core} "):
                fields = [int(w) for w in line.split()[1:]]
                return (fields[3] + fields[4]) / ticks, fields[7] / ticks
    raise ValueError(f"no core {core}")


def softirq_thread(core):
    """The kernel thread that works a core's soft interrupts when there are many."""
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/comm", encoding="ascii", errors="replace") as f:
                    if f.read().strip() == f"ksoftirqd/{core}":
                        return int(entry)
            except OSError:  # ended meanwhile
                continue
    raise ValueError(f"no ksoftirqd/{core}")


class Account:
    """What was used between making it and stop()."""

    def __init__(self, pids, core):
        self.pids, self.core = [*pids, softirq_thread(core)], core
        self.before = self._now()

    def _now(self):
        return time.monotonic(), [process_s(pid) for pid in self.pids], core_s(self.core)

    def stop(self):
        after = self._now()
        wall = after[0] - self.before[0]
        idle, stolen = (a - b for a, b in zip(after[2], self.before[2]))
        return {
            "wall_s": wall,
            "cpu_s": sum(after[1]) - sum(self.before[1]),
            "core_busy_s": max(0.0, wall - idle - stolen),
            "core_stolen_s": stolen,
        }
