# SPDX-License-Identifier: GPL-2.0-or-later
"""What bench/run latency prints for people."""
from latency_rows import QUANTILES


def quantiles_print(rows, prefix, what):
    print(f"  {what}\n  {'load':>5}{'Mpps':>7}   {'relay p50':>10}{'p99':>9}{'p99.9':>10}   {'floor p50':>10}{'p99':>9}"
          f"{'p99.9':>10}   {'added p50':>10}{'p99':>9}{'p99.9':>10}   µs")
    for r in rows:
        text = f"  {r['share']:>5.0%}{r['pps'] / 1e6:>7.3f}"
        for kind in ("", "floor_", "added_"):
            values = [r[f"{kind}{prefix}{q}_us"] for q in QUANTILES]
            for value, width in zip(values, (13, 9, 10)):
                text += f"{'-' if value is None else format(value, ',.1f'):>{width}}"
        print(text)


def taken_print(r):
    for what, taken, lost, held in (("relay", r["taken"], r["lost"], r["held"]),
                                    ("floor", r["floor_taken"], r["floor_lost"], r["floor_held"])):
        print(f"  {r['share']:>5.0%}  {what}: lost {lost:,}, found the ring full {held:,}; the machine's cores stolen "
              f"{taken['stolen_ms']:,} ms; waited for its core: generator {taken['generator_waited_ms']:,} ms, {what} "
              f"{taken['far_waited_ms']:,} ms; the generator stood still {taken['stalls']:,} times, at most "
              f"{taken['longest_stall_ms']:,} ms")


def per_million(lost, sent):
    return f"{1e6 * lost / sent:,.0f} of a million"


def long_print(r):
    names = ", ".join(f"{name} {count:,}" for name, count in r["drops"].items()) or "none"
    verdict = "every lost packet has a name" if r["unnamed"] == 0 else f"{r['unnamed']:,} lost WITHOUT a name"
    print(f"  {r['long_s']} s at 80 %: sent {r['sent']:,} ({r['pps'] / r['pps_wanted']:.1%} of what was due), lost "
          f"{r['lost']:,}, {per_million(r['lost'], r['sent'])}; dropped by the relay: {names}; of these {r['lost_to_generator']:,} because the generator stood "
          f"still; {verdict}.\n    Noise floor: sent {r['floor_sent']:,} in {r['floor_s']} s, lost {r['floor_lost']:,}, "
          f"{per_million(r['floor_lost'], r['floor_sent'])}")
    taken_print(r)


def path_print(result):
    proof = result["proof"]
    limited = ": it is the generator that ends it" if result["generator_limited"] else ""
    print(f"\n{result['path']}, {result['calls']:,} calls: at most {result['max_pps'] / 1e6:.2f} M packets/s (with the "
          f"mirror {result['max_pps_mirror'] / 1e6:.2f}{limited}); {proof['verified']:,} of {proof['sent']:,} packets of a "
          f"slow run decrypted and compared, {proof['wrong']:,} wrong")
    quantiles_print(result["shares"], "", "all packets:")
    quantiles_print(result["shares"], "calm_", "the median of windows of 10 ms:")
    for r in result["shares"]:
        taken_print(r)
    long_print(result["long"])
