#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Latency that the relay adds, at shares of its maximum, with the machine's own noise floor beside it; and a
long run at 80 % in which every lost packet must have a name."""
import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

import latency_chart
from machine import commit, machine_facts

PRODUCT = "AES_CM_128_HMAC_SHA1_80"
PATHS = {"RTP->RTP": "rtp,rtp", "RTP->SRTP": f"rtp,{PRODUCT}", "SRTP->SRTP": f"{PRODUCT},{PRODUCT}"}
SHARES = [0.1, 0.5, 0.8]
QUICK = {"seconds": 2, "probe": 2, "long": 10}
FULL = {"seconds": 15, "probe": 8, "long": 60}

# The far end must have seen the generator leave before it is stopped: the memif driver takes the shared memory
# away from under a thread that stands within a burst.
LEAVE_S = 0.3


def arguments():
    p = argparse.ArgumentParser(prog="bench/run latency", description=(
        "Measures the latency that the relay adds at 10, 50 and 80 % of the maximum: sluice-dataplane on one "
        "core, sluice-mediagen on another, memif between them. Beside it the noise floor: the same with a "
        "mirror in the relay's place. Then 60 s at 80 %, in which every lost packet must be counted under a "
        "name. About six minutes."))
    p.add_argument("--programs", help=argparse.SUPPRESS)
    p.add_argument("--quick", action="store_true", help="the same rows in shorter runs, about a minute")
    p.add_argument("--calls", type=int, default=1000)
    p.add_argument("--path", action="append", choices=list(PATHS), help="only this; may be repeated")
    p.add_argument("--cores", type=lambda t: [int(c) for c in t.split(",")], metavar="RELAY,GENERATOR",
                   help="the last two unless told")
    p.add_argument("--seconds", type=int, metavar="N", help="of each run, instead of 2 to 60")
    p.add_argument("--json", metavar="FILE", help="write all results as JSON")
    p.add_argument("--svg", metavar="DIR", help="draw a chart (gnuplot)")
    args = p.parse_args()
    have = sorted(os.sched_getaffinity(0))
    if len(have) < 2:
        sys.exit("latency: two cores are needed, one for the relay and one for the generator")
    args.cores = args.cores or have[-2:]
    if len(args.cores) != 2 or not set(args.cores) <= set(have):
        sys.exit(f"latency: --cores: two of {have} are needed")
    return args


class FarEnd:
    """A process at the other end of a memif: the data plane, or a mirror."""

    def __init__(self, name, command, core, log, ready):
        self.name, self.log = name, open(log, "w+", encoding="utf-8")
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log,
                                        preexec_fn=lambda: os.sched_setaffinity(0, {core}) if core is not None else None)
        end = time.monotonic() + 20
        while ready not in open(log, encoding="utf-8").read():
            if self.process.poll() is not None or time.monotonic() > end:
                self.stop()
                sys.exit(f"latency: {name} did not start:\n{open(log, encoding='utf-8').read()}")
            time.sleep(0.05)

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()


def relay_start(args, folder):
    with open(f"{folder}/dataplane.yaml", "w", encoding="utf-8") as f:
        f.write(f"""media_socket: {folder}/media.sock
workers: {{count: 1, cores: [{args.cores[0]}], idle: poll}}
max_sessions: {max(args.calls, 100)}
interfaces:
  - name: voice
    device: phones
    kind: memif
    memif: {{socket: {folder}/relay.sock}}
    addresses: [198.18.0.1, 198.18.0.2, 198.18.0.3, 198.18.0.4]
    media_ports: 10000-65535
""")
    return FarEnd("sluice-dataplane", [f"{args.programs}/dataplane/main/sluice-dataplane", "--config",
                                       f"{folder}/dataplane.yaml"], None, f"{folder}/dataplane.log", "READY")


def mirror_start(args, folder):
    return FarEnd("the mirror", [f"{args.programs}/bench/mediagen/sluice-mediagen", "--mirror", "--port",
                                 f"memif:{folder}/mirror.sock", "--cpu", str(args.cores[0])],
                  None, f"{folder}/mirror.log", "READY")


def generate(args, folder, ends, far, suites, seconds, pace):
    """One run of the generator; its report. Relay and mirror poll the same core: the other one is stopped."""
    for name, end in ends.items():
        if end.process.poll() is not None:
            sys.exit(f"latency: {end.name} has ended ({end.process.returncode})")
        end.process.send_signal(signal.SIGCONT if name == far else signal.SIGSTOP)
    words = [f"{args.programs}/bench/mediagen/sluice-mediagen", "--calls", str(args.calls), "--suites", suites,
             "--seconds", str(seconds), "--cpu", str(args.cores[1]), "--json", f"{folder}/run.json",
             "--port", f"memif:{folder}/{far}.sock,voice,198.19.0.1", "--media-socket", f"{folder}/media.sock"]
    words += ["--to-mirror"] if far == "mirror" else []
    done = subprocess.run(words + pace, stderr=subprocess.PIPE, text=True, check=False)
    time.sleep(LEAVE_S)
    if done.returncode not in (0, 1) or not os.path.exists(f"{folder}/run.json"):
        sys.exit(f"latency: the generator failed ({done.returncode}):\n{done.stderr}")
    with open(f"{folder}/run.json", encoding="utf-8") as f:
        report = json.load(f)
    os.unlink(f"{folder}/run.json")
    return report


def unnamed(run):
    """Packets lost that no drop reason of the relay accounts for."""
    return run["lost"] - run["relay"]["dropped"]


def latency_row(path, share, rate, run, floor):
    row = {"path": path, "share": share, "pps_wanted": round(rate), "pps": run["pps"],
           "sent": run["sent"], "lost": run["lost"], "unnamed": unnamed(run), "drops": run["relay"]["drops"],
           "floor_lost": floor["lost"], "wrong": sum(run["wrong"].values())}
    for name in ("p50", "p99", "p99_9"):
        row[f"{name}_us"] = round(run["latency_ns"][name] / 1e3, 1)
        row[f"floor_{name}_us"] = round(floor["latency_ns"][name] / 1e3, 1)
        row[f"added_{name}_us"] = round((run["latency_ns"][name] - floor["latency_ns"][name]) / 1e3, 1)
    return row


def measure_path(args, folder, path, times, ends):
    """The maximum of a path with a window of 512 packets and nothing lost; then the shares of it."""
    suites = PATHS[path]
    most = {far: generate(args, folder, ends, far, suites, times["probe"], ["--pps", "max"]) for far in ("relay", "mirror")}
    rate = most["relay"]["pps"]
    print(f"latency: {path}: at most {rate / 1e6:.2f} M packets/s (generator and mirror alone: "
          f"{most['mirror']['pps'] / 1e6:.2f})", file=sys.stderr)
    rows = []
    for share in SHARES:
        pace = ["--pps", str(max(1, round(rate * share)))]
        # in turns, so that what disturbs the machine disturbs both
        run = generate(args, folder, ends, "relay", suites, times["seconds"], pace)
        floor = generate(args, folder, ends, "mirror", suites, times["seconds"], pace)
        rows.append(latency_row(path, share, rate * share, run, floor))
    pace = ["--pps", str(max(1, round(rate * 0.8)))]
    run = generate(args, folder, ends, "relay", suites, times["long"], pace)
    floor = generate(args, folder, ends, "mirror", suites, min(times["long"], 10), pace)
    longest = {**latency_row(path, 0.8, rate * 0.8, run, floor), "long_s": times["long"]}
    return {"path": path, "calls": args.calls, "suite": PRODUCT if PRODUCT in suites else "none",
            "max_pps": rate, "max_pps_mirror": most["mirror"]["pps"], "shares": rows, "long": longest}


def print_path(result):
    print(f"\n{result['path']}, {result['calls']:,} calls: at most {result['max_pps'] / 1e6:.2f} M packets/s "
          f"(without the relay {result['max_pps_mirror'] / 1e6:.2f}: what the generator can do)\n"
          f"  {'load':>5}{'Mpps':>7}   {'added p50':>10}{'p99':>9}{'p99.9':>9}   {'floor p50':>10}{'p99':>9}{'p99.9':>9}"
          f"{'lost':>7}{'unnamed':>9}   us")
    for r in result["shares"]:
        print(f"  {r['share']:>5.0%}{r['pps'] / 1e6:>7.3f}   {r['added_p50_us']:>10,.1f}{r['added_p99_us']:>9,.1f}"
              f"{r['added_p99_9_us']:>9,.1f}   {r['floor_p50_us']:>10,.1f}{r['floor_p99_us']:>9,.1f}"
              f"{r['floor_p99_9_us']:>9,.1f}{r['lost']:>7,}{r['unnamed']:>9,}")
    r = result["long"]
    names = ", ".join(f"{name} {count:,}" for name, count in r["drops"].items()) or "none"
    verdict = "every lost packet has a name" if r["unnamed"] == 0 else f"{r['unnamed']:,} lost WITHOUT a name"
    print(f"  {r['long_s']} s at 80 %: sent {r['sent']:,}, lost {r['lost']:,} (without the relay "
          f"{r['floor_lost']:,} in {min(r['long_s'], 10)} s), wrong {r['wrong']}; drops: {names}; {verdict}")


def measure(args):
    times = QUICK if args.quick else FULL
    if args.seconds:
        times = dict.fromkeys(times, args.seconds)
    with tempfile.TemporaryDirectory(prefix="sluice-latency.") as folder:
        ends = {}
        try:
            ends["relay"] = relay_start(args, folder)
            ends["mirror"] = mirror_start(args, folder)
            return [measure_path(args, folder, path, times, ends) for path in args.path or PATHS]
        finally:
            for end in ends.values():
                end.process.send_signal(signal.SIGCONT)
                end.stop()


def main():
    args = arguments()
    load_before = round(os.getloadavg()[0], 2)
    results = measure(args)
    report = {"bench": "latency", "commit": commit(), "results": results,
              "machine": {**machine_facts(load_before), "cores_used": args.cores}}
    if args.json:
        with open(args.json, "w", encoding="utf-8") as f:
            json.dump(report, f, indent=1)
            f.write("\n")
    m = report["machine"]
    print(f"sluice {report['commit']} on {m['model']}, {m['cores']} cores{' (virtual)' if m['virtual'] else ''}; "
          f"relay on core {args.cores[0]}, generator on {args.cores[1]}; load {m['load_before']} to {m['load_after']}")
    for result in results:
        print_path(result)
    if args.svg:
        latency_chart.draw(args.svg, results)
    wrong = sum(r["wrong"] for result in results for r in result["shares"] + [result["long"]])
    nameless = sum(result["long"]["unnamed"] for result in results)
    if wrong or nameless:
        sys.exit(f"latency: {wrong} packets wrong, {nameless} lost without a name")


if __name__ == "__main__":
    main()
