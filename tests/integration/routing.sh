#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Routing between one caller and two callees: weights, failover, silence, peers watched by OPTIONS,
# translation, refusal, and what sluicectl route test says of it.
# usage: tests/integration/routing.sh BUILD_DIR
set -uo pipefail
SLUICE_BUILD=${1:?usage: routing.sh BUILD_DIR}
cd "$(dirname "$0")/../.." || exit 2
# shellcheck source=tests/lib/lab.sh
. tests/lib/lab.sh
# shellcheck source=tests/lib/report.sh
. tests/lib/report.sh

get() { "$LAB_PYTHON" bench/lib/demo_json.py get "$1"; }
daemons_live() { lab_alive dataplane && lab_alive controlplane; }
no_calls() { [[ $(lab_ctl -j call list) = '[]' ]]; }
callee() { # HOST ADDRESS
	: >"$LAB_DIR/$1.rules"
	lab_spawn "$1" "$1" "$LAB_PYTHON" tests/lib/sip_agent.py answer "$2" "$LAB_DIR/$1.rules"
	lab_wait 5 grep -q ready "$LAB_DIR/$1.log"
}
told() { printf '%s\n' "${@:2}" >"$LAB_DIR/$1.rules"; } # HOST "METHOD STATUS"...
dial() { # USER [COUNT]: carol's calls; what came of them is in CAME
	CAME=$(lab_ns carol "$LAB_PYTHON" tests/lib/sip_agent.py call "$LAB_NET.13" "$LAB_RELAY" "$@" 2>&1)
	lab_wait 5 no_calls
}
came() { [[ $CAME = "$1"* ]] || { echo "# $CAME"; return 1; }; }
invites() { grep -c "^INVITE ${2:-}" "$LAB_DIR/$1.log"; } # HOST [USER]
reached() { # HOST COMMAND...: the command brings that callee one more INVITE
	local before
	before=$(invites "$1")
	"${@:2}"
	(($(invites "$1") == before + 1))
}
not_reached() { ! reached "$@"; }
watch_is() { # PEER STATE
	lab_ctl -j peer list | "$LAB_PYTHON" -c 'import json,sys
print(*[p["watch"]["state"] for p in json.load(sys.stdin) if p["name"] == sys.argv[1]])' "$1" | grep -qx "$2"
}
record() { tail -n 1 "$LAB_DIR/records/calls" | get "$1"; }
record_is() { [[ $(record "$1") = "$2" ]] || { echo "# $1 is $(record "$1")"; return 1; }; }
says() { grep -qE -- "$2" <<<"$1" || { printf '%s\n' "$1" | sed 's/^/# /'; return 1; }; }
nowhere() { ! grep -qE -- "$2" <<<"$1"; }

weights() {
	dial 2100 60
	report_case "60 calls with weights 3 to 1 are all answered" test "$(grep -c ^200 <<<"$CAME")" = 60
	report_case "both callees got some" test "$(invites dave)" -gt 0 -a "$(invites mallory)" -gt 0
	report_case "and the heavier one more ($(invites dave) to $(invites mallory))" test "$(invites dave)" -gt "$(invites mallory)"
}

failover() {
	told dave "INVITE 503"
	report_case "after 503 the other target is called" reached mallory dial 2200
	report_case "and answers" came 200
	report_case "the record says why the first failed" record_is routing.attempts.0.failed "503 Service Unavailable"
	report_case "and which took the call" record_is legs.1.peer mallory
	told dave "INVITE 486"
	report_case "486 is an answer, not a failure" not_reached mallory dial 2200
	report_case "which the caller gets" came 486
	told dave "INVITE 0"
	report_case "a silent target is given up" reached mallory dial 2200
	report_case "after the second that its route allows" record_is routing.attempts.0.failed "nothing heard for 1 s"
	told dave "INVITE 503"
	told mallory "INVITE 503"
	dial 2200
	report_case "when all fail, the caller is told so" came 503
	report_case "with a Q.850 cause" says "$CAME" 'Q.850;cause=27'
	report_case "and a route of lower priority is tried before" record_is routing.attempts.2.route last
	: >"$LAB_DIR/dave.rules"
	: >"$LAB_DIR/mallory.rules"
}

watched() {
	report_case "a peer that answers OPTIONS is up" lab_wait 5 watch_is dave up
	told dave "OPTIONS 503"
	report_case "one that answers 503 goes down" lab_wait 8 watch_is dave down
	report_case "the log says so" lab_wait 5 grep -q 'PEER_FAILS.*dave.*503' "$LAB_DIR/controlplane.log"
	report_case "peer list says since when and why" says "$(lab_ctl peer list)" 'dave.*down.*OPTIONS: 503'
	report_case "calls pass it over" not_reached dave dial 2200
	report_case "and are answered elsewhere" came 200
	report_case "route test says so" says "$(lab_ctl route test --from carol --called 2200)" 'dave.*left out: it is down'
	: >"$LAB_DIR/dave.rules"
	report_case "it is up again when it answers" lab_wait 8 watch_is dave up
	report_case "and gets calls again" reached dave dial 2200
}

numbers() {
	local shown
	dial 0301234
	report_case "the callee gets the number as it wants it" test "$(invites mallory '70049301234 70049302003')" = 1
	shown=$(lab_ctl route test --from carol --called 0301234 --caller 2003)
	report_case "route test shows the same" says "$shown" 'mallory +national.* 70049301234 +70049302003'
	dial 2300
	report_case "a refusing route refuses" came 403
	report_case "the caller does not hear which" nowhere "$CAME" 'premium'
	report_case "the log does" lab_wait 5 grep -q 'CALL_REFUSED.*route premium refuses "2300" with 403' "$LAB_DIR/controlplane.log"
	report_case "so does the record" record_is end.text 'route premium refuses "2300" with 403'
	shown=$(lab_ctl route test --from carol --called 2300 --config "$LAB_DIR/controlplane.yaml")
	report_case "and route test with a file, without the daemon's help" says "$shown" 'premium.*yes.*matches'
	shown=$(lab_ctl route test --from carol --called 2400 --at 2026-12-25T12:00Z --header 'X-Tenant: gold')
	report_case "route test says what a time of day does" says "$shown" 'day is closed'
}

config() {
	lab_relay_config
	sed -i '/^routes:/,$d; s/{name: dave, .*listener: udp}/{name: dave, address: '"$LAB_NET.15"', transport: udp, dial_plan: unsecured, watch_s: 1}/' \
		"$LAB_DIR/controlplane.yaml"
	cat >>"$LAB_DIR/controlplane.yaml" <<-YAML
		  - {name: mallory, address: $LAB_NET.14, transport: udp, dial_plan: unsecured, called_out: zeros, caller_out: zeros, watch_s: 1}
		record_file: $LAB_DIR/records/calls
		translations:
		  - {name: zeros, rules: [{strip: "+", add: "700"}]}
		  - {name: national, rules: [{match: "0{[1-9]*}", replace: "+49{1}"}]}
		  - {name: own, rules: [{match: "{????}", replace: "+4930{1}"}]}
		schedules:
		  - {name: day, zone: UTC, open: [daily], closed: ["12-25"]}
		routes:
		  - {name: shared, number: "21*", targets: [{peer: dave, weight: 3}, {peer: mallory, weight: 1}]}
		  - name: ordered
		    number: "22*"
		    targets: [{peer: dave}, {peer: mallory, priority: 1}]
		    target_timeout_s: 1
		  - {name: last, number: "22*", priority: 9, to: bob}
		  - {name: premium, number: "23*", refuse: 403}
		  - {name: open, number: "24*", to: dave, schedule: day}
		  - {name: national, number: "0*", called: national, caller: own, to: mallory}
	YAML
}

lab_up
lab_pki
install -d -m 0750 -o nobody "$LAB_DIR/records"
config
lab_dataplane_start
lab_controlplane_start
callee dave "$LAB_NET.15" || lab_die "dave did not start"
callee mallory "$LAB_NET.14" || lab_die "mallory did not start"
weights
failover
watched
numbers
report_case "both daemons live" daemons_live
lab_end controlplane
lab_end dataplane
[[ -z ${SLUICE_SANITIZED:-} ]] || report_case "no sanitizer finding in either daemon" lab_sanitizers_silent
((REPORT_FAILED == 0)) || tail -n 25 "$LAB_DIR"/controlplane.log
report_close routing
