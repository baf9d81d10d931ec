#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares what a phone heard with what was said, and looks for speech on the wire.

usage: audio.py heard SAID.wav HEARD.wav
       audio.py wire CAPTURE.pcap SAID.wav SOURCE_IP DESTINATION_IP [FIRST_PORT-LAST_PORT]
       audio.py keys CAPTURE.pcap

`heard` prints the median, over windows of one second, of the peak of the normalised cross-correlation
(1.00: the same sound, 0: nothing in common), and how many windows had sound to compare.
`wire` decodes the payload of the RTP packets from one address to another as G.711 mu-law and prints
the same figure: near 1 when the voice is in clear, near 0 when it is encrypted.
`keys` prints how many packets carry an SDES key in clear.
All print lines of NAME VALUE.
"""
import struct
import sys
import wave

import numpy as np

RATE = 8000  # samples a second


def read_wav(path):
    with wave.open(path) as wav:
        if wav.getframerate() != RATE or wav.getsampwidth() != 2:
            raise SystemExit(f"audio: {path}: expected 16 bit at {RATE} Hz")
        samples = np.frombuffer(wav.readframes(wav.getnframes()), dtype="<i2").astype(float)
        return samples[:: wav.getnchannels()]


def peak_correlation(window, signal):
    """The highest normalised cross-correlation of window at any place in signal."""
    n = len(window)
    window = window - window.mean()
    norm = np.sqrt((window**2).sum())
    size = 1 << (len(signal) + n).bit_length()
    product = np.fft.irfft(np.fft.rfft(signal, size) * np.conj(np.fft.rfft(window, size)), size)
    product = product[: len(signal) - n + 1]
    sums = np.concatenate(([0.0], np.cumsum(signal)))
    squares = np.concatenate(([0.0], np.cumsum(signal**2)))
    total = sums[n:] - sums[:-n]
    energy = np.maximum(squares[n:] - squares[:-n] - total**2 / n, n * 50.0**2)
    return float(np.max(product / (norm * np.sqrt(energy))))


def similarity(said, heard):
    """Median over the windows of heard that have sound, and their number."""
    scores = []
    for start in range(0, len(heard) - RATE + 1, RATE):
        window = heard[start : start + RATE]
        if np.sqrt((window**2).mean()) > 200:  # silence between the sentences says nothing
            scores.append(peak_correlation(window, said))
    return (float(np.median(scores)) if scores else 0.0), len(scores)


def mulaw_decode(data):
    u = ~np.frombuffer(data, dtype=np.uint8)
    exponent = ((u >> 4) & 7).astype(int)
    magnitude = (((u & 15).astype(int) << 3) + 132) << exponent
    return np.where(u & 128, 132 - magnitude, magnitude - 132).astype(float)


def udp_packets(path):
    """(source, destination, source port, destination port, payload) of a pcap of Ethernet frames."""
    with open(path, "rb") as file:
        data = file.read()
    magic = data[:4]
    order = "<" if magic in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    at = 24
    while at + 16 <= len(data):
        length = struct.unpack(order + "4I", data[at : at + 16])[2]
        frame = data[at + 16 : at + 16 + length]
        at += 16 + length
        yield frame


def decode_udp(frame):
    if frame[12:14] != b"\x08\x00" or len(frame) < 42 or frame[23] != 17:
        return None
    ip = frame[14:]
    header = (ip[0] & 15) * 4
    source, destination = (".".join(map(str, ip[i : i + 4])) for i in (12, 16))
    sport, dport, length = struct.unpack(">3H", ip[header : header + 6])
    return source, destination, sport, dport, ip[header + 8 : header + length]


def wire(path, said, source, destination, ports="1024-65535"):
    first, last = map(int, ports.split("-"))
    payloads, lengths = {}, {}
    for frame in udp_packets(path):
        udp = decode_udp(frame)
        if not udp or udp[:2] != (source, destination) or not first <= min(udp[2], udp[3]):
            continue
        payload = udp[4]
        if not (first <= udp[2] <= last or first <= udp[3] <= last):
            continue
        if len(payload) < 12 or payload[0] >> 6 != 2 or 192 <= payload[1] <= 223:
            continue
        sequence, ssrc = struct.unpack(">H4xI", payload[2:12])
        lengths[len(payload)] = lengths.get(len(payload), 0) + 1
        payloads.setdefault(ssrc, []).append((sequence, payload[12:172]))
    if not payloads:
        print("packets 0")
        print("speech 0.00")
        return
    stream = max(payloads.values(), key=len)
    start = stream[0][0]
    stream.sort(key=lambda item: (item[0] - start) & 0xFFFF)
    score, windows = similarity(read_wav(said), mulaw_decode(b"".join(item[1] for item in stream)))
    print(f"packets {len(stream)}")
    print(f"length {max(lengths, key=lengths.get)}")
    print(f"windows {windows}")
    print(f"speech {score:.2f}")


def main():
    if len(sys.argv) == 4 and sys.argv[1] == "heard":
        heard = read_wav(sys.argv[3])
        score, windows = similarity(read_wav(sys.argv[2]), heard)
        print(f"seconds {len(heard) / RATE:.1f}")
        print(f"windows {windows}")
        print(f"similarity {score:.2f}")
    elif len(sys.argv) in (6, 7) and sys.argv[1] == "wire":
        wire(*sys.argv[2:])
    elif len(sys.argv) == 3 and sys.argv[1] == "keys":
        print("keys", sum(b"inline:" in frame for frame in udp_packets(sys.argv[2])))
    else:
        print(__doc__, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
