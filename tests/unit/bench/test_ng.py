# SPDX-License-Identifier: GPL-2.0-or-later
"""The client of rtpengine's NG protocol, against a recorded exchange with rtpengine 10.5.3.5."""
import itertools
import json
import os
import socket
import threading
import unittest
from unittest import mock

import sentences  # noqa: F401  before what it finds

import ng
import ng_calls

HERE = os.path.dirname(os.path.abspath(__file__))


def exchanges():
    with open(os.path.join(HERE, "ng_exchange.json"), encoding="utf-8") as f:
        return [(e["request"].encode(), e["answer"].encode()) for e in json.load(f)["exchanges"]]


def counting():
    """A urandom that counts, as when the exchange was recorded."""
    count = itertools.count(1)
    return lambda n: bytes(next(count) & 0xFF for _ in range(n))


class Server:
    """Answers each datagram with the next of a list of lists of datagrams; keeps what it was sent."""

    def __init__(self, answers):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(5)
        self.address = self.socket.getsockname()
        self.answers, self.got = answers, []
        self.thread = threading.Thread(target=self._serve)
        self.thread.start()

    def _serve(self):
        for answers in self.answers:
            data, source = self.socket.recvfrom(65536)
            self.got.append(data)
            for answer in answers:
                self.socket.sendto(answer, source)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.thread.join()
        self.socket.close()


class Bencode(unittest.TestCase):
    def test_values_are_written_as_the_protocol_has_them(self):
        for value, text in ((b"spam", b"4:spam"), ("", b"0:"), (42, b"i42e"), (-1, b"i-1e"), ([1, "a"], b"li1e1:ae"),
                            ({"b": 1, "a": []}, b"d1:ale1:bi1ee"), ("é", b"2:\xc3\xa9")):
            self.assertEqual(ng.encode(value), text)

    def test_values_are_read_as_they_were_written(self):
        for value in ("spam", "", 42, -1, [1, "a", {"x": []}], {"sdp": "v=0\r\n", "list": ["a", "b"]}):
            self.assertEqual(ng.decode(ng.encode(value)), value)

    def test_what_is_no_bencode_is_refused(self):
        for data in (b"", b"i", b"ie", b"ixe", b"5:spam", b"4spam", b"l", b"d1:ae", b"di1ei2ee", b"i1ei2e", b"x",
                     b"l" * 40, b"99999999999999999999:x"):
            with self.assertRaises(ng.Error, msg=data):
                ng.decode(data)


class Exchange(unittest.TestCase):
    def test_calls_of_every_path_are_asked_for_and_understood_as_recorded(self):
        recorded = exchanges()
        with mock.patch("os.urandom", counting()), Server([[a] for _, a in recorded]) as server:
            client = ng.Client(*server.address)
            client.request("ping")
            plan = []
            for number, suites in enumerate((("none", "none"), ("none", "AES_CM_128_HMAC_SHA1_80"),
                                             ("AES_CM_128_HMAC_SHA1_32", "AES_CM_128_HMAC_SHA1_80"))):
                a = ng_calls.Side("10.78.0.2", 10000 + 2 * number, suites[0])
                b = ng_calls.Side("10.78.0.3", 10000 + 2 * number, suites[1])
                plan.append(ng_calls.plan_line("10.78.0.1", a, b, *ng_calls.call(client, number, a, b)))
            client.close()
        self.assertEqual(server.got, [request for request, _ in recorded])
        self.assertEqual(plan[0], "10.78.0.2:10000 10.78.0.1:20009 none - 10.78.0.1:20000 10.78.0.3:10000 none -\n")
        fields = plan[2].split()
        self.assertEqual(fields[1::3], ["10.78.0.1:20059", "10.78.0.1:20048", "38dd0b23101d268af9b027da39d231b8"
                                        "fec375766b38a866c9ecc4ffe5f4"])
        self.assertEqual(fields[3], bytes(range(0x23, 0x41)).hex())

    def test_a_lost_request_is_sent_again_with_the_same_cookie(self):
        with mock.patch("os.urandom", counting()), Server([[], [b"01020304_1 d6:result4:ponge"]]) as server:
            client = ng.Client(*server.address, timeout_s=0.1)
            self.assertEqual(client.request("ping"), {"result": "pong"})
            client.close()
        self.assertEqual(server.got[0], server.got[1])

    def test_an_answer_to_an_earlier_request_is_passed_over(self):
        late = b"01020304_0 d6:result2:oke"
        with mock.patch("os.urandom", counting()), Server([[late, b"01020304_1 d6:result4:ponge"]]) as server:
            client = ng.Client(*server.address)
            self.assertEqual(client.request("ping"), {"result": "pong"})
            client.close()

    def test_a_refusal_is_an_error_with_its_reason(self):
        refusal = b"01020304_1 d12:error-reason13:No such thing6:result5:errore"
        with mock.patch("os.urandom", counting()), Server([[refusal]]) as server:
            client = ng.Client(*server.address)
            with self.assertRaisesRegex(ng.Error, "offer: No such thing"):
                client.request("offer")
            client.close()

    def test_srtp_that_is_passed_through_untouched_is_refused(self):
        # one suite on both sides: rtpengine gives each side's key to the other
        a = ng_calls.Side("10.78.0.2", 10000, "AES_CM_128_HMAC_SHA1_80")
        b = ng_calls.Side("10.78.0.3", 10000, "AES_CM_128_HMAC_SHA1_80")
        client = mock.Mock()
        client.request.side_effect = [{"sdp": a.sdp()}, {"sdp": b.sdp()}]
        with self.assertRaisesRegex(ng.Error, "untouched"):
            ng_calls.call(client, 0, a, b)


if __name__ == "__main__":
    sentences.main()
