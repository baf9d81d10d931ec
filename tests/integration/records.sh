#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Call records of calls between phones: what is in them, rotation, and what kill -9 leaves.
# usage: tests/integration/records.sh BUILD_DIR
set -uo pipefail
SLUICE_BUILD=${1:?usage: records.sh BUILD_DIR}
cd "$(dirname "$0")/../.." || exit 2
# shellcheck source=tests/lib/lab.sh
. tests/lib/lab.sh
# shellcheck source=tests/lib/report.sh
. tests/lib/report.sh

get() { "$LAB_PYTHON" bench/lib/demo_json.py get "$1"; } # PATH < JSON
call_id() { lab_ctl -j call list | "$LAB_PYTHON" bench/lib/demo_json.py answered; }
no_calls() { [[ $(lab_ctl -j call list) = '[]' ]]; }
dial() {
	lab_phone_do "$1" dial "$2@$LAB_RELAY" >/dev/null
	lab_wait 8 call_id || report_not_ok "$1 does not reach $2"
	CALL=$(call_id)
}
hangup() {
	lab_phone_do "$1" hangup >/dev/null
	lab_wait 5 no_calls
}
of() { grep -h "\"call\":\"$1\"" "$LAB_DIR"/records/calls* 2>/dev/null; } # CALL: its record
has_record() { [[ -n $(of "$1") ]]; }
is() { # CALL PATH VALUE
	local value
	value=$(of "$1" | get "$2")
	[[ $value = "$3" ]] || echo "# $2 is $value"
	[[ $value = "$3" ]]
}
counted() { # CALL: packets of both legs
	(($(of "$1" | get legs.0.counters.received) > 50 && $(of "$1" | get legs.1.counters.received) > 50))
}
no_secret() { ! grep -aqE 'inline:|PRIVATE KEY|a=crypto' "$LAB_DIR"/records/*; }
rotated() { (($(find "$LAB_DIR/records" -name 'calls-2*' | wc -l) == $1)); }

a_call() {
	dial alice 2003
	sleep 2
	report_case "no record while the call lives" test -z "$(of "$CALL")"
	hangup alice
	report_case "a record when it has ended" lab_wait 3 has_record "$CALL"
	report_case "it has the number" is "$CALL" to 2003
	report_case "it says who hung up" is "$CALL" end.by caller
	report_case "it is as secure as the weaker leg" is "$CALL" security unsecured
	report_case "the secured leg has its suite" is "$CALL" legs.0.suite AES_CM_128_HMAC_SHA1_80
	report_case "and its TLS version" is "$CALL" legs.0.tls_version TLSv1.3
	report_case "and an identity" is "$CALL" legs.0.identity alice.lab.example
	report_case "the other has RTP" is "$CALL" legs.1.media RTP
	report_case "packets of both legs are counted" counted "$CALL"
	report_case "the file is 0640" test "$(stat -c %a "$LAB_DIR/records/calls")" = 640
	report_case "sluicectl record list shows it" grep -q "$CALL.*caller-hung-up" <<<"$(lab_ctl record list)"
}

rotation() {
	report_case "sluicectl record rotate begins another file" lab_ctl record rotate
	report_case "and keeps the old one" rotated 1
	dial alice 2003
	hangup alice
	lab_wait 3 has_record "$CALL"
	kill -HUP "${LAB_PID[controlplane]}"
	report_case "SIGHUP does so, too" lab_wait 3 rotated 2
}

killed() {
	local talking
	dial alice 2003
	talking=$CALL
	sleep 0.5
	lab_end controlplane KILL
	report_case "kill -9 leaves no record" test -z "$(of "$talking")"
	lab_controlplane_start
	report_case "the next start records the call as unclean" is "$talking" end.cause unclean
	report_case "its answer is known" grep -q '"answered":"20' <<<"$(of "$talking")"
	report_case "its end is not" grep -q '"ended":null' <<<"$(of "$talking")"
	report_case "the log says so" lab_wait 5 grep -q '1037 RECORD_UNCLEAN' "$LAB_DIR/controlplane.log"
	lab_end controlplane
	lab_controlplane_start
	report_case "it is recorded once" test "$(of "$talking" | wc -l)" = 1
}

lab_up
lab_pki
install -d -m 0750 -o nobody "$LAB_DIR/records"
lab_sentence "$LAB_DIR/alice.wav" en "The quick brown fox jumps over the lazy dog near the river bank." 60
cp "$LAB_DIR/alice.wav" "$LAB_DIR/carol.wav"
lab_relay_config
echo "record_file: $LAB_DIR/records/calls" >>"$LAB_DIR/controlplane.yaml"
lab_dataplane_start
lab_controlplane_start
lab_phone alice 2001 "$LAB_NET.11" secured "$LAB_DIR/alice.wav"
lab_phone carol 2003 "$LAB_NET.13" unsecured "$LAB_DIR/carol.wav"
a_call
rotation
killed
report_case "no key is in the records or the journal" no_secret
lab_end controlplane
lab_end dataplane
[[ -z ${SLUICE_SANITIZED:-} ]] || report_case "no sanitizer finding in either daemon" lab_sanitizers_silent
((REPORT_FAILED == 0)) || tail -n 25 "$LAB_DIR"/{data,control}plane.log
report_close records
