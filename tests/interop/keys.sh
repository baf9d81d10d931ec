#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A call that outlives its keys, on the portable crypto engine: both legs get fresh keys by re-INVITE.
# alice is Linphone, for it takes them. baresip 1.0.0 (bob) answers and goes on with the peer's first key.
# usage: tests/interop/keys.sh BUILD_DIR
set -uo pipefail
SLUICE_BUILD=${1:?usage: keys.sh BUILD_DIR}
export LAB_ENGINE=libsrtp LAB_KEY_LIFETIME=1000 # packets: 20 s
cd "$(dirname "$0")/../.." || exit 2
# shellcheck source=tests/lib/lab.sh
. tests/lib/lab.sh
# shellcheck source=tests/lib/calls.sh
. tests/lib/calls.sh
# shellcheck source=tests/lib/linphone.sh
. tests/lib/linphone.sh
# shellcheck source=tests/lib/report.sh
. tests/lib/report.sh

count_is() { [[ $(calls_get "$1" stats) = "$2" ]]; }
dropped() { # CALL NAME: on both legs
	lab_ctl -j call show "$1" | "$LAB_PYTHON" -c 'import json,sys
print(sum(leg["counters"]["drops"].get(sys.argv[1], 0) for leg in json.load(sys.stdin)["legs"]))' "$2"
}
received() { calls_get "legs.$2.counters.received" call show "$1"; }
received_above() { (($(received "$1" 0) > $2)); } # CALL N
AT=0 # how many packets had come at most when the first key was changed
reoffered() { # CALL
	count_is signalling.reoffers 0 && return 1
	AT=$(received "$1" 0)
}
sent_grows() { # CALL LEG
	local before
	before=$(calls_get "legs.$2.counters.sent" call show "$1")
	sleep 1
	(($(calls_get "legs.$2.counters.sent" call show "$1") > before + 30))
}

engines_are_listed() {
	local said
	sed 's/^engine: .*/engine: rot13/' "$LAB_DIR/dataplane.yaml" >"$LAB_DIR/rot13.yaml"
	said=$("$SLUICE_BUILD/dataplane/main/sluice-dataplane" --check --config "$LAB_DIR/rot13.yaml" 2>&1)
	[[ $said = *'ipsec_mb or libsrtp'* ]]
}
engine_is_shown() { [[ $(calls_get data_plane.engine status) = "libsrtp "[0-9]* ]]; }
reason_is_shown() { [[ $(lab_ctl status) = *'libsrtp is slow'* ]]; }

long_call() {
	local id
	lab_linphone_record alice call
	lab_linphone_do alice call 2012
	report_case "alice calls bob: answered" calls_answered
	id=$(calls_id) || return
	sleep 16
	lab_wait 8 reoffered "$id"
	report_case "before 90 % of the lifetime no key is changed ($AT packets)" test "$AT" -ge 880
	report_case "then both legs get a fresh key" lab_wait 8 count_is signalling.reoffers 2
	lab_wait 10 received_above "$id" 1200
	report_case "more packets have passed than a key may encrypt ($(received "$id" 0))" test "$(received "$id" 0)" -gt 1000
	report_case "none was dropped for the end of a key" test "$(dropped "$id" key-lifetime)" = 0
	report_case "no index was used twice" test "$(dropped "$id" tx-index)" = 0
	report_case "nothing failed authentication" test "$(dropped "$id" auth)" = 0
	report_case "media still flows to bob" sent_grows "$id" 1
	report_case "media still flows to alice" sent_grows "$id" 0
	lab_linphone_do alice terminate
	# under the first key there are 18 s
	report_case "alice hears bob to the end, with the second key" lab_wait 2 lab_linphone_heard alice call bob 20
}

lab_up
lab_pki
lab_sentence "$LAB_DIR/alice.wav" en "The quick brown fox jumps over the lazy dog near the river bank." 60
lab_sentence "$LAB_DIR/bob.wav" en-us+f3 "She sells sea shells by the sea shore, and pays with silver coins." 60
lab_relay_config
# Linphone compares names, of the Contact too; baresip asks only DNS for them. bob has a number a codec
sed -i -e "/name: tls, transport: tls/a\  - {name: named, transport: tls, address: $LAB_RELAY, port: 5062, tls: lab, host: relay.lab.example}" \
	-e "/name: alice, fqdn/s/listener: tls/listener: named/" -e 's/number: "2002"/number: "20?2"/' "$LAB_DIR/controlplane.yaml"
report_case "an engine that there is not is refused with those there are" engines_are_listed
lab_dataplane_start
lab_controlplane_start
report_case "status shows the engine and its features" engine_is_shown
report_case "status says why a relay on this engine is degraded" reason_is_shown
lab_linphone alice 2001 "$LAB_DIR/alice.wav"
LAB_ACCOUNTS="2012=pcmu" lab_phone bob 2002 "$LAB_NET.12" secured "$LAB_DIR/bob.wav"
long_call
lab_end controlplane
lab_end dataplane
((REPORT_FAILED == 0)) || tail -n 15 "$LAB_DIR"/{data,control}plane.log
report_close keys
