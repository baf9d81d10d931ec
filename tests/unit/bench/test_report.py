# SPDX-License-Identifier: GPL-2.0-or-later
"""bench/report, over small stored results of every kind."""
import html.parser
import json
import os
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

import sentences  # noqa: F401  before what it finds

import chart
import report_page
import targets

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.path.join(HERE, "../../../bench/lib/report.py")
KINDS = ["micro", "relay", "latency", "compare", "signalling", "disturb", "other"]


def stored(*kinds):
    return [os.path.join(HERE, "report", f"{kind}.json") for kind in kinds]


class Reader(html.parser.HTMLParser):
    """Checks that tags close, and collects what a page would fetch."""
    VOID = {"meta", "br", "img", "link"}

    def __init__(self):
        super().__init__()
        self.open, self.fetched, self.text = [], [], []

    def handle_starttag(self, tag, attrs):
        self.fetched += [v for k, v in attrs if k in ("src", "href", "xlink:href")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag

    def handle_data(self, data):
        self.text.append(data)


class Report(unittest.TestCase):
    def run_report(self, *files):
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run([sys.executable, PROGRAM, *files, "--out", folder], text=True, capture_output=True,
                                  check=False)
            texts = {}
            for root, _, names in os.walk(folder):
                for name in names:
                    path = os.path.join(root, name)
                    with open(path, encoding="utf-8") as f:
                        texts[os.path.relpath(path, folder)] = f.read()
        return done, texts

    def test_every_kind_has_its_section_tables_and_charts(self):
        done, texts = self.run_report(*stored(*KINDS))
        self.assertEqual(done.returncode, 0, done.stderr)
        page = texts["report.md"]
        for kind in KINDS:
            self.assertIn(f"\n## bench/run {kind}\n", page)
        for chart_name in ("micro-streams", "relay-calls", "relay-stages", "latency", "disturb-calls", "disturb-refused",
                           "compare-cpu", "compare-pps",
                           "signalling-calls", "signalling-bytes"):
            self.assertIn(f"(charts/{chart_name}.svg)", page)
            self.assertIn(f"charts/{chart_name}.svg", texts)
        self.assertIn("| RTP->SRTP | sluice-memory | 0.2 | 41.5 | 5,000,000 | 41.7 | the generator |", page)
        self.assertIn("| udp | 3,457 | 234.5 | 66.6 | 0.7 | 2.5 | 11,111 | 1.25 | 1.75 | 2.25 | 1.5 | the generator |", page)
        self.assertIn("| 2,000 | tls |", page)
        self.assertIn("rtpengine-kernel is not part of it: no module can be loaded", page)
        self.assertIn("100,000 sent, 2 lost, 0 of them without a name; dropped by the relay: tx-full 2, of these 2 because",
                      page)
        self.assertIn("| RTP->SRTP | 50% | 500,000 | 8 | 24 | 72 | 5 | 15 | 45 | 3 | 9 | 27 |", page)
        self.assertIn("| RTP->SRTP | 50% | 500,000 | 6 | 12 | 18 | 4 | 5 | 6 | 2 | 7 | 12 |", page)
        self.assertIn("| RTP->SRTP | 50% | mirror | 900 | 3 | - | 5 | 10 | 3.5 | 2.5 | 9.75 |", page)
        self.assertIn("| forged | 900 | 0.97 | 1 | 0 | 38,912 | 271 | auth 1,536, auth-rate 37,376 |", page)

    def test_two_reports_of_one_kind_have_charts_of_their_own(self):
        done, texts = self.run_report(*stored("latency", "latency"))
        self.assertEqual(done.returncode, 0, done.stderr)
        for name in ("latency", "latency-2"):
            self.assertIn(f"(charts/{name}.svg)", texts["report.md"])
            self.assertIn(f"charts/{name}.svg", texts)

    def test_a_soak_is_shown_as_one(self):
        done, texts = self.run_report(*stored("relay", "soak"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("| AES_CM_128_HMAC_SHA1_80 | 1,000 | 900 | 2,000,000 | 2,000,000 | 683 | 0 | 0 | 4 | 0 |",
                      texts["report.md"])
        self.assertIn("bench/run relay --soak", texts["report.md"])

    def test_floods_and_opens_between_processes_have_tables_of_their_own(self):
        _, texts = self.run_report(*stored("disturb"))
        self.assertIn("| forged | 6,355,165 | 5,118,191 | 0 | 100,000 | 0 | 0 | 10.8 | 87 | 200 |", texts["report.md"])
        self.assertIn("| here | 8,002 | 2,173 | 600,000 | 0 | 0 | 5.6 | 85 | 215 |", texts["report.md"])

    def test_targets_stand_together_with_their_verdicts(self):
        _, texts = self.run_report(*stored(*KINDS))
        self.assertIn("1 of 3 reached.", texts["report.md"])
        for line in ("| micro | of the roofline, 1,000 streams | at least 80% | 81% | reached |",
                     "| relay | plain, 1,000 calls: Mpps | at least 10.0 | 7.5 | NOT reached |",
                     "| compare | times less CPU | at least 40.0 | - | not measured |"):
            self.assertIn(line, texts["report.md"])
        self.assertIn('<span class="NOT">NOT reached</span>', texts["report.html"])

    def test_kinds_that_are_missing_are_named(self):
        done, texts = self.run_report(*stored("relay"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("no file of theirs was given: micro, latency, disturb, compare, signalling.", texts["report.md"])

    def test_the_html_stands_alone_and_is_well_formed(self):
        _, texts = self.run_report(*stored(*KINDS))
        reader = Reader()
        reader.feed(texts["report.html"])
        reader.close()
        self.assertEqual(reader.open, [])
        self.assertEqual(reader.fetched, [])
        self.assertNotIn("<script", texts["report.html"])
        self.assertNotIn("@import", texts["report.html"])
        self.assertIn("prefers-color-scheme:dark", texts["report.html"])
        self.assertIn("@media print", texts["report.html"])

    def test_text_of_a_result_is_never_markup(self):
        _, texts = self.run_report(*stored("micro"))
        self.assertNotIn("<CPU>", texts["report.html"] + texts["report.md"])
        self.assertIn("Some &lt;CPU&gt; &amp; co", texts["report.html"])

    def test_facts_of_the_machine_that_differ_say_of_which_kind(self):
        _, texts = self.run_report(*stored("micro", "relay"))
        self.assertIn("| load before | 0.1 | micro |", texts["report.md"])
        self.assertIn("| load before | 3.5 | relay |", texts["report.md"])
        self.assertIn("| cores | 2 |  |", texts["report.md"])

    def test_what_is_no_report_is_refused_by_name(self):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as f:
            for content in ("{", "[]", '{"results": []}', '{"bench": "micro"}', '{"bench": "micro", "results": [1]}'):
                f.seek(0)
                f.truncate()
                f.write(content)
                f.flush()
                done, _ = self.run_report(f.name)
                self.assertEqual(done.returncode, 1, content)
                self.assertIn(f.name, done.stderr)

    def test_results_without_what_was_promised_are_shown_all_the_same(self):
        for kind in KINDS:
            with tempfile.NamedTemporaryFile("w", suffix=".json") as f:
                json.dump({"bench": kind, "results": [{"note": "nothing else"}, {}]}, f)
                f.flush()
                done, texts = self.run_report(f.name)
                self.assertEqual(done.returncode, 0, f"{kind}: {done.stderr}")
                self.assertIn(f"## bench/run {kind}", texts["report.md"])


class Charts(unittest.TestCase):
    def test_charts_are_well_formed_for_any_values(self):
        for values in ({"a": 1.0}, {"a": 0.0, "b": None}, {"<x> & y": 1e9, "b": 1e-3}, {"a": 5, "b": 5}):
            for log in (False, True):
                xml.etree.ElementTree.fromstring(chart.bars("t", "u", {"g": values}, log=log))
        for points in ([(1, 1), (2, 2)], [(1, 0), (100000, 3e6)]):
            for log in (False, True):
                xml.etree.ElementTree.fromstring(chart.lines("t", "u", "x", {"<s>": points}, log_x=log, log_y=log))

    def test_numbers_are_short(self):
        for value, text in ((None, "-"), (12345, "12,345"), (5.25e6, "5.25 M"), (0.2134, "0.213"), (0, "0")):
            self.assertEqual(chart.short(value), text)
        for value, text in ((None, "-"), (12345.6, "12,346"), (0.21344, "0.2134"), (True, "True"), (1000, "1,000")):
            self.assertEqual(report_page.cell(value), text)


class Targets(unittest.TestCase):
    def test_a_verdict_follows_from_value_and_limit(self):
        rows = [("a", 0.8, 0.8, "{:.0%}", False), ("b", 0.79, 0.8, "{:.0%}", False), ("c", 1024, 1024, "{:,.0f}", True),
                ("d", 1025, 1024, "{:,.0f}", True), ("e", None, 1, "{}", False)]
        judged = targets.judge(rows)
        self.assertEqual([t["verdict"] for t in judged],
                         ["reached", "NOT reached", "reached", "NOT reached", "not measured"])
        self.assertEqual(judged[2]["wanted"], "at most 1,024")
        self.assertEqual(judged[4]["measured"], "-")


if __name__ == "__main__":
    sentences.main()
