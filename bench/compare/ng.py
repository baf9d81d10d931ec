# SPDX-License-Identifier: GPL-2.0-or-later
"""Client of rtpengine's NG protocol: UDP, "cookie bencoded-dictionary", and its commands for a call.

https://rtpengine.readthedocs.io/en/latest/ng_control_protocol.html
"""
import os
import socket


class Error(Exception):
    """rtpengine refused, did not answer, or answered what cannot be read."""


def encode(value):
    """Bencode: bytes and str, int, list, dict (keys sorted)."""
    if isinstance(value, str):
        value = value.encode()
    if isinstance(value, bytes):
        return b"%d:%s" % (len(value), value)
    if isinstance(value, int):
        return b"i%de" % value
    if isinstance(value, list):
        return b"l" + b"".join(map(encode, value)) + b"e"
    if isinstance(value, dict):
        return b"d" + b"".join(encode(k) + encode(value[k]) for k in sorted(value)) + b"e"
    raise TypeError(f"bencode has no {type(value).__name__}")


def _number(data, start, end):
    text = data[start:end]
    if end < 0 or not text.lstrip(b"-").isdigit():
        raise Error(f"bencode: no number at byte {start}")
    return int(text)


def _value(data, at, depth):
    if depth > 16:
        raise Error("bencode: nested more than 16 deep")
    kind = data[at:at + 1]
    if kind == b"i":
        end = data.find(b"e", at)
        return _number(data, at + 1, end), end + 1
    if kind in (b"l", b"d"):
        items, at = [], at + 1
        while data[at:at + 1] != b"e":
            item, at = _value(data, at, depth + 1)
            items.append(item)
        if kind == b"l":
            return items, at + 1
        if len(items) % 2 or not all(isinstance(k, str) for k in items[::2]):
            raise Error("bencode: a dictionary is pairs, the first of each a string")
        return dict(zip(items[::2], items[1::2])), at + 1
    if kind.isdigit():
        colon = data.find(b":", at)
        length = _number(data, at, colon)
        end = colon + 1 + length
        if end > len(data):
            raise Error(f"bencode: a string of {length} bytes, {len(data) - colon - 1} are there")
        return data[colon + 1:end].decode("utf-8", "replace"), end
    raise Error(f"bencode: nothing that starts with {kind!r}")


def decode(data):
    """The one value that data is; strings as str."""
    value, end = _value(data, 0, 0)
    if end != len(data):
        raise Error(f"bencode: {len(data) - end} bytes behind the value")
    return value


class Client:
    """One request at a time; retried, since it is UDP: rtpengine remembers cookies."""

    def __init__(self, address, port, timeout_s=1.0, tries=3):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect((address, port))
        self.socket.settimeout(timeout_s)
        self.tries = tries
        self.count = 0
        self.prefix = os.urandom(4).hex()

    def close(self):
        self.socket.close()

    def request(self, command, **fields):
        """The answer's dictionary. Names with '-' are written with '_'."""
        self.count += 1
        cookie = f"{self.prefix}_{self.count}"
        body = {"command": command, **{name.replace("_", "-"): v for name, v in fields.items()}}
        answer = self._exchange(cookie.encode(), cookie.encode() + b" " + encode(body))
        if answer.get("result") not in ("ok", "pong"):
            raise Error(f"{command}: {answer.get('error-reason', answer)}")
        return answer

    def _exchange(self, cookie, datagram):
        for _ in range(self.tries):
            self.socket.send(datagram)
            try:
                while True:
                    got, _, body = self.socket.recv(65536).partition(b" ")
                    if got == cookie:  # else it answers an earlier try
                        return decode(body)
            except (TimeoutError, ConnectionRefusedError):
                continue
        raise Error(f"no answer in {self.tries} tries")
