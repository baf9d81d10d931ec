# SPDX-License-Identifier: GPL-2.0-or-later
"""The search for the highest rate that is kept (bench/compare/search.py)."""
import unittest

import sentences  # noqa: F401  before what it finds

import search


def relay(most, reaches=float("inf")):
    """A relay that loses all above most, behind a generator that reaches so much."""
    def run(rate):
        rate = min(rate, reaches)
        return max(0.0, 1 - most / rate), rate

    return run


class Find(unittest.TestCase):
    def test_the_rate_is_found_within_the_precision(self):
        for most in (25000, 147000, 900000):
            found = search.Search(relay(most), 20000, 2000000, 1.04).best()
            self.assertLessEqual(found, most * 1.0011)
            self.assertGreaterEqual(found, most / 1.05)

    def test_a_rate_below_the_first_is_found_too(self):
        found = search.Search(relay(5000), 20000, 2000000, 1.04).best()
        self.assertTrue(4700 <= found <= 5010, found)

    def test_a_relay_that_keeps_nothing_has_rate_0(self):
        self.assertEqual(search.Search(relay(10), 20000, 2000000).best(), 0.0)

    def test_a_generator_at_its_end_is_said(self):
        for of in (relay(1e9, reaches=500000), relay(1e9)):
            found = search.Search(of, 20000, 2000000, 1.04)
            self.assertIn(found.best(), (500000, 2000000))
            self.assertTrue(found.generator_limited)
        found = search.Search(relay(100000), 20000, 2000000, 1.04)
        found.best()
        self.assertFalse(found.generator_limited)

    def test_one_spoilt_run_does_not_count(self):
        spoilt = {"next": True}

        def run(rate):
            spoilt["next"] = not spoilt["next"]
            return (0.5, rate) if spoilt["next"] else relay(100000)(rate)

        found = search.Search(run, 20000, 2000000, 1.04, tries=2).best()
        self.assertTrue(95000 <= found <= 100110, found)

    def test_every_run_is_kept_for_the_report(self):
        found = search.Search(relay(100000), 20000, 2000000)
        found.best()
        self.assertEqual([t["rate_pps"] for t in found.trials[:4]], [20000, 40000, 80000, 160000])


if __name__ == "__main__":
    sentences.main()
