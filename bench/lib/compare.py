#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""sluice and rtpengine on the same core, the same packets, the same run."""
import argparse
import json
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../compare"))

import chart  # noqa: E402
import cpu  # noqa: E402
import lab as labs  # noqa: E402
import load  # noqa: E402
import memory  # noqa: E402
import search  # noqa: E402
import system_rtpengine  # noqa: E402
import system_sluice  # noqa: E402
from machine import commit, machine_facts  # noqa: E402
from targets import judge, show  # noqa: E402

# Not the same suite on both legs: then rtpengine would pass SRTP through as it is, with the keys of
# one end at the other. The cipher and the hash are the same; the tag is 6 bytes shorter on one leg.
PATHS = {
    "RTP->RTP": ("none", "none"),
    "RTP->SRTP": ("none", "AES_CM_128_HMAC_SHA1_80"),
    "SRTP->SRTP": ("AES_CM_128_HMAC_SHA1_32", "AES_CM_128_HMAC_SHA1_80"),
}
SYSTEMS = {
    "rtpengine-userspace": "all threads of the daemon, and the kernel's UDP receive and send on its core",
    "rtpengine-kernel": "the daemon and its kernel module, all on its core",
    "sluice-af_packet": "all threads of the data plane, and the kernel's share of receiving and sending on its core",
    "sluice-af_xdp": "all threads of the data plane, the kernel's thread that receives (XDP program, copy into the "
                     "socket), and the kernel's sending",
    "sluice-memory": "the worker alone, ports in memory: with a NIC of its own there is no kernel part, and the NIC's "
                     "driver is not in it; the generator's core is kept at work meanwhile",
}
BASE = "rtpengine-userspace"
TARGET = 40
FULL = {"run_s": 1.5, "final_s": 3.0, "calls": 1000, "precision": 1.04, "tries": 3}
QUICK = {"run_s": 0.4, "final_s": 1.0, "calls": 1000, "precision": 1.1, "tries": 2}
FIRST_PPS, MOST_PPS = 20000, 2000000
FINALS = 3  # runs that the CPU time is the median of
SHARE_OF_MOST = 0.9  # of the maximum, where they run


def arguments():
    def words(text):
        return [w for w in text.split(",") if w]

    p = argparse.ArgumentParser(prog="bench/run compare", description=(
        "Measures sluice and Debian's rtpengine on the same core: CPU time a relayed packet, and packets a second at "
        "under 0.1 % loss. In network namespaces of its own; needs root and two cores. About 6 minutes."))
    p.add_argument("--build", help=argparse.SUPPRESS)
    p.add_argument("--quick", action="store_true", help="shorter runs, within three minutes")
    p.add_argument("--json", metavar="FILE", help="write all results as JSON")
    p.add_argument("--svg", metavar="DIR", help="draw charts")
    p.add_argument("--systems", type=words, help="only these, with commas: " + ", ".join(SYSTEMS))
    p.add_argument("--paths", type=words, help="only these, with commas: " + ", ".join(PATHS))
    p.add_argument("--calls", type=int, help="streams, one a call; 1000 unless told")
    p.add_argument("--payload", type=int, default=160, help="bytes of voice a packet; 160 unless told")
    p.add_argument("--run-s", type=float, help="seconds of one run of the search")
    args = p.parse_args()
    for given, known in ((args.systems, SYSTEMS), (args.paths, PATHS)):
        for name in given or ():
            if name not in known:
                p.error(f"no '{name}'; there are: {', '.join(known)}")
    return args


def say(text):
    print(f"compare: {text}", file=sys.stderr, flush=True)


def command():
    """As it was given: without what bench/run adds."""
    words = sys.argv[1:]
    if words[:1] == ["--build"]:
        words = words[2:]
    return " ".join(["bench/run compare", *words])


def plan_of(args):
    wanted = dict(QUICK if args.quick else FULL)
    if args.calls:
        wanted["calls"] = args.calls
    if args.run_s:
        wanted["run_s"] = args.run_s
    wanted.update(payload=args.payload, build=args.build, quick=args.quick)
    return wanted


def start(lab, name, core, wanted):
    if name.startswith("rtpengine-"):
        return system_rtpengine.Rtpengine(lab, name.partition("-")[2], core, wanted["calls"])
    return system_sluice.Sluice(lab, wanted["build"], name.partition("-")[2], core, wanted["calls"])


def warm(generator):
    """A slow second, until a relay has learned all sources; then nothing may be lost."""
    for _ in range(5):
        counts = generator.run(10000, 0.3)
        if counts["lost"] == 0:
            return
    raise labs.Error(f"packets are lost at 10,000 packets/s already: {counts}")


def cell(lab, name, path, cores, wanted):
    """One system, one path: a row."""
    under_test, generator_core = cores
    system = start(lab, name, under_test, wanted)
    generator = None
    try:
        plan = os.path.join(lab.dir, "plan")
        system.install(*PATHS[path], plan)
        generator = load.Load(lab, f"{wanted['build']}/bench/load/sluice-bench-load", plan, wanted["payload"],
                              generator_core)
        warm(generator)

        def run(rate):
            counts = generator.run(rate, wanted["run_s"])
            return counts["loss"], counts["rate_pps"]

        found = search.Search(run, FIRST_PPS, MOST_PPS, wanted["precision"], wanted["tries"])
        pps = found.best()
        finals = [final(generator, system, under_test, pps, wanted["final_s"]) for _ in range(FINALS)]
    finally:
        if generator:
            generator.close()
        system.close()
    return row(name, path, pps, finals, found)


def final(generator, system, core, pps, seconds):
    """A run a little below the maximum, where nothing is dropped, and the CPU time that it took."""
    account = cpu.Account(system.pids, core)
    counts = generator.run((pps or FIRST_PPS) * SHARE_OF_MOST, seconds)
    used = account.stop()
    wrong = {k: counts[k] for k in ("repeated", "forged", "damaged", "stray") if counts[k]}
    if wrong:
        raise labs.Error(f"{system.process.name}: wrong packets came out: {wrong}")
    relayed = max(1, counts["good"] + counts["late"])
    return used["cpu_s"] * 1e6 / relayed, relayed, counts, used


def row(name, path, pps, finals, found):
    cpu_us, relayed, counts, used = sorted(finals, key=lambda f: f[0])[len(finals) // 2]
    return {
        "system": name, "path": path,
        "cpu_us_per_packet": round(cpu_us, 3),
        "pps_at_0_1_percent_loss": round(pps),
        "generator_limited": found.generator_limited,
        "core_busy_us_per_packet": round(used["core_busy_s"] * 1e6 / relayed, 3),
        "core_stolen_s": round(used["core_stolen_s"], 3),
        "measured_at_pps": round(counts["rate_pps"]), "measured_packets": relayed,
        "measured_loss": round(counts["loss"], 6), "includes": SYSTEMS[name], "trials": found.trials,
    }


def systems_of(args):
    """Names to measure here, and why others are not: {name: reason}."""
    missing = {}
    loaded, reason = system_rtpengine.kernel_module()
    if not loaded:
        missing["rtpengine-kernel"] = reason
    if not system_rtpengine.version():
        missing.setdefault("rtpengine-kernel", "")
        for name in ("rtpengine-userspace", "rtpengine-kernel"):
            missing[name] = "rtpengine is not installed (Debian's package rtpengine-daemon)"
    names = args.systems or list(SYSTEMS)
    return [n for n in names if n not in missing], {n: r for n, r in missing.items() if n in names}


def measure(names, paths, wanted):
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        sys.exit("compare: two cores are needed: one for the relay, one for the load generator")
    chosen = (cores[-1], cores[0])
    results, begun = [], time.monotonic()
    over_wire = [n for n in names if n != "sluice-memory"]
    # One path after another, all systems of it close together: what disturbs them is alike.
    for path in paths:
        for name in over_wire:
            say(f"{path}: {name}, {time.monotonic() - begun:.0f} s")
            # a network of its own for each: nothing of the one before is left
            with labs.Lab() as lab:
                lab.steer(lab.peers, labs.PEERS_DEVICE, chosen[1])
                results.append(cell(lab, name, path, chosen, wanted))
    return results, chosen


def relate(results):
    """Adds ratios: how many times less CPU, and how many times as many packets, than rtpengine."""
    base = {r["path"]: r for r in results if r["system"] == BASE}
    for r in results:
        other = base.get(r["path"])
        for name, a, b in (("cpu_ratio_to_rtpengine", other and other["cpu_us_per_packet"], r["cpu_us_per_packet"]),
                           ("pps_ratio_to_rtpengine", r["pps_at_0_1_percent_loss"],
                            other and other["pps_at_0_1_percent_loss"])):
            r[name] = round(a / b, 2) if a and b else None


def table(report):
    print(f"\n  {'path':11}{'system':22}{'CPU us/packet':>14}{'times less':>12}{'packets/s':>13}{'times more':>12}")
    for r in report["results"]:
        limited = ">=" if r["generator_limited"] else ""
        less, more = r["cpu_ratio_to_rtpengine"], r["pps_ratio_to_rtpengine"]
        print(f"  {r['path']:11}{r['system']:22}{r['cpu_us_per_packet']:>14.3f}"
              f"{'-' if less is None else f'{less:,.1f}':>12}"
              f"{limited + format(r['pps_at_0_1_percent_loss'], ','):>13}"
              f"{'-' if more is None else f'{more:,.1f}':>12}")
    print("\nWhat the CPU time is that of:")
    for name in dict.fromkeys(r["system"] for r in report["results"]):
        print(f"  {name}: {SYSTEMS[name]}")
    for r in report["results"]:
        if r.get("cpu_us_per_packet_alone"):
            print(f"  {r['system']}, {r['path']}: {r['cpu_us_per_packet_alone']:.3f} us with the generator's core idle")
    if any(r["generator_limited"] for r in report["results"]):
        print("  >=: the load generator could send no more")
    for name, reason in report["not_measured"].items():
        print(f"  {name}: not part of the comparison: {reason}")


def targets(results):
    found = [r["cpu_ratio_to_rtpengine"] for r in results if (r["system"], r["path"]) == ("sluice-memory", "RTP->SRTP")]
    return judge([(f"times less CPU a packet than {BASE}, RTP->SRTP, the worker", found[0] if found else None, TARGET,
                   "{:,.1f}", False)])


def draw(folder, report):
    os.makedirs(folder, exist_ok=True)
    for field, title, unit in (
            ("cpu_us_per_packet", "CPU time a relayed packet", "microseconds, less is better"),
            ("pps_at_0_1_percent_loss", "Packets a second at under 0.1 % loss", "packets/s, one core")):
        groups = {path: {r["system"]: r[field] for r in report["results"] if r["path"] == path} for path in PATHS}
        path = os.path.join(folder, f"compare-{field.split('_', maxsplit=1)[0]}.svg")
        with open(path, "w", encoding="utf-8") as f:
            f.write(chart.bars(title, unit, {k: v for k, v in groups.items() if v}, log=True))
        print(f"compare: {path}")


def main():
    args = arguments()
    if os.geteuid() != 0:
        sys.exit("compare: needs root, for network namespaces: sudo bench/run compare")
    wanted = plan_of(args)
    names, missing = systems_of(args)
    paths = args.paths or list(PATHS)
    for name, reason in missing.items():
        say(f"{name} is not part of the comparison: {reason}")
    load_before = round(os.getloadavg()[0], 2)
    try:
        results, cores = measure(names, paths, wanted)
        if "sluice-memory" in names:
            say("sluice-memory")
            results += memory.rows(wanted, paths, cores, SYSTEMS["sluice-memory"])
    except labs.Error as error:
        sys.exit(f"compare: {error}")
    relate(results)
    results.sort(key=lambda r: (list(PATHS).index(r["path"]), list(SYSTEMS).index(r["system"])))
    report = {
        "bench": "compare",
        "machine": {**machine_facts(load_before), "core_of_relay": cores[0], "core_of_generator": cores[1],
                    "rtpengine": system_rtpengine.version()},
        "commit": commit(), "command": command(),
        "calls": wanted["calls"], "payload": wanted["payload"], "run_s": wanted["run_s"],
        "not_measured": missing, "targets": targets(results), "results": results,
    }
    m = report["machine"]
    print(f"sluice {report['commit']} and rtpengine {m['rtpengine']} on {m['model']}, {m['cores']} cores"
          f"{' (virtual)' if m['virtual'] else ''}; {wanted['calls']} calls, load {m['load_before']} to "
          f"{m['load_after']}")
    table(report)
    show("", report["targets"])
    if args.json:
        with open(args.json, "w", encoding="utf-8") as f:
            json.dump(report, f, indent=1)
            f.write("\n")
    if args.svg:
        draw(args.svg, report)


if __name__ == "__main__":
    main()
