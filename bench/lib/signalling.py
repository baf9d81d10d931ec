#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls a second through the control plane on one core, what a call costs it, and what it adds to the set-up."""
import argparse
import json
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../compare"))

import cpu  # noqa: E402
import search  # noqa: E402
import signalling_chart  # noqa: E402
import signalling_overload  # noqa: E402
from machine import commit, machine_facts  # noqa: E402
from signalling_rig import Error, Rig  # noqa: E402
from targets import judge, show  # noqa: E402

TRANSPORTS = ["tls", "tcp", "udp"]
# The time after which a caller over UDP would repeat its request (RFC 3261 17.1.1.2, T1): a relay that takes longer
# cannot keep up. It also tells a rate that is kept from one whose queues only have not overflowed yet.
SETUP_MAX_US = 500_000
TALK_MS = 100
FIRST_RATE, MOST_RATE = 500, 40_000
FULL = {"run_s": 3.0, "final_s": 10.0, "precision": 1.03, "tries": 2, "held": 20_000, "overload_s": 10.0}
QUICK = {"run_s": 1.0, "final_s": 3.0, "precision": 1.08, "tries": 1, "held": 20_000, "overload_s": 3.0}
SMOKE = {"run_s": 0.4, "final_s": 0.6, "precision": 1.5, "tries": 1, "held": 200, "overload_s": 2.0}
LOOKUPS = "1000,100000"
# a transaction over UDP stays for 32 s after its answer (RFC 3261 17): room for those of a run
CALLS_MAX = 100_000
ROOM = 6000  # calls above those that are held: lingering ones


def arguments():
    def words(text):
        return [w for w in text.split(",") if w]

    p = argparse.ArgumentParser(prog="bench/run signalling", description=(
        "Measures sluice-controlplane on one core, with a running data plane and both ends of all calls on another: "
        "complete calls (INVITE, 180, 200, ACK, BYE, 200) a second without a failure, CPU time and memory of a call, "
        "set-up time that the relay adds at half of the maximum. Over persistent connections of four callers and "
        "four callees, with call records; over TLS both sides show certificates and keys are exchanged (SDES) and "
        "installed. About eight minutes."))
    p.add_argument("--build", help=argparse.SUPPRESS)
    p.add_argument("--quick", action="store_true", help="the same rows in shorter runs, within three minutes")
    p.add_argument("--smoke", action="store_true", help=argparse.SUPPRESS)
    p.add_argument("--overload", action="store_true", help=(
        "instead: what is answered at half, once, twice, five and ten times the calls a second that are kept; about six minutes, with "
        "--quick within three"))
    p.add_argument("--rates", type=lambda t: [float(r) for r in t.split(",")], metavar="CALLS_PER_S,...",
                   help="with --overload: at these, rather than parts and multiples of the most that is kept")
    p.add_argument("--transports", type=words, default=TRANSPORTS, help="only these, with commas: tls, tcp, udp")
    p.add_argument("--cores", type=lambda t: [int(c) for c in t.split(",")], metavar="CONTROL,OTHERS",
                   help="the last two unless told")
    p.add_argument("--json", metavar="FILE", help="write all results as JSON")
    p.add_argument("--svg", metavar="DIR", help="draw charts")
    args = p.parse_args()
    have = sorted(os.sched_getaffinity(0))
    if len(have) < 2:
        sys.exit("signalling: two cores are needed, one for the control plane and one for all else")
    args.cores = args.cores or [have[-1], have[-2]]
    if len(set(args.cores)) != 2 or not set(args.cores) <= set(have):
        sys.exit(f"signalling: --cores: two of {have} are needed")
    if not set(args.transports) <= set(TRANSPORTS) or not args.transports:
        sys.exit(f"signalling: --transports: of {', '.join(TRANSPORTS)}")
    return args


def is_kept(run):
    return run["failed"] == 0 and run["completed"] == run["started"] and run["setup_us"]["max"] < SETUP_MAX_US


def calls_run(rig, rate, seconds):
    """One run, with what it cost."""
    pids = {"control": rig.controlplane.pid, "data": rig.dataplane.pid}
    before = {name: cpu.process_s(pid) for name, pid in pids.items()}
    start = time.monotonic()
    run = rig.generator.do(f"run {rate:.3f} {seconds} {TALK_MS}")
    run["wall_s"] = time.monotonic() - start
    for name, pid in pids.items():
        run[f"{name}_cpu_s"] = cpu.process_s(pid) - before[name]
    run["reached"] = run["started"] / max(run["start_s"], seconds)
    return run


def trial(rig, seconds):
    def run(rate):
        done = calls_run(rig, rate, seconds)
        kept = is_kept(done)
        print(f"signalling: {rig.transport}: {rate:,.0f} calls/s: {'kept' if kept else 'not kept'}; set-up at most "
              f"{done['setup_us']['max'] / 1e3:.0f} ms, {done['failed']} failed", file=sys.stderr)
        return (0.0 if kept else 1.0), done["reached"]

    return run


def confirm(args, transport, rate, seconds):
    """The found rate for longer, then half of it; less of it until it is kept. Each time with a control plane of its own: over UDP
    the transactions of the time before would still be there, and with many of them it refuses new ones. The rate, and both runs."""
    for _ in range(20):
        with Rig(args.build, transport, args.cores, CALLS_MAX) as rig:
            calls_run(rig, 100, 1)
            done = calls_run(rig, rate, seconds)
            if is_kept(done):
                half = calls_run(rig, rate / 2, seconds)
                if not is_kept(half):
                    raise Error(f"{transport}: half of {rate:,.0f} calls/s is not kept:\n{rig.log()}")
                return rate, done, half
        print(f"signalling: {transport}: {rate:,.0f} calls/s: not kept for {seconds:g} s; {done['failed']} failed", file=sys.stderr)
        rate *= 0.93
    raise Error(f"{transport}: no rate is kept for {seconds} s")


def rss(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        for line in f:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    raise Error(f"no memory of process {pid}")


def held(args, wanted, transport, rate):
    """Memory of the control plane a call, all of them answered: a process of its own that never had more."""
    with Rig(args.build, transport, args.cores, wanted["held"] + ROOM) as rig:
        rig.generator.do("run 100 1 0")
        before = rss(rig.controlplane.pid)
        done = rig.generator.do(f"hold {wanted['held']} {rate:.3f}")
        after = rss(rig.controlplane.pid)
        sessions = rig.ask("stats")["media"]["sessions"]
        if done["failed"] or done["answered"] != wanted["held"] or sessions != wanted["held"]:
            raise Error(f"{transport}: of {wanted['held']} calls {done['answered']} were answered, {done['failed']} "
                        f"failed, {sessions} have media:\n{rig.log()}")
    return (after - before) / wanted["held"]


def measure(args, wanted, transport, lookup):
    with Rig(args.build, transport, args.cores, CALLS_MAX) as rig:
        calls_run(rig, 100, 1)
        found = search.Search(trial(rig, wanted["run_s"]), FIRST_RATE, MOST_RATE, wanted["precision"], wanted["tries"])
        rate = found.best()
        if not rate:
            raise Error(f"{transport}: not even {FIRST_RATE / 16:.0f} calls/s are kept:\n{rig.log()}")
    rate, best, half = confirm(args, transport, rate, wanted["final_s"])
    calls = best["completed"]
    return {
        "transport": transport, "calls_per_second": round(best["completed"] / best["start_s"], 1),
        "cpu_us_per_call": round(best["control_cpu_s"] / calls * 1e6, 1),
        "dataplane_cpu_us_per_call": round(best["data_cpu_s"] / calls * 1e6, 1),
        "generator_cpu_us_per_call": round(best["generator_cpu_s"] / calls * 1e6, 1),
        "setup_p50_ms": round(half["setup_us"]["p50"] / 1e3, 3), "setup_p99_ms": round(half["setup_us"]["p99"] / 1e3, 3),
        "setup_max_ms": round(half["setup_us"]["max"] / 1e3, 3), "setup_at_calls_per_second": round(rate / 2, 1),
        "bytes_per_call": round(held(args, wanted, transport, rate * 0.6)), "held_calls": wanted["held"],
        "lookup_ratio": lookup["ratio"], "lookup_bare_ratio": lookup["bare_ratio"],
        "lookup_table_ratio": lookup["table_ratio"], "floor_ratio": lookup["floor_ratio"],
        "core_was_ours": round(best["control_cpu_s"] / best["wall_s"], 3),
        "generator_limited": found.generator_limited, "completed": calls, "failed": 0, "trials": found.trials,
    }


def lookups(args):
    program = f"{args.build}/bench/signalling/sluice-bench-signalling"
    done = subprocess.run([program, "--lookup", LOOKUPS, "--cpu", str(args.cores[0])], stdout=subprocess.PIPE,
                          text=True, check=False)
    if done.returncode:
        raise Error(f"{program} --lookup ended with {done.returncode}")
    few, many = (json.loads(line) for line in done.stdout.splitlines())
    # what the ratio would be of a table that waits for one line of memory more than among few, and for nothing else
    line = many["floor_ns"] - few["floor_ns"]
    return {"few": few, "many": many, "ratio": round(many["ns"] / few["ns"], 2),
            "bare_ratio": round(many["bare_ns"] / few["bare_ns"], 2),
            "table_ratio": round(many["table_ns"] / few["table_ns"], 2),
            "floor_ratio": round(1 + line / few["table_ns"], 2)}


def table(results):
    print(f"\n{'':6}{'calls/s':>9}{'µs a call':>11}{'data plane':>12}{'set-up p50':>12}{'p99':>9}{'B a call':>10}")
    for r in results:
        print(f"{r['transport']:6}{r['calls_per_second']:>9,.0f}{r['cpu_us_per_call']:>11,.0f}"
              f"{r['dataplane_cpu_us_per_call']:>12,.0f}{r['setup_p50_ms']:>9,.2f} ms{r['setup_p99_ms']:>6,.2f} ms"
              f"{r['bytes_per_call']:>10,}{'  (the generator is at its end)' if r['generator_limited'] else ''}")


def targets(results):
    tls = next((r for r in results if r["transport"] == "tls"), {})
    return judge([
        ("complete calls/s over mutual TLS", tls.get("calls_per_second"), 2000, "{:,.0f}", False),
        ("set-up added at half of that, p99, ms", tls.get("setup_p99_ms"), 20, "{:.2f}", True),
        (f"bytes a call at {tls.get('held_calls', 0):,} calls", tls.get("bytes_per_call"), 16384, "{:,.0f}", True),
        ("finding a transaction: cost at 100,000 of that at 1,000", tls.get("lookup_ratio"), 1.5, "{:.2f}", True),
    ])


def overload(args, wanted, load_before):
    results = [signalling_overload.measure(args, wanted, transport, trial, calls_run) for transport in args.transports]
    signalling_overload.show(results)
    if args.json:
        write(args.json, {"bench": "overload", "commit": commit(), "command": command(args),
                          "machine": machine_facts(load_before), "results": results})


def write(path, report):
    with open(path, "w", encoding="utf-8") as f:
        json.dump(report, f, indent=1)
        f.write("\n")


def command(args):
    return " ".join(["bench/run signalling"] + (["--quick"] if args.quick else []) + (["--overload"] if args.overload else [])
                    + (["--transports " + ",".join(args.transports)] if args.transports != TRANSPORTS else []))


def main():
    args = arguments()
    wanted = SMOKE if args.smoke else QUICK if args.quick else FULL
    load_before = round(os.getloadavg()[0], 2)
    try:
        if args.overload:
            overload(args, wanted, load_before)
            return
        lookup = lookups(args)
        results = [measure(args, wanted, transport, lookup) for transport in args.transports]
    except Error as error:
        sys.exit(f"signalling: {error}")
    report = {"bench": "signalling", "commit": commit(), "command": command(args),
              "machine": {**machine_facts(load_before), "core_of_control_plane": args.cores[0],
                          "core_of_all_else": args.cores[1]},
              "lookup": lookup, "targets": targets(results), "results": results}
    m = report["machine"]
    print(f"sluice {report['commit']} on {m['model']}, {m['cores']} cores{' (virtual)' if m['virtual'] else ''}; "
          f"load {m['load_before']} to {m['load_after']}")
    table(results)
    few, many = lookup["few"], lookup["many"]
    print(f"\nFinding a message's transaction adds to reading it ({few['parse_ns']:.0f} ns), among 1,000: {few['ns']:.0f} ns, "
          f"among 100,000: {many['ns']:.0f} ns (ratio {lookup['ratio']:.2f})\nwithout asking for memory ahead: "
          f"{few['bare_ns']:.0f} and {many['bare_ns']:.0f} ns ({lookup['bare_ratio']:.2f}); the table alone, of messages read before: "
          f"{few['table_ns']:.0f} and {many['table_ns']:.0f} ns ({lookup['table_ratio']:.2f});\none line of memory: "
          f"{few['floor_ns']:.0f} and {many['floor_ns']:.0f} ns (the table's ratio if it waited for one: {lookup['floor_ratio']:.2f})")
    show("", report["targets"])
    if args.json:
        write(args.json, report)
    if args.svg:
        signalling_chart.draw(args.svg, results)


if __name__ == "__main__":
    main()
