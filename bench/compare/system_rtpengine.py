# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's rtpengine as a system under test, started by us in the foreground."""
import os
import shutil
import subprocess
import sys

import lab as labs
import ng

HERE = os.path.dirname(os.path.abspath(__file__))
NG_PORT = 2223
TABLE = 42  # of its kernel module


def version():
    """Text, or None when it is not installed."""
    if not shutil.which("rtpengine"):
        return None
    done = subprocess.run(["rtpengine", "--version"], text=True, capture_output=True, check=False)
    return (done.stdout + done.stderr).strip().removeprefix("Version: ")


def kernel_module():
    """(True, "") when its kernel module can be used here, else (False, why)."""
    if os.path.exists("/proc/rtpengine/control"):
        return True, ""
    if os.path.exists("/proc/sys/kernel/modules_disabled"):
        with open("/proc/sys/kernel/modules_disabled", encoding="ascii") as f:
            if f.read().strip() == "1":
                return False, "this kernel takes no modules any more (kernel.modules_disabled)"
    modules = f"/lib/modules/{os.uname().release}"
    if not os.path.isdir(modules):
        return False, f"there is no {modules}: no module of any kind can be loaded"
    if not shutil.which("modprobe"):
        return False, "there is no modprobe"
    done = subprocess.run(["modprobe", "xt_RTPENGINE"], text=True, capture_output=True, check=False)
    if done.returncode == 0 and os.path.exists("/proc/rtpengine/control"):
        return True, ""
    return False, (f"modprobe xt_RTPENGINE: {done.stderr.strip() or 'no /proc/rtpengine/control'} "
                   "(Debian's package rtpengine-kernel-dkms builds it)")


class Rtpengine:
    """One thread for packets; the core for all its threads. kind: userspace or kernel."""

    def __init__(self, lab, kind, core, calls):
        self.lab, self.calls = lab, calls
        self.process = lab.start(
            f"rtpengine-{kind}", lab.relay, "taskset", "-c", str(core), "rtpengine", "--foreground",
            "--log-stderr", "--log-level=4", "--config-file=none", f"--pidfile={lab.dir}/rtpengine.pid",
            f"--table={TABLE if kind == 'kernel' else -1}", "--num-threads=1",
            f"--interface={labs.RELAY}", f"--listen-ng={labs.RELAY}:{NG_PORT}",
            "--port-min=20000", "--port-max=59999", "--timeout=3600", "--silent-timeout=3600")
        lab.wait(self.process, self._ready)
        self.pids = [self.process.pid]
        lab.steer(lab.relay, labs.RELAY_DEVICE, core)
        if kind == "kernel":
            lab.run(lab.relay, "iptables", "-I", "INPUT", "-p", "udp", "-d", labs.RELAY, "--dport", "20000:59999",
                    "-j", "RTPENGINE", "--id", str(TABLE))

    def _ready(self):
        done = subprocess.run(["ip", "netns", "exec", self.lab.relay, sys.executable, "-c",
                               f"import ng; ng.Client('{labs.RELAY}', {NG_PORT}, 0.2, 1).request('ping')"],
                              cwd=HERE, capture_output=True, check=False)
        return done.returncode == 0

    def install(self, suite_a, suite_b, plan):
        self.lab.run(self.lab.relay, sys.executable, os.path.join(HERE, "ng_calls.py"), labs.RELAY, str(NG_PORT),
                     str(self.calls), suite_a, suite_b, labs.PEER_A, labs.PEER_B, "10000", plan)

    def close(self):
        self.lab.end(self.process)


__all__ = ["Rtpengine", "kernel_module", "ng", "version"]
