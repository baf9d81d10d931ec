# SPDX-License-Identifier: GPL-2.0-or-later
"""Chart of bench/run latency: what the relay adds, and the noise floor, by load."""
import os
import shutil
import subprocess
import sys

from micro_chart import script


def draw(folder, results):
    if not shutil.which("gnuplot"):
        print("latency: no chart: gnuplot is not installed (package gnuplot-nox)", file=sys.stderr)
        return
    os.makedirs(folder, exist_ok=True)
    for result in results:
        name = result["path"].lower().replace("->", "-")
        path = os.path.join(folder, f"latency-{name}.svg")
        data = [(f"{label} {q.replace('_', '.')}", [(100 * r["share"], max(r[f"{key}{q}_us"] or 0, 0.1)) for r in result["shares"]])
                for q in ("p50", "p99", "p99_9") for label, key in (("relay", "calm_"), ("floor", "floor_calm_"))]
        text = script(path, f"latency in the median 10 ms, {result['path']}, {result['calls']} calls", "load, percent of the maximum",
                      data, False, True).replace("cycles a packet (TSC)", "microseconds")
        subprocess.run(["gnuplot"], input=text, text=True, check=True)
        print(f"latency: {path}")
