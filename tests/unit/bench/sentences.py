# SPDX-License-Identifier: GPL-2.0-or-later
"""unittest whose tests are sentences, and whose lines are those of cmocka, which tests/run counts."""
import os
import sys
import unittest

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../..")
for folder in ("bench/compare", "bench/lib"):
    sys.path.insert(0, os.path.join(TOP, folder))


class Result(unittest.TestResult):
    def _line(self, word, test, why=""):
        print(f"[  {word} ] {test.id().removeprefix('__main__.')}{why}", flush=True)

    def addSuccess(self, test):
        super().addSuccess(test)
        self._line("     OK", test)

    def addError(self, test, err):
        super().addError(test, err)
        print(self.errors[-1][1])
        self._line("FAILED ", test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        print(self.failures[-1][1])
        self._line("FAILED ", test)


def main():
    result = Result()
    unittest.defaultTestLoader.loadTestsFromName("__main__").run(result)
    sys.exit(0 if result.wasSuccessful() and result.testsRun else 1)
