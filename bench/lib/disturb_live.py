# SPDX-License-Identifier: GPL-2.0-or-later
"""The parts of bench/run disturb between real processes: sluice-dataplane's worker on one core, sluice-mediagen on another,
memif between them. Floods at one call's port as fast as they can be sent, and calls opened through the media socket, while
calls go on at their own pace and every packet of theirs is verified."""
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time

import running

SUITES = "rtp,AES_CM_128_HMAC_SHA1_80"
FLOODS = ["forged", "forged-near", "source", "unknown-port", "not-rtp", "replayed"]
QUICK = {"flood_s": 1, "opens_s": 4, "rounds": 1}
FULL = {"flood_s": 4, "opens_s": 6, "rounds": 3}
QUANTILES = ("p50", "p99", "p99_9")

# The relay must have seen the generator leave before the next comes.
LEAVE_S = 0.3


class DataPlane:
    """sluice-dataplane with two memif interfaces; its worker alone on a core, all else of it on another."""

    def __init__(self, programs, folder, name, core, main_core, idle):
        self.path = f"{folder}/{name}"
        os.mkdir(self.path)
        with open(f"{self.path}/dataplane.yaml", "w", encoding="utf-8") as f:
            f.write(f"""media_socket: {self.path}/media.sock
workers: {{count: 1, cores: [{core}], idle: {idle}}}
max_sessions: 20000
interfaces:
  - {{name: voice, device: voice, kind: memif, memif: {{socket: {self.path}/voice.sock}},
     addresses: [198.18.0.1], media_ports: 10000-65535}}
  - {{name: attacked, device: attacked, kind: memif, memif: {{socket: {self.path}/attacked.sock}},
     addresses: [198.18.1.1], media_ports: 10000-10999}}
""")
        with open(f"{self.path}/log", "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [f"{programs}/dataplane/main/sluice-dataplane", "--config", f"{self.path}/dataplane.yaml"], stderr=log,
                preexec_fn=lambda: os.sched_setaffinity(0, {core, main_core}))
        if not running.wait_ready(self.process, lambda: "READY" in self.log()):
            self.stop()
            sys.exit(f"disturb: the data plane did not start:\n{self.log()}")

    def log(self):
        return running.text(f"{self.path}/log")

    def stop(self):
        running.end(self.process, signal.SIGINT)


class Bench:
    def __init__(self, programs, folder, calls, opens, cores):
        self.programs, self.folder, self.calls, self.opens = programs, folder, calls, opens
        self.relay_core, self.other_core = cores

    def data_plane(self, name, core, idle):
        return DataPlane(self.programs, self.folder, name, core, self.other_core, idle)

    def mediagen(self, relay, seconds, extra=()):
        """The running generator; its report is read by report()."""
        words = [f"{self.programs}/bench/mediagen/sluice-mediagen", "--calls", str(self.calls), "--suites", SUITES,
                 "--seconds", str(seconds), "--cpu", str(self.other_core), "--json", "-",
                 "--media-socket", f"{relay.path}/media.sock", "--port", f"memif:{relay.path}/voice.sock,voice,198.19.0.1"]
        return subprocess.Popen(words + list(extra), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def report(self, generator):
        out, err = generator.communicate()
        time.sleep(LEAVE_S)
        if generator.returncode not in (0, 1) or not out:
            sys.exit(f"disturb: the generator failed ({generator.returncode}):\n{err}")
        return json.loads(out)

    def opener(self, relay, opens, seconds):
        words = [f"{self.programs}/bench/disturb/sluice-bench-opens", "--media-socket", f"{relay.path}/media.sock",
                 "--interface", "voice", "--opens", str(opens), "--seconds", str(seconds)]
        return subprocess.Popen(words, stdout=subprocess.PIPE, text=True,
                                preexec_fn=lambda: os.sched_setaffinity(0, {self.other_core}))


def calls_of(run):
    """What became of the calls; tx_full: the generator did not read in time what the relay had for it."""
    row = {"sent": run["sent"], "lost": run["lost"], "wrong": sum(run["wrong"].values()), "held_back": run["held_back"],
           "tx_full": run["relay"]["drops"].get("tx-full", 0), "drops": run["relay"]["drops"]}
    return row | {f"{q}_us": round(run["latency_ns"][q] / 1e3, 1) for q in QUANTILES}


def flood_row(name, run):
    flood = run["flood"] or {}
    attacked = flood.get("attacked") or {}
    return {"flood": name, "own_port": flood.get("own_port"), "pps_offered": flood.get("pps_offered", 0),
            "pps_taken": flood.get("pps_taken", 0), "unaccounted": flood.get("unaccounted", 0),
            "attacked_sent": attacked.get("sent"), "attacked_lost": attacked.get("lost")} | calls_of(run)


def floods(bench, times):
    relay = bench.data_plane("flooded", bench.relay_core, "poll")
    own = ["--flood-port", f"memif:{relay.path}/attacked.sock,attacked,198.19.1.1"]
    try:
        runs = [("none", [])] + [(kind, ["--flood", kind] + own) for kind in FLOODS]
        runs.append(("source, on the calls' own port", ["--flood", "source"]))
        return [flood_row(name, bench.report(bench.mediagen(relay, times["flood_s"], extra))) for name, extra in runs]
    finally:
        relay.stop()


def opens_round(bench, relay, opened, opens, seconds):
    """One run of the calls beside so many opens a second in a data plane; the relay's worker is looked at in each."""
    process = bench.mediagen(relay, seconds + 2)
    time.sleep(1.5)  # its own calls are open
    openers = [bench.opener(relay, opens if opened is relay else 0, seconds)]
    if opened is not relay:
        openers.append(bench.opener(opened, opens, seconds))
    found = [json.loads(o.communicate()[0] or "null") for o in openers]
    run = bench.report(process)
    if None in found:
        sys.exit("disturb: calls cannot be opened")
    row = calls_of(run)
    row["worker_ns_per_packet"] = found[0]["busy_permille"] * 1e6 / run["pps"]
    row["opened"] = found[-1]["opened"]
    return row


def opens_row(name, rounds):
    row = {"opens": name}
    for key in rounds[0]:
        values = [r[key] for r in rounds]
        if key == "drops":
            row[key] = {n: sum(v.get(n, 0) for v in values) for v in values for n in v}
        else:
            measured = key.endswith("_us") or key == "worker_ns_per_packet"
            row[key] = round(statistics.median(values), 1) if measured else sum(values)
    return row


def opens(bench, times):
    """Quiet; the same opens in another data plane, which take the generator's core as much; and here."""
    relay = bench.data_plane("relay", bench.relay_core, "poll")
    other = bench.data_plane("elsewhere", bench.other_core, "back-off")
    kinds = {"none": (relay, 0), "elsewhere": (other, bench.opens), "here": (relay, bench.opens)}
    try:
        rounds = {name: [] for name in kinds}
        for _ in range(times["rounds"]):
            for name, (opened, rate) in kinds.items():
                rounds[name].append(opens_round(bench, relay, opened, rate, times["opens_s"]))
        return [opens_row(name, rows) for name, rows in rounds.items()]
    finally:
        relay.stop()
        other.stop()


def lost_by_relay(rows):
    return sum(max(0, r["lost"] - r["tx_full"]) + r["wrong"] for r in rows)


def targets(flooded, opened):
    judged = []
    if flooded:
        judged += [
            ("floods: packets of calls lost by the relay", lost_by_relay(flooded), 0, "{:,.0f}", True),
            ("floods: packets without a name", sum(abs(r["unaccounted"]) for r in flooded), 0, "{:,.0f}", True),
            ("floods: lost of the attacked call, its packets unseen by the forger",
             sum(r["attacked_lost"] or 0 for r in flooded if r["flood"] != "forged-near"), 0, "{:,.0f}", True)]
    if opened:
        row = {r["opens"]: r for r in opened}
        here, elsewhere = row["here"], row["elsewhere"]
        judged += [
            ("opens: packets of calls lost by the relay", lost_by_relay(opened), 0, "{:,.0f}", True),
            ("opens: time of the worker a packet, of the same opens elsewhere",
             here["worker_ns_per_packet"] / elsewhere["worker_ns_per_packet"], 1.05, "{:.2f}", True),
            ("opens: latency p50, of the same opens elsewhere", here["p50_us"] / elsewhere["p50_us"], 1.25, "{:.2f}", True)]
    return judged


def show(flooded, opened):
    if flooded:
        print(f"\n  {'flood':31}{'offered/s':>12}{'taken/s':>12}{'sent':>10}{'lost':>6}{'tx-full':>9}{'p50 us':>9}"
              f"{'p99 us':>9}{'attacked lost':>15}  dropped as")
        for r in flooded:
            drops = ", ".join(f"{name} {n:,}" for name, n in r["drops"].items())
            attacked = "-" if r["attacked_sent"] is None else f"{r['attacked_lost']:,} of {r['attacked_sent']:,}"
            print(f"  {r['flood']:31}{r['pps_offered']:>12,}{r['pps_taken']:>12,}{r['sent']:>10,}{r['lost']:>6,}"
                  f"{r['tx_full']:>9,}{r['p50_us']:>9,.1f}{r['p99_us']:>9,.1f}{attacked:>15}  {drops}")
    if opened:
        print(f"\n  {'opens':12}{'opened':>9}{'sent':>12}{'lost':>6}{'tx-full':>9}{'worker ns/packet':>18}{'p50 us':>9}"
              f"{'p99 us':>9}{'p99.9 us':>10}")
        for r in opened:
            print(f"  {r['opens']:12}{r['opened']:>9,}{r['sent']:>12,}{r['lost']:>6,}{r['tx_full']:>9,}"
                  f"{r['worker_ns_per_packet']:>18,.0f}{r['p50_us']:>9,.1f}{r['p99_us']:>9,.1f}{r['p99_9_us']:>10,.1f}")


def measure(args):
    """(rows of floods, rows of opens); the lists are empty when not asked for."""
    have = sorted(os.sched_getaffinity(0))
    if len(have) < 2:
        sys.exit("disturb: --flood and --socket need two cores, one for the worker and one for the generator")
    relay_core = args.cpu if args.cpu is not None else have[-1]
    cores = (relay_core, next(c for c in reversed(have) if c != relay_core))
    times = QUICK if args.quick else FULL
    with tempfile.TemporaryDirectory(prefix="sluice-disturb.") as folder:
        bench = Bench(args.programs, folder, args.calls, args.opens, cores)
        return (floods(bench, times) if args.flood else [], opens(bench, times) if args.socket else [])
