# SPDX-License-Identifier: GPL-2.0-or-later
"""Charts of bench/run micro: cycles a packet by streams, by burst and by payload."""
import os
import shutil
import subprocess
import sys

ENGINES = [("roofline", "raw IPsec-MB"), ("ipsec_mb", "sluice"), ("libsrtp2", "libsrtp2")]


def lines(results, across, **where):
    """One line an engine: (name, [(x, cycles)])."""
    found = []
    for engine, name in ENGINES:
        points = {}
        for r in results:
            fixed = dict(where)
            if engine == "libsrtp2":
                fixed.pop("burst", None)  # it has none
            if r["engine"] == engine and all(r[k] == v for k, v in fixed.items()):
                points[r[across]] = r["cycles_per_packet"]
        if points and not (engine == "libsrtp2" and across == "burst"):
            found.append((name, sorted(points.items())))
    return found


def suite_lines(results, where):
    """One line a suite, by payload."""
    found = []
    for suite in dict.fromkeys(r["suite"] for r in results):
        points = {r["payload"]: r["cycles_per_packet"] for r in results
                  if r["engine"] == "ipsec_mb" and r["suite"] == suite
                  and all(r[k] == v for k, v in where.items())}
        if points:
            found.append((suite, sorted(points.items())))
    return found


def script(path, title, x_label, data, log_x, log_y):
    out = ["set terminal svg size 800,480 background rgb 'white' font 'sans,13'",
           f"set output '{path}'", f"set title '{title}' noenhanced", f"set xlabel '{x_label}'",
           "set ylabel 'cycles a packet (TSC)'", "set grid", "set key outside bottom center noenhanced",
           "set yrange [0:*]"]
    if log_x:
        out.append("set logscale x")
    if log_y:
        out += ["set yrange [*:*]", "set logscale y"]
    plots = [f"'-' using 1:2 with linespoints linewidth 2 title \"{name}\"" for name, _ in data]
    out.append("plot " + ", ".join(plots))
    for _, points in data:
        out += [f"{x} {y}" for x, y in points] + ["e"]
    return "\n".join(out) + "\n"


def draw(folder, results, suite):
    if not shutil.which("gnuplot"):
        print("micro: no charts: gnuplot is not installed (package gnuplot-nox)", file=sys.stderr)
        return
    os.makedirs(folder, exist_ok=True)
    burst = max(r["burst"] for r in results)
    streams = 1000 if any(r["streams"] == 1000 for r in results) else results[0]["streams"]
    at = {"suite": suite, "op": "srtp_protect"}
    charts = [
        ("streams", f"{suite}, protect, 160 bytes, burst {burst}", "streams",
         lines(results, "streams", **at, payload=160, burst=burst), True, True),
        ("burst", f"{suite}, protect, 160 bytes, {streams} streams", "burst",
         lines(results, "burst", **at, payload=160, streams=streams), True, False),
        ("payload", f"sluice, protect, burst {burst}, {streams} streams", "payload, bytes",
         suite_lines(results, {"op": "srtp_protect", "streams": streams, "burst": burst}), False, False),
    ]
    for name, title, x_label, data, log_x, log_y in charts:
        path = os.path.join(folder, f"micro-{name}.svg")
        if not data:
            print(f"micro: no chart by {name}: nothing measured for it", file=sys.stderr)
            continue
        subprocess.run(["gnuplot"], input=script(path, title, x_label, data, log_x, log_y), text=True,
                       check=True)
        print(f"micro: {path}")
