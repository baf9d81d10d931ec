# SPDX-License-Identifier: GPL-2.0-or-later
"""The section of each kind of bench/run: method, tables, charts. A kind not known here gets a plain table."""
import chart
import report_latency
import signalling_chart
from report_page import Chart, Heading, Points, Table, Text, number

PRODUCT = "AES_CM_128_HMAC_SHA1_80"

METHOD = {
    "micro": [
        "SRTP alone, one thread on one pinned core: sluice's bursts, the roofline (raw calls of the crypto library for "
        "the same packets), and libsrtp2, in turns of some milliseconds.",
        "Cycles are those of the time-stamp counter, the median over batches of 256 packets.",
    ],
    "relay": [
        "The relay's worker on one pinned core, ports in memory; beside it in turns the roofline, with as many keys "
        "and as many crypto operations a packet.",
        "Every packet is counted; a lost one is shown with the name of its reason.",
    ],
    "disturb": [
        "The relay's worker on one pinned core, ports in memory; rounds with each disturbance in turns with quiet ones. "
        "Bad packets come in the same bursts as those of the calls.",
        "Cycles are the mean of the batches in which nobody else had the core, without the slowest 2 %.",
        "Floods and opens through the socket: between processes, the worker on one core, the generator on another.",
    ],
    "latency": report_latency.METHOD,
    "compare": [
        "sluice and rtpengine on the same core with the same packets; every packet that comes back is decrypted and "
        "compared.",
        "CPU time: what the kernel accounts to the system's threads and to the kernel threads that work for it, a "
        "packet. Rate: the highest with less than 0.1 % lost.",
    ],
    "signalling": [
        "The control plane alone on one pinned core; on another the data plane, in which each call gets its session and "
        "keys, and a generator that is both ends of all calls: INVITE, 180, 200, ACK, 0.1 s later BYE, 200, over "
        "persistent connections of four callers and four callees, with call records.",
        "Rate: the highest at which no call failed and none waited for 0.5 s. Set-up: from INVITE to 200 at the caller, "
        "less what the callee took, at half of that rate. Memory: what the control plane grew by, a call.",
    ],
}


def plain(report):
    """Every result with its plain values."""
    results = report["results"]
    names = [n for n in dict.fromkeys(n for r in results for n in r)
             if all(not isinstance(r.get(n), (dict, list)) for r in results)]
    return [Table([n.replace("_", " ") for n in names], [tuple(r.get(n) for n in names) for r in results])]


def series(results, x, y, by):
    found = {}
    for r in results:
        if number(r, x) is not None and number(r, y) is not None:
            found.setdefault(str(r.get(by)), []).append((r[x], r[y]))
    return {name: points for name, points in found.items() if len(points) > 1}


def lines(name, title, unit, x_label, data, **how):
    return [Chart(name, title, chart.lines(title, unit, x_label, data, **how))] if data else []


def bars(name, title, unit, groups, **how):
    groups = {g: members for g, members in groups.items() if any(members.values())}
    return [Chart(name, title, chart.bars(title, unit, groups, **how))] if groups else []


def micro(report):
    results = [r for r in report["results"] if str(r.get("op", "")).startswith("srtp_")]
    if not results:
        return plain(report)
    burst = max(number(r, "burst") or 0 for r in results)
    ours = [r for r in results if r.get("engine") == "ipsec_mb" and r.get("burst") == burst]
    header = ["suite", "op", "payload", "streams", "packets/s", "cycles a packet", "of the roofline", "times libsrtp2"]
    rows = [(r.get("suite"), r.get("op"), r.get("payload"), r.get("streams"), number(r, "pps"),
             number(r, "cycles_per_packet"), number(r, "ratio_to_roofline"), number(r, "ratio_to_libsrtp"))
            for r in ours]
    at = [r for r in results if (r.get("suite"), r.get("op"), r.get("payload")) == (PRODUCT, "srtp_protect", 160)]
    return [Text(f"Bursts of {burst} packets."), Table(header, rows)] + lines(
        "micro-streams", f"{PRODUCT}, protect, 160 bytes", "cycles a packet, less is better", "streams",
        series([r for r in at if r.get("burst") == burst or r.get("engine") == "libsrtp2"], "streams",
               "cycles_per_packet", "engine"), log_x=True, log_y=True)


def relay(report):
    long = [r for r in report["results"] if r.get("soak")]
    if long:
        return soak(long)
    results = report["results"]
    header = ["path", "suite", "calls", "packets/s", "cycles a packet", "of the roofline", "lost"]
    blocks = [Table(header, [(r.get("path"), r.get("suite"), r.get("calls"), number(r, "pps"),
                              number(r, "cycles_per_packet"), number(r, "ratio_to_roofline"), r.get("lost"))
                             for r in results])]
    product = [r for r in results if r.get("suite") in (PRODUCT, "none")]
    blocks += lines("relay-calls", f"Cycles a packet by number of calls, {PRODUCT}", "cycles, less is better", "calls",
                    series(product, "calls", "cycles_per_packet", "path"), log_x=True)
    stages = {f"{r['path']}, {r['calls']:,} calls": r["stages"] for r in product
              if isinstance(r.get("stages"), dict) and r.get("calls") == max(number(p, "calls") or 0 for p in product)}
    return blocks + bars("relay-stages", "Where a packet's cycles go", "cycles a packet", stages)


def soak(results):
    """bench/run relay --soak: not how fast, but for how long."""
    header = ["suite", "calls", "seconds", "packets", "decrypted and compared", "wraps of each stream", "lost", "wrong",
              "memory grew, KiB", "buffers missing"]
    fields = ["calls", "seconds", "packets", "decrypted_and_compared", "wraps_of_each_stream", "lost", "wrong",
              "grown_kib", "buffers_missing"]
    return [Table(header, [(r.get("soak"), *(number(r, f) for f in fields)) for r in results])]


def latency(report):
    return report_latency.section(report) or plain(report)


def compare(report):
    results = report["results"]
    header = ["path", "system", "CPU µs a packet", "times less than rtpengine", "packets/s", "times more", "limited by"]
    rows = [(r.get("path"), r.get("system"), number(r, "cpu_us_per_packet"), number(r, "cpu_ratio_to_rtpengine"),
             number(r, "pps_at_0_1_percent_loss"), number(r, "pps_ratio_to_rtpengine"),
             "the generator" if r.get("generator_limited") else "") for r in results]
    blocks = [Table(header, rows)]
    for field, title, unit in (("cpu_us_per_packet", "CPU time a relayed packet", "microseconds, less is better"),
                               ("pps_at_0_1_percent_loss", "Packets a second at under 0.1 % loss", "one core")):
        groups = {}
        for r in results:
            groups.setdefault(str(r.get("path")), {})[str(r.get("system"))] = number(r, field)
        blocks += bars("compare-" + field.split("_", maxsplit=1)[0], title, unit, groups, log=True)
    includes = {r.get("system"): r.get("includes") for r in results if r.get("includes")}
    blocks += [Text("What the CPU time is that of:"), Points([f"{s}: {t}" for s, t in includes.items()])] if includes else []
    missing = report.get("not_measured") or {}
    return blocks + ([Points([f"{s} is not part of it: {t}" for s, t in missing.items()])] if missing else [])


def signalling(report):
    results = report["results"]
    header = ["transport", "calls/s", "CPU µs a call", "of the data plane", "set-up p50, ms", "p99, ms", "bytes a call",
              "lookup ratio", "nothing asked ahead", "the table alone", "a line of memory", "limited by"]
    fields = ["calls_per_second", "cpu_us_per_call", "dataplane_cpu_us_per_call", "setup_p50_ms", "setup_p99_ms",
              "bytes_per_call", "lookup_ratio", "lookup_bare_ratio", "lookup_table_ratio", "floor_ratio"]
    rows = [(r.get("transport"), *(number(r, f) for f in fields), "the generator" if r.get("generator_limited") else "")
            for r in results]
    note = Text("Lookup ratio: what finding a transaction costs among 100,000, of what it costs among 1,000; beside it the same "
                "when no memory is asked for ahead, and that of the table alone, of messages that were read long before. A line of memory: "
                "what the ratio of the table alone would be if it waited for one line more and for nothing else.")
    return [Table(header, rows), note] + [Chart(*c) for c in signalling_chart.charts(results)]


def picked(rows, columns):
    """columns: (heading, key)."""
    return [Table([heading for heading, _ in columns], [tuple(r.get(key) for _, key in columns) for r in rows])] if rows else []


def disturbances(results):
    header = ["disturbance", "cycles a packet of the calls", "of quiet", "p99 of quiet", "lost", "refused",
              "cycles a refused one", "counted as"]
    fields = ["cycles_per_packet", "ratio_to_quiet", "p99_to_quiet", "lost", "refused", "cycles_per_refused"]
    rows = [(r["disturbance"], *(number(r, f) for f in fields),
             ", ".join(f"{name} {n:,}" for name, n in (r.get("drops") or {}).items())) for r in results]
    cost = {r["disturbance"]: {"cycles a refused packet": number(r, "cycles_per_refused")} for r in results
            if number(r, "cycles_per_refused")}
    beside = {r["disturbance"]: {"cycles, of quiet": number(r, "ratio_to_quiet")} for r in results
              if number(r, "ratio_to_quiet") and not number(r, "refused")}
    return [Table(header, rows)] + bars(
        "disturb-calls", "What calls pay for what happens beside them", "cycles a packet, of quiet", beside) + bars(
        "disturb-refused", "What a refused packet costs", "cycles, less is better", cost)


def disturb(report):
    live = [("packets of calls", "sent"), ("lost", "lost"), ("of them the generator did not read", "tx_full"),
            ("latency p50, µs", "p50_us"), ("p99, µs", "p99_us"), ("p99.9, µs", "p99_9_us")]
    floods = [("flood at one call's port", "flood"), ("offered a second", "pps_offered"), ("taken a second", "pps_taken"),
              ("lost of the attacked call", "attacked_lost")]
    opens = [("calls opened through the socket", "opens"), ("opened", "opened"), ("ns of the worker a packet", "worker_ns_per_packet")]
    results = [r for r in report["results"] if r.get("disturbance")]
    return ((disturbances(results) if results else plain(report)) + picked(report.get("floods"), floods + live)
            + picked(report.get("opens"), opens + live))


SECTIONS = {"micro": micro, "relay": relay, "disturb": disturb, "latency": latency, "compare": compare, "signalling": signalling}


def section(report):
    kind = report["bench"]
    blocks = [Heading(2, f"bench/run {kind}")]
    if kind in METHOD:
        blocks.append(Points(METHOD[kind]))
    if not report["results"]:
        return blocks + [Text("It has no results.")]
    return blocks + SECTIONS.get(kind, plain)(report)
