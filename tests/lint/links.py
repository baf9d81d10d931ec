#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks the relative links of the Markdown files named on standard input: file and #heading.

Prints one line for each link that leads nowhere; exit code 1 if there is any.
"""
import os
import re
import sys

LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)")
CODE = re.compile(r"`[^`]*`")
SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*:")


def text_lines(path):
    """Lines with their numbers, without fenced code."""
    fenced = False
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if line.lstrip().startswith("```"):
                fenced = not fenced
            elif not fenced:
                yield number, line


def anchors(path):
    """The names that headings get: lower case, punctuation dropped, spaces to hyphens."""
    names = set()
    for _, line in text_lines(path):
        if line.startswith("#"):
            name = re.sub(r"[^\w\- ]", "", line.lstrip("#").strip().lower()).replace(" ", "-")
            count = 0
            while (name if not count else f"{name}-{count}") in names:
                count += 1
            names.add(name if not count else f"{name}-{count}")
    return names


def broken(path, target):
    file, _, anchor = target.partition("#")
    place = os.path.normpath(os.path.join(os.path.dirname(path), file)) if file else path
    if not os.path.exists(place):
        return f"{target}: no such file"
    if anchor and place.endswith(".md") and anchor not in anchors(place):
        return f"{target}: no such heading"
    return None


def main():
    wrong = []
    for path in filter(None, sys.stdin.read().split("\n")):
        for number, line in text_lines(path):
            for target in LINK.findall(CODE.sub("", line)):
                why = None if SCHEME.match(target) else broken(path, target)
                if why:
                    wrong.append(f"{path}:{number}: {why}")
    print("\n".join(wrong), end="\n" if wrong else "")
    return 1 if wrong else 0


sys.exit(main())
