#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks every #include of the files named on standard input against the layers of the design.

Prints one line for each include that is not allowed; exit code 1 if there is any.
"""
import os
import re
import sys

# folder -> (folders or files it may include, vendors it may include besides libc). The longest
# folder that fits a file counts. Anything not in a vendor's list below is libc or the kernel's.
RULES = {
    "controlplane": (["controlplane", "dataplane/api"], ["libuv", "jansson", "wolfssl", "yaml", "cares", "libedit"]),
    "controlplane/sip": (["controlplane/sip"], []),
    "controlplane/header": (["controlplane/header", "controlplane/sip"], []),
    "controlplane/route": (["controlplane/route", "controlplane/sip/str.h"], []),
    "controlplane/sdp": (["controlplane/sdp", "controlplane/sip/str.h"], []),
    "dataplane": (["dataplane", "drivers"], ["dpdk"]),
    "dataplane/config": (["dataplane", "drivers"], ["dpdk", "yaml"]),
    "dataplane/api": (["dataplane/api"], []),
    "dataplane/media": (["dataplane/media"], []),
    "drivers": (["drivers"], ["dpdk", "ipsec_mb", "libsrtp", "bpf", "libmnl"]),
    "bench": ([""], ["dpdk", "ipsec_mb", "libsrtp", "libuv", "jansson", "libmnl"]),
    "tests": ([""], ["dpdk", "ipsec_mb", "libsrtp", "libuv", "jansson", "libmnl", "wolfssl", "yaml", "cmocka"]),
}

VENDORS = {
    "dpdk": r"(rte_|cmdline)",
    "ipsec_mb": r"intel-ipsec-mb\.h",
    "libsrtp": r"srtp2?[/.]",
    "bpf": r"(bpf|xdp)/",
    "libmnl": r"libmnl/",
    "libuv": r"(uv\.h|uv/)",
    "jansson": r"jansson",
    "wolfssl": r"wolfssl/",
    "yaml": r"(yaml\.h|cyaml/)",
    "cares": r"ares",
    "libedit": r"(editline/|histedit)",
    "cmocka": r"cmocka",
}

# where "x.h" is looked for, besides the folder of the file itself: the include paths of the build
ROOTS = ["controlplane", "dataplane", "dataplane/api", "drivers"]

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def rule_of(path):
    folders = [f for f in RULES if path.startswith(f + "/")]
    return RULES[max(folders, key=len)] if folders else None


def inside(path, folder):
    return folder == "" or path == folder or path.startswith(folder + "/")


def own_header(path, name, allowed, tracked):
    """What is wrong with including our own header of that name; None: nothing."""
    places = [os.path.normpath(os.path.join(p, name)) for p in [os.path.dirname(path)] + ROOTS]
    found = [p for p in places if p in tracked]
    if not found or any(inside(p, a) for p in found for a in allowed):
        return None  # not found: made by the build, whose include paths decide
    return f'"{name}" is {found[0]}; allowed: {", ".join(allowed)}'


def vendor_header(name, allowed):
    for vendor, pattern in VENDORS.items():
        if re.match(pattern, name) and vendor not in allowed:
            return f'<{name}> is of {vendor}; allowed besides libc: {", ".join(allowed) or "nothing"}'
    return None


def check_file(path, tracked):
    rule = rule_of(path)
    if rule is None:
        return [f"{path}: no rule for this folder in {os.path.basename(__file__)}"]
    wrong = []
    with open(path, encoding="utf-8", errors="replace") as file:
        for number, line in enumerate(file, 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            quote, name = match.groups()
            if quote == '"':
                why = own_header(path, name, rule[0], tracked)
            else:
                why = vendor_header(name, rule[1])
            if why:
                wrong.append(f"{path}:{number}: {why}")
    return wrong


def main():
    tracked = sys.stdin.read().split("\n")
    known = set(tracked)
    wrong = [w for path in tracked if path.endswith((".c", ".h")) for w in check_file(path, known)]
    print("\n".join(wrong), end="\n" if wrong else "")
    return 1 if wrong else 0


sys.exit(main())
