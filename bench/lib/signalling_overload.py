# SPDX-License-Identifier: GPL-2.0-or-later
"""What the control plane does when it is asked for more than it can do: goodput against load."""
import sys
import time

import search
from signalling_rig import Error, Rig

FACTORS = (0.5, 1, 2, 5, 10)
FIRST_RATE, MOST_RATE = 500, 16_000
PRECISION_LEAST = 1.1  # half or twice of it need not be exact
HELD = 200  # calls that stand when the load begins, and are hung up in it
ROOM = 100_000
PATIENCE_S = 2  # what has no answer then is lost, for the generator repeats nothing
LEAVE_S = 15
REST_S = 8  # longer than the state lasts after its reason


def overload_of(rig):
    stats, load = rig.ask("stats"), rig.ask("status")["load"]
    return {"refused_unread": sum(n for name, n in stats["overload"].items() if name.startswith("refused")),
            "entered": stats["overload"]["entered"], "udp_lost": stats["net"]["udp-lost"],
            "memory_mib": load["memory_bytes"]["used"] / 2**20, "overloaded": load["overloaded"]}


def row(rig, calls_run, rate, seconds):
    rig.generator.do(f"hold {HELD} {min(rate, 500):.3f}")
    before = overload_of(rig)
    run = calls_run(rig, rate, seconds)
    after = overload_of(rig)
    return {"rate": round(rate), "offered": round(run["reached"]), "answered": round(run["answered"] / run["start_s"]),
            "refused": run["refused"], "unsent": run["unsent"], "refused_unread": after["refused_unread"] - before["refused_unread"],
            "timed_out": run["timed_out"], "unended": run["unended"], "udp_lost": after["udp_lost"] - before["udp_lost"],
            "entered": after["entered"] - before["entered"],
            "setup_p50_ms": round(run["setup_us"]["p50"] / 1e3, 1), "setup_p99_ms": round(run["setup_us"]["p99"] / 1e3, 1),
            "cpu_us_per_call": round(run["control_cpu_s"] / max(run["answered"], 1) * 1e6, 1),
            "memory_mib": round(after["memory_mib"], 1), "late_ms": run["late_ms"]}


def seconds_to_leave(rig):
    """After the load has gone; None: it is not left."""
    start = time.monotonic()
    while time.monotonic() - start < LEAVE_S:
        if not overload_of(rig)["overloaded"]:
            return round(time.monotonic() - start, 1)
        time.sleep(0.1)
    return None


def capacity_of(rig, wanted, trial):
    """Each try begins at rest: what was too much leaves the relay in its state for some seconds, and it would refuse some of what it can do."""
    kept = trial(rig, wanted["run_s"])

    def run(rate):
        done = kept(rate)
        end = time.monotonic() + REST_S
        while overload_of(rig)["overloaded"] and time.monotonic() < end:
            time.sleep(0.1)
        return done

    found = search.Search(run, FIRST_RATE, MOST_RATE, max(wanted["precision"], PRECISION_LEAST), wanted["tries"])
    return found.best()


def measure(args, wanted, transport, trial, calls_run):
    """The most calls a second that are kept, and what becomes of parts and multiples of it; or of given rates."""
    with Rig(args.build, transport, args.cores, ROOM, PATIENCE_S) as rig:
        calls_run(rig, 100, 1)
        capacity, rates = None, args.rates
        if not rates:
            capacity = capacity_of(rig, wanted, trial)
            if not capacity:
                raise Error(f"{transport}: no rate is kept:\n{rig.log()}")
            rates = [capacity * factor for factor in FACTORS]
        rows = [row(rig, calls_run, rate, wanted["overload_s"]) for rate in rates]
        left = seconds_to_leave(rig)
    return {"transport": transport, "capacity": capacity and round(capacity), "rows": rows, "left_after_s": left}


def show(results):
    for result in results:
        known = f"{result['capacity']:,} calls/s are kept" if result["capacity"] else "at given rates"
        left = result["left_after_s"]
        print(f"\n{result['transport']}: {known}; " + (f"left {left} s after the load" if left is not None else "NOT LEFT"))
        print(f"{'calls/s':>9}{'offered':>9}{'answered':>10}{'refused':>9}{'unread':>9}{'lost':>8}{'unended':>9}"
              f"{'set-up p50':>12}{'p99':>12}{'MiB':>7}")
        for r in result["rows"]:
            print(f"{r['rate']:>9,}{r['offered']:>9,}{r['answered']:>10,}{r['refused']:>9,}{r['refused_unread']:>9,}"
                  f"{r['udp_lost']:>8,}{r['unended']:>9,}{r['setup_p50_ms']:>9,.1f} ms{r['setup_p99_ms']:>9,.1f} ms"
                  f"{r['memory_mib']:>7,.0f}")
    sys.stdout.flush()
