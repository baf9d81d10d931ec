#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Looks for keystream that was used twice (RFC 3711 9.1) in what one host sent another on the wire.

usage: keystream.py CAPTURE.pcap SOURCE_IP DESTINATION_IP FIRST_PORT-LAST_PORT TAG

Of SRTP and SRTCP under one key, with tags of TAG bytes and no MKI, it reads SSRC and index, which need no key: that of
SRTCP stands in the packet, that of SRTP is its sequence number with the wraps that the receiver counts. Two packets of
one SSRC and index and different bytes share their keystream. Prints lines of NAME VALUE: packets of each kind, indices
used twice of each kind, and how often the index of SRTP leapt by 100 or more.
"""
import os
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import audio  # noqa: E402

SRTCP_INDEX = 0x7FFFFFFF
LEAP = 100


class Stream:
    """The packets of one kind and SSRC, as their receiver sees them."""

    def __init__(self):
        self.highest = None
        self.bytes = {}  # of each index
        self.twice = set()
        self.packets = self.leaps = 0

    def guess(self, sequence):
        """RFC 3711 appendix A."""
        if self.highest is None:
            return sequence
        near = [(self.highest & ~0xFFFF) + wrap + sequence for wrap in (-0x10000, 0, 0x10000)]
        return min((index for index in near if index >= 0), key=lambda index: abs(index - self.highest))

    def take(self, index, data):
        self.packets += 1
        if self.bytes.setdefault(index, data) != data:
            self.twice.add(index)
        if self.highest is not None and index >= self.highest + LEAP:
            self.leaps += 1
        self.highest = max(index, self.highest or 0)


def main():
    if len(sys.argv) != 6:
        print(__doc__, file=sys.stderr)
        return 2
    path, source, destination, ports, tag = sys.argv[1:]
    first, last = map(int, ports.split("-"))
    rtp, rtcp = {}, {}
    for frame in audio.udp_packets(path):
        udp = audio.decode_udp(frame)
        if not udp or udp[:2] != (source, destination) or not first <= udp[2] <= last:
            continue
        packet = udp[4]
        if len(packet) < 12 or packet[0] >> 6 != 2:
            continue
        if 192 <= packet[1] <= 223:
            stream = rtcp.setdefault(packet[4:8], Stream())
            end = len(packet) - int(tag)
            stream.take(struct.unpack(">I", packet[end - 4:end])[0] & SRTCP_INDEX, packet)
        else:
            stream = rtp.setdefault(packet[8:12], Stream())
            stream.take(stream.guess(struct.unpack(">H", packet[2:4])[0]), packet)
    for name, streams in (("rtp", rtp.values()), ("rtcp", rtcp.values())):
        print(f"{name} {sum(stream.packets for stream in streams)}")
        print(f"{name}-twice {sum(len(stream.twice) for stream in streams)}")
    print(f"leaps {sum(stream.leaps for stream in rtp.values())}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
