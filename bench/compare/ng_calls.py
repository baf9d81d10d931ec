# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls of rtpengine through its NG protocol; writes their streams as a plan (bench/streams/plan.h).

usage: ng_calls.py NG_ADDRESS NG_PORT CALLS SUITE_A SUITE_B PEER_A PEER_B PORT_FIRST PLAN
"""
import base64
import os
import re
import sys

import ng

KEY_BYTES = 30  # master key and salt of the AES_CM_128 suites (RFC 4568 6.2)
# rtpengine offers every suite that it knows: all that neither side has are taken away. Not one that
# only the other side has: rtpengine would then take it from that side too.
SUITES = [
    "AEAD_AES_256_GCM", "AEAD_AES_128_GCM", "AES_256_CM_HMAC_SHA1_80", "AES_256_CM_HMAC_SHA1_32",
    "AES_192_CM_HMAC_SHA1_80", "AES_192_CM_HMAC_SHA1_32", "AES_CM_128_HMAC_SHA1_80",
    "AES_CM_128_HMAC_SHA1_32", "F8_128_HMAC_SHA1_80", "F8_128_HMAC_SHA1_32", "NULL_HMAC_SHA1_80",
    "NULL_HMAC_SHA1_32",
]


class Side:
    """A peer: where it is, its suite ("none": RTP), what it encrypts with."""

    def __init__(self, address, port, suite):
        self.address, self.port, self.suite = address, port, suite
        self.key = os.urandom(KEY_BYTES) if suite != "none" else b""

    def profile(self):
        return "RTP/AVP" if self.suite == "none" else "RTP/SAVP"

    def sdp(self, tag=1):
        """An offer or, with the tag of the offer's line, an answer (RFC 4568 5.1)."""
        lines = ["v=0", f"o=- 1 1 IN IP4 {self.address}", "s=-", f"c=IN IP4 {self.address}", "t=0 0",
                 f"m=audio {self.port} {self.profile()} 0", "a=rtpmap:0 PCMU/8000", "a=ptime:20",
                 "a=sendrecv", "a=rtcp-mux"]
        if self.key:
            lines.append(f"a=crypto:{tag} {self.suite} inline:{base64.b64encode(self.key).decode()}")
        return "\r\n".join(lines) + "\r\n"


def read_sdp(text, suite):
    """(port, tag, key) of an SDP that rtpengine wrote; key b"" for RTP."""
    port = re.search(r"^m=audio (\d+) (\S+)", text, re.M)
    if not port:
        raise ng.Error(f"no media in the SDP:\n{text}")
    if suite == "none":
        if port[2] != "RTP/AVP":
            raise ng.Error(f"{port[2]} where RTP/AVP was wanted")
        return int(port[1]), 0, b""
    crypto = re.search(rf"^a=crypto:(\d+) {suite} inline:([A-Za-z0-9+/=]+)", text, re.M)
    if port[2] != "RTP/SAVP" or not crypto:
        raise ng.Error(f"no key of {suite} in the SDP:\n{text}")
    key = base64.b64decode(crypto[2])
    if len(key) != KEY_BYTES:
        raise ng.Error(f"a key of {len(key)} bytes for {suite}")
    return int(port[1]), int(crypto[1]), key


def call(client, number, a, b):
    """Offer and answer: the relay's port for A, its port for B, and the key that B receives under."""
    common = {"call_id": f"call-{number}", "from_tag": f"a{number}", "ICE": "remove", "rtcp_mux": ["accept"]}
    others = [f"no-{s}" for s in SUITES if s not in (a.suite, b.suite)]
    offer = client.request("offer", sdp=a.sdp(), transport_protocol=b.profile(), DTLS="off", SDES=others, **common)
    port_b, tag, key = read_sdp(offer["sdp"], b.suite)
    answer = client.request("answer", sdp=b.sdp(tag), to_tag=f"b{number}", **common)
    port_a, _, key_a = read_sdp(answer["sdp"], a.suite)
    if a.key and (key == a.key or key_a == b.key):
        raise ng.Error("rtpengine passes SRTP through untouched: there is nothing to compare")
    return port_a, port_b, key


def plan_line(relay, a, b, port_a, port_b, key):
    def secret(suite, value):
        return f"{suite} {value.hex() or '-'}"

    return (f"{a.address}:{a.port} {relay}:{port_a} {secret(a.suite, a.key)} "
            f"{relay}:{port_b} {b.address}:{b.port} {secret(b.suite, key)}\n")


def main():
    address, ng_port, calls, suite_a, suite_b, peer_a, peer_b, first, path = sys.argv[1:]
    client = ng.Client(address, int(ng_port))
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as plan:
        for number in range(int(calls)):
            port = int(first) + 2 * number
            a, b = Side(peer_a, port, suite_a), Side(peer_b, port, suite_b)
            plan.write(plan_line(address, a, b, *call(client, number, a, b)))
    client.close()


if __name__ == "__main__":
    try:
        main()
    except ng.Error as error:
        sys.exit(f"ng_calls: {error}")
