#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A plain SIP user agent for tests of routing.

usage: sip_agent.py answer ADDRESS RULES      UDP, port 5060: answers as the file RULES says, each line
                                              "METHOD STATUS" (0: not at all; a method without a line: 200),
                                              read again for each request; prints "METHOD user from-user"
       sip_agent.py call ADDRESS RELAY USER [COUNT]
                                              TCP: COUNT calls one after the other, each hung up at once;
                                              prints the final status and the Reason of each
"""
import re
import socket
import sys

SDP = (
    "v=0\r\no=- 1 1 IN IP4 {address}\r\ns=-\r\nc=IN IP4 {address}\r\nt=0 0\r\n"
    "m=audio 4000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
)


def header(message, name):
    found = re.search(rf"^{name}:[ ]*(.*?)\r$", message, re.M | re.I)
    return found.group(1) if found else ""


def headers(message, name):
    return re.findall(rf"^{name}:[ ]*(.*?)\r$", message, re.M | re.I)


def user_of(text):
    found = re.search(r"sips?:([^@>;]*)@", text)
    return found.group(1) if found else "-"


def rule(path, method):
    with open(path, encoding="ascii") as file:
        for line in file:
            words = line.split()
            if len(words) == 2 and words[0] == method:
                return int(words[1])
    return 200


def answer(address, rules):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((address, 5060))
        print("ready", flush=True)
        seen = set()
        while True:
            data, source = sock.recvfrom(65536)
            message = data.decode("latin-1")
            method = message.split(" ", 1)[0]
            branch = re.search(r"branch=([^;,\s]+)", header(message, "Via"))
            if (method, branch and branch.group(1)) not in seen:  # retransmissions are one request
                seen.add((method, branch and branch.group(1)))
                print(method, user_of(message.split("\r\n", 1)[0]), user_of(header(message, "From")), flush=True)
            status = rule(rules, method)
            if method == "ACK" or status == 0:
                continue
            body = SDP.format(address=address) if method == "INVITE" and status == 200 else ""
            lines = [f"SIP/2.0 {status} As told"]
            lines += [f"Via: {via}" for via in headers(message, "Via")]
            lines += [f"From: {header(message, 'From')}", f"To: {header(message, 'To')};tag=callee"]
            lines += [f"Call-ID: {header(message, 'Call-ID')}", f"CSeq: {header(message, 'CSeq')}"]
            lines += [f"Contact: <sip:{address}:5060>", f"Content-Length: {len(body)}"]
            if body:
                lines.insert(-1, "Content-Type: application/sdp")
            sock.sendto(("\r\n".join(lines) + "\r\n\r\n" + body).encode("latin-1"), source)


class Stream:
    """Messages of a TCP connection, one at a time."""

    def __init__(self, sock):
        self.sock = sock
        self.data = ""

    def read(self):
        while True:
            head, end, rest = self.data.partition("\r\n\r\n")
            length = int(header(head + "\r\n", "Content-Length") or 0) if end else 0
            if end and len(rest) >= length:
                self.data = rest[length:]
                return head + "\r\n\r\n"
            more = self.sock.recv(65536)
            if not more:
                raise ConnectionError("closed")
            self.data += more.decode("latin-1")

    def final(self):
        while True:
            message = self.read()
            status = message.split(" ", 2)[1]
            if message.startswith("SIP/2.0 ") and not status.startswith("1"):
                return status, message


def call_once(stream, address, relay, user, number):
    def request(method, uri, cseq, to, body=""):
        text = (
            f"{method} {uri} SIP/2.0\r\nVia: SIP/2.0/TCP {address}:5060;branch=z9hG4bK{number}{method}\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:2003@{address}>;tag=caller\r\nTo: {to}\r\nCall-ID: c{number}-{user}@{address}\r\n"
            f"CSeq: {cseq} {method}\r\nContact: <sip:2003@{address};transport=tcp>\r\n"
            + ("Content-Type: application/sdp\r\n" if body else "")
            + f"Content-Length: {len(body)}\r\n\r\n{body}"
        )
        stream.sock.sendall(text.encode("latin-1"))

    uri = f"sip:{user}@{relay}"
    request("INVITE", uri, 1, f"<{uri}>", SDP.format(address=address))
    status, message = stream.final()
    print(status, header(message, "Reason") or "-", header(message, "Warning"), flush=True)
    target = re.search(r"<([^>]*)>", header(message, "Contact"))
    request("ACK", target.group(1) if target and status == "200" else uri, 1, header(message, "To"))
    if status == "200":
        request("BYE", target.group(1), 2, header(message, "To"))
        stream.final()


def call(address, relay, user, count):
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
        sock.settimeout(60)
        sock.connect((relay, 5060))
        stream = Stream(sock)
        for number in range(count):
            call_once(stream, address, relay, user, f"{sock.getsockname()[1]}n{number}")


def main():
    if len(sys.argv) == 4 and sys.argv[1] == "answer":
        answer(sys.argv[2], sys.argv[3])
    elif len(sys.argv) in (5, 6) and sys.argv[1] == "call":
        call(sys.argv[2], sys.argv[3], sys.argv[4], int(sys.argv[5]) if len(sys.argv) == 6 else 1)
    else:
        print(__doc__, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
