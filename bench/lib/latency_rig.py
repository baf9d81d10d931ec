# SPDX-License-Identifier: GPL-2.0-or-later
"""The relay, a mirror in its place, and the generator: started on their cores, and one run of them."""
import json
import os
import signal
import subprocess
import sys
import time

import running

# The far end must have seen the generator leave before it is stopped: the memif driver takes the shared memory
# away from under a thread that stands within a burst.
LEAVE_S = 0.3

VERIFY_EVERY = 61  # a prime, so that it meets packets of every stream
FRAME = 256  # bytes of memory that a packet made ahead takes
AHEAD_MOST = 8_000_000

CONFIG = """media_socket: {folder}/media.sock
workers: {{count: 1, cores: [{core}], idle: poll}}
max_sessions: {sessions}
interfaces:
  - name: voice
    device: phones
    kind: memif
    memif: {{socket: {folder}/relay.sock}}
    addresses: [198.18.0.1, 198.18.0.2, 198.18.0.3, 198.18.0.4]
    media_ports: 10000-65535
"""


def ahead_most():
    """Packets that may be made ahead: at most half of the memory that is free."""
    with open("/proc/meminfo", encoding="ascii") as f:
        free = next(int(line.split()[1]) for line in f if line.startswith("MemAvailable"))
    return max(10_000, min(AHEAD_MOST, free * 1024 // 2 // FRAME))


def priority_of(wanted, cores):
    """
    (what is asked for, what that is called). With SCHED_FIFO on every core that there is, nothing else of the
    machine could run, and so the kernel takes each core away for up to 50 ms a second: worse than what it
    prevents. So it is for machines that have more cores than the two.
    """
    if wanted == "auto":
        wanted = "fifo" if os.cpu_count() > len(cores) else "nice"
    try:
        if wanted == "fifo":
            policy = os.sched_getscheduler(0), os.sched_getparam(0)
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
            os.sched_setscheduler(0, *policy)
        elif wanted == "nice" and os.geteuid() != 0 and os.getpriority(os.PRIO_PROCESS, 0) > -20:
            raise PermissionError
    except PermissionError:
        return "none", f"usual ({wanted} is not allowed)"
    return wanted, {"fifo": "SCHED_FIFO", "nice": "nice -20", "none": "usual"}[wanted]


def niced(words, priority):
    return ["nice", "-n", "-20", *words] if priority == "nice" else words


class FarEnd:
    """A process at the other end of a memif: the data plane, or a mirror; thread: the one that works."""

    def __init__(self, name, command, log, thread, priority):
        self.name, self.log = name, log
        with open(log, "w", encoding="utf-8") as f:
            self.process = subprocess.Popen(niced(command, priority), stdout=f, stderr=f)
        if not running.wait_ready(self.process, lambda: "READY" in self.text()):
            self.stop()
            sys.exit(f"latency: {name} did not start:\n{self.text()}")
        self.tid = self.thread(thread) if thread else self.process.pid
        if priority == "fifo":
            os.sched_setscheduler(self.tid, os.SCHED_FIFO, os.sched_param(1))

    def text(self):
        return running.text(self.log)

    def thread(self, name):
        for tid in os.listdir(f"/proc/{self.process.pid}/task"):
            with open(f"/proc/{self.process.pid}/task/{tid}/comm", encoding="utf-8") as f:
                if f.read().strip() == name:
                    return int(tid)
        return sys.exit(f"latency: {self.name} has no thread {name}")

    def must_live(self):
        if self.process.poll() is not None:
            sys.exit(f"latency: {self.name} has ended ({self.process.returncode}):\n{self.text()}")

    def account(self):
        """(µs that the working thread waited for its core, times that it was put off it)."""
        task = f"/proc/{self.process.pid}/task/{self.tid}"
        with open(f"{task}/schedstat", encoding="ascii") as f:
            waited_us = int(f.read().split()[1]) // 1000
        with open(f"{task}/status", encoding="utf-8") as f:
            switches = next(int(line.split()[1]) for line in f if line.startswith("nonvoluntary_ctxt_switches"))
        return waited_us, switches

    def stop(self):
        running.end(self.process, signal.SIGCONT, signal.SIGINT)


class Rig:
    """Relay and mirror on one core, of which one runs at a time; the generator on the other."""

    def __init__(self, programs, folder, cores, calls, priority):
        self.programs, self.folder, self.cores, self.calls, self.priority = programs, folder, cores, calls, priority
        self.generator = f"{programs}/bench/mediagen/sluice-mediagen"
        self.ends = {}
        self.ahead_most = ahead_most()

    def __enter__(self):
        config = f"{self.folder}/dataplane.yaml"
        with open(config, "w", encoding="utf-8") as f:
            f.write(CONFIG.format(folder=self.folder, core=self.cores[0], sessions=max(self.calls, 100)))
        try:
            self.ends["relay"] = FarEnd(
                "sluice-dataplane", [f"{self.programs}/dataplane/main/sluice-dataplane", "--config", config],
                f"{self.folder}/dataplane.log", "sluice-w0", self.priority)
            self.ends["mirror"] = FarEnd(
                "the mirror", [self.generator, "--mirror", "--port", f"memif:{self.folder}/mirror.sock",
                               "--cpu", str(self.cores[0])], f"{self.folder}/mirror.log", None, self.priority)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for end in self.ends.values():
            end.stop()

    def choose(self, far):
        """Both poll the same core: the other one is stopped."""
        for name, end in self.ends.items():
            end.must_live()
            end.process.send_signal(signal.SIGCONT if name == far else signal.SIGSTOP)
        return self.ends[far]

    def run(self, far, suites, seconds, *options):
        """One run of the generator; its report, with what was taken from the far end."""
        end = self.choose(far)
        report = f"{self.folder}/run.json"
        words = [self.generator, "--calls", str(self.calls), "--suites", suites, "--seconds", str(seconds),
                 "--cpu", str(self.cores[1]), "--json", report, "--media-socket", f"{self.folder}/media.sock",
                 "--port", f"memif:{self.folder}/{far}.sock,voice,198.19.0.1", *map(str, options)]
        words += ["--to-mirror"] if far == "mirror" else []
        words += ["--realtime"] if self.priority == "fifo" else []
        before = end.account()
        done = subprocess.run(niced(words, self.priority), stderr=subprocess.PIPE, text=True, check=False)
        end.must_live()
        after = end.account()
        time.sleep(LEAVE_S)
        if done.returncode not in (0, 1) or not os.path.exists(report):
            sys.exit(f"latency: the generator failed ({done.returncode}):\n{done.stderr}")
        with open(report, encoding="utf-8") as f:
            run = json.load(f)
        os.unlink(report)
        run["far_core"] = {"waited_us": after[0] - before[0], "interrupted": after[1] - before[1]}
        return run

    def paced(self, far, suites, seconds, rate):
        """At even intervals, with packets all made ahead as far as memory allows; else made along."""
        whole = int(rate * seconds) + 4
        ahead = whole if whole <= self.ahead_most else 1_000_000
        return self.run(far, suites, seconds, "--pps", max(1, round(rate)), "--ahead", ahead,
                        "--verify-every", VERIFY_EVERY)

    def seconds_ahead(self, rate, wanted):
        """The longest run up to so many seconds whose packets can all be made ahead."""
        return max(1, min(wanted, int(self.ahead_most / rate)))
