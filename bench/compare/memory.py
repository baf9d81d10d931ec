# SPDX-License-Identifier: GPL-2.0-or-later
"""sluice with ports in memory: sluice-bench-relay's figures, taken in the same run on the same core.

The other systems share the machine with a load generator that has a core of its own, and on many machines that
is no core of its own but half of one. So that core works meanwhile here too: a second sluice-bench-relay makes
packets there, encrypts, relays, decrypts and compares them."""
import json
import os
import subprocess
import time

import lab as labs

SUITE = "AES_CM_128_HMAC_SHA1_80"
MIXES = {"RTP->RTP": "rtp-rtp", "RTP->SRTP": "rtp-srtp", "SRTP->SRTP": "srtp-srtp"}
FULL = ["--rounds", "9", "--round-ms", "60", "--warm-ms", "300"]
QUICK = ["--rounds", "5", "--round-ms", "20", "--warm-ms", "100"]
COMPANION_S = 3600  # it is ended before
COMPANION_START_S = 1.0


class Companion:
    """The other core's work."""

    def __init__(self, program, core):
        self.process = subprocess.Popen([program, "--mix", "rtp-srtp", "--calls", "1000", "--soak", str(COMPANION_S),
                                         "--cpu", str(core)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def __enter__(self):
        time.sleep(COMPANION_START_S)
        return self

    def __exit__(self, *_):
        ended = self.process.poll()
        self.process.kill()
        self.process.wait()
        if ended is not None:
            raise labs.Error(f"what keeps the generator's core at work ended with {ended}")


def measure(program, wanted, paths, core):
    """{path: line of sluice-bench-relay}, and the clock of its cycles."""
    words = [program, "--mix", ",".join(MIXES[p] for p in paths), "--suite", SUITE, "--calls", str(wanted["calls"]),
             "--cpu", str(core), *(QUICK if wanted["quick"] else FULL)]
    done = subprocess.run(["nice", "-n", "-15", *words], text=True, capture_output=True, check=False)
    if done.returncode != 0:
        raise labs.Error(f"{program} ended with {done.returncode}: {done.stderr.strip()[-400:]}")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    tsc_mhz = next(line["facts"]["tsc_mhz"] for line in lines if "facts" in line)
    return {line["path"]: line for line in lines if line.get("path") in paths}, tsc_mhz


def rows(wanted, paths, cores, includes):
    """A row a path, as those of the other systems. cores: of the relay, of the load generator."""
    program = os.path.join(wanted["build"], "bench/relay/sluice-bench-relay")
    alone, _ = measure(program, wanted, paths, cores[0])
    with Companion(program, cores[1]):
        beside, tsc_mhz = measure(program, wanted, paths, cores[0])
    return [row(beside[path], alone[path], tsc_mhz, includes) for path in paths]


def row(line, alone, tsc_mhz, includes):
    for lost in (line["lost"], alone["lost"]):
        if lost:
            raise labs.Error(f"sluice-memory, {line['path']}: {lost} packets lost in memory")
    return {
        "system": "sluice-memory", "path": line["path"],
        "cpu_us_per_packet": round(line["cycles_per_packet"] / tsc_mhz, 4),
        "cpu_us_per_packet_alone": round(alone["cycles_per_packet"] / tsc_mhz, 4),
        "pps_at_0_1_percent_loss": round(line["pps"]), "generator_limited": False,
        "core_busy_us_per_packet": None, "core_stolen_s": None, "measured_at_pps": round(line["pps"]),
        "measured_packets": line["packets"], "measured_loss": 0.0, "includes": includes, "trials": [],
    }
