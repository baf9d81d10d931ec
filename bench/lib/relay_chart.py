# SPDX-License-Identifier: GPL-2.0-or-later
"""Charts of bench/run relay: packets a second by calls, and where the cycles go."""
import os
import shutil
import subprocess
import sys

from micro_chart import script

PATHS = ["RTP->RTP", "RTP->SRTP", "SRTP->RTP", "SRTP->SRTP"]


def of_path(results, path, suite):
    wanted = "none" if path == "RTP->RTP" else suite
    return [r for r in results if r["path"] == path and r["suite"] == wanted]


def cycles_script(path, results, suite):
    data = []
    for name in PATHS:
        rows = of_path(results, name, suite)
        if rows:
            data.append((name, [(r["calls"], r["cycles_per_packet"]) for r in rows]))
        if rows and name in ("RTP->SRTP", "SRTP->SRTP"):
            data.append((f"roofline of {name}", [(r["calls"], r["roofline_cycles"]) for r in rows]))
    return script(path, f"one worker, {suite}, 160 bytes", "calls", data, True, False) if data else None


def stages_script(path, results, suite, calls):
    rows = [r for name in PATHS for r in of_path(results, name, suite) if r["calls"] == calls]
    if not rows:
        return None
    names = list(rows[0]["stages"])
    out = ["set terminal svg size 800,480 background rgb 'white' font 'sans,13'", f"set output '{path}'",
           f"set title 'stages at {calls:,} calls, {suite}' noenhanced", "set ylabel 'cycles a packet (TSC)'",
           "set style data histogram", "set style histogram rowstacked", "set style fill solid 0.8",
           "set boxwidth 0.6", "set grid y", "set key outside right noenhanced", "set xtics noenhanced",
           "plot " + ", ".join(f"'-' using 2:xtic(1) title \"{n}\"" for n in names)]
    for name in names:
        out += [f"\"{r['path']}\" {r['stages'][name]}" for r in rows] + ["e"]
    return "\n".join(out) + "\n"


def draw(folder, results, suite):
    if not shutil.which("gnuplot"):
        print("relay: no charts: gnuplot is not installed (package gnuplot-nox)", file=sys.stderr)
        return
    os.makedirs(folder, exist_ok=True)
    most = max(r["calls"] for r in results)
    calls_svg, stages_svg = (os.path.join(folder, f"relay-{n}.svg") for n in ("calls", "stages"))
    for path, text in ((calls_svg, cycles_script(calls_svg, results, suite)),
                       (stages_svg, stages_script(stages_svg, results, suite, most))):
        if text:
            subprocess.run(["gnuplot"], input=text, text=True, check=True)
            print(f"relay: {path}")
