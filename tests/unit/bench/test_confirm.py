# SPDX-License-Identifier: GPL-2.0-or-later
"""What bench/run signalling makes of a rate that was found: bench/lib/signalling.py, confirm()."""
import argparse
import contextlib
import io
import unittest
from unittest import mock

import sentences  # noqa: F401  before what it finds

import signalling


class Rig:
    """A control plane that keeps so many calls a second."""

    made = 0

    def __init__(self, *_):
        Rig.made += 1

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    @staticmethod
    def log():
        return ""


def keeps(most):
    def calls_run(_rig, rate, _seconds):
        failed = 0 if rate <= most else 1
        return {"failed": failed, "started": 10, "completed": 10 - failed, "setup_us": {"max": 1}, "rate": rate}

    return calls_run


class Confirm(unittest.TestCase):
    def confirm(self, most, found):
        Rig.made = 0
        with mock.patch.object(signalling, "Rig", Rig), mock.patch.object(signalling, "calls_run", keeps(most)), \
                contextlib.redirect_stderr(io.StringIO()):
            return signalling.confirm(argparse.Namespace(build="", cores=[0, 1]), "tls", found, 1)

    def test_a_rate_that_is_kept_is_reported_with_its_half(self):
        rate, whole, half = self.confirm(5000, 4000)
        self.assertEqual((rate, whole["rate"], half["rate"]), (4000, 4000, 2000))
        self.assertEqual(Rig.made, 1)

    def test_what_is_reported_is_the_rate_that_was_kept_and_not_the_one_that_was_found(self):
        rate, whole, half = self.confirm(3500, 4000)
        self.assertEqual((whole["rate"], half["rate"]), (rate, rate / 2))
        self.assertTrue(3500 * 0.93 < rate <= 3500, rate)
        self.assertEqual(Rig.made, 3)  # a control plane each time

    def test_a_relay_that_keeps_nothing_is_an_error(self):
        with self.assertRaises(signalling.Error):
            self.confirm(1, 4000)


if __name__ == "__main__":
    sentences.main()
