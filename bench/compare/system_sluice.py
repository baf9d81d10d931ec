# SPDX-License-Identifier: GPL-2.0-or-later
"""sluice as a system under test: its data plane, its calls through the media API."""
import os

import lab as labs

PORT_FIRST, PORT_LAST = 20000, 59999

CONFIG = """media_socket: {dir}/media.sock
workers: {{count: 1, cores: [{core}], idle: sleep}}
max_sessions: {calls}
engine: ipsec_mb
interfaces:
  - name: voice
    device: {device}
    kind: {kind}
    fallback: refuse
    addresses: [{address}]
    media_ports: {first}-{last}
"""


class Sluice:
    """One worker on the core; kind: af_xdp or af_packet."""

    def __init__(self, lab, build, kind, core, calls):
        self.lab, self.build, self.kind, self.core, self.calls = lab, build, kind, core, calls
        config = os.path.join(lab.dir, "dataplane.yaml")
        with open(config, "w", encoding="utf-8") as f:
            f.write(CONFIG.format(dir=lab.dir, core=core, calls=calls, device=labs.RELAY_DEVICE, kind=kind,
                                  address=labs.RELAY, first=PORT_FIRST, last=PORT_LAST))
        self.process = lab.start(f"sluice-{kind}", lab.relay, f"{build}/dataplane/main/sluice-dataplane",
                                 "--config", config)
        lab.wait(self.process, self._ready)
        self.pids = [self.process.pid]
        if kind == "af_xdp":
            self.pids.append(lab.thread_napi(lab.relay, labs.RELAY_DEVICE, core))
        else:
            lab.steer(lab.relay, labs.RELAY_DEVICE, core)

    def _ready(self):
        with open(self.process.log, encoding="utf-8", errors="replace") as f:
            return "READY" in f.read()

    def install(self, suite_a, suite_b, plan):
        self.lab.run(self.lab.relay, f"{self.build}/bench/pktgen/sluice-pktgen", "install",
                     "--socket", f"{self.lab.dir}/media.sock", "--calls", str(self.calls),
                     "--suite-a", suite_a, "--suite-b", suite_b, "--plan", plan,
                     "--peer-a", f"{labs.PEER_A}:10000", "--peer-b", f"{labs.PEER_B}:10000")

    def close(self):
        self.lab.end(self.process)
