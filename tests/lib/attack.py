#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Attacks a call's media from a phone's own host: takes one of its packets off the wire and sends
it again, unchanged or changed. Run in the phone's namespace, as root; N packets, then it ends.

usage: attack.py KIND INTERFACE RELAY_IP FIRST_PORT-LAST_PORT N
  replay   the packet as it was
  forge    the right source, SSRC and next sequence numbers; payload and tag random: a wrong key
  spoof    another source address
  ssrc     random SSRCs, each new, with random tags
  short    a packet cut behind its SRTP header
"""
import os
import socket
import struct
import sys
import time

ETH_P_ALL = 3


def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def rebuild(frame, ip_source, udp_payload):
    """The frame with another source address and payload, lengths and checksums right."""
    eth, ip, udp = frame[:14], bytearray(frame[14:34]), bytearray(frame[34:42])
    ip[2:4] = struct.pack(">H", 28 + len(udp_payload))
    ip[10:12] = b"\0\0"
    if ip_source:
        ip[12:16] = socket.inet_aton(ip_source)
    ip[10:12] = struct.pack(">H", checksum(bytes(ip)))
    udp[4:8] = struct.pack(">HH", 8 + len(udp_payload), 0)  # checksum 0: none (RFC 768)
    return eth + bytes(ip) + bytes(udp) + udp_payload


def is_media(frame, relay, first, last):
    if len(frame) < 54 + 12 or frame[12:14] != b"\x08\x00" or frame[23] != 17 or frame[30:34] != relay:
        return False
    port = struct.unpack(">H", frame[36:38])[0]
    return first <= port <= last and port % 2 == 0 and frame[42] >> 6 == 2 and not 192 <= frame[43] <= 223


def attack(kind, frame, number):
    rtp = frame[42:]
    sequence = struct.unpack(">H", rtp[2:4])[0]
    if kind == "replay":
        return frame
    if kind == "forge":
        head = rtp[:2] + struct.pack(">H", (sequence + 1 + number) & 0xFFFF) + rtp[4:12]
        return rebuild(frame, None, head + os.urandom(len(rtp) - 12))
    if kind == "spoof":
        return rebuild(frame, "10.77.0.66", rtp)
    if kind == "ssrc":
        return rebuild(frame, None, rtp[:8] + os.urandom(len(rtp) - 8))
    if kind == "short":
        return rebuild(frame, None, rtp[:14])
    raise SystemExit(__doc__)


def main():
    if len(sys.argv) != 6:
        print(__doc__, file=sys.stderr)
        return 2
    kind, interface, relay, ports, count = sys.argv[1:]
    first, last = map(int, ports.split("-"))
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL)) as sock:
        sock.bind((interface, 0))
        sock.settimeout(20)
        until = time.monotonic() + 20
        frame = b""
        while not is_media(frame, socket.inet_aton(relay), first, last):
            if time.monotonic() > until:
                print("no media seen to attack with", file=sys.stderr)
                return 1
            frame = sock.recv(2048)
        for number in range(int(count)):
            sock.send(attack(kind, frame, number))
            time.sleep(0.002)
    return 0


if __name__ == "__main__":
    sys.exit(main())
