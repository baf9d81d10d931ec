# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Results of test scripts: one line a fact, a closing line with the counts.
#   ok - SENTENCE / not ok - SENTENCE / skip - SENTENCE: REASON
#   NAME: N passed, N failed, N skipped

REPORT_PASSED=0
REPORT_FAILED=0
REPORT_SKIPPED=0

report_ok() {
	REPORT_PASSED=$((REPORT_PASSED + 1))
	printf 'ok - %s\n' "$*"
}

report_not_ok() {
	REPORT_FAILED=$((REPORT_FAILED + 1))
	printf 'not ok - %s\n' "$*"
}

report_skip() { # SENTENCE REASON
	REPORT_SKIPPED=$((REPORT_SKIPPED + 1))
	printf 'skip - %s: %s\n' "$1" "$2"
}

report_case() { # SENTENCE COMMAND...: ok when the command succeeds
	local sentence=$1
	shift
	if "$@"; then
		report_ok "$sentence"
	else
		report_not_ok "$sentence"
		return 1
	fi
}

report_close() { # NAME: prints the closing line; 1 if anything failed
	printf '%s: %d passed, %d failed, %d skipped\n' "$1" "$REPORT_PASSED" "$REPORT_FAILED" "$REPORT_SKIPPED"
	((REPORT_FAILED == 0))
}
