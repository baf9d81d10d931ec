# SPDX-License-Identifier: GPL-2.0-or-later
"""sluice with ports in memory: sluice-bench-relay's figures, taken in the same run on the same core."""
import json
import os
import subprocess

import lab as labs

SUITE = "AES_CM_128_HMAC_SHA1_80"
MIXES = {"RTP->RTP": "rtp-rtp", "RTP->SRTP": "rtp-srtp", "SRTP->SRTP": "srtp-srtp"}
FULL = ["--rounds", "9", "--round-ms", "60", "--warm-ms", "300"]
QUICK = ["--rounds", "5", "--round-ms", "20", "--warm-ms", "100"]


def rows(wanted, paths, core, includes):
    """A row a path, as those of the other systems."""
    program = os.path.join(wanted["build"], "bench/relay/sluice-bench-relay")
    words = [program, "--mix", ",".join(MIXES[p] for p in paths), "--suite", SUITE, "--calls", str(wanted["calls"]),
             "--cpu", str(core), *(QUICK if wanted["quick"] else FULL)]
    done = subprocess.run(["nice", "-n", "-15", *words], text=True, capture_output=True, check=False)
    if done.returncode != 0:
        raise labs.Error(f"{program} ended with {done.returncode}: {done.stderr.strip()[-400:]}")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    tsc_mhz = next(line["facts"]["tsc_mhz"] for line in lines if "facts" in line)
    return [row(line, tsc_mhz, includes) for line in lines if line.get("path") in paths]


def row(line, tsc_mhz, includes):
    if line["lost"]:
        raise labs.Error(f"sluice-memory, {line['path']}: {line['lost']} packets lost in memory")
    return {
        "system": "sluice-memory", "path": line["path"],
        "cpu_us_per_packet": round(line["cycles_per_packet"] / tsc_mhz, 4),
        "pps_at_0_1_percent_loss": round(line["pps"]), "generator_limited": False,
        "core_busy_us_per_packet": None, "core_stolen_s": None, "measured_at_pps": round(line["pps"]),
        "measured_packets": line["packets"], "measured_loss": 0.0, "includes": includes, "trials": [],
    }
