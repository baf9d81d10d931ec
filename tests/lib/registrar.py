#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A small PBX over UDP for tests: a registrar that asks for digest (MD5), calls what registered, answers calls.

usage: registrar.py ADDRESS RELAY USER PASSWORD   serves; commands on TCP 127.0.0.1:5099, a line each, a line of JSON back
       registrar.py ask COMMAND                      gives a command: bindings | register | call USER

bindings: {user: contact}; register: the last REGISTER; call USER: "200" or what else became of it.
"""
import hashlib
import json
import re
import secrets
import socket
import socketserver
import sys
import threading

REALM = "pbx.lab.example"
CONTROL = ("127.0.0.1", 5099)
SDP = "v=0\r\no=- 1 1 IN IP4 {0}\r\ns=-\r\nc=IN IP4 {0}\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"


def digest(*parts):
    return hashlib.md5(":".join(parts).encode()).hexdigest()


class Message:
    def __init__(self, data):
        head, _, self.body = data.decode("latin-1").partition("\r\n\r\n")
        self.text = head
        self.first, *lines = head.split("\r\n")
        self.headers = [tuple(part.strip() for part in line.split(":", 1)) for line in lines if ":" in line]

    def get(self, name, default=""):
        return next((value for key, value in self.headers if key.lower() == name.lower()), default)

    def all(self, name):
        return [value for key, value in self.headers if key.lower() == name.lower()]


class Pbx:
    def __init__(self, address, user, password):
        self.address, self.user, self.password = address, user, password
        self.nonces, self.bindings, self.last, self.answers = set(), {}, "", {}
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind((address, 5060))

    def reply(self, to, request, status, extra="", body=""):
        lines = [f"SIP/2.0 {status} X"] + [f"Via: {via}" for via in request.all("Via")]
        tag = "" if ";tag=" in request.get("To") else ";tag=pbx"
        lines += [f"From: {request.get('From')}", f"To: {request.get('To')}{tag}", f"Call-ID: {request.get('Call-ID')}"]
        lines += [f"CSeq: {request.get('CSeq')}"]
        kind = "Content-Type: application/sdp\r\n" if body else ""
        text = "\r\n".join(lines) + f"\r\n{extra}{kind}Content-Length: {len(body)}\r\n\r\n{body}"
        self.sock.sendto(text.encode(), to)

    def knows(self, request, method):
        """Whether the request has credentials of the user for a nonce of ours; strict about the Request-URI."""
        for value in request.all("Authorization"):
            field = {key: quoted or plain for key, quoted, plain in re.findall(r'(\w+)=(?:"([^"]*)"|([^,\s]+))', value)}
            if field.get("realm") != REALM or field.get("nonce") not in self.nonces:
                continue
            if field["uri"] != request.first.split(" ")[1]:
                return False
            a1, a2 = digest(field["username"], REALM, self.password), digest(method, field["uri"])
            right = digest(a1, field["nonce"], field["nc"], field["cnonce"], "auth", a2)
            return field["username"] == self.user and field["response"] == right
        return False

    def challenge(self, to, request):
        nonce = secrets.token_hex(8)
        self.nonces.add(nonce)
        self.reply(to, request, 401, f'WWW-Authenticate: Digest realm="{REALM}", nonce="{nonce}", algorithm=MD5, qop="auth"\r\n')

    def register(self, to, request):
        user = re.search(r"sip:([^@]+)@", request.get("To")).group(1)
        contact = re.search(r"<([^>]+)>(?:.*;expires=(\d+))?", request.get("Contact", "<>"))
        self.last = request.text
        expires = int((contact and contact.group(2)) or request.get("Expires", "3600"))
        if expires:
            self.bindings[user] = contact.group(1)
            self.reply(to, request, 200, f"Contact: <{contact.group(1)}>;expires=120\r\n")
        else:
            self.bindings.pop(user, None)
            self.reply(to, request, 200)

    def request(self, to, request, method):
        if method == "REGISTER":
            self.last = request.text
        if method in ("REGISTER", "INVITE") and not self.knows(request, method):
            self.challenge(to, request)
        elif method == "REGISTER":
            self.register(to, request)
        elif method == "INVITE":
            contact = f"Contact: <sip:pbx@{self.address}:5060>\r\n"
            self.reply(to, request, 200, contact, SDP.format(self.address))
        elif method != "ACK":
            self.reply(to, request, 200)

    def call(self, user, relay):
        """INVITE to the contact of a user, ACK, BYE: the status of the INVITE."""
        target, call_id = self.bindings.get(user), secrets.token_hex(8)
        if not target:
            return "no binding"
        done = self.answers[call_id] = []
        body = SDP.format(self.address)

        def send(method, number, to, target, body=""):
            kind = "Content-Type: application/sdp\r\n" if body else ""
            text = (
                f"{method} {target} SIP/2.0\r\nVia: SIP/2.0/UDP {self.address}:5060;branch=z9hG4bK{secrets.token_hex(8)};rport\r\n"
                f"Max-Forwards: 70\r\nFrom: <sip:600@{REALM}>;tag={call_id}\r\nTo: {to}\r\nCall-ID: {call_id}\r\n"
                f"CSeq: {number} {method}\r\nContact: <sip:pbx@{self.address}:5060>\r\n{kind}Content-Length: {len(body)}\r\n\r\n{body}"
            )
            self.sock.sendto(text.encode(), relay)

        send("INVITE", 1, f"<sip:{user}@{REALM}>", target, body)
        event = threading.Event()
        self.answers[call_id] = (done, event)
        if not event.wait(8):
            return "silence"
        status, answer = done[0]
        remote = re.search(r"<([^>]+)>", answer.get("Contact", "")) if status == "200" else None
        send("ACK", 1, answer.get("To"), remote.group(1) if remote else target)
        if remote:
            send("BYE", 2, answer.get("To"), remote.group(1))
        return status

    def serve(self):
        while True:
            data, to = self.sock.recvfrom(65536)
            if not data.strip():
                continue
            message = Message(data)
            if not message.first.startswith("SIP/2.0"):
                self.request(to, message, message.first.split(" ")[0])
                continue
            waits = self.answers.get(message.get("Call-ID"))
            status = message.first.split(" ")[1]
            if isinstance(waits, tuple) and status >= "200" and message.get("CSeq").endswith("INVITE"):
                waits[0].append((status, message))
                waits[1].set()


def control(pbx, relay):
    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            command, *rest = self.rfile.readline().decode().split()
            answer = {"bindings": lambda: pbx.bindings, "register": lambda: pbx.last, "call": lambda: pbx.call(rest[0], relay)}
            self.wfile.write((json.dumps(answer[command]()) + "\n").encode())

    socketserver.ThreadingTCPServer.allow_reuse_address = True
    server = socketserver.ThreadingTCPServer(CONTROL, Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()


def ask(command):
    with socket.create_connection(CONTROL, timeout=40) as sock:
        sock.sendall((command + "\n").encode())
        print(json.loads(sock.makefile().readline()))


def main():
    if len(sys.argv) == 3 and sys.argv[1] == "ask":
        ask(sys.argv[2])
        return 0
    if len(sys.argv) != 5:
        print(__doc__, file=sys.stderr)
        return 2
    pbx = Pbx(sys.argv[1], sys.argv[3], sys.argv[4])
    control(pbx, (sys.argv[2], 5060))
    pbx.serve()
    return 0


if __name__ == "__main__":
    sys.exit(main())
