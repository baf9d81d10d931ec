#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The data plane alone, driven through the media API: RTP, RTCP and SRTP between sockets of another
# namespace, over AF_XDP and AF_PACKET, with one worker and with two.
# usage: tests/integration/dataplane.sh BUILD_DIR
set -uo pipefail
SLUICE_BUILD=${1:?usage: dataplane.sh BUILD_DIR}
cd "$(dirname "$0")/../.." || exit 2
# shellcheck source=tests/lib/lab.sh
. tests/lib/lab.sh
# shellcheck source=tests/lib/report.sh
. tests/lib/report.sh

endpoints() { # [again]: the endpoints' lines, each with what it ran on in front
	local line
	while read -r line; do
		case $line in
		"ok - "*) report_ok "$WHAT: ${line#ok - }" ;;
		"not ok - "*) report_not_ok "$WHAT: ${line#not ok - }" ;;
		*) printf '%s\n' "$line" ;;
		esac
	done < <(lab_ns alice timeout 120 python3 tests/integration/dataplane/relay.py "$LAB_DIR/media.sock" \
		"$LAB_NET.11" "$LAB_RELAY" "$@" 2>&1 || echo "not ok - the endpoints end without an error")
}

on() { # KIND WORKERS
	WHAT="$1, $2 worker(s)"
	LAB_KIND=$1 LAB_WORKERS=$2
	lab_relay_config
	lab_dataplane_start
	endpoints
	report_case "$WHAT: the data plane is alive" lab_alive dataplane
}

lab_up
on af_xdp 1
lab_end dataplane KILL
lab_dataplane_start
endpoints again
lab_end dataplane
report_case "the data plane removes its socket when it ends" test ! -e "$LAB_DIR/media.sock"
on af_xdp 2
lab_end dataplane
on af_packet 1
lab_end dataplane
report_close dataplane
