# SPDX-License-Identifier: GPL-2.0-or-later
"""What a page is made of, before it is Markdown or HTML."""
from dataclasses import dataclass, field


@dataclass
class Heading:
    level: int
    text: str


@dataclass
class Text:
    text: str


@dataclass
class Points:
    items: list


@dataclass
class Code:
    text: str


@dataclass
class Table:
    """Rows of text; a number of Python is aligned as one."""
    header: list
    rows: list


@dataclass
class Chart:
    name: str  # of its file, without .svg
    title: str
    svg: str


@dataclass
class Page:
    title: str
    blocks: list = field(default_factory=list)


def cell(value):
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.4g}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def is_number(value):
    return value is None or isinstance(value, (int, float)) and not isinstance(value, bool)


def number(row, name):
    """What a result has under that name, if it is a number."""
    value = row.get(name)
    return value if isinstance(value, (int, float)) else None
