# SPDX-License-Identifier: GPL-2.0-or-later
"""Rows of bench/run latency, from runs of the generator through the relay and through the mirror."""
from targets import judge

QUANTILES = {"p50": 0.5, "p99": 0.99, "p99_9": 0.999}
RING = 1024  # packets that a memif holds: what a stall must exceed before any is lost
GENERATOR = "tx-full"  # the relay's name for a packet for which the generator's ring had no room


def merged(runs):
    """The distribution of all runs together: [(ns, count)], ascending."""
    steps = {}
    for run in runs:
        for ns, count in run["latency_steps"]:
            steps[ns] = steps.get(ns, 0) + count
    return sorted(steps.items())


def quantile_us(steps, share):
    rank, seen = int(share * sum(count for _, count in steps)), 0
    for ns, count in steps:
        seen += count
        if seen > rank:
            return round(ns / 1e3, 1)
    return round(steps[-1][0] / 1e3, 1) if steps else None


def median_window_us(runs, name):
    values = sorted(run["median_window_ns"][name] for run in runs if run["median_window_ns"])
    return round(values[len(values) // 2] / 1e3, 1) if values else None


def total(runs, *names):
    value = 0
    for run in runs:
        found = run
        for name in names:
            found = found[name]
        value += found
    return value


def drops(runs):
    found = {}
    for run in runs:
        for name, count in run["relay"]["drops"].items():
            found[name] = found.get(name, 0) + count
    return found


def taken(runs):
    """What others had of the two cores meanwhile."""
    return {
        "stolen_ms": total(runs, "core", "stolen_ms"),
        "generator_waited_ms": round(total(runs, "core", "waited_us") / 1e3, 1),
        "generator_interrupted": total(runs, "core", "interrupted"),
        "far_waited_ms": round(total(runs, "far_core", "waited_us") / 1e3, 1),
        "far_interrupted": total(runs, "far_core", "interrupted"),
        "stalls": total(runs, "core", "stalls"),
        "longest_stall_ms": round(max(run["core"]["longest_stall_us"] for run in runs) / 1e3, 2),
    }


def explained(found, runs, rate):
    """Of the drops, those of a ring that the generator did not empty, if it did stand still for so long."""
    longest_s = max(run["core"]["longest_stall_us"] for run in runs) / 1e6
    return found.get(GENERATOR, 0) if longest_s * rate * 2 > RING else 0


def subtract(a, b):
    return None if a is None or b is None else round(a - b, 1)


def row(path, share, rate, runs, floor):
    """One level: runs of the relay, and of the mirror at the same rate."""
    found, lost = drops(runs), total(runs, "lost")
    named = sum(found.values())
    seconds = total(runs, "seconds")
    result = {
        "path": path, "share": share, "pps_wanted": round(rate), "pps": round(total(runs, "sent") / seconds),
        "seconds": round(seconds, 1), "sent": total(runs, "sent"), "verified": total(runs, "verified"),
        "lost": lost, "unnamed": lost - named, "drops": found, "lost_to_generator": explained(found, runs, rate),
        "wrong": sum(sum(run["wrong"].values()) for run in runs), "held": total(runs, "held_back"),
        "floor_sent": total(floor, "sent"), "floor_lost": total(floor, "lost"), "floor_held": total(floor, "held_back"),
        "floor_wrong": sum(sum(run["wrong"].values()) for run in floor),
        "taken": taken(runs), "floor_taken": taken(floor),
    }
    steps, floor_steps = merged(runs), merged(floor)
    for name, part in QUANTILES.items():
        for prefix, ours, theirs in (
                ("", quantile_us(steps, part), quantile_us(floor_steps, part)),
                ("calm_", median_window_us(runs, name), median_window_us(floor, name))):
            result[f"{prefix}{name}_us"] = ours
            result[f"floor_{prefix}{name}_us"] = theirs
            result[f"added_{prefix}{name}_us"] = subtract(ours, theirs)
    return result


def kept_pace(r):
    return r["pps"] >= 0.99 * r["pps_wanted"]


def targets(results):
    longest = [result["long"] for result in results]
    levels = [r for result in results for r in result["shares"]] + longest
    paced = all(kept_pace(r) for r in longest)
    other = sum(r["lost"] - r["unnamed"] - r["lost_to_generator"] for r in longest)
    return judge([
        ("80 %: packets lost without a name", sum(r["unnamed"] for r in longest), 0, "{:,.0f}", True),
        ("80 %: lost, and not to a generator that stood still", other if paced else None, 0, "{:,.0f}", True),
        ("packets wrong, all runs", sum(r["wrong"] + r["floor_wrong"] for r in levels)
         + sum(result["proof"]["wrong"] for result in results), 0, "{:,.0f}", True),
    ])
