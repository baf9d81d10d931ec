#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs sluice-bench-relay; sets its figures beside the targets, prints them, writes JSON and charts."""
import argparse
import json
import os
import subprocess
import sys

import relay_chart
from machine import commit, machine_facts, number
from targets import judge, show

PRODUCT = "AES_CM_128_HMAC_SHA1_80"
SUITES = [
    PRODUCT, "AES_CM_128_HMAC_SHA1_32", "AES_192_CM_HMAC_SHA1_80", "AES_192_CM_HMAC_SHA1_32",
    "AES_256_CM_HMAC_SHA1_80", "AES_256_CM_HMAC_SHA1_32", "AEAD_AES_128_GCM", "AEAD_AES_256_GCM",
]
CALLS = [100, 1000, 10000, 50000]
QUICK = {"rounds": 3, "round_ms": 12, "warm_ms": 80}
FULL = {"rounds": 9, "round_ms": 60, "warm_ms": 300}
SOAK_S = 1800
SOAK_MIXES = ["rtp-srtp", "srtp-srtp"]


def arguments():
    def words(text):
        return [w for w in text.split(",") if w]

    p = argparse.ArgumentParser(prog="bench/run relay", description=(
        "Measures the relay's worker on one pinned core with ports in memory: every path, suite and "
        "number of calls, beside the roofline (raw IPsec-MB calls for the same packets). "
        "About ten minutes."))
    p.add_argument("--program", help=argparse.SUPPRESS)
    p.add_argument("--quick", action="store_true", help="the same rows in shorter rounds: within three minutes")
    p.add_argument("--json", metavar="FILE", help="write all results as JSON")
    p.add_argument("--svg", metavar="DIR", help="draw charts (gnuplot)")
    p.add_argument("--suite", type=words, help="only these, with commas: " + ", ".join(SUITES))
    p.add_argument("--calls", type=lambda t: [int(w) for w in words(t)], help="with commas; not above 100000")
    p.add_argument("--mix", type=words, help="only these, with commas: rtp-rtp, rtp-srtp, srtp-srtp")
    p.add_argument("--cpu", type=int, help="core; the last one unless told")
    p.add_argument("--soak", nargs="?", type=int, const=SOAK_S, metavar="SECONDS",
                   help=f"run for {SOAK_S} s instead: every packet is decrypted and compared, every "
                   "stream crosses its wrap, memory must not grow")
    return p.parse_args()


def command(args):
    times = QUICK if args.quick else FULL
    calls = args.calls or (CALLS if args.soak is None else [1000])
    mixes = args.mix or (["rtp-rtp", "rtp-srtp", "srtp-srtp"] if args.soak is None else SOAK_MIXES)
    suites = args.suite or (SUITES if args.soak is None else [PRODUCT])
    words = [args.program, "--suite", ",".join(suites), "--calls", ",".join(map(str, calls)),
             "--mix", ",".join(mixes)]
    for name, value in times.items():
        words += ["--" + name.replace("_", "-"), str(value)]
    if args.cpu is not None:
        words += ["--cpu", str(args.cpu)]
    if args.soak is not None:
        runs = len(suites) * len(calls) * len(mixes)
        words += ["--soak", str(max(1, args.soak // runs))]
    return words


def text_of(words):
    """The command as it was given: without what bench/run adds."""
    if words[:1] == ["--program"]:
        words = words[2:]
    return " ".join(["bench/run relay", *words])


def soak_targets(results):
    rows = [(name, sum(r[field] for r in results), 0, "{:,.0f}", True) for name, field in (
        ("soak: packets lost", "lost"), ("soak: packets wrong", "wrong"), ("soak: buffers missing", "buffers_missing"))]
    rows.append(("soak: memory grew by, KiB", max(r["grown_kib"] for r in results), 1024, "{:,.0f}", True))
    rows.append(("soak: wraps that each stream crossed", min(r["wraps_of_each_stream"] for r in results), 1, "{:,.0f}",
                 False))
    return judge(rows)


def run(args):
    done = subprocess.run(command(args), stdout=subprocess.PIPE, text=True, check=False)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    facts = [row["facts"] for row in rows if "facts" in row]
    return done.returncode, [row for row in rows if "facts" not in row], facts[0] if facts else {}


def ordered(results):
    paths = ["RTP->RTP", "RTP->SRTP", "SRTP->RTP", "SRTP->SRTP"]
    return sorted(results, key=lambda r: (
        -1 if r["suite"] == "none" else SUITES.index(r["suite"]), paths.index(r["path"]), r["calls"]))


def table(results):
    suite = None
    print("\nThe worker's own time: cycles a packet (TSC), packets a second, of the roofline's packets a second.")
    for r in results:
        if r["suite"] != suite:
            suite = r["suite"]
            print(f"\n{suite if suite != 'none' else 'plain'}\n  {'path':12}{'calls':>8}{'Mpps':>8}"
                  f"{'cycles':>8}{'roofline':>10}{'of it':>7}{'lost':>6}")
        print(f"  {r['path']:12}{r['calls']:>8,}{r['pps'] / 1e6:>8.2f}{r['cycles_per_packet']:>8,.0f}"
              f"{number(r['roofline_cycles']):>10}{number(r['ratio_to_roofline'], '{:.0%}'):>7}{r['lost']:>6}")


def stages(results):
    shown = [r for r in results if r["suite"] in ("none", PRODUCT)]
    if not shown:
        return
    names = list(shown[0]["stages"])
    print(f"\nStages, cycles a packet ({PRODUCT}, and plain)\n  {'path':12}{'calls':>8}"
          + "".join(f"{n:>10}" for n in names))
    for r in shown:
        print(f"  {r['path']:12}{r['calls']:>8,}" + "".join(f"{r['stages'][n]:>10.0f}" for n in names))


def pick(results, field, paths, calls, function=min):
    """The worse of a field over paths, at so many calls, of the suite of the product or plain."""
    values = [r[field] for r in results if r["path"] in paths and r["calls"] == calls
              and r["suite"] in ("none", PRODUCT)]
    return function(values) if len(values) == len(paths) else None


def growth(results, path):
    few, many = (pick(results, "cycles_per_packet", [path], n) for n in (1000, 50000))
    return many / few if few and many else None


def mpps(value):
    return value and value / 1e6


def targets(results):
    one, two, plain = ["RTP->SRTP", "SRTP->RTP"], ["SRTP->SRTP"], ["RTP->RTP"]
    rows = [(f"one operation, {n:,} calls: of the roofline",
             pick(results, "ratio_to_roofline", one, n), 0.6, "{:.0%}", False) for n in (1000, 50000)]
    rows.append(("one operation, 50,000 calls: Mpps", mpps(pick(results, "pps", one, 50000)), 5, "{:.1f}", False))
    rows += [(f"two operations, {n:,} calls: of the roofline",
              pick(results, "ratio_to_roofline", two, n), 0.7, "{:.0%}", False) for n in (1000, 50000)]
    rows += [(f"plain, {n:,} calls: Mpps", mpps(pick(results, "pps", plain, n)), 10, "{:.1f}", False)
             for n in (1000, 50000)]
    rows += [(f"{path}: cycles at 50,000 calls of those at 1,000", growth(results, path), 1.6, "{:.2f}", True)
             for path in plain + one + two]
    rows.append(("packets lost", sum(r["lost"] for r in results), 0, "{:,.0f}", True))
    return judge(rows)


def soak_print(results):
    for r in results:
        mix = ["rtp-rtp", "rtp-srtp", "srtp-srtp"][r["mix"]]
        print(f"soak {mix} {r['soak']}, {r['calls']:,} calls, {r['seconds']:.0f} s: {r['packets']:,} packets, "
              f"{r['decrypted_and_compared']:,} decrypted and compared, each stream crossed "
              f"{r['wraps_of_each_stream']:,} wraps; lost {r['lost']}, wrong {r['wrong']}, memory grew "
              f"{r['grown_kib']} KiB, buffers missing {r['buffers_missing']}")


def main():
    args = arguments()
    load_before = round(os.getloadavg()[0], 2)
    status, results, facts = run(args)
    if args.soak is not None:
        soak_print(results)
    elif status == 0:
        results = ordered(results)
    report = {"bench": "relay", "machine": {**machine_facts(load_before), **facts}, "commit": commit(),
              "command": text_of(sys.argv[1:]), "targets": [], "results": results}
    if results and args.soak is not None:
        report["targets"] = soak_targets(results)
    elif status == 0:
        report["targets"] = targets(results)
    if args.json and results:
        with open(args.json, "w", encoding="utf-8") as f:
            json.dump(report, f, indent=1)
            f.write("\n")
    if status != 0:
        sys.exit(f"relay: the program ended with {status}: see above")
    m = report["machine"]
    print(f"sluice {report['commit']} on {m['model']}, {m['cores']} cores"
          f"{' (virtual)' if m['virtual'] else ''}, core {m['cpu']}, TSC {m['tsc_mhz']:,.0f} MHz")
    print(f"IPsec-MB {m['ipsec_mb']} ({m['engine_features']}); load {m['load_before']} to {m['load_after']}, "
          f"the core was ours {m['core_was_ours']:.0%} of {m['run_s']:.0f} s")
    if args.soak is not None:
        return
    table(results)
    stages(results)
    show(f"{PRODUCT}, 160 bytes, one worker; of two paths the worse", report["targets"])
    if args.svg:
        relay_chart.draw(args.svg, results, PRODUCT)


if __name__ == "__main__":
    main()
