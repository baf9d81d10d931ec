# SPDX-License-Identifier: GPL-2.0-or-later
"""Charts as SVG, nothing needed but Python. They stand alone, follow light and dark, and print."""
import math
from html import escape

WIDTH, LEFT, RIGHT, TOP = 820, 190, 90, 64
BAR, GAP = 22, 18
# Colours that can be told apart by those who see no red or no green (Okabe and Ito).
COLOURS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#999999"]

STYLE = """<style>
.chart{font:13px system-ui,sans-serif;--ink:#1b1f24;--soft:#59636e;--rule:#d1d9e0;--paper:#fff}
@media (prefers-color-scheme:dark){.chart{--ink:#e6edf3;--soft:#9198a1;--rule:#3d444d;--paper:#0d1117}}
@media print{.chart{--ink:#000;--soft:#444;--rule:#bbb;--paper:#fff}}
.chart .paper{fill:var(--paper)}.chart text{fill:var(--ink)}.chart .soft{fill:var(--soft)}
.chart .title{font-size:16px;font-weight:600}.chart .rule{stroke:var(--rule);fill:none}
</style>"""


def short(value):
    """A number for people: 12,300 or 0.213."""
    if value is None:
        return "-"
    if abs(value) >= 1e6:
        return f"{value / 1e6:,.2f} M"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _frame(height, title, unit, inside):
    return (f'<svg class="chart" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
            f'role="img" aria-label="{escape(title)}">{STYLE}<rect class="paper" width="{WIDTH}" height="{height}"/>'
            f'<text class="title" x="16" y="28">{escape(title)}</text>'
            f'<text class="soft" x="16" y="48">{escape(unit)}</text>{"".join(inside)}</svg>\n')


def _ticks_log(low, high):
    return [10.0 ** e for e in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)]


def _ticks_linear(high):
    step = 10.0 ** math.floor(math.log10(high))
    step = next(step * f for f in (0.1, 0.2, 0.5, 1, 2) if high / (step * f) <= 6)
    return [step * i for i in range(math.ceil(high / step) + 1)]


class Scale:
    """From values to places on an axis."""

    def __init__(self, values, start, end, log):
        self.log, self.start, self.end = log, start, end
        positive = [v for v in values if v > 0] or [1]
        self.ticks = _ticks_log(min(positive), max(positive)) if log else _ticks_linear(max(positive))
        if log and len(self.ticks) == 1:
            self.ticks.append(self.ticks[0] * 10)
        self.low, self.high = self.ticks[0], self.ticks[-1]

    def at(self, value):
        if self.log:
            share = math.log10(max(value, self.low) / self.low) / math.log10(self.high / self.low)
        else:
            share = value / self.high
        return self.start + share * (self.end - self.start)


def bars(title, unit, groups, log=False):
    """Horizontal bars. groups: {group: {name: value}}; a value of None is left out."""
    names = list(dict.fromkeys(n for group in groups.values() for n in group))
    values = [v for group in groups.values() for v in group.values() if v is not None]
    scale = Scale(values, LEFT, WIDTH - RIGHT, log)
    inside, y = [], TOP + 8
    for group, members in groups.items():
        inside.append(f'<text x="16" y="{y + 15}" font-weight="600">{escape(group)}</text>')
        for name, value in members.items():
            if value is None:
                continue
            colour = COLOURS[names.index(name) % len(COLOURS)]
            end = scale.at(value)
            inside.append(f'<text class="soft" x="{LEFT - 8}" y="{y + 32}" text-anchor="end">{escape(name)}</text>'
                          f'<rect x="{LEFT}" y="{y + 18}" width="{max(1, end - LEFT):.1f}" height="{BAR - 4}" '
                          f'fill="{colour}"/><text x="{end + 6:.1f}" y="{y + 32}">{short(value)}</text>')
            y += BAR
        y += GAP + 8
    rules = [f'<path class="rule" d="M{scale.at(t):.1f} {TOP}V{y}"/>'
             f'<text class="soft" x="{scale.at(t):.1f}" y="{y + 16}" text-anchor="middle">{short(t)}</text>'
             for t in scale.ticks]
    return _frame(y + 28, title, unit, rules + inside)


def lines(title, unit, x_label, series, log_x=False, log_y=False):
    """series: {name: [(x, y)]}."""
    points = [p for line in series.values() for p in line]
    height, bottom, left = 420, 420 - 64 - 20 * ((len(series) + 2) // 3), 80
    x = Scale([p[0] for p in points], left, WIDTH - 32, log_x)
    y = Scale([p[1] for p in points], bottom, TOP, log_y)
    inside = [f'<path class="rule" d="M{left} {y.at(t):.1f}H{WIDTH - 32}"/>'
              f'<text class="soft" x="{left - 8}" y="{y.at(t) + 4:.1f}" text-anchor="end">{short(t)}</text>'
              for t in y.ticks]
    inside += [f'<text class="soft" x="{x.at(t):.1f}" y="{bottom + 18}" text-anchor="middle">{short(t)}</text>'
               for t in x.ticks]
    inside.append(f'<text class="soft" x="{(left + WIDTH) / 2:.0f}" y="{bottom + 38}" text-anchor="middle">'
                  f'{escape(x_label)}</text>')
    for number, (name, line) in enumerate(series.items()):
        colour = COLOURS[number % len(COLOURS)]
        path = "L".join(f"{x.at(a):.1f} {y.at(b):.1f}" for a, b in sorted(line))
        inside.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        inside += [f'<circle cx="{x.at(a):.1f}" cy="{y.at(b):.1f}" r="3" fill="{colour}"/>' for a, b in line]
        at_x, at_y = 80 + number % 3 * 245, bottom + 62 + number // 3 * 20
        inside.append(f'<rect x="{at_x}" y="{at_y - 10}" width="12" height="12" fill="{colour}"/>'
                      f'<text x="{at_x + 18}" y="{at_y}">{escape(name)}</text>')
    return _frame(height, title, unit, inside)
