# SPDX-License-Identifier: GPL-2.0-or-later
"""Charts of bench/run signalling: calls a second, and what a call costs, by transport."""
import os

import chart

BARS = (("calls_per_second", "Complete calls a second", "one core, more is better"),
        ("cpu_us_per_call", "CPU time a call", "microseconds of the control plane, less is better"),
        ("setup_p99_ms", "Set-up time added, p99", "milliseconds at half of the maximum, less is better"),
        ("bytes_per_call", "Memory a call", "bytes of the control plane, less is better"))


def charts(results):
    """(name, title, SVG) of each."""
    for field, title, unit in BARS:
        members = {str(r.get("transport")): r[field] for r in results if isinstance(r.get(field), (int, float))}
        if any(members.values()):
            yield "signalling-" + field.split("_", maxsplit=1)[0], title, chart.bars(title, unit, {"": members})


def draw(folder, results):
    os.makedirs(folder, exist_ok=True)
    for name, _, svg in charts(results):
        path = os.path.join(folder, name + ".svg")
        with open(path, "w", encoding="utf-8") as f:
            f.write(svg)
        print(f"signalling: {path}")
