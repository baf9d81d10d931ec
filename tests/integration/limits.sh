#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Full tables, bad configurations, and the AF_PACKET fall-back.
# usage: tests/integration/limits.sh BUILD_DIR
set -uo pipefail
SLUICE_BUILD=${1:?usage: limits.sh BUILD_DIR}
cd "$(dirname "$0")/../.." || exit 2
# shellcheck source=tests/lib/lab.sh
. tests/lib/lab.sh
# shellcheck source=tests/lib/report.sh
. tests/lib/report.sh

get() { "$LAB_PYTHON" bench/lib/demo_json.py get "$1"; }
calls() { lab_ctl -j call list | "$LAB_PYTHON" -c 'import json,sys; print(len(json.load(sys.stdin)))'; }
calls_are() { [[ $(calls) = "$1" ]]; }
answered_are() { # how many calls are answered
	[[ $(lab_ctl -j call list | "$LAB_PYTHON" -c 'import json,sys; print(sum(c["state"] == "answered" for c in json.load(sys.stdin)))') = "$1" ]]
}
dial() { lab_phone_do "$1" dial "$2@$LAB_RELAY" >/dev/null; }
log_has() { lab_wait 5 grep -q -- "$2" "$LAB_DIR/$1.log"; }

stop() {
	lab_phone_do alice hangup >/dev/null
	lab_phone_do carol hangup >/dev/null
	lab_wait 5 calls_are 0
	lab_end controlplane
	lab_end dataplane
	rm -f "$LAB_DIR"/*.sock
}

start() { # [NAME=VALUE...] for lab_relay_config
	local setting
	for setting in "$@"; do
		declare -g "$setting"
	done
	lab_relay_config
	lab_dataplane_start
	lab_controlplane_start
}

full() { # WHAT: with room for one call, the second is refused and the first goes on
	dial alice 2003
	report_case "$1: the first call is answered" lab_wait 8 answered_are 1
	dial bob 2003
	report_case "$1: the second call is refused with 503" log_has bob 503
	report_case "$1: the first call is unharmed" answered_are 1
	lab_phone_do alice hangup >/dev/null
	lab_wait 5 calls_are 0
	dial bob 2003
	report_case "$1: there is room again after the first call" lab_wait 8 answered_are 1
	lab_phone_do bob hangup >/dev/null
	lab_wait 5 calls_are 0
	: >"$LAB_DIR/bob.log"
}

bad_config() { # SENTENCE DAEMON SED PATTERN
	sed "$3" "$LAB_DIR/${2#sluice-}.yaml" >"$LAB_DIR/bad.yaml"
	local binary=$SLUICE_BUILD/${2#sluice-}/main/$2 status
	lab_ns relay timeout 20 "$binary" --config "$LAB_DIR/bad.yaml" >"$LAB_DIR/bad.log" 2>&1
	status=$?
	if ((status == 1)) && grep -qE -- "$4" "$LAB_DIR/bad.log" && [[ ! -e $LAB_DIR/media.sock && ! -e $LAB_DIR/control.sock ]]; then
		report_ok "$1"
	else
		report_not_ok "$1: exit $status: $(head -n 3 "$LAB_DIR/bad.log")"
	fi
}

degraded() { # and says why
	[[ $(lab_ctl -j status | get data_plane.degraded) = True && -n $(lab_ctl -j status | get data_plane.ports.0.reason) ]]
}

no_icmp_error() {
	! grep -q unreachable "$LAB_DIR/capture.log"
}

pings() {
	lab_ns carol ping -c 1 -W 2 -q "$LAB_RELAY" >/dev/null
}

fallback() {
	start LAB_KIND=af_packet LAB_MAX_SESSIONS=100 LAB_MEDIA_LAST=20999
	report_case "AF_PACKET is shown as degraded, with the reason" \
		degraded
	lab_spawn capture switch tcpdump -U -n -i relay icmp
	log_has capture 'listening on'
	dial alice 2003
	report_case "AF_PACKET: the call is answered" lab_wait 8 answered_are 1
	sleep 4
	lab_phone_do alice hangup >/dev/null
	lab_wait 5 calls_are 0
	report_case "AF_PACKET: carol heard alice" lab_wait 2 heard carol alice
	report_case "AF_PACKET: alice heard carol" lab_wait 2 heard alice carol
	lab_end capture INT
	report_case "AF_PACKET: the kernel never answered media with ICMP" \
		no_icmp_error
	report_case "AF_PACKET: ping still answers" pings
}

HUGEPAGES=/proc/sys/vm/nr_hugepages
HUGEPAGES_BEFORE=$(<"$HUGEPAGES")

restore_hugepages() {
	[[ $(<"$HUGEPAGES") = "$HUGEPAGES_BEFORE" ]] || echo "$HUGEPAGES_BEFORE" >"$HUGEPAGES"
}

# Those that are not free are all of a living process: of another script, that runs beside this one.
hugepages_are_used() {
	local taken mapped
	taken=$(awk '/HugePages_Total/ { t = $2 } /HugePages_Free/ { f = $2 } END { print t - f }' /proc/meminfo)
	mapped=$(cat /proc/[0-9]*/smaps_rollup 2>/dev/null | awk '/^(Shared|Private)_Hugetlb/ { n += $2 } END { print int(n / 2048) }')
	((taken <= mapped))
}

hugepages() { # with hugepages reserved the data plane takes them, and gives them back
	echo $((HUGEPAGES_BEFORE + 256)) >"$HUGEPAGES" 2>/dev/null || true
	if (($(<"$HUGEPAGES") < HUGEPAGES_BEFORE + 256)); then
		restore_hugepages
		report_skip "with hugepages" "the kernel did not give 256 of 2 MiB"
		return
	fi
	start LAB_KIND=af_xdp LAB_MAX_SESSIONS=100 LAB_MEDIA_LAST=20999
	report_case "hugepages are taken when they are there" \
		grep -q '^hugepages' <(lab_ctl -j status | get data_plane.memory)
	dial alice 2003
	report_case "with hugepages: the call is answered" lab_wait 8 answered_are 1
	sleep 3
	stop
	report_case "with hugepages: carol heard alice" lab_wait 2 heard carol alice
	report_case "none of them is kept when it has ended" lab_wait 5 hugepages_are_used
	restore_hugepages
}

heard() { # LISTENER SPEAKER
	"$LAB_PYTHON" tests/lib/audio.py heard "$LAB_DIR/$2.wav" "$(lab_heard "$1")" \
		| awk '$1 == "similarity" { a = $2 } END { exit !(a >= 0.9) }'
}

LAB_CLEANUP=restore_hugepages
lab_up
lab_pki
lab_sentence "$LAB_DIR/alice.wav" en "The quick brown fox jumps over the lazy dog near the river bank." 30
lab_sentence "$LAB_DIR/carol.wav" en-us+f3 "She sells sea shells by the sea shore, and pays with silver coins." 30
lab_relay_config
bad_config "a control plane with an unknown key does not start" sluice-controlplane 's/^max_calls:/max_cals:/' 'bad.yaml:[0-9]+:.*max_cals'
bad_config "a control plane with a route to nobody does not start" sluice-controlplane 's/to: carol/to: nobody/' 'bad.yaml:[0-9]+:.*nobody'
bad_config "a control plane whose listener cannot bind does not start" sluice-controlplane "s/address: $LAB_RELAY, port: 5061/address: 10.99.0.1, port: 5061/" '10.99.0.1'
bad_config "a data plane with a bad media address does not start" sluice-dataplane 's/addresses: .*/addresses: [10.77.0.999]/' 'bad.yaml:[0-9]+:.*10.77.0.999'
bad_config "a data plane without its device does not start" sluice-dataplane 's/voice0/nothere0/' 'nothere0'
lab_phone alice 2001 "$LAB_NET.11" secured "$LAB_DIR/alice.wav"
lab_phone bob 2002 "$LAB_NET.12" secured "$LAB_DIR/carol.wav"
lab_phone carol 2003 "$LAB_NET.13" unsecured "$LAB_DIR/carol.wav"
start LAB_MAX_SESSIONS=1
full "a full session table"
stop
start LAB_MAX_SESSIONS=100 LAB_MEDIA_LAST=$((LAB_MEDIA_FIRST + 3))
full "a full media-port range"
stop
hugepages
fallback
lab_end controlplane
lab_end dataplane
if [[ -n ${SLUICE_SANITIZED:-} ]]; then
	report_case "no sanitizer finding in either daemon" \
		lab_sanitizers_silent
fi
((REPORT_FAILED == 0)) || tail -n 15 "$LAB_DIR"/{data,control}plane.log
report_close limits
