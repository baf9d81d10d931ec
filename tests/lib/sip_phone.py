# SPDX-License-Identifier: GPL-2.0-or-later
"""SIP phones over UDP in network namespaces of the lab, all driven by one script.

A Phone has a socket in its namespace. It writes what a scenario tells it, and hears what comes: each
message once, whatever is retransmitted. Nothing happens by itself.
"""
import ctypes
import os
import re
import socket
import time

PATIENCE_S = 20.0
CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


class Wrong(Exception):
    """A phone heard something else than the scenario says, or nothing."""


def _enter(path):
    with open(path, "rb") as file:
        if _libc.setns(file.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"setns {path}")


def _socket_in(namespace, address):
    with open("/proc/self/ns/net", "rb") as home:
        _enter(f"/run/netns/{namespace}")
        try:
            sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sock.bind((address, 5060))
        finally:
            if _libc.setns(home.fileno(), CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "setns back")
    return sock


def sdp(address, formats="0", direction="sendrecv", port=40000, extra=""):
    maps = {"0": "PCMU/8000", "8": "PCMA/8000", "9": "G722/8000", "18": "G729/8000", "101": "telephone-event/8000"}
    lines = "".join(f"a=rtpmap:{f} {maps[f]}\r\n" for f in formats.split())
    return (
        f"v=0\r\no=- 1 {int(time.monotonic() * 1000)} IN IP4 {address}\r\ns=-\r\nc=IN IP4 {address}\r\nt=0 0\r\n"
        f"m=audio {port} RTP/AVP {formats}\r\n{lines}{extra}a={direction}\r\n"
    )


class Message:
    def __init__(self, text):
        self.text = text
        head, _, self.body = text.partition("\r\n\r\n")
        self.first, *lines = head.split("\r\n")
        self.headers = [tuple(part.strip() for part in line.split(":", 1)) for line in lines]
        words = self.first.split(" ", 2)
        self.status = int(words[1]) if words[0] == "SIP/2.0" else 0
        self.method = self.get("CSeq").split()[1] if self.status else words[0]

    def all(self, name):
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def get(self, name):
        return (self.all(name) + [""])[0]

    def tag(self, name):
        found = re.search(r";tag=([^;\s]+)", self.get(name))
        return found.group(1) if found else ""

    def contact(self):
        found = re.search(r"<([^>]*)>", self.get("Contact"))
        return found.group(1) if found else ""

    def once(self):
        """What is the same in a retransmission, and in nothing else."""
        return (self.first, self.get("Via"), self.get("CSeq"), self.tag("To"), self.get("RSeq"))


class Phone:
    serial = 0

    def __init__(self, name, prefix, address, relay):
        self.name, self.address, self.relay = name, address, relay
        self.socket = _socket_in(f"{prefix}-{name}", address)
        self.known = set()
        self.waiting = []

    def send(self, text):
        self.socket.sendto(text.encode("latin-1"), (self.relay, 5060))

    def _read(self, until):
        self.socket.settimeout(max(until - time.monotonic(), 0.001))
        message = Message(self.socket.recv(65536).decode("latin-1"))
        if message.status != 100 and message.once() not in self.known:
            self.known.add(message.once())
            self.waiting.append(message)

    def hears(self, what, of="", has=(), lacks=()):
        """The next message of that method, or status (of a method)."""
        until = time.monotonic() + PATIENCE_S
        while True:
            for message in self.waiting:
                if message.status == what or (not message.status and message.method == what):
                    if of and message.method != of:
                        continue
                    self.waiting.remove(message)
                    return self._checked(message, has, lacks)
            try:
                self._read(until)
            except TimeoutError:
                heard = ", ".join(m.first for m in self.waiting) or "nothing"
                raise Wrong(f"{self.name} waits for {what}, and heard {heard}") from None

    def _checked(self, message, has, lacks):
        for text in has:
            if text not in message.text:
                raise Wrong(f"{self.name}: no {text!r} in {message.text!r}")
        for text in lacks:
            if text in message.text:
                raise Wrong(f"{self.name}: {text!r} in {message.text!r}")
        return message

    def hears_nothing(self, seconds=0.2):
        until = time.monotonic() + seconds
        try:
            while True:
                self._read(until)
        except TimeoutError:
            pass
        if self.waiting:
            raise Wrong(f"{self.name} hears {self.waiting[0].first}")

    def calls(self, user, body=None, headers=()):
        """The call that an INVITE to that user begins."""
        call = Call(self)
        call.target = f"sip:{user}@{self.relay}"
        call.remote = f"<{call.target}>"
        call.request("INVITE", headers, sdp(self.address) if body is None else body)
        return call

    def takes(self, invite):
        """The call that an INVITE from the relay makes."""
        call = Call(self)
        call.call_id, call.remote, call.remote_tag = invite.get("Call-ID"), invite.get("From"), invite.tag("From")
        call.local = re.sub(r";tag=.*", "", invite.get("To"))
        call.target = invite.contact()
        call.invite = invite
        return call


class Call:
    def __init__(self, phone):
        Phone.serial += 1
        self.phone = phone
        self.call_id = f"{phone.name}-{Phone.serial}"
        self.local_tag = f"{phone.name}{Phone.serial}"
        self.local = f"<sip:{phone.name}@{phone.address}>"
        self.remote = self.remote_tag = self.target = ""
        self.cseq = self.invite_cseq = 0
        self.branch = ""
        self.invite = None

    def _write(self, method, cseq, headers, body, kind="application/sdp"):
        remote = re.sub(r";tag=.*", "", self.remote)
        lines = [
            f"{method} {self.target} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.phone.address}:5060;branch={self.branch};rport",
            "Max-Forwards: 70",
            f"From: {self.local};tag={self.local_tag}",
            f"To: {remote}" + (f";tag={self.remote_tag}" if self.remote_tag and method != "CANCEL" else ""),
            f"Call-ID: {self.call_id}",
            f"CSeq: {cseq} {method}",
            f"Contact: <sip:{self.phone.name}@{self.phone.address}:5060>",
            *headers,
            *([f"Content-Type: {kind}"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        self.phone.send("\r\n".join(lines) + "\r\n\r\n" + body)

    def request(self, method, headers=(), body="", kind="application/sdp"):
        Phone.serial += 1
        self.cseq += 1
        self.branch = f"z9hG4bK{self.phone.name}{Phone.serial}"
        if method == "INVITE":
            self.invite_cseq = self.cseq
        self._write(method, self.cseq, headers, body, kind)

    def cancel(self):
        self._write("CANCEL", self.invite_cseq, (), "")

    def ack(self, body=""):
        Phone.serial += 1
        self.branch = f"z9hG4bK{self.phone.name}{Phone.serial}"
        self._write("ACK", self.invite_cseq, (), body)

    def ringing(self, has=()):
        response = self.phone.hears(180, has=has)
        self.remote_tag = response.tag("To")
        return response

    def answered(self, has=(), lacks=(), body=""):
        """The 200 of its INVITE, acknowledged."""
        response = self.phone.hears(200, of="INVITE", has=has, lacks=lacks)
        self.remote_tag, self.target = response.tag("To"), response.contact()
        self.ack(body)
        return response

    def refused(self, status, has=(), lacks=()):
        response = self.phone.hears(status, of="INVITE", has=has, lacks=lacks)
        self.remote_tag = response.tag("To")
        self._write("ACK", self.invite_cseq, (), "")
        return response

    def answers(self, request, status, headers=(), body="", tag=""):
        if request.method == "INVITE" and status == 200 and not body:
            body = sdp(self.phone.address)
        to = request.get("To")
        lines = [
            f"SIP/2.0 {status} As told",
            *[f"Via: {via}" for via in request.all("Via")],
            f"From: {request.get('From')}",
            f"To: {to}" + ("" if ";tag=" in to else f";tag={tag or self.local_tag}"),
            f"Call-ID: {request.get('Call-ID')}",
            f"CSeq: {request.get('CSeq')}",
            f"Contact: <sip:{self.phone.name}@{self.phone.address}:5060>",
            *headers,
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        self.phone.send("\r\n".join(lines) + "\r\n\r\n" + body)

    def takes_up(self, body=""):
        """Answers the INVITE that made it, and hears the ACK."""
        self.answers(self.invite, 200, body=body)
        return self.phone.hears("ACK")

    def agrees(self, what="INVITE", has=(), body=""):
        """Answers a re-INVITE of the relay's, and hears the ACK."""
        request = self.phone.hears(what, has=has)
        self.answers(request, 200, body=body)
        if what == "INVITE":
            self.phone.hears("ACK")
        return request

    def hangs_up(self):
        self.request("BYE")
        self.phone.hears(200, of="BYE")

    def is_hung_up(self):
        self.answers(self.phone.hears("BYE"), 200)
