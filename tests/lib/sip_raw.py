#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Sends one hand-made SIP message and prints what comes back: the status code, "closed" or "silence".

usage: sip_raw.py tcp|udp ADDRESS PORT CASE          CASE: one of those below
       sip_raw.py list                               print the cases: NAME EXPECTED
"""
import socket
import sys

HEAD = (
    "Via: SIP/2.0/{transport} 10.77.0.13:5060;branch=z9hG4bK{case}\r\n"
    "From: <sip:2003@10.77.0.13>;tag=a1\r\nTo: <sip:2001@10.77.0.1>\r\n"
    "Call-ID: {case}@test\r\nMax-Forwards: 70\r\n"
)
REST = "Contact: <sip:2003@10.77.0.13>\r\nContent-Length: 0\r\n\r\n"
OPTIONS = "OPTIONS sip:2001@10.77.0.1 SIP/2.0\r\n"
INVITE = "INVITE sip:2001@10.77.0.1 SIP/2.0\r\n"


def body(text):
    return f"Contact: <sip:2003@10.77.0.13>\r\nContent-Type: application/sdp\r\nContent-Length: {len(text)}\r\n\r\n{text}"


SDP = (
    "v=0\r\no=- 1 1 IN IP4 10.77.0.13\r\ns=-\r\nc=IN IP4 10.77.0.13\r\nt=0 0\r\n"
    "m=audio 4000 {proto} 0\r\na=rtpmap:0 PCMU/8000\r\n"
)

# name: (message, expected on TCP). The method's own answer says that the relay still serves.
CASES = {
    "options": (OPTIONS + HEAD + "CSeq: 1 OPTIONS\r\n" + REST, "200"),
    "version": (OPTIONS.replace("2.0", "7.0") + HEAD + "CSeq: 1 OPTIONS\r\n" + REST, "505"),
    "cseq-method": (OPTIONS + HEAD + "CSeq: 1 BYE\r\n" + REST, "400"),
    "two-froms": (OPTIONS + HEAD + "From: <sip:x@y>;tag=2\r\nCSeq: 1 OPTIONS\r\n" + REST, "400"),
    "null-in-user": (OPTIONS.replace("2001@", "20%0001@") + HEAD + "CSeq: 1 OPTIONS\r\n" + REST, "400"),
    "max-forwards": (OPTIONS + HEAD.replace("70", "0") + "CSeq: 1 OPTIONS\r\n" + REST, "483"),
    "unknown-method": ("FROB sip:2001@10.77.0.1 SIP/2.0\r\n" + HEAD + "CSeq: 1 FROB\r\n" + REST, "405"),
    "require": (INVITE + HEAD + "CSeq: 1 INVITE\r\nRequire: frobnicate\r\n" + REST, "420"),
    "scheme": (INVITE.replace("sip:2001@10.77.0.1", "urn:x:2001") + HEAD + "CSeq: 1 INVITE\r\n" + REST, "416"),
    "no-route": (INVITE.replace("2001", "9999") + HEAD + "CSeq: 1 INVITE\r\n" + body(SDP.format(proto="RTP/AVP")), "404"),
    "bad-sdp": (INVITE + HEAD + "CSeq: 1 INVITE\r\n" + body("v=0\r\nhello\r\n"), "400"),
    "savp-on-unsecured": (INVITE + HEAD + "CSeq: 1 INVITE\r\n" + body(SDP.format(proto="RTP/SAVP")), "488"),
    "bye-of-nothing": ("BYE sip:2001@10.77.0.1 SIP/2.0\r\n" + HEAD + "CSeq: 1 BYE\r\n" + REST, "481"),
    "not-sip": ("GET / HTTP/1.1\r\nHost: x\r\n\r\n", "closed"),
    "length-negative": (OPTIONS + HEAD + "CSeq: 1 OPTIONS\r\nContent-Length: -1\r\n\r\n", "closed"),
    "length-missing": (OPTIONS + HEAD + "CSeq: 1 OPTIONS\r\n\r\n", "closed"),
    "binary": ("\0\1\2\3" * 64, "closed"),
    "head-too-long": (OPTIONS + HEAD + "X-A: " + "a" * 70000, "closed"),
}


def main():
    if sys.argv[1:] == ["list"]:
        for name, (_, expected) in CASES.items():
            print(name, expected)
        return 0
    if len(sys.argv) != 5 or sys.argv[4] not in CASES:
        print(__doc__, file=sys.stderr)
        return 2
    transport, address, port, case = sys.argv[1:]
    message = CASES[case][0].replace("{transport}", transport.upper()).replace("{case}", case).encode("latin-1")
    kind = socket.SOCK_STREAM if transport == "tcp" else socket.SOCK_DGRAM
    with socket.socket(socket.AF_INET, kind) as sock:
        sock.settimeout(15)
        sock.connect((address, int(port)))
        try:
            sock.sendall(message)
            while True:
                data = sock.recv(65536)
                if not data:
                    print("closed")
                    break
                status = data.split(b" ", 2)[1].decode() if data.startswith(b"SIP/2.0 ") else "?"
                if not status.startswith("1"):
                    print(status)
                    break
        except ConnectionError:
            print("closed")
        except TimeoutError:
            print("silence")
    return 0


if __name__ == "__main__":
    sys.exit(main())
