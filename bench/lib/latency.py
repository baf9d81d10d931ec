#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Latency that the relay adds, at shares of its maximum, with the machine's own noise floor beside it; and a
long run at 80 % in which every lost packet must have a name."""
import argparse
import json
import os
import sys
import tempfile

import latency_chart
import latency_rows
import latency_text
from latency_rig import VERIFY_EVERY, Rig, priority_of
from machine import commit, machine_facts
from targets import VERDICTS, show

PRODUCT = "AES_CM_128_HMAC_SHA1_80"
PATHS = {"RTP->RTP": "rtp,rtp", "RTP->SRTP": f"rtp,{PRODUCT}", "SRTP->SRTP": f"{PRODUCT},{PRODUCT}"}
SHARES = [0.1, 0.5, 0.8]
# Probes of the maximum, seconds of a piece, pieces of each level, seconds of the long run and of its noise floor. Of
# the probes the least counts, so that 80 % of it is no overload when the machine is slower a moment later.
QUICK = {"probes": 2, "probe_packets": 3_000_000, "piece": 1, "pieces": 1, "long": 8, "long_floor": 4}
FULL = {"probes": 4, "probe_packets": 6_000_000, "piece": 4, "pieces": 4, "long": 60, "long_floor": 20}
PROBE_S = 5  # at most; it ends when they are sent
WINDOW = 1024  # packets under way meanwhile, as many as a memif holds: as after a pause, with its ring full
PROOF_SHARE, PROOF_S = 0.1, 1


def arguments():
    p = argparse.ArgumentParser(prog="bench/run latency", description=(
        "Measures the latency that the relay adds at 10, 50 and 80 % of the maximum: sluice-dataplane on one "
        "core, sluice-mediagen on another, memif between them. Beside it the noise floor: the same with a "
        "mirror in the relay's place. Then 60 s at 80 %, in which every lost packet must be counted under a "
        "name. About fifteen minutes."))
    p.add_argument("--programs", help=argparse.SUPPRESS)
    p.add_argument("--quick", action="store_true", help="the same rows in shorter runs, within three minutes")
    p.add_argument("--calls", type=int, default=1000)
    p.add_argument("--path", action="append", choices=list(PATHS), help="only this; may be repeated")
    p.add_argument("--cores", type=lambda t: [int(c) for c in t.split(",")], metavar="RELAY,GENERATOR",
                   help="the last and the one before it unless told")
    p.add_argument("--priority", choices=["auto", "fifo", "nice", "none"], default="auto",
                   help="of both: SCHED_FIFO, nice -20, or as usual; auto: the first where there are more than two "
                   "cores, else the second")
    p.add_argument("--seconds", type=int, metavar="N", help="of each run, instead of 1 to 60")
    p.add_argument("--long", type=int, metavar="N", help="seconds of the long run at 80 %%, instead of 8 or 60")
    p.add_argument("--json", metavar="FILE", help="write all results as JSON")
    p.add_argument("--svg", metavar="DIR", help="draw a chart (gnuplot)")
    args = p.parse_args()
    have = sorted(os.sched_getaffinity(0))
    if len(have) < 2:
        sys.exit("latency: two cores are needed, one for the relay and one for the generator")
    # the first core has most of the kernel's work, so if there are but two the generator has that
    args.cores = args.cores or [have[-1], have[-2]]
    if len(set(args.cores)) != 2 or not set(args.cores) <= set(have):
        sys.exit(f"latency: --cores: two of {have} are needed")
    return args


def say(text):
    print(f"latency: {text}", file=sys.stderr, flush=True)


def probe(rig, far, suites, times):
    """Packets a second of each probe: as fast as can be, with all packets made ahead."""
    ahead = min(times["probe_packets"], rig.ahead_most)
    runs = [rig.run(far, suites, PROBE_S, "--pps", "max", "--window", WINDOW, "--ahead", ahead, "--verify-every",
                    VERIFY_EVERY) for _ in range(times["probes"])]
    for run in runs:  # what is measured of packets that are not right is no latency
        if any(run["wrong"].values()):
            sys.exit(f"latency: wrong packets came out ({far}): {run['wrong']}")
    whole = [run["pps"] for run in runs if run["lost"] == 0]
    if not whole:
        sys.exit(f"latency: with {WINDOW} packets under way {runs[0]['lost']} are lost ({far}): {runs[0]['relay']}")
    return whole


def prove(rig, suites, rate):
    """Every packet decrypted and compared as it comes, at a rate that leaves the time for it."""
    run = rig.run("relay", suites, PROOF_S, "--pps", max(1, round(rate * PROOF_SHARE)), "--verify-every", 1)
    return {"sent": run["sent"], "verified": run["verified"], "lost": run["lost"], "wrong": sum(run["wrong"].values())}


def level(rig, path, rate, share, times):
    """Relay and mirror in turns, so that what disturbs the machine disturbs both."""
    seconds = rig.seconds_ahead(rate * share, times["piece"])
    runs, floor = [], []
    for _ in range(times["pieces"] * times["piece"] // seconds):
        runs.append(rig.paced("relay", PATHS[path], seconds, rate * share))
        floor.append(rig.paced("mirror", PATHS[path], seconds, rate * share))
    return latency_rows.row(path, share, rate * share, runs, floor)


def measure_path(rig, path, times):
    suites = PATHS[path]
    probes = {far: probe(rig, far, suites, times) for far in ("mirror", "relay")}
    mirror, rate = min(probes["mirror"]), min(probes["relay"])
    say(f"{path}: at most {rate / 1e6:.2f} M packets/s (with the mirror {mirror / 1e6:.2f})")
    proof = prove(rig, suites, rate)
    rows = [level(rig, path, rate, share, times) for share in SHARES]
    say(f"{path}: {times['long']} s at 80 %")
    run = rig.paced("relay", suites, times["long"], rate * 0.8)
    floor = rig.paced("mirror", suites, times["long_floor"], rate * 0.8)
    longest = {**latency_rows.row(path, 0.8, rate * 0.8, [run], [floor]), "long_s": times["long"],
               "floor_s": times["long_floor"]}
    return {"path": path, "calls": rig.calls, "suite": PRODUCT if PRODUCT in suites else "none", "max_pps": rate,
            "max_pps_mirror": mirror, "probes_pps": probes, "generator_limited": rate > 0.9 * mirror, "proof": proof,
            "shares": rows, "long": longest}


def measure(args, priority):
    times = dict(QUICK if args.quick else FULL)
    if args.seconds:
        times = {"probes": 1, "probe_packets": 300_000, "piece": args.seconds, "pieces": 1, "long": args.seconds,
                 "long_floor": args.seconds}
    if args.long:
        times["long"] = args.long
    with tempfile.TemporaryDirectory(prefix="sluice-latency.") as folder:
        with Rig(args.programs, folder, args.cores, args.calls, priority) as rig:
            return [measure_path(rig, path, times) for path in args.path or PATHS]


def command():
    """As it was given: without what bench/run adds."""
    words = sys.argv[1:]
    if words[:1] == ["--programs"]:
        words = words[2:]
    return " ".join(["bench/run latency", *words])


def main():
    args = arguments()
    load_before = round(os.getloadavg()[0], 2)
    priority, priority_text = priority_of(args.priority, args.cores)
    results = measure(args, priority)
    report = {"bench": "latency", "commit": commit(), "command": command(), "targets": latency_rows.targets(results),
              "machine": {**machine_facts(load_before), "core_of_relay": args.cores[0],
                          "core_of_generator": args.cores[1], "priority": priority_text},
              "results": results}
    if args.json:
        with open(args.json, "w", encoding="utf-8") as f:
            json.dump(report, f, indent=1)
            f.write("\n")
    m = report["machine"]
    print(f"sluice {report['commit']} on {m['model']}, {m['cores']} cores{' (virtual)' if m['virtual'] else ''}; "
          f"relay on core {args.cores[0]}, generator on {args.cores[1]}, priority {priority_text}; load "
          f"{m['load_before']} to {m['load_after']}")
    for result in results:
        latency_text.path_print(result)
    show("of all paths", report["targets"])
    if args.svg:
        latency_chart.draw(args.svg, results)
    failed = [t["name"] for t in report["targets"] if t["verdict"] == VERDICTS[1]]
    if failed:
        sys.exit(f"latency: not reached: {'; '.join(failed)}")


if __name__ == "__main__":
    main()
