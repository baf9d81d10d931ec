#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes C arrays with the bytes of object files: embed.py OUTPUT NAME=FILE..."""
import sys

with open(sys.argv[1], "w", encoding="ascii") as out:
    out.write("/* Made by embed.py. */\n#pragma once\n\n")
    for argument in sys.argv[2:]:
        name, path = argument.split("=", 1)
        with open(path, "rb") as file:
            data = file.read()
        out.write(f"static const unsigned char {name}[] __attribute__((aligned(8))) = {{\n")
        for i in range(0, len(data), 16):
            out.write("\t" + ", ".join(str(b) for b in data[i : i + 16]) + ",\n")
        out.write("};\n\n")
