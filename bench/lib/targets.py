# SPDX-License-Identifier: GPL-2.0-or-later
"""Targets: what was wanted, what was measured, whether it is reached; for people and for the JSON."""

VERDICTS = ("reached", "NOT reached", "not measured")


def judge(rows):
    """rows: (name, value or None, limit, format, True: at most, False: at least)."""
    judged = []
    for name, value, limit, form, most in rows:
        if value is None:
            verdict = VERDICTS[2]
        else:
            verdict = VERDICTS[0 if (value <= limit if most else value >= limit) else 1]
        judged.append({
            "name": name, "wanted": ("at most " if most else "at least ") + form.format(limit),
            "measured": "-" if value is None else form.format(value), "value": value, "verdict": verdict,
        })
    return judged


def show(heading, judged):
    width = max(len(t["name"]) for t in judged) + 2
    print(f"\nTargets{f' ({heading})' if heading else ''}")
    for t in judged:
        print(f"  {t['name']:{width}}{t['wanted']:>16}  measured {t['measured']:>8}  {t['verdict']}")
