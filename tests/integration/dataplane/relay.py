# SPDX-License-Identifier: GPL-2.0-or-later
"""Endpoints that send and hear RTP through the data plane; run by ../dataplane.sh in a namespace.

usage: relay.py MEDIA_SOCKET OWN_ADDRESS RELAY_ADDRESS
"""

import os
import signal
import socket
import statistics
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../lib"))
import media_api as api  # noqa: E402

SOCKET, OWN, RELAY = sys.argv[1:4]
SUITE_80, SUITE_32 = 1, 2
KEY_A, KEY_B, KEY_C = (bytes(range(i, i + 30)) for i in (1, 50, 100))
VOICE = bytes(range(160))


def case(sentence, good, detail=""):
    print(f"{'ok' if good else 'not ok'} - {sentence}{'' if good or detail == '' else f': {detail}'}", flush=True)


class Endpoint:
    """A UDP socket that speaks RTP."""

    def __init__(self, port=0, ssrc=0x1000):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((OWN, port))
        self.socket.settimeout(1)
        self.address = self.socket.getsockname()
        self.ssrc, self.sequence = ssrc, 100

    def rtp(self, payload=VOICE):
        self.sequence = (self.sequence + 1) & 0xFFFF
        return struct.pack(">BBHII", 0x80, 0, self.sequence, self.sequence * 160, self.ssrc) + payload

    def send(self, to, packet=None):
        packet = packet or self.rtp()
        self.socket.sendto(packet, to)
        return packet

    def hear(self, seconds=1.0):
        """(packet, source), or (None, None)."""
        self.socket.settimeout(seconds)
        try:
            return self.socket.recvfrom(2048)
        except TimeoutError:
            return None, None

    def hear_that(self, wanted, seconds):
        """The packet that wanted(packet) is true of, and its source: others before it are late ones."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            packet, source = self.hear(left)
            if packet and wanted(packet):
                return packet, source
        return None, None

    def silence(self):
        return self.hear(0.2)[0] is None

    def drain(self):
        while self.hear(0.2)[0]:
            pass


def rtcp(ssrc):
    return struct.pack(">BBHI", 0x80, 201, 1, ssrc)  # an empty receiver report


def passes(sender, to, receiver, packet=None):
    """The packet as it was sent is heard; a few tries, since the first one asks for the neighbour."""
    for _ in range(10):
        sent = sender.send(to, packet)
        _, source = receiver.hear_that(lambda heard: heard == sent, 0.5)
        if source:
            return source
    return None


def plain(client, session, a, b, **more):
    """A session between two plain endpoints; its local addresses."""
    local = client.open(session)
    for leg, endpoint in ((0, a), (1, b)):
        client.set(session, leg, remote=endpoint.address, rx=api.key(), tx=api.key(), direction=3,
                   latch=api.LATCH_STRICT, **more)
    return local


def refused(client, session, leg, reason, receiver, action):
    """What action sends is dropped, all of it for this one reason, and not heard."""
    receiver.drain()
    before = drops(client, session, leg)
    action()
    until = time.monotonic() + 3
    while drops(client, session, leg) == before and time.monotonic() < until:
        time.sleep(0.02)
    after = drops(client, session, leg)
    before[reason] = before.get(reason, 0) + 1
    return after == before and receiver.silence()


def drops(client, session, leg=0):
    """Without the packets that came before the kernel knew the neighbour."""
    return {name: n for name, n in client.get(session)[leg]["drops"].items() if name != "no-neighbour"}


def counters_agree(client, ssrc):
    """Soon: a packet is heard before the worker has counted it as sent."""
    until = time.monotonic() + 3
    while True:
        legs = client.get(1)
        passed = legs[0]["received"] - legs[0]["drops"].get("no-neighbour", 0)
        if passed == legs[1]["sent"] >= 201 and legs[0]["lost"] == 0 and legs[0]["ssrc"] == ssrc:
            return True, legs
        if time.monotonic() > until:
            return False, legs
        time.sleep(0.02)


def test_plain(client):
    a, b, stranger = Endpoint(), Endpoint(ssrc=0x2000), Endpoint()
    local = plain(client, 1, a, b)
    source = passes(a, local[0], b)
    case("RTP passes from A to B unchanged, from the address that OPEN gave", source == local[1], source)
    source = passes(b, local[1], a)
    case("RTP passes from B to A", source == local[0], source)
    b.drain()
    heard = 0
    for _ in range(200):
        a.send(local[0])
        heard += b.hear(3)[0] is not None
    case("200 packets pass without loss", heard == 200, heard)
    case("counters agree: received by one leg is sent by the other", *counters_agree(client, a.ssrc))
    case("a stranger's packet is dropped as source",
         refused(client, 1, 0, "source", b, lambda: stranger.send(local[0])), drops(client, 1))
    case("what is not RTP is dropped as not-rtp",
         refused(client, 1, 0, "not-rtp", b, lambda: a.send(local[0], b"\x00\x01 not RTP at all")), drops(client, 1))
    client.set(1, 0, direction=2)
    case("a held leg's packet is dropped as direction",
         refused(client, 1, 0, "direction", b, lambda: a.send(local[0])), drops(client, 1))
    client.set(1, 0, direction=3)
    case("after hold RTP passes again", passes(a, local[0], b) is not None)
    case("a packet of the whole MTU passes", passes(a, local[0], b, a.rtp(bytes(1460))) is not None)
    return local, a, b


def test_rtcp(client):
    a, b, a_rtcp, b_rtcp = (Endpoint() for _ in range(4))
    local = client.open(2)
    for leg, endpoint, control in ((0, a, a_rtcp), (1, b, b_rtcp)):
        client.set(2, leg, remote=endpoint.address, rtcp=control.address, rx=api.key(), tx=api.key(), direction=3)
    report = rtcp(1)
    source = passes(a_rtcp, (RELAY, local[0][1] + 1), b_rtcp, report)
    case("RTCP passes between the RTCP ports", source == (RELAY, local[1][1] + 1), source)
    client.set(2, 1, remote=b.address, mux=1)
    source = passes(a_rtcp, (RELAY, local[0][1] + 1), b, report)
    case("RTCP to a leg with rtcp-mux goes to its RTP port", source == local[1], source)
    source = passes(b, local[1], a_rtcp, report)
    case("RTCP from a leg with rtcp-mux reaches the other's RTCP port", source == (RELAY, local[0][1] + 1), source)
    client.set(2, 0, remote=a.address)
    case("RTCP to a leg that takes none is dropped as no-rtcp",
         refused(client, 2, 1, "no-rtcp", a_rtcp, lambda: b.send(local[1], report)), drops(client, 2, 1))
    client.end(2)


class Wire:
    """Two sessions joined by their SRTP legs: A - plain - 11 - SRTP - 12 - plain - B. The SRTP between them
    crosses this process, which may look at it, keep it, change it."""

    def __init__(self, client, suite):
        self.client = client
        self.a, self.b = Endpoint(ssrc=0xA), Endpoint(ssrc=0xB)
        self.left, self.right = Endpoint(), Endpoint()
        self.local11, self.local12 = client.open(11), client.open(12)
        client.set(11, 0, remote=self.a.address, mux=1, rx=api.key(), tx=api.key(), direction=3)
        client.set(12, 1, remote=self.b.address, mux=1, rx=api.key(), tx=api.key(), direction=3)
        client.set(11, 1, remote=self.left.address, mux=1, direction=3, tx=api.key(suite, KEY_A), rx=api.key(suite, KEY_B))
        client.set(12, 0, remote=self.right.address, mux=1, direction=3, tx=api.key(suite, KEY_B), rx=api.key(suite, KEY_A))

    def to_wire(self, packet=None):
        """A sends; what is seen on the wire."""
        for _ in range(10):
            sent = self.a.send(self.local11[0], packet)
            # the relay numbers what it encrypts by itself: known by the timestamp
            crypt, _ = self.left.hear_that(lambda heard: heard[:2] == sent[:2] and heard[4:8] == sent[4:8], 0.5)
            if crypt:
                return sent, crypt
        return sent, None

    def from_wire(self, crypt):
        """The far session gets it; what B hears."""
        self.right.send(self.local12[0], crypt)
        return self.b.hear_that(lambda heard: heard[:4] == crypt[:4], 2)[0]

    def travel(self, sequence):
        """A's numbers run on to that one, around if need be, in steps that are no restart (RFC 3550 A.1)."""
        while ahead := (sequence - self.a.sequence) & 0xFFFF:
            self.a.sequence = (self.a.sequence + min(ahead, 2900) - 1) & 0xFFFF
            self.from_wire(self.to_wire()[1])

    def reopen(self, session, suite, secret, position):
        """The far session, as after a restart: gone, and made again with the key that was in use."""
        self.client.end(session)
        self.local12 = self.client.open(session)
        self.client.set(session, 1, remote=self.b.address, mux=1, rx=api.key(), tx=api.key(), direction=3)
        self.client.set(session, 0, remote=self.right.address, mux=1, direction=3, tx=api.key(suite, KEY_B),
                        rx=api.key(suite, secret, position))

    def close(self):
        self.client.end(11)
        self.client.end(12)


def test_srtp(client, suite, tag):
    name = {SUITE_80: "AES_CM_128_HMAC_SHA1_80", SUITE_32: "AES_CM_128_HMAC_SHA1_32"}[suite]
    wire = Wire(client, suite)
    a, b, left, right = wire.a, wire.b, wire.left, wire.right
    for _ in range(10):  # asks for the neighbours
        if wire.from_wire(wire.to_wire()[1]):
            break
    sent, crypt = wire.to_wire()
    case(f"{name}: RTP leaves the secured leg encrypted, with a tag of {tag} bytes",
         crypt and len(crypt) == len(sent) + tag and crypt[:2] == sent[:2] and sent[12:] not in crypt)
    heard = wire.from_wire(crypt or b"")
    case(f"{name}: the other side decrypts it to what was sent", heard and heard[12:] == sent[12:] and heard[8:12] == sent[8:12])
    to = wire.local12[0]
    case(f"{name}: the same packet again is dropped as replay",
         refused(client, 12, 0, "replay", b, lambda: right.send(to, crypt)), drops(client, 12))
    _, fresh = wire.to_wire()
    forged = fresh[:40] + bytes([fresh[40] ^ 1]) + fresh[41:]
    case(f"{name}: a changed bit is dropped as auth", refused(client, 12, 0, "auth", b, lambda: right.send(to, forged)),
         drops(client, 12))
    case(f"{name}: the packet itself still passes", wire.from_wire(fresh) is not None)
    sent, crypt = wire.to_wire(rtcp(0xA))
    case(f"{name}: SRTCP is encrypted and has its own index", crypt and len(crypt) == 8 + 4 + 10)
    case(f"{name}: SRTCP is decrypted", wire.from_wire(crypt) == sent)
    case(f"{name}: plain RTP to a secured leg is dropped as auth",
         refused(client, 12, 0, "auth", b, lambda: right.send(to, a.rtp())), drops(client, 12))
    event = client.wait_event(api.AUTH_FAILURES, 15)
    case(f"{name}: an event tells of the failures", event and event["session"] == 12 and event["leg"] == 0, event)
    case(f"{name}: a packet too long once encrypted is dropped as mtu",
         refused(client, 11, 0, "mtu", left, lambda: a.send(wire.local11[0], a.rtp(bytes(1460)))), drops(client, 11))
    old = wire.to_wire()[1]
    client.set(11, 1, tx=api.key(suite, KEY_C))
    client.set(12, 0, rx=api.key(suite, KEY_C))
    sent, crypt = wire.to_wire()
    heard = wire.from_wire(crypt)
    case(f"{name}: after a re-key packets pass", heard and heard[12:] == sent[12:])
    case(f"{name}: a packet under the old key still passes", wire.from_wire(old) is not None)
    client.set(12, 0, rx=api.key(suite, KEY_C))
    time.sleep(2.5)  # until the old key is gone, which would say auth
    case(f"{name}: the same key again changes nothing: a replay stays a replay",
         refused(client, 12, 0, "replay", b, lambda: right.send(to, crypt)), drops(client, 12))
    heard = 0
    wire.travel(65500)
    for _ in range(200):  # across the wrap of the sequence number
        sent, crypt = wire.to_wire()
        heard += (wire.from_wire(crypt) or b"")[12:] == sent[12:]
    case(f"{name}: 200 packets pass across the wrap of the sequence number", heard == 200, heard)
    wire.travel(101)  # around once more
    sent, crypt = wire.to_wire()
    wire.from_wire(crypt)
    position = client.get(12)[0]["rx_position"]
    case(f"{name}: how far a key was used is told, with the roll-over counter",
         position[0] == (2 << 16 | 102) + 1 and position[2] == 0xA, position)
    wire.reopen(12, suite, KEY_C, position)
    case(f"{name}: a key given back with its position: a replay from before is refused",
         refused(client, 12, 0, "replay", b, lambda: right.send(wire.local12[0], crypt)), drops(client, 12))
    heard = wire.from_wire(wire.to_wire()[1]) or wire.from_wire(wire.to_wire()[1])  # the first may ask for the neighbour
    case(f"{name}: ... and its packets pass, two wraps later", heard is not None, drops(client, 12))
    wire.reopen(12, suite, KEY_C, api.NOWHERE)
    case(f"{name}: without its position they could not",
         refused(client, 12, 0, "auth", b, lambda: right.send(wire.local12[0], wire.to_wire()[1])), drops(client, 12))
    wire.close()


def test_latch(client):
    a, b, moved, stranger = Endpoint(), Endpoint(), Endpoint(), Endpoint()
    local = plain(client, 3, a, b)
    client.set(3, 0, latch=api.LATCH_ANY, remote=("10.77.0.200", 4000), mux=1)
    source = passes(moved, local[0], b)
    event = client.wait_event(api.LATCHED, 15)
    case("a plain leg latches to the first source", source is not None and event and event["addr"] == moved.address, event)
    case("media goes where the leg latched", passes(b, local[1], moved) is not None)
    case("another source is refused after that",
         refused(client, 3, 0, "source", b, lambda: stranger.send(local[0])), drops(client, 3))
    case("GET shows the latched source", client.get(3)[0]["source"] == moved.address)
    client.end(3)


def test_timeout(client):
    a, b = Endpoint(), Endpoint()
    local = plain(client, 4, a, b, timeout_ms=1500)  # longer than machines stall
    for _ in range(36):
        a.send(local[0])
        b.send(local[1])
        time.sleep(0.05)
    case("no timeout while both speak", client.wait_event(api.MEDIA_TIMEOUT, 0) is None)
    begin, event = time.monotonic(), None
    while not event and time.monotonic() < begin + 20:
        b.send(local[1])
        event = client.wait_event(api.MEDIA_TIMEOUT, 0.05)
    most = (time.monotonic() - begin) * 1000 + 200  # and since the last packet before
    case("silence of one leg is told", event and (event["session"], event["leg"]) == (4, 0) and 1500 <= event["value"] < most, event)
    client.end(4)


def test_api(client):
    def refused(sentence, words, *frame):
        other = api.Client(SOCKET, hello=frame[0])
        other.send_raw(*frame[1:])
        try:
            kind, _, _, body = other.receive()
        except (EOFError, ConnectionError) as error:
            case(sentence, False, repr(error))
            return
        case(sentence, kind == api.ERROR and words in body.decode(), body)
        other.close()

    refused("a request before HELLO is refused", "HELLO", False, 1, api.STATS, 1, 0, 0, b"")
    refused("another version is refused", "version 2", True, 2, api.STATS, 1, 0, 0, b"")
    refused("an unknown type is refused", "type 77", True, 1, 77, 1, 0, 0, b"")
    refused("a short body is refused", "SET: 7 bytes", True, 1, api.SET, 1, 0, 7, bytes(7))
    refused("padding that is not zero is refused", "padding", True, 1, api.OPEN, 1, 0, 88, b"\xff" * 88)

    def status(sentence, expected, function, *args, **kwargs):
        try:
            function(*args, **kwargs)
            case(sentence, False, "it was done")
        except api.Error as error:
            case(sentence, error.status == -expected, error)

    status("an unknown interface is ENODEV", 19, client.open, 5, interface="nowhere")
    status("an unknown session is ENOENT", 2, client.get, 999)
    status("session 0 is EINVAL", 22, client.open, 0)
    status("a taken media port is EADDRINUSE", 98, client.open, 5, wanted=(client.open(6)[0], None))
    status("an address that is not ours is EADDRNOTAVAIL", 99, client.open, 5, wanted=(("10.9.9.9", 20000), None))
    status("a suite that is not there is EINVAL", 22, client.set, 6, 0, rx=api.key(9, bytes(28)))
    status("a key of the wrong length is EINVAL", 22, client.set, 6, 0, rx=api.key(1, bytes(29)))
    case("OPEN again gives the same ports", client.open(6) == client.open(6))
    client.end(6)
    case("after all that the session list is what it was", client.list() == [1], client.list())


def test_client_killed(client, local, a, b):
    child = subprocess.Popen(
        [sys.executable, "-c", "import sys; sys.path.insert(0, sys.argv[1]); import media_api, time\n"
         "c = media_api.Client(sys.argv[2]); c.open(7); print('up', flush=True); time.sleep(60)",
         os.path.dirname(api.__file__), SOCKET], stdout=subprocess.PIPE)
    child.stdout.readline()
    child.send_signal(signal.SIGKILL)
    child.wait()
    time.sleep(0.1)
    case("a client that is killed leaves its session open", client.list() == [1, 7], client.list())
    case("and media of others passes", passes(a, local[0], b) is not None)
    client.end(7)


def latency(local, a, b):
    times = []
    for _ in range(100):
        begin = time.perf_counter()
        a.send(local[0])
        if b.hear(2)[0]:
            times.append(time.perf_counter() - begin)
        time.sleep(0.02)
    times.sort()
    median_us = statistics.median(times) * 1e6
    worst_us = times[-3] * 1e6
    # a busy machine makes some of them late; the median is the data plane's
    case(f"latency of one call with an idle worker: median {median_us:.0f} us, 97 % below {worst_us:.0f} us",
         len(times) > 90 and median_us < 5000, len(times))


def test_full(client):
    count, session = 0, 1000
    try:
        while count < 5000:
            client.open(session + count)
            count += 1
    except api.Error as error:
        case(f"with all {count + 1} sessions open the next OPEN is ENOSPC", error.status == -28 and count == 99, (error, count))
    pages = client.list()
    case("LIST shows them in ascending order", pages == sorted(pages) and len(pages) == count + 1)
    for i in range(count):
        client.end(session + i)
    case("and they close", client.list() == [1], client.list())


def accounted(stats):
    return stats["relayed"] + sum(stats["drops"].values()) + stats["to_kernel"]


def settled(client):
    """What is counted when nothing is under way any more."""
    until = time.monotonic() + 10
    while True:
        time.sleep(0.5)
        stats = client.stats()
        if time.monotonic() > until or (stats["received"] == accounted(stats) and "unknown-port" in stats["drops"]):
            return stats


def connect():
    """The socket file of the one that was killed is there before the new one listens."""
    for _ in range(200):
        try:
            return api.Client(SOCKET)
        except ConnectionRefusedError:
            time.sleep(0.1)
    return api.Client(SOCKET)


def main():
    if sys.argv[4:] == ["again"]:  # after the data plane was killed
        client = connect()
        case("a new data plane has no sessions", client.list() == [])
        a, b = Endpoint(), Endpoint()
        local = client.open(1, wanted=((RELAY, 20000), (RELAY, 20002)))
        case("sessions are installed again on the ports they had", local == ((RELAY, 20000), (RELAY, 20002)))
        plain(client, 1, a, b)
        case("and media passes", passes(a, local[0], b) is not None)
        client.end(1)
        return
    client = api.Client(SOCKET)
    local, a, b = test_plain(client)
    test_rtcp(client)
    if sys.argv[4:] != ["brief"]:  # what a kind of port has nothing to do with
        test_srtp(client, SUITE_80, 10)
        test_srtp(client, SUITE_32, 4)
        test_latch(client)
        test_timeout(client)
        test_api(client)
        test_client_killed(client, local, a, b)
        test_full(client)
    latency(local, a, b)
    a.send((RELAY, 20998))
    stats = settled(client)
    case("a packet to a free media port is dropped as unknown-port", stats["drops"].get("unknown-port", 0) >= 1, stats)
    total = accounted(stats)
    case("every packet was relayed, left to the kernel or dropped for one reason", stats["received"] == total, stats)
    if stats["to_kernel"]:
        case("what the kernel sends by a NIC is counted", stats["from_kernel"] > 0, stats)
    final = client.end(1)
    case("CLOSE gives the final counters", final[0]["received"] > 200, final)


main()
