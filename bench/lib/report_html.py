# SPDX-License-Identifier: GPL-2.0-or-later
"""A page as HTML that stands alone: no file beside it, no script, nothing from the network."""
import os
from html import escape

from report_page import Chart, Code, Heading, Points, Table, Text, cell, is_number

STYLE = """
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#59636e;--rule:#d1d9e0;--paper:#fff;--band:#f6f8fa;
--good:#116329;--bad:#a40e26}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9198a1;--rule:#3d444d;--paper:#0d1117;
--band:#151b23;--good:#3fb950;--bad:#f85149}}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,sans-serif}
main{max-width:62rem;margin:0 auto;padding:2rem 1.25rem 4rem}
h1{font-size:1.9rem;line-height:1.2;margin:0 0 1rem}
h2{font-size:1.35rem;margin:2.5rem 0 .75rem;padding-bottom:.3rem;border-bottom:1px solid var(--rule)}
h3{font-size:1.05rem;margin:1.75rem 0 .5rem}
p,li{max-width:46rem}
.wide{overflow-x:auto}
table{border-collapse:collapse;font-size:.88rem;font-variant-numeric:tabular-nums;margin:.5rem 0 1rem}
th,td{padding:.3rem .7rem;border-bottom:1px solid var(--rule);text-align:left;vertical-align:top}
th{color:var(--soft);font-weight:600;white-space:nowrap}
tbody tr:nth-child(even){background:var(--band)}
.n{text-align:right;white-space:nowrap}
.reached{color:var(--good);font-weight:600}.NOT{color:var(--bad);font-weight:600}
pre{background:var(--band);border:1px solid var(--rule);border-radius:6px;padding:.8rem 1rem;overflow-x:auto}
figure{margin:1rem 0}figure svg{width:100%;height:auto;border:1px solid var(--rule);border-radius:6px}
@media print{:root{--ink:#000;--soft:#444;--rule:#bbb;--paper:#fff;--band:#f4f4f4;--good:#060;--bad:#900}
body{font-size:10pt}main{max-width:none;padding:0}h2,h3{break-after:avoid}figure,tr{break-inside:avoid}
.wide{overflow:visible}}
"""


def shown(value):
    text = escape(cell(value))
    word = text.split(" ", 1)[0]
    if text in ("reached", "NOT reached"):
        return f'<span class="{word}">{text}</span>'
    return text


def table(block):
    numbers = [all(is_number(row[i]) for row in block.rows) for i in range(len(block.header))]
    kinds = [' class="n"' if n else "" for n in numbers]
    head = "".join(f"<th{k}>{escape(h)}</th>" for h, k in zip(block.header, kinds))
    body = "".join("<tr>" + "".join(f"<td{k}>{shown(v)}</td>" for v, k in zip(row, kinds)) + "</tr>\n"
                   for row in block.rows)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>\n{body}</tbody></table></div>'


def render(block):
    if isinstance(block, Heading):
        return f"<h{block.level}>{escape(block.text)}</h{block.level}>"
    if isinstance(block, Text):
        return f"<p>{escape(block.text)}</p>"
    if isinstance(block, Points):
        return "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in block.items) + "</ul>"
    if isinstance(block, Code):
        return f"<pre>{escape(block.text)}</pre>"
    if isinstance(block, Table):
        return table(block)
    assert isinstance(block, Chart)
    return f"<figure>{block.svg}</figure>"


def write(page, folder):
    """Returns the name of the file."""
    path = os.path.join(folder, "report.html")
    title = escape(page.title)
    with open(path, "w", encoding="utf-8") as f:
        f.write('<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
                '<meta name="viewport" content="width=device-width,initial-scale=1">'
                f"<title>{title}</title><style>{STYLE}</style></head>\n<body><main><h1>{title}</h1>\n")
        f.write("\n".join(render(b) for b in page.blocks))
        f.write("\n</main></body></html>\n")
    return path
