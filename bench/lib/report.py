#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Turns the JSON files of bench/run into one page, as Markdown and as HTML."""
import argparse
import json
import os
import sys

import report_html
import report_kinds
import report_markdown
from report_page import Chart, Code, Heading, Page, Table, Text

ORDER = ["micro", "relay", "latency", "disturb", "compare", "signalling"]


class Error(Exception):
    """A file that is no report of bench/run."""


def arguments():
    p = argparse.ArgumentParser(prog="bench/report", description=(
        "Turns the JSON files that bench/run KIND --json FILE wrote into one page: report.md with its charts "
        "beside it, and report.html, which stands alone. Any kinds, in any order; of one kind several files too."))
    p.add_argument("files", nargs="+", metavar="JSON")
    p.add_argument("--out", default=".", metavar="DIR", help="where to write; made when it is not there")
    p.add_argument("--title", default="sluice: measurements")
    return p.parse_args()


def read(path):
    try:
        with open(path, encoding="utf-8") as f:
            report = json.load(f)
    except (OSError, ValueError) as error:
        raise Error(f"{path}: {error}") from error
    if not isinstance(report, dict) or not isinstance(report.get("bench"), str):
        raise Error(f"{path}: not a report of bench/run: it has no 'bench'")
    if not isinstance(report.get("results"), list) or not all(isinstance(r, dict) for r in report["results"]):
        raise Error(f"{path}: not a report of bench/run: 'results' is no list of results")
    return report


def place(report):
    return ORDER.index(report["bench"]) if report["bench"] in ORDER else len(ORDER)


def targets(reports):
    rows = [(r["bench"], t["name"], t["wanted"], t.get("measured", "-"), t["verdict"])
            for r in reports for t in r.get("targets", [])]
    if not rows:
        return []
    reached = sum(row[4] == "reached" for row in rows)
    return [Heading(2, "Targets"), Text(f"{reached} of {len(rows)} reached."),
            Table(["bench/run", "target", "wanted", "measured", "verdict"], rows)]


def fact(value):
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, (int, float)) else str(value)


def machine(reports):
    """Each fact once when all reports agree, else by kind."""
    names = dict.fromkeys(n for r in reports for n in r.get("machine", {}))
    rows = []
    for name in names:
        said = {}
        for r in reports:
            if name in r.get("machine", {}):
                said.setdefault(fact(r["machine"][name]), []).append(r["bench"])
        for value, kinds in said.items():
            rows.append((name.replace("_", " "), value, "" if len(said) == 1 else ", ".join(kinds)))
    return [Heading(2, "Machine"), Table(["fact", "value", "of"], rows)]


def told_apart(blocks):
    """Charts have files of their own, also those of a second report of one kind."""
    seen = {}
    for block in blocks:
        if isinstance(block, Chart):
            seen[block.name] = seen.get(block.name, 0) + 1
            if seen[block.name] > 1:
                block.name += f"-{seen[block.name]}"
    return blocks


def build(reports, title):
    reports = sorted(reports, key=place)
    page = Page(title, [])
    commits = sorted({str(r.get("commit", "unknown")) for r in reports})
    page.blocks.append(Text(f"Commit {', '.join(commits)}. Kinds: {', '.join(r['bench'] for r in reports)}."))
    missing = [k for k in ORDER if k not in {r["bench"] for r in reports}]
    if missing:
        page.blocks.append(Text(f"Not part of this page, since no file of theirs was given: {', '.join(missing)}."))
    page.blocks += targets(reports) + machine(reports)
    page.blocks.append(Heading(2, "Commands"))
    page.blocks.append(Code("\n".join(str(r.get("command") or f"bench/run {r['bench']}") for r in reports)))
    kinds = [r["bench"] for r in reports]
    for report in reports:
        heading, *section = report_kinds.section(report)
        of = [Text(str(report["command"]))] if kinds.count(report["bench"]) > 1 and report.get("command") else []
        page.blocks += [heading, *of, *section]
    told_apart(page.blocks)
    return page


def main():
    args = arguments()
    try:
        page = build([read(path) for path in args.files], args.title)
    except Error as error:
        sys.exit(f"report: {error}")
    os.makedirs(args.out, exist_ok=True)
    for path in (*report_markdown.write(page, args.out), report_html.write(page, args.out)):
        print(f"report: {path}")


if __name__ == "__main__":
    main()
