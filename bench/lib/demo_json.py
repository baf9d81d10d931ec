#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads what `sluicectl -j` prints, for bench/demo and the integration tests.

usage: demo_json.py answered < CALL_LIST     print the id of the answered call; exit 1 if there is none
       demo_json.py security FILE A B        exit 0 if the call's legs have the securities A and B
       demo_json.py summary FILE             print a line a leg of `call show`
       demo_json.py get PATH < JSON          print the value at a dotted path (list indices as numbers)
"""
import json
import sys


def answered():
    for call in json.load(sys.stdin):
        if call["state"] == "answered":
            print(call["id"])
            return 0
    return 1


def security(path, *expected):
    with open(path) as file:
        calls = json.load(file)
    return 0 if calls and [leg["security"] for leg in calls[0]["legs"]] == list(expected) else 1


def summary(path):
    with open(path) as file:
        call = json.load(file)
    row = "{:<8} {:<10} {:<10} {:<34} {:>8} {:>8} {:>5} {:>9}  {}"
    print(row.format("leg", "security", "signalling", "media", "received", "sent", "lost", "jitter", "drops"))
    for leg in call["legs"]:
        counters = leg["counters"]
        drops = " ".join(f"{name}:{count}" for name, count in counters["drops"].items()) or "none"
        print(row.format(leg["peer"], leg["security"], leg.get("tls_version") or leg["transport"], leg["media"],
                         counters["received"], counters["sent"], counters["lost"],
                         f"{counters['jitter_us'] / 1000:.1f} ms", drops))
    return 0


def get(path):
    value = json.load(sys.stdin)
    for key in path.split("."):
        value = value[int(key)] if isinstance(value, list) else value[key]
    print(json.dumps(value) if isinstance(value, (dict, list)) else value)
    return 0


if __name__ == "__main__":
    commands = {"answered": answered, "security": security, "summary": summary, "get": get}
    if len(sys.argv) < 2 or sys.argv[1] not in commands:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    sys.exit(commands[sys.argv[1]](*sys.argv[2:]))
