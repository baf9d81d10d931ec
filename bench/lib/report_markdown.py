# SPDX-License-Identifier: GPL-2.0-or-later
"""A page as Markdown, its charts in files beside it."""
import os

from report_page import Chart, Code, Heading, Points, Table, Text, cell, is_number


def escape(text):
    return str(text).replace("|", "\\|").replace("<", "&lt;")


def table(block):
    numbers = [all(is_number(row[i]) for row in block.rows) for i in range(len(block.header))]
    lines = ["| " + " | ".join(map(escape, block.header)) + " |",
             "|" + "|".join("---:" if n else "---" for n in numbers) + "|"]
    lines += ["| " + " | ".join(escape(cell(v)) for v in row) + " |" for row in block.rows]
    return "\n".join(lines)


def render(block):
    if isinstance(block, Heading):
        return "#" * block.level + " " + block.text
    if isinstance(block, Text):
        return escape(block.text)
    if isinstance(block, Points):
        return "\n".join(f"- {escape(item)}" for item in block.items)
    if isinstance(block, Code):
        return f"```sh\n{block.text}\n```"
    if isinstance(block, Table):
        return table(block)
    return f"![{escape(block.title)}](charts/{block.name}.svg)"


def write(page, folder):
    """Returns the names of the files."""
    charts = [b for b in page.blocks if isinstance(b, Chart)]
    paths = [os.path.join(folder, "report.md")]
    with open(paths[0], "w", encoding="utf-8") as f:
        f.write("\n\n".join([f"# {page.title}"] + [render(b) for b in page.blocks]) + "\n")
    if charts:
        os.makedirs(os.path.join(folder, "charts"), exist_ok=True)
    for chart in charts:
        paths.append(os.path.join(folder, "charts", f"{chart.name}.svg"))
        with open(paths[-1], "w", encoding="utf-8") as f:
            f.write(chart.svg)
    return paths
