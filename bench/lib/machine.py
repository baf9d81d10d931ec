# SPDX-License-Identifier: GPL-2.0-or-later
"""What every report of bench/run says of the machine and the source, and how its numbers look."""
import os
import platform
import subprocess


def cpu_model():
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as f:
        for line in f:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.machine()


def is_virtual():
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as f:
        return " hypervisor " in f.read()


def machine_facts(load_before):
    return {
        "model": cpu_model(), "cores": os.cpu_count(), "virtual": is_virtual(),
        "kernel": platform.release(),
        "load_before": load_before, "load_after": round(os.getloadavg()[0], 2),
        "cycles": "of the time-stamp counter, at its fixed rate",
    }


def commit():
    def git(*words):
        return subprocess.run(["git", "-c", f"safe.directory={os.getcwd()}", *words], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False).stdout

    name = git("rev-parse", "--short=12", "HEAD").strip() or "unknown"
    return name + ("-changed" if git("status", "--porcelain", "--untracked-files=no") else "")


def number(value, form="{:,.0f}"):
    return "-" if value is None else form.format(value)
