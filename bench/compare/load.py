# SPDX-License-Identifier: GPL-2.0-or-later
"""sluice-bench-load, driven by commands."""
import json
import subprocess

import lab as labs


class Load:
    """A load generator on the peers' side, its streams those of a plan."""

    def __init__(self, lab, program, plan, payload, core):
        mac = lab.mac(lab.relay, labs.RELAY_DEVICE)
        self.lab = lab
        self.process = lab.start(
            "load", lab.peers, program, "--plan", plan, "--device", labs.PEERS_DEVICE, "--to", mac,
            "--payload", str(payload), "--core", str(core),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._answer()

    def _answer(self):
        line = self.process.popen.stdout.readline()
        if not line:
            raise labs.Error(f"the load generator ended:\n{self.process.tail()}")
        return json.loads(line)

    def _run(self, rate_pps, seconds):
        self.process.popen.stdin.write(f"run {rate_pps:.0f} {seconds}\n")
        self.process.popen.stdin.flush()
        return self._answer()

    def run(self, rate_pps, seconds):
        """Counts of what was sent and of what came back; late packets count as lost."""
        counts = self._run(rate_pps, seconds)
        if counts["good"] > counts["sent"]:  # some were of the run before, after a long silence
            counts = self._run(rate_pps, seconds)
        counts["lost"] = counts["sent"] - counts["good"]
        counts["loss"] = counts["lost"] / counts["sent"]
        counts["rate_pps"] = counts["sent"] / counts["send_s"]
        return counts

    def close(self):
        self.process.popen.stdin.close()
        self.lab.end(self.process)
