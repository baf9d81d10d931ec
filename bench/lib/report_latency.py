# SPDX-License-Identifier: GPL-2.0-or-later
"""The section of bench/run latency."""
import chart
from report_page import Chart, Points, Table, Text, number

QUANTILES = {"p50": "p50", "p99": "p99", "p99_9": "p99.9"}
KINDS = {"": "relay", "floor_": "floor", "added_": "added"}

METHOD = [
    "sluice-dataplane with one worker on a core, sluice-mediagen on another, memif between them. Packets are made and "
    "encrypted ahead of time, and sent by the clock; a latency counts from the time when a packet was due, so that "
    "one which had to wait because somebody stood still is as late as it was. Headers, order and numbers of every "
    "packet are checked; one in 61 is put aside and decrypted afterwards, in a slow run every one.",
    "Floor: the same with a mirror in the relay's place, in turns. Added: the difference.",
    "No sample is left out. Beside all packets stands the median of windows of 10 ms: what it is like when nobody takes a "
    "core away.",
]


def quantiles(row, prefix):
    return tuple(number(row, f"{kind}{prefix}{q}_us") for kind in KINDS for q in QUANTILES)


def times(levels, prefix):
    header = ["path", "load", "packets/s"] + [f"{k} {q}, µs" for k in KINDS.values() for q in QUANTILES.values()]
    return Table(header, [(path, load, number(r, "pps"), *quantiles(r, prefix)) for path, load, r in levels])


def losses(levels):
    """What was lost, and what others had of the cores."""
    header = ["path", "load", "through", "sent", "lost", "without a name", "ring was full", "stolen, ms",
              "generator waited, ms", "far end waited, ms", "longest stall, ms"]
    rows = []
    for path, load, r in levels:
        for what, key, taken in (("relay", "", r.get("taken") or {}), ("mirror", "floor_", r.get("floor_taken") or {})):
            rows.append((path, load, what, number(r, key + "sent"), number(r, key + "lost"),
                         number(r, "unnamed") if not key else None, number(r, key + "held"), number(taken, "stolen_ms"),
                         number(taken, "generator_waited_ms"), number(taken, "far_waited_ms"),
                         number(taken, "longest_stall_ms")))
    return Table(header, rows)


def long_text(path):
    r = path["long"]
    names = ", ".join(f"{name} {count:,}" for name, count in (r.get("drops") or {}).items()) or "none"
    return (f"{path.get('path')}: {r.get('long_s')} s at 80 %: {number(r, 'sent') or 0:,} sent, "
            f"{number(r, 'lost') or 0:,} lost, {number(r, 'unnamed') or 0:,} of them without a name; dropped by the relay: "
            f"{names}, of these {number(r, 'lost_to_generator') or 0:,} because the generator stood still. With the mirror {number(r, 'floor_lost') or 0:,} of "
            f"{number(r, 'floor_sent') or 0:,} were lost.")


def most_text(path):
    by = ": it is the generator that ends it" if path.get("generator_limited") else ""
    return (f"{path.get('path')}, {number(path, 'calls') or 0:,} calls: at most {number(path, 'max_pps') or 0:,.0f} "
            f"packets/s, with the mirror {number(path, 'max_pps_mirror') or 0:,.0f}{by}.")


def section(report):
    """None when there is nothing of what is shown here."""
    paths = [p for p in report["results"] if isinstance(p.get("shares"), list)]
    if not paths:
        return None
    levels = [(p.get("path"), f"{number(r, 'share') or 0:.0%}", r) for p in paths for r in p["shares"]]
    groups = {f"{path}, {load}": {f"{KINDS[kind]} {text}": number(r, f"{kind}calm_{q}_us")
                                  for q, text in QUANTILES.items() for kind in ("added_", "floor_")}
              for path, load, r in levels}
    groups = {name: members for name, members in groups.items() if any(members.values())}
    longest = [p for p in paths if isinstance(p.get("long"), dict)]
    every = levels + [(p.get("path"), f"80%, {p['long'].get('long_s')} s", p["long"]) for p in longest]
    blocks = [Points([most_text(p) for p in paths]), Text("All packets:"), times(levels, ""),
              Text("The median of windows of 10 ms:"), times(levels, "calm_")]
    if groups:
        blocks.append(Chart("latency", "Latency in the median 10 ms", chart.bars(
            "Latency in the median 10 ms", "microseconds, less is better", groups, log=True)))
    blocks += [Text("Lost, and taken from the cores by others:"), losses(every)]
    return blocks + ([Points([long_text(p) for p in longest])] if longest else [])
