# SPDX-License-Identifier: GPL-2.0-or-later
"""Both daemons and the call generator on one machine: addresses of 127/8, certificates and files of their own."""
import json
import os
import pwd
import signal
import socket
import subprocess
import tempfile

import running

PAIRS = 4  # callers, and callees, each with an identity and a connection of its own
ANSWER_S = 120


class Error(Exception):
    """Something did not start, or ended too soon."""


def openssl(*words):
    done = subprocess.run(["openssl", *words], text=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    if done.returncode:
        raise Error(f"openssl {words[0]}: {done.stderr.strip()[-300:]}")


def certificates(folder, fqdns):
    """An authority and a P-256 certificate for server and client for each name."""
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    openssl("req", "-x509", *key, "-days", "2", "-subj", "/CN=bench", "-keyout", f"{folder}/ca.key", "-out",
            f"{folder}/ca.pem", "-addext", "basicConstraints=critical,CA:TRUE", "-addext",
            "keyUsage=critical,keyCertSign,cRLSign")
    for name, fqdn in fqdns.items():
        with open(f"{folder}/{name}.ext", "w", encoding="ascii") as f:
            f.write(f"subjectAltName=DNS:{fqdn}\nextendedKeyUsage=serverAuth,clientAuth\n"
                    "keyUsage=critical,digitalSignature\nbasicConstraints=critical,CA:FALSE\n")
        openssl("req", *key, "-subj", f"/CN={fqdn}", "-keyout", f"{folder}/{name}.key", "-out", f"{folder}/{name}.csr")
        openssl("x509", "-req", "-in", f"{folder}/{name}.csr", "-CA", f"{folder}/ca.pem", "-CAkey", f"{folder}/ca.key",
                "-days", "2", "-set_serial", "0x" + os.urandom(16).hex(), "-extfile", f"{folder}/{name}.ext", "-out",
                f"{folder}/{name}.pem")
    for name in [*fqdns, "ca"]:
        os.chmod(f"{folder}/{name}.key", 0o600)


def dataplane_config(folder, core, sessions):
    return f"""media_socket: {folder}/media.sock
group: {group()}
workers: {{count: 1, cores: [{core}], idle: sleep}}
max_sessions: {sessions}
interfaces:
  - name: voice
    device: phones
    kind: memif
    memif: {{socket: {folder}/memif.sock}}
    addresses: [198.18.0.1, 198.18.0.2, 198.18.0.3, 198.18.0.4]
    media_ports: 10000-65535
"""


def group():
    return "nogroup" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name


def controlplane_config(folder, net, port, transport, calls):
    tls = transport == "tls"
    peers, routes = [], []
    for role, host in (("caller", 10), ("callee", 100)):
        for i in range(PAIRS):
            name = f"fqdn: {role}{i}.bench.example, " if tls else ""
            peers.append(f"  - {{name: {role}{i}, {name}address: {net}.{host + i}, port: {port}, "
                         f"transport: {transport}, dial_plan: bench}}")
    for i in range(PAIRS):
        routes.append(f"  - {{name: to-{i}, from: caller{i}, number: \"9{i}*\", to: callee{i}}}")
    profile = f"""tls:
  - {{name: bench, certificate: {folder}/relay.pem, private_key: {folder}/relay.key, trust: {folder}/ca.pem}}
""" if tls else ""
    return f"""user: nobody
media_socket: {folder}/media.sock
control_socket: {folder}/control.sock
record_file: {folder}/records/calls
max_calls: {calls}
{profile}listeners:
  - {{name: sip, transport: {transport}, address: {net}.1, port: {port}{", tls: bench" if tls else ""}}}
dial_plans:
  - {{name: bench, security: {"secured" if tls else "unsecured"}, media_interface: voice, media_timeout_s: 3600}}
peers:
""" + "\n".join(peers) + "\nroutes:\n" + "\n".join(routes) + "\n"


def place(core):
    """On its core, and as root ahead of what else runs on the machine."""
    os.sched_setaffinity(0, {core})
    if os.geteuid() == 0:
        os.nice(-15)


class Process:
    """A program pinned to a core, its errors in a log."""

    def __init__(self, name, words, log, core, ready=None, **how):
        self.name, self.log = name, log
        with open(log, "wb") as out:
            self.popen = subprocess.Popen(words, stderr=out, preexec_fn=lambda: place(core), **how)
        self.pid = self.popen.pid
        if ready:
            self.wait(ready)

    def wait(self, ready):
        if not running.wait_ready(self.popen, ready):
            raise Error(f"{self.name} did not start:\n{self.tail()}")

    def text(self):
        return running.text(self.log)

    def tail(self):
        return "\n".join(self.text().splitlines()[-8:])

    def end(self):
        running.end(self.popen, signal.SIGTERM, seconds=10)
        for stream in (self.popen.stdin, self.popen.stdout):
            if stream:
                stream.close()


class Generator:
    """Commands to sluice-bench-signalling, and what it says."""

    def __init__(self, program, words, log, core):
        self.process = Process("the generator", [program, *words], log, core, stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, text=True, bufsize=1)
        self._read()

    def _read(self):
        line = self.process.popen.stdout.readline()
        if not line:
            raise Error(f"the generator ended:\n{self.process.tail()}")
        return json.loads(line)

    def do(self, command):
        self.process.popen.stdin.write(command + "\n")
        return self._read()

    def end(self):
        self.process.end()


class Rig:
    """cores: (control plane, all else). Everything ends with it."""

    def __init__(self, build, transport, cores, calls, patience_s=10):
        self.build, self.transport, self.cores, self.calls = build, transport, cores, calls
        self.patience_s = patience_s
        number = os.getpid()
        self.net = f"127.{64 + number % 64}.{number // 64 % 256}"
        self.port = 5061 if transport == "tls" else 5060
        self.folder, self.made = None, []
        self.controlplane = self.dataplane = self.generator = None

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="sluice-signalling.")
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in reversed(self.made):
            process.end()
        self.made = []
        self.folder.cleanup()

    def _write(self, name, text):
        with open(os.path.join(self.folder.name, name), "w", encoding="utf-8") as f:
            f.write(text)

    def _start(self):
        folder = self.folder.name
        os.chmod(folder, 0o755)
        os.mkdir(f"{folder}/records")
        os.chmod(f"{folder}/records", 0o1777)
        if self.transport == "tls":
            names = {f"{role}{i}": f"{role}{i}.bench.example" for role in ("caller", "callee") for i in range(PAIRS)}
            certificates(folder, {"relay": "relay.bench.example", **names})
        self._write("dataplane.yaml", dataplane_config(folder, self.cores[1], self.calls))
        self._write("controlplane.yaml", controlplane_config(folder, self.net, self.port, self.transport, self.calls))
        self.dataplane = self._daemon("dataplane", self.cores[1], lambda: "READY" in self.dataplane_log())
        self.controlplane = self._daemon("controlplane", self.cores[0], self._calls_may_come)
        self.generator = Generator(
            f"{self.build}/bench/signalling/sluice-bench-signalling",
            ["--transport", self.transport, "--net", self.net, "--port", str(self.port), "--pki", folder, "--pairs",
             str(PAIRS), "--slots", str(self.calls), "--patience", str(self.patience_s)], f"{folder}/generator.log", self.cores[1])
        self.made.append(self.generator)

    def _daemon(self, name, core, ready):
        folder = self.folder.name
        process = Process(f"sluice-{name}", [f"{self.build}/{name}/main/sluice-{name}", "--config",
                                             f"{folder}/{name}.yaml"], f"{folder}/{name}.log", core,
                          stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        self.made.append(process)
        process.wait(ready)
        return process

    def dataplane_log(self):
        with open(f"{self.folder.name}/dataplane.log", encoding="utf-8", errors="replace") as f:
            return f.read()

    def _calls_may_come(self):
        try:
            return self.ask("status")["data_plane"]["up"]
        except OSError:
            return False

    def ask(self, command):
        """The operator API (controlplane/api/api.h)."""
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(ANSWER_S)
            s.connect(f"{self.folder.name}/control.sock")
            s.sendall(json.dumps({"id": 1, "command": command}).encode() + b"\n")
            with s.makefile(encoding="utf-8") as lines:
                answer = json.loads(lines.readline())
        if not answer["ok"]:
            raise Error(f"{command}: {answer['error']}")
        return answer["result"]

    def log(self):
        return self.controlplane.tail()
