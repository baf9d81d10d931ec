#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs sluice-bench-disturb; prints what each disturbance costs the calls, and writes JSON."""
import argparse
import json
import os
import subprocess
import sys

import disturb_live
from machine import commit, machine_facts, number
from targets import judge, show

QUICK = {"rounds": 5, "round-ms": 30}
FULL = {"rounds": 25, "round-ms": 60}


def arguments():
    p = argparse.ArgumentParser(prog="bench/run disturb", description=(
        "Measures what disturbs the calls of a worker: 2,000 calls a second opened and closed, captures, floods of bad "
        "packets; and what a refused packet costs. Every packet of the calls must come out. A quarter of a minute. "
        "With --flood and --socket further parts, between processes on two cores: two minutes more."))
    p.add_argument("--program", help=argparse.SUPPRESS)
    p.add_argument("--programs", help=argparse.SUPPRESS)
    p.add_argument("--quick", action="store_true", help="the same rows in fewer rounds")
    p.add_argument("--flood", action="store_true", help="also floods at one call's port, from a generator on another core, as "
                   "fast as it can")
    p.add_argument("--socket", action="store_true", help="also opens through the media socket of a running data plane")
    p.add_argument("--json", metavar="FILE", help="write all results as JSON")
    p.add_argument("--svg", metavar="DIR", help="accepted, as by the other kinds; there are no charts")
    p.add_argument("--calls", type=int, default=1000, help="calls that are measured [1000]")
    p.add_argument("--opens", type=int, default=2000, help="opens a second [2000]")
    p.add_argument("--cpu", type=int, help="core; the last one unless told")
    return p.parse_args()


def run(args):
    words = [args.program, "--calls", str(args.calls), "--opens", str(args.opens)]
    for name, value in (QUICK if args.quick else FULL).items():
        words += ["--" + name, str(value)]
    if args.cpu is not None:
        words += ["--cpu", str(args.cpu)]
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=False)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    facts = [row["facts"] for row in rows if "facts" in row]
    return done.returncode, [row for row in rows if "facts" not in row], facts[0] if facts else {}


def table(results):
    print(f"\n  {'disturbance':14}{'cycles a packet':>16}{'of quiet':>10}{'p99 of quiet':>14}{'lost':>6}"
          f"{'refused':>10}{'cycles each':>12}  dropped as")
    for r in results:
        drops = ", ".join(f"{name} {n:,}" for name, n in r["drops"].items())
        print(f"  {r['disturbance']:14}{r['cycles_per_packet']:>16,.0f}{r['ratio_to_quiet']:>10.2f}"
              f"{r['p99_to_quiet']:>14.2f}{r['lost']:>6,}{r['refused']:>10,}"
              f"{number(r['cycles_per_refused']):>12}  {drops}")


def targets(results):
    row = {r["disturbance"]: r for r in results}
    unnamed = sum(r["refused"] - sum(r["drops"].values()) for r in results)
    return judge([
        ("packets of calls lost", sum(r["lost"] for r in results), 0, "{:,.0f}", True),
        ("bad packets without a name", unnamed, 0, "{:,.0f}", True),
        ("2,000 opens a second: cycles, of quiet", row["opens"]["ratio_to_quiet"], 1.05, "{:.2f}", True),
        ("one call captured: cycles, of quiet", row["capture-1"]["ratio_to_quiet"], 1.05, "{:.2f}", True),
    ])


def main():
    args = arguments()
    load_before = round(os.getloadavg()[0], 2)
    status, results, facts = run(args)
    flooded, opened = disturb_live.measure(args) if args.flood or args.socket else ([], [])
    report = {"bench": "disturb", "machine": {**machine_facts(load_before), **facts}, "commit": commit(),
              "command": " ".join(["bench/run disturb"] + [w for w in ("--quick", "--flood", "--socket") if getattr(args, w[2:])]),
              "targets": (targets(results) if results else []) + judge(disturb_live.targets(flooded, opened)),
              "results": results, "floods": flooded, "opens": opened}
    if args.json and results:
        with open(args.json, "w", encoding="utf-8") as f:
            json.dump(report, f, indent=1)
            f.write("\n")
    if results:
        m = report["machine"]
        print(f"sluice {report['commit']} on {m['model']}, core {m.get('cpu')}; load {m['load_before']} to "
              f"{m['load_after']}; a call opened, set up and closed: {m.get('main_us_per_call', 0):.1f} us of the main thread")
        table(results)
        disturb_live.show(flooded, opened)
        show(f"{args.calls:,} calls, RTP on one leg, AES_CM_128_HMAC_SHA1_80 on the other", report["targets"])
    if status != 0:
        sys.exit(f"disturb: the program ended with {status}: see above")
    if disturb_live.lost_by_relay(flooded + opened):
        sys.exit("disturb: packets of calls were lost by the relay: see above")


if __name__ == "__main__":
    main()
