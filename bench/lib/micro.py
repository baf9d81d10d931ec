#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs sluice-bench-micro; sets its figures in relation, prints them, writes JSON and charts."""
import argparse
import json
import os
import subprocess
import sys
import time

import micro_chart
from machine import commit, machine_facts, number
from targets import judge, show

PRODUCT = "AES_CM_128_HMAC_SHA1_80"
SUITES = [
    PRODUCT, "AES_CM_128_HMAC_SHA1_32", "AES_192_CM_HMAC_SHA1_80", "AES_192_CM_HMAC_SHA1_32",
    "AES_256_CM_HMAC_SHA1_80", "AES_256_CM_HMAC_SHA1_32", "AEAD_AES_128_GCM", "AEAD_AES_256_GCM",
]
GCM = ["AEAD_AES_128_GCM", "AEAD_AES_256_GCM"]
LIBSRTP_MOST = 4000  # streams; 29 KB a session, two sessions a stream
QUICK = {"suite": [PRODUCT] + GCM, "payload": [20, 160, 1200],
         "streams": [1, 1000, 100000], "burst": [64, 8], "rounds": 3, "round_ms": 4, "warm_ms": 30}
FULL = {"suite": SUITES, "payload": [20, 80, 160, 320, 1200],
        "streams": [1, 1000, LIBSRTP_MOST, 10000, 100000], "burst": [64, 32, 8, 1],
        "rounds": 4, "round_ms": 15, "warm_ms": 80}


def arguments():
    def words(text):
        return [w for w in text.split(",") if w]

    def numbers(text):
        return [int(w) for w in words(text)]

    p = argparse.ArgumentParser(prog="bench/run micro", description=(
        "Measures SRTP on one pinned core: every suite, both ways, SRTP and SRTCP, beside the "
        "roofline (raw IPsec-MB calls for the same packets) and libsrtp2. A long run; see --quick."))
    p.add_argument("--program", help=argparse.SUPPRESS)
    p.add_argument("--quick", action="store_true", help="fewer combinations, within a minute")
    p.add_argument("--json", metavar="FILE", help="write all results as JSON")
    p.add_argument("--svg", metavar="DIR", help="draw charts (gnuplot)")
    p.add_argument("--suite", type=words, help="only these, with commas: " + ", ".join(SUITES))
    p.add_argument("--payload", type=numbers, help="bytes, with commas")
    p.add_argument("--streams", type=numbers)
    p.add_argument("--burst", type=numbers, help="packets, up to 64")
    p.add_argument("--cpu", type=int, help="core; the last one unless told")
    p.add_argument("--huge", action="store_true",
                   help="keys in transparent huge pages (the data plane has them in small ones)")
    p.add_argument("--all", action="store_true", help="print every row, not the telling ones")
    return p.parse_args()


def plan(args):
    """What to measure: the defaults of quick or full, and what the arguments say instead."""
    wanted = dict(QUICK if args.quick else FULL)
    for name in ("suite", "payload", "streams", "burst"):
        given = getattr(args, name)
        if given:
            wanted[name] = given
    unknown = [s for s in wanted["suite"] if s not in SUITES]
    if unknown:
        sys.exit(f"micro: no suite {unknown[0]}; there are: {', '.join(SUITES)}")
    return wanted


def command(args, wanted, suite):
    streams = wanted["streams"]
    # Making so many sessions of libsrtp2 takes a minute: only for the suite of the product.
    most = LIBSRTP_MOST if suite == PRODUCT and not args.quick else 1000
    if not args.streams and suite != PRODUCT:
        streams = [n for n in streams if n != LIBSRTP_MOST]

    def text(values):
        return ",".join(map(str, values))

    words = [args.program, "--suite", suite, "--payload", text(wanted["payload"]),
             "--streams", text(streams), "--burst", text(wanted["burst"]),
             "--rounds", str(wanted["rounds"]), "--round-ms", str(wanted["round_ms"]),
             "--warm-ms", str(wanted["warm_ms"]), "--libsrtp-streams", str(most)]
    if args.cpu is not None:
        words += ["--cpu", str(args.cpu)]
    return words + (["--huge"] if args.huge else [])


def measure(args, wanted):
    results, facts = [], []
    start = time.monotonic()
    for number, suite in enumerate(wanted["suite"], 1):
        print(f"micro: [{number}/{len(wanted['suite'])}] {suite}, {time.monotonic() - start:.0f} s",
              file=sys.stderr)
        done = subprocess.run(command(args, wanted, suite), stdout=subprocess.PIPE, text=True,
                              check=False)
        if done.returncode != 0:
            sys.exit(f"micro: {suite}: the program ended with {done.returncode}")
        for line in done.stdout.splitlines():
            row = json.loads(line)
            if "facts" in row:
                facts.append({"suite": suite, **row["facts"]})
            else:
                results.append(row)
    return results, facts


def relate(results):
    """Adds the ratios: how many times as many packets a second as the other does."""
    roofline, libsrtp = {}, {}
    for r in results:
        key = (r["suite"], r["op"], r["payload"])
        if r["engine"] == "roofline":
            roofline[key + (r["streams"], r["burst"])] = r["cycles_per_packet"]
        elif r["engine"] == "libsrtp2":
            libsrtp.setdefault(key, {})[r["streams"]] = r["cycles_per_packet"]
    for r in results:
        key = (r["suite"], r["op"], r["payload"])
        cycles = r["cycles_per_packet"]
        line = roofline.get(key + (r["streams"], r["burst"]))
        r["ratio_to_roofline"] = round(line / cycles, 3) if line else None
        # libsrtp2 has no bursts, and not as many streams: the most that are not more than ours
        have = [n for n in libsrtp.get(key, {}) if n <= r["streams"]]
        r["libsrtp_streams"] = max(have) if have else None
        r["ratio_to_libsrtp"] = round(libsrtp[key][max(have)] / cycles, 2) if have else None


def machine(facts, load_before):
    first = facts[0]
    total = sum(f["run_s"] for f in facts)
    keep = ("cpu", "tsc_mhz", "engine_features", "ipsec_mb", "libsrtp2", "huge_pages", "rounds",
            "round_ms")
    return {
        **machine_facts(load_before), **{name: first[name] for name in keep},
        "stream_bytes": {f["suite"]: {"hot": f["hot_bytes_per_stream"],
                                      "all": f["context_bytes_per_stream"]} for f in facts},
        "run_s": round(total, 1),
        "core_was_ours": round(sum(f["core_was_ours"] * f["run_s"] for f in facts) / total, 3),
    }


def table(results, everything):
    by_key = {}
    for r in results:
        key = (r["suite"], r["op"], r["payload"], r["streams"], r["burst"])
        by_key.setdefault(key, {})[r["engine"]] = r
    most = max(r["burst"] for r in results)
    suite = None
    print("\nCycles a packet (TSC); of roofline, of libsrtp2: how many times its packets a second. engine: our own"
          "\nbursts on the engine libsrtp. What has no bursts is measured once.")
    for key, engines in sorted(by_key.items(), key=lambda i: (SUITES.index(i[0][0]), i[0][1:])):
        ours = engines.get("ipsec_mb")
        usual = key[4] == most and key[1].startswith("srtp_") or key[0] == PRODUCT and key[2] == 160
        if not ours or not (usual or everything):
            continue
        if key[0] != suite:
            suite = key[0]
            print(f"\n{suite}\n  {'op':16}{'payload':>8}{'streams':>9}{'burst':>6}{'Mpps':>8}"
                  f"{'roofline':>10}{'sluice':>8}{'libsrtp2':>10}{'engine':>10}{'of roofl.':>10}{'of libsrtp2':>13}")
        libsrtp, portable = engines.get("libsrtp2"), engines.get("libsrtp")
        print(f"  {key[1]:16}{key[2]:>8}{key[3]:>9,}{key[4]:>6}{ours['pps'] / 1e6:>8.2f}"
              f"{number(engines.get('roofline', {}).get('cycles_per_packet')):>10}"
              f"{number(ours['cycles_per_packet']):>8}"
              f"{number(libsrtp and libsrtp['cycles_per_packet']):>10}"
              f"{number(portable and portable['cycles_per_packet']):>10}"
              f"{number(ours['ratio_to_roofline'], '{:.0%}'):>10}"
              f"{number(ours['ratio_to_libsrtp'], '{:,.1f}'):>13}")


def worst(results, field, **where):
    """The lesser of protect and unprotect, at burst 64, 160 bytes, the product's suite."""
    fixed = {"engine": "ipsec_mb", "suite": PRODUCT, "payload": 160, "burst": 64, **where}
    found = {r["op"]: r[field] for r in results
             if all(r[k] == v for k, v in fixed.items()) and r["op"].startswith("srtp_")}
    values = [v for v in found.values() if v is not None]
    return min(values) if len(values) == 2 else None


def gcm_share(results, suite):
    """Share of sizes and streams, at the longest burst, where this GCM takes fewer cycles than _80.

    The two took turns: "ipsec_mb_80" is the engine with the other suite, in the same rounds."""
    def cycles(engine):
        return {(r["op"], r["payload"], r["streams"], r["burst"]): r["cycles_per_packet"]
                for r in results if r["engine"] == engine and r["suite"] == suite}

    ours, other = cycles("ipsec_mb"), cycles("ipsec_mb_80")
    faster = [ours[key] < other[key] for key in other if key[0].startswith("srtp_")]
    return sum(faster) / len(faster) if faster else None


def targets(results, facts):
    hot = max(f["hot_bytes_per_stream"] for f in facts)
    ratio = [
        ("of the roofline, 1,000 streams", "ratio_to_roofline", {"streams": 1000}, 0.8, "{:.0%}"),
        ("of the roofline, 100,000 streams", "ratio_to_roofline", {"streams": 100000}, 0.7, "{:.0%}"),
        ("times libsrtp2, one stream", "ratio_to_libsrtp", {"streams": 1}, 10, "{:,.0f}"),
        ("times libsrtp2, 4,000 streams", "ratio_to_libsrtp", {"streams": LIBSRTP_MOST}, 100, "{:,.0f}"),
    ]
    rows = [(name, worst(results, field, **where), least, form, False)
            for name, field, where, least, form in ratio]
    for suite in GCM:
        rows.append((f"of sizes where {suite} is faster", gcm_share(results, suite), 1, "{:.0%}",
                     False))
    rows.append(("bytes a stream, what RTP touches, any suite", hot, 1024, "{:,.0f}", True))
    return judge(rows)


def context_sizes(facts):
    print("\nBytes a stream, both contexts: what RTP touches, and in all")
    for f in facts:
        print(f"  {f['suite']:50}{f['hot_bytes_per_stream']:>8,}"
              f"{f['context_bytes_per_stream']:>8,}")


def main():
    args = arguments()
    wanted = plan(args)
    load_before = round(os.getloadavg()[0], 2)
    results, facts = measure(args, wanted)
    relate(results)
    report = {"bench": "micro", "machine": machine(facts, load_before), "commit": commit(),
              "command": " ".join(["bench/run micro"] + (["--quick"] if args.quick else [])),
              "targets": targets(results, facts), "results": results}
    if args.json:
        with open(args.json, "w", encoding="utf-8") as f:
            json.dump(report, f, indent=1)
            f.write("\n")
    m = report["machine"]
    print(f"sluice {report['commit']} on {m['model']}, {m['cores']} cores"
          f"{' (virtual)' if m['virtual'] else ''}, core {m['cpu']}, TSC {m['tsc_mhz']:,.0f} MHz")
    print(f"IPsec-MB {m['ipsec_mb']} ({m['engine_features']}), {m['libsrtp2']}; load {m['load_before']}"
          f" to {m['load_after']}, the core was ours {m['core_was_ours']:.0%} of the time")
    table(results, args.all)
    show(f"{PRODUCT}, 160 bytes, burst 64, the lesser of protect and unprotect", report["targets"])
    context_sizes(facts)
    if args.svg:
        micro_chart.draw(args.svg, results, PRODUCT)


if __name__ == "__main__":
    main()
