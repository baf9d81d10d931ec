# SPDX-License-Identifier: GPL-2.0-or-later
"""Sends the packets of a pcap file from a network device, some thousands a second.

usage: replay.py FILE DEVICE
"""
import socket
import struct
import sys
import time

PAUSE_EVERY, PAUSE_S = 50, 0.005


def packets(path):
    with open(path, "rb") as f:
        data = f.read()
    at = 24
    while at < len(data):
        length, = struct.unpack_from("<I", data, at + 8)
        yield data[at + 16:at + 16 + length]
        at += 16 + length


wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
wire.bind((sys.argv[2], 0))
for number, packet in enumerate(packets(sys.argv[1]), 1):
    wire.send(packet)
    if number % PAUSE_EVERY == 0:
        time.sleep(PAUSE_S)
