# SPDX-License-Identifier: GPL-2.0-or-later
"""Two network namespaces of our own with a veth pair between: a relay's, and its peers'.

Every namespace and process is the lab's own; leaving it ends and removes them, by pid and by name.
"""
import os
import shutil
import signal
import subprocess
import tempfile
import time

RELAY_DEVICE, PEERS_DEVICE = "voice0", "peers0"
RELAY = "10.78.0.1"
PEER_A, PEER_B = "10.78.0.2", "10.78.0.3"

# UDP goes no further than the packet socket of the load generator: else the kernel would answer
# each packet with ICMP. Classic BPF over the frame: protocol 17 of IPv4 is dropped (2), else 0.
DROP_UDP = "4,48 0 0 23,21 0 1 17,6 0 0 2,6 0 0 0"


class Error(Exception):
    """Something of the lab could not be made, or a process did not start."""


def ip(*words):
    done = subprocess.run(["ip", *words], text=True, stderr=subprocess.PIPE, check=False)
    if done.returncode != 0:
        raise Error(f"ip {' '.join(words)}: {done.stderr.strip()}")


class Process:
    """A long-running program in a namespace, its output in a log."""

    def __init__(self, name, words, log, **how):
        self.name, self.log = name, log
        with open(log, "ab") as out:
            how = {"stdin": subprocess.DEVNULL, "stdout": out, "stderr": out} | how
            self.popen = subprocess.Popen(words, **how)
        self.pid = self.popen.pid

    def alive(self):
        return self.popen.poll() is None

    def tail(self, lines=8):
        with open(self.log, encoding="utf-8", errors="replace") as f:
            return "".join(f.readlines()[-lines:]).rstrip()

    def end(self):
        """TERM, after 5 s KILL."""
        if self.alive():
            self.popen.terminate()
            try:
                self.popen.wait(5)
            except subprocess.TimeoutExpired:
                self.popen.kill()
        self.popen.wait()


class Lab:
    def __init__(self):
        self.prefix = f"sluicecmp{os.getpid()}"
        self.relay, self.peers = f"{self.prefix}-relay", f"{self.prefix}-peers"
        self.processes = []
        self.made = []
        self.dir = None

    def __enter__(self):
        signal.signal(signal.SIGTERM, lambda *_: exit(143))
        self.dir = tempfile.mkdtemp(prefix="sluice-compare.")
        try:
            self._network()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            process.end()
        for name in self.made:
            subprocess.run(["ip", "netns", "del", name], check=False)
        self.processes, self.made = [], []
        shutil.rmtree(self.dir, ignore_errors=True)

    def _network(self):
        for name in (self.relay, self.peers):
            ip("netns", "add", name)
            self.made.append(name)
            ip("-n", name, "link", "set", "lo", "up")
        ip("-n", self.relay, "link", "add", RELAY_DEVICE, "numrxqueues", "1", "numtxqueues", "1", "type",
           "veth", "peer", "name", PEERS_DEVICE, "numrxqueues", "1", "numtxqueues", "1", "netns", self.peers)
        ip("-n", self.relay, "addr", "add", f"{RELAY}/24", "dev", RELAY_DEVICE)
        for address in (PEER_A, PEER_B):
            ip("-n", self.peers, "addr", "add", f"{address}/24", "dev", PEERS_DEVICE)
        ip("-n", self.relay, "link", "set", RELAY_DEVICE, "up")
        ip("-n", self.peers, "link", "set", PEERS_DEVICE, "up")
        tc = ["tc", "filter", "add", "dev", PEERS_DEVICE, "ingress", "bpf", "da", "bytecode", DROP_UDP]
        self.run(self.peers, "tc", "qdisc", "add", "dev", PEERS_DEVICE, "clsact")
        self.run(self.peers, *tc)
        # Both kernels know each other, so that no packet waits for ARP.
        for address in (PEER_A, PEER_B):
            ip("-n", self.relay, "neigh", "replace", address, "lladdr", self.mac(self.peers, PEERS_DEVICE),
               "nud", "permanent", "dev", RELAY_DEVICE)

    def run(self, namespace, *words):
        """A short command in a namespace; its output."""
        done = subprocess.run(["ip", "netns", "exec", namespace, *words], text=True,
                              capture_output=True, check=False)
        if done.returncode != 0:
            raise Error(f"{' '.join(words)}: {(done.stderr or done.stdout).strip()}")
        return done.stdout

    def start(self, name, namespace, *words, **how):
        """A program in a namespace, ahead of what else runs on the machine."""
        process = Process(name, ["nice", "-n", "-15", "ip", "netns", "exec", namespace, *words],
                          os.path.join(self.dir, f"{name}.log"), **how)
        self.processes.append(process)
        return process

    def end(self, process):
        process.end()
        self.processes.remove(process)

    def wait(self, process, ready, seconds=20):
        until = time.monotonic() + seconds
        while not ready():
            if not process.alive() or time.monotonic() > until:
                raise Error(f"{process.name} did not start:\n{process.tail()}")
            time.sleep(0.05)

    def mac(self, namespace, device):
        return self.run(namespace, "cat", f"/sys/class/net/{device}/address").strip()

    def _write(self, namespace, path, value):
        self.run(namespace, "sh", "-c", f"echo {value} >{path}")

    def steer(self, namespace, device, core):
        """What the device receives is worked by that core's soft interrupts (RPS)."""
        self._write(namespace, f"/sys/class/net/{device}/queues/rx-0/rps_cpus", f"{1 << core:x}")

    def thread_napi(self, namespace, device, core):
        """What the device receives is worked by a kernel thread of its own, pinned to that core: for a
        device with an XDP program, which RPS does not steer. Returns the thread's pid."""
        before = set(napi_threads(device))
        self._write(namespace, f"/sys/class/net/{device}/threaded", 1)
        found = set(napi_threads(device)) - before
        if len(found) != 1:
            raise Error(f"threaded NAPI of {device}: {len(found)} threads, one was expected")
        pid = found.pop()
        os.sched_setaffinity(pid, {core})
        # Before all other threads, as the soft interrupt is whose work it does.
        os.sched_setscheduler(pid, os.SCHED_FIFO, os.sched_param(1))
        return pid


def napi_threads(device):
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/comm", encoding="ascii", errors="replace") as f:
                if f.read().startswith(f"napi/{device}"[:15]):
                    yield int(entry)
        except OSError:  # ended meanwhile
            continue
