# SPDX-License-Identifier: GPL-2.0-or-later
"""A second, independent reading of the media API (dataplane/api/sluice_media.h), for tests.

Where fields lie is written down here again; sizes and names are taken from the headers, so that what drifts is told at
once, and by its name.
"""

import os
import re
import socket
import struct
import time

HELLO, OPEN, SET, CLOSE, GET, LIST, STATS, STATUS, CAPTURE = range(1, 10)
EVENT, ERROR = 100, 101


def _header(name):
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "..", "..", "dataplane", "api", name), encoding="utf-8") as file:
        return file.read()


_MEDIA = _header("sluice_media.h")
# the compiler checks these sizes in every build
SIZE = {n: int(s) for n, s in re.findall(r"static_assert\(sizeof\(struct sluice_(\w+)\) == (\d+)", _MEDIA)}
SIZES = [SIZE[n] for n in re.findall(r"sizeof\(struct sluice_(\w+)\)", _MEDIA.split("#define SLUICE_MEDIA_SIZES")[1])]
SIZES += [0] * (16 - len(SIZES))
REQUESTS = {HELLO: "hello", OPEN: "open", SET: "set", CLOSE: "session", GET: "session", LIST: "list", CAPTURE: "capture"}
ANSWERS = {HELLO: "hello_reply", OPEN: "open_reply", CLOSE: "session_info", GET: "session_info", LIST: "list_reply",
           STATS: "stats", STATUS: "status", CAPTURE: "capture_info"}
SET_REMOTE, SET_RX, SET_TX, SET_DIRECTION, SET_LATCH, SET_DSCP, SET_TIMEOUT, SET_RATE, SET_SILENCE, \
    SET_PAYLOADS = (1 << i for i in range(10))
LATCH_STRICT, LATCH_ADDRESS, LATCH_ANY = range(3)
MEDIA_TIMEOUT, LATCHED, SSRC_CHANGED, AUTH_FAILURES, KEY_LIMIT, PORT, CAPTURED, SILENCE = range(1, 9)
DROPS = re.findall(r'X\([A-Z_]+,\s*"([a-z-]+)"', _header("sluice_drops.h").split("#define SLUICE_DROP_LIST")[1])
NO_ADDR = bytes(20)


def addr(ip, port):
    return struct.pack("<BBH16s", 4, 0, port, socket.inet_aton(ip))


def addr_read(data):
    family, _, port, ip = struct.unpack("<BBH16s", data)
    return (socket.inet_ntoa(ip[:4]), port) if family == 4 else None


NOWHERE = (0, 0, 0)  # position: next RTP index, next RTCP index, SSRC


def key(suite=0, secret=b"", resume=NOWHERE, mki=(0, 0), lifetime=0):
    """mki: its length in bytes, and its value."""
    return struct.pack("<BBBBIQIIQ46s2x", suite, len(secret), mki[0], 0, mki[1], *resume, lifetime, secret)


RX_KEYS = 4  # of which those not used are all zero


class Error(Exception):
    """An answer with a status, or an ERROR frame."""

    def __init__(self, status, text=""):
        super().__init__(f"{status} {text}")
        self.status, self.text = status, text


class Client:
    def __init__(self, path, name="test", hello=True):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.settimeout(30)
        self.socket.connect(path)
        self.id = 0
        self.events = []
        if hello:
            answer = self.call(HELLO, struct.pack("<II16I32s", 1, 0, *SIZES, name.encode()))
            self.boot_id, = struct.unpack_from("<Q", answer, 72)

    def close(self):
        self.socket.close()

    def send_raw(self, version, kind, ident, status, length, body):
        self.socket.send(struct.pack("<HHIiI", version, kind, ident, status, length) + body)

    def receive(self):
        """One frame that is no event: (type, id, status, body). Events go to self.events."""
        while True:
            frame = self.socket.recv(16384)
            if not frame:
                raise EOFError
            _, kind, ident, status, length = struct.unpack_from("<HHIiI", frame)
            body = frame[16:]
            assert len(body) == length
            if kind != EVENT:
                return kind, ident, status, body
            sequence, session, event, leg, value = struct.unpack_from("<QQIB3xQ", body)
            self.events.append(
                {"sequence": sequence, "session": session, "type": event, "leg": leg, "value": value,
                 "addr": addr_read(body[32:52])}
            )

    def call(self, kind, body=b""):
        wanted = SIZE[REQUESTS[kind]] if kind in REQUESTS else 0
        assert len(body) == wanted, f"type {kind}: {len(body)} bytes written here, {wanted} in sluice_media.h"
        self.id += 1
        self.send_raw(1, kind, self.id, 0, len(body), body)
        got, ident, status, answer = self.receive()
        if got == ERROR:
            raise Error(0, answer.rstrip(b"\0").decode())
        assert (got, ident) == (kind, self.id)
        if status:
            raise Error(status)
        assert len(answer) == (SIZE[ANSWERS[kind]] if kind in ANSWERS else 0)
        return answer

    def open(self, session, interface="voice", wanted=(None, None)):
        body = struct.pack("<Q", session)
        for w in wanted:
            body += struct.pack("<16sB3x", interface.encode(), 4) + (addr(*w) if w else NO_ADDR)
        answer = self.call(OPEN, body)
        return addr_read(answer[8:28]), addr_read(answer[28:48])

    def set(self, session, leg, remote=None, rtcp=None, mux=0, rx=None, tx=None, direction=None, latch=None,
            timeout_ms=None, rate=None, silence_ms=None, payloads=None):
        mask = 0
        for value, bit in ((remote, SET_REMOTE), (rx, SET_RX), (tx, SET_TX), (direction, SET_DIRECTION),
                           (latch, SET_LATCH), (timeout_ms, SET_TIMEOUT), (rate, SET_RATE),
                           (silence_ms, SET_SILENCE), (payloads, SET_PAYLOADS)):
            mask |= bit if value is not None else 0
        payloads = payloads or []  # (type, other, codec, clock_hz)
        body = struct.pack("<QBBBBIIIBB2xI", session, leg, direction or 0, latch or 0, 0, mask, timeout_ms or 0,
                           rate or 0, mux, len(payloads), silence_ms or 0)
        body += (addr(*remote) if remote else NO_ADDR) + (addr(*rtcp) if rtcp else NO_ADDR)
        body += (rx or b"").ljust(RX_KEYS * len(key()), b"\0") + (tx or key())
        body += b"".join(struct.pack("<BBBxI", *p) for p in payloads).ljust(64, b"\0")
        self.call(SET, body)

    def get(self, session, kind=GET):
        answer = self.call(kind, struct.pack("<Q", session))
        return [self._leg(answer[16 + 512 * i:528 + 512 * i]) for i in range(2)]

    def end(self, session):
        return self.get(session, CLOSE)

    @staticmethod
    def _leg(data):
        names = "received received_bytes sent sent_bytes rtcp_received rtcp_sent lost reordered dropped".split()
        leg = dict(zip(names, struct.unpack_from("<9Q", data, 136)))
        leg["jitter_us"], leg["ssrc"], leg["last_rx_ms_ago"] = struct.unpack_from("<IIQ", data, 208)
        names = "last_rtcp_ms_ago rtt_us rtt_max_us remote_lost remote_jitter_us mos remote_mos payload_type codec"
        leg |= zip(names.split(), struct.unpack_from("<QIIIIHHBB", data, 224))
        leg["drops"] = {n: d for n, d in zip(DROPS, struct.unpack_from("<32Q", data, 256)) if d}
        leg["source"] = addr_read(data[76:96])
        leg["rx_suite"], leg["tx_suite"] = data[96], data[97]
        leg["rx_position"], leg["tx_position"] = (struct.unpack_from("<QII", data, at) for at in (104, 120))
        return leg

    def list(self, after=0):
        answer = self.call(LIST, struct.pack("<Q", after))
        count, = struct.unpack_from("<I", answer)
        return list(struct.unpack_from(f"<{count}Q", answer, 8))

    def stats(self):
        answer = self.call(STATS)
        names = "uptime_ms sessions max_sessions opened received relayed relayed_rtcp decrypted encrypted".split()
        stats = dict(zip(names, struct.unpack_from("<QIIQQQQQQ", answer)))
        stats |= zip(("to_kernel", "from_kernel", "kernel_lost"), struct.unpack_from("<QQQ", answer, 320))
        stats["drops"] = {n: d for n, d in zip(DROPS, struct.unpack_from("<32Q", answer, 64)) if d}
        return stats

    def workers(self):
        answer = self.call(STATUS)
        count, = struct.unpack_from("<I", answer, 12)
        names = "number core streams busy_permille received relayed dropped handed_off".split()
        return [dict(zip(names, struct.unpack_from("<B3xIIIQQQQ", answer, 264 + 48 * i))) for i in range(count)]

    def wait_event(self, kind, seconds):
        """The first event of that type, or None."""
        until = time.monotonic() + seconds
        while True:
            for event in self.events:
                if event["type"] == kind:
                    self.events.remove(event)
                    return event
            if time.monotonic() > until:
                return None
            time.sleep(0.02)
            self.stats()  # its answer comes behind the events
