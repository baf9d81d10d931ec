# SPDX-License-Identifier: GPL-2.0-or-later
"""The highest rate that loses less than a limit, by doubling and then halving the interval."""

LOSS_MAX = 0.001
ONE_STEP = 2.0


class Search:
    """run(rate_pps) returns (loss as a share, rate that the generator reached).

    A rate is kept when one of tries runs keeps it: what else the machine does may spoil a run, but
    nothing makes a relay faster than it is."""

    def __init__(self, run, first_pps, most_pps, precision=1.05, tries=2):
        self.run, self.precision, self.tries = run, precision, tries
        self.first_pps, self.most_pps = first_pps, most_pps
        self.generator_limited = False
        self.trials = []

    def _kept(self, rate):
        for _ in range(self.tries):
            loss, reached = self.run(rate)
            self.trials.append({"rate_pps": round(rate), "reached_pps": round(reached), "loss": round(loss, 6)})
            if loss < LOSS_MAX:
                return reached
        return None

    def _double(self):
        """(a rate that is kept or 0, one that is not or None)."""
        low, rate = 0.0, self.first_pps
        while True:
            kept = self._kept(rate)
            if kept is None:
                return low, rate
            low = max(low, kept)
            if kept < rate * 0.97 or rate >= self.most_pps:
                self.generator_limited = True
                return low, None
            rate = min(rate * ONE_STEP, self.most_pps)

    def best(self):
        """Packets a second; 0 when not even the first rate, nor a sixteenth of it, is kept."""
        low, high = self._double()
        if high is None:
            return low
        if low == 0:
            low = high / 16
            if self._kept(low) is None:
                return 0.0
        while high / low > self.precision:
            middle = (low * high) ** 0.5
            kept = self._kept(middle)
            if kept is None:
                high = middle
            elif kept < middle * 0.97:
                self.generator_limited = True
                return max(low, kept)
            else:
                low = max(low, kept)
        return low
