#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs programs again and again, each time with another allocation that fails.

usage: tests/fault/run.py BUILD_DIR [--sites | --all] [PROGRAM...]

Programs are the unit tests of the control plane, and the scenarios of this folder. A unit test may fail, since it
does not get what it wanted; the code under test must neither crash nor hang, and where it passes all the same, nothing
may be left allocated. A scenario takes whatever is refused: it must pass, and leave nothing.

The first run notes the number of the first allocation of each distinct call stack; these are the sites. A few of
them, evenly spread and the same in each run, are made to fail by default; all with --sites; every single allocation
with --all, which takes hours. Prints one line a program, as tests/run wants them.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

# the unit tests of the control plane; of the command line the part that runs no other programs
UNITS = {"sip", "sdp", "tls", "net", "policy", "record", "b2bua", "media_client", "api", "cli"}
LEFT_OUT = {"test_cli_command"}
# how many sites by default: programs of a folder that are slow get fewer
SITES = {"net": 1, "tls": 4, "b2bua": 2, "policy": 6, "fault": 60}
SITES_OTHERS = 10
# libraries that do not free all that they had when they find no memory; what they crash over counts all the same
LEAKY = ("libwolfssl.so",)
TIMEOUT_S = 300  # what hangs is found; these runs stand back behind others (tests/run)


CONFIG = """\
media_socket: {directory}/m.sock
control_socket: {directory}/c.sock
tls:
- {{name: t, certificate: {directory}/self.pem, private_key: {directory}/self.key, trust: {directory}/self.pem}}
listeners:
- {{name: tls, transport: tls, address: 127.0.0.1, tls: t, host: relay.example}}
- {{name: udp, transport: udp, address: 127.0.0.1}}
dial_plans:
- {{name: secured, security: secured, media_interface: voice, suites: [AES_CM_128_HMAC_SHA1_80]}}
- {{name: clear, security: unsecured, media_interface: voice}}
peers:
- {{name: a, fqdn: a.example, transport: tls, dial_plan: secured, auth_user: relay,
   auth_password_file: {directory}/password}}
- {{name: b, address: 192.0.2.1, transport: udp, dial_plan: clear}}
routes:
- {{name: r, from: a, number: '20*', to: b}}
"""


def scenarios(build, directory):
    """The programs of this folder, and what they need in directory."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-keyout", f"{directory}/self.key", "-out", f"{directory}/self.pem", "-days", "2", "-subj",
                    "/CN=relay.example", "-addext", "subjectAltName=DNS:relay.example", "-addext",
                    "extendedKeyUsage=serverAuth,clientAuth"], check=True, capture_output=True)
    for name, text in (("config.yaml", CONFIG.format(directory=directory)), ("password", "secret\n")):
        with open(os.open(f"{directory}/{name}", os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="ascii") as file:
            file.write(text)
    folder = os.path.join(os.path.abspath(build), "tests/fault")
    for name, command in (("config", ["fault_open", "config", directory]), ("net", ["fault_open", "net", directory]),
                          ("call", ["fault_call"])):
        yield {"name": "scenario " + name, "command": [os.path.join(folder, command[0])] + command[1:],
               "environment": {}, "folder": "fault", "scenario": True}


def unit_tests(build):
    listed = subprocess.run(["meson", "introspect", "--tests", build], capture_output=True, text=True, check=True)
    for test in json.loads(listed.stdout):
        folder, program = os.path.split(test["cmd"][0])
        folder = os.path.relpath(folder, os.path.join(os.path.abspath(build), "tests"))
        if os.path.dirname(folder) == "unit" and os.path.basename(folder) in UNITS and program not in LEFT_OUT:
            yield {"name": test["name"], "command": test["cmd"], "environment": test["env"],
                   "folder": os.path.basename(folder), "scenario": False}


class Runner:
    def __init__(self, build, directory):
        self.library = os.path.join(build, "tests/fault/libfault_alloc.so")
        self.directory = directory

    def run(self, test, number, **settings):
        report = os.path.join(self.directory, f"report.{os.getpid()}.{id(settings)}.{number}")
        environment = dict(os.environ, **test["environment"], LD_PRELOAD=self.library, FAULT_REPORT=report, **settings)
        environment.pop("CMOCKA_MESSAGE_OUTPUT", None)
        try:
            done = subprocess.run(test["command"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  stdin=subprocess.DEVNULL, timeout=TIMEOUT_S, check=False)
            output, status = done.stdout.decode(errors="replace"), done.returncode
        except subprocess.TimeoutExpired as late:
            output, status = (late.stdout or b"").decode(errors="replace"), None
        counts = None
        if os.path.exists(report):
            with open(report, encoding="ascii") as file:
                counts = [int(word) for word in file.read().split()]
            os.unlink(report)
        return status, output, counts

    def sites(self, test):
        """Baseline: what is left allocated, how many allocations, the sites."""
        trace = os.path.join(self.directory, "trace." + test["name"].replace("/", "_").replace(" ", "_"))
        status, output, counts = self.run(test, 0, FAULT_TRACE=trace)
        if status != 0 or not counts:
            raise RuntimeError(f"fails without any fault: {status}\n{output[-2000:]}")
        with open(trace, encoding="ascii") as file:
            return counts[2], counts[0], sorted(int(line) for line in file)

    def asked(self, test, number):
        """Who asked for the memory that there was not."""
        output = self.run(test, number, FAULT_AT=str(number), FAULT_SHOW="1")[1]
        return " < ".join(places(output, "FAULT-AT", 4))

    def asked_by(self, test, number, libraries):
        """Whether one of these libraries asked for it."""
        output = self.run(test, number, FAULT_AT=str(number), FAULT_SHOW="1")[1]
        modules = [line.split()[1] for line in output.splitlines() if line.startswith("FAULT-AT ")]
        callers = [os.path.basename(module) for module in modules if "libfault_alloc" not in module]
        return bool(callers) and callers[0].startswith(libraries)

    def verdict(self, test, number, kept):
        """What is wrong when that allocation fails; None: nothing."""
        status, output, counts = self.run(test, number, FAULT_AT=str(number))
        scenario = test["scenario"]
        if status is None:
            return f"hangs (more than {TIMEOUT_S} s)"
        if status < 0 or status >= 128:
            where = places(output, "FAULT-CRASH", 1)[0]
            # a test that did not get what it wanted may stumble over that itself
            return None if where.startswith("tests/unit/") and not scenario else f"crashes in {where}, status {status}"
        if status != 0 and scenario:
            return f"fails, status {status}: " + " | ".join(output.strip().splitlines()[-6:])
        if status == 0 and counts and counts[2] > kept and not self.asked_by(test, number, LEAKY):
            return f"leaks {counts[2] - kept} blocks"
        return None


def places(output, what, most):
    """The innermost places in our sources of what tests/fault/alloc.c told."""
    found_all = []
    for line in output.splitlines():
        if not line.startswith(what + " ") or len(found_all) == most:
            continue
        _, module, offset = line.split()
        # of the instruction before the return address
        found = subprocess.run(["addr2line", "-e", module, hex(int(offset, 16) - 1)], capture_output=True, text=True,
                               check=False).stdout.strip()
        for folder in ("controlplane/", "dataplane/", "drivers/", "tests/"):
            if "/" + folder in found and "/tests/fault/alloc.c" not in found:
                found_all.append(folder + found.rsplit("/" + folder, 1)[1].split(" ")[0])
                break
    return found_all or ["a library, with nothing of ours around"]


def spread(sites, count):
    if count >= len(sites):
        return sites
    return [sites[i * len(sites) // count] for i in range(count)]


def chosen(test, sites, allocations, arguments):
    if arguments.all:
        return list(range(1, allocations + 1))
    if arguments.sites:
        return sites
    return spread(sites, SITES.get(test["folder"], SITES_OTHERS))


def check(runner, test, arguments):
    try:
        kept, allocations, sites = runner.sites(test)
    except RuntimeError as error:
        return [str(error)], 0, 0
    numbers = chosen(test, sites, allocations, arguments)
    found = [(number, runner.verdict(test, number, kept)) for number in numbers]
    wrongs = [(number, wrong) for number, wrong in found if wrong]
    return [f"allocation {number}, {runner.asked(test, number)}: {wrong}" for number, wrong in wrongs], len(numbers), \
        len(sites)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build")
    parser.add_argument("--sites", action="store_true", help="each distinct call stack fails once")
    parser.add_argument("--all", action="store_true", help="each allocation fails once")
    parser.add_argument("programs", nargs="*", help="names of tests that contain one of these words")
    arguments = parser.parse_args()
    failures = 0
    with tempfile.TemporaryDirectory(prefix="sluice-fault.") as directory, ThreadPoolExecutor(os.cpu_count()) as pool:
        runner = Runner(os.path.abspath(arguments.build), directory)
        units = sorted(unit_tests(arguments.build), key=lambda test: test["name"])
        tests = [test for test in list(scenarios(arguments.build, directory)) + units
                 if not arguments.programs or any(word in test["name"] for word in arguments.programs)]
        checked = pool.map(lambda test: check(runner, test, arguments), tests)
        for test, (wrong, tried, sites) in zip(tests, checked):
            for line in wrong:
                print("    " + line)
            failures += bool(wrong)
            print(f"{'not ok' if wrong else 'ok'} - fault: {test['name']}: {tried} of {sites} sites of allocation failed"
                  f"{', ' + str(len(wrong)) + ' badly' if wrong else ', each refused cleanly'}", flush=True)
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())
