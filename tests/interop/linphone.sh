#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Linphone (alice: TLS with a client certificate, SDES required) and baresip, both ways through the relay.
# usage: tests/interop/linphone.sh BUILD_DIR
set -uo pipefail
SLUICE_BUILD=${1:?usage: linphone.sh BUILD_DIR}
cd "$(dirname "$0")/../.." || exit 2
# shellcheck source=tests/lib/lab.sh
. tests/lib/lab.sh
# shellcheck source=tests/lib/calls.sh
. tests/lib/calls.sh
# shellcheck source=tests/lib/linphone.sh
. tests/lib/linphone.sh
# shellcheck source=tests/lib/report.sh
. tests/lib/report.sh

log_has() { lab_wait 5 grep -Eq -- "$2" "$LAB_DIR/$1.log"; }

opus_on_both_legs() { [[ $(calls_leg 0 counters.codec)/$(calls_leg 1 counters.codec) = Opus/Opus ]]; }
tls_is_mutual() { [[ $(calls_leg 0 tls_version)/$(calls_leg 0 signalling) = TLSv1.[23]/encrypted ]]; }
srtp_on_both_legs() { [[ $(calls_leg 0 media)/$(calls_leg 1 media) = SRTP*/SRTP* ]]; }
round_trips_are_known() { calls_leg_above 0 counters.rtt_us 0 && calls_leg_above 1 counters.rtt_us 0; }
stun_is_a_keep_alive() { (($(calls_drops 0 keep-alive) > 0 && $(calls_drops 0 not-rtp) == 0)); }

linphone_calls() {
	lab_linphone_record alice first
	lab_linphone_do alice call 2012
	report_case "Linphone calls baresip: answered" calls_answered || return
	report_case "its signalling is TLS, its certificate that of the peer" tls_is_mutual
	report_case "both legs are SRTP" srtp_on_both_legs
	sleep 3
	report_case "both speak Opus" opus_on_both_legs
	report_case "the round trips to both are known from their own RTCP" lab_wait 4 round_trips_are_known
	report_case "Linphone's STUN on the media ports is counted as keep-alive" stun_is_a_keep_alive
	report_case "no packet was lost or refused" calls_clean
	lab_linphone_do alice terminate
	report_case "Linphone hangs up" lab_wait 5 calls_none
	report_case "baresip hears Linphone" lab_wait 2 calls_heard bob alice 2
	report_case "Linphone hears baresip" lab_wait 2 lab_linphone_heard alice first bob 2
}

linphone_is_called() {
	calls_capture alice
	lab_linphone_record alice second
	calls_dial bob 2001
	report_case "baresip calls Linphone, over the connection that Linphone opened: answered" calls_answered || return
	sleep 1
	lab_linphone_do alice pause
	report_case "Linphone holds the call" lab_wait 3 calls_leg_is 1 direction sendonly
	lab_linphone_do alice resume
	report_case "and resumes it" lab_wait 3 calls_leg_is 1 direction sendrecv
	report_case "media flows both ways again, nothing of it fails" calls_flow
	sleep 2
	report_case "the caller hangs up" calls_end bob
	lab_end alice-capture INT
	sleep 0.5
	report_case "Linphone's voice is encrypted, its key nowhere in clear" calls_wire_is_secure alice
	report_case "Linphone hears the caller" lab_wait 2 lab_linphone_heard alice second bob 2
}

unsecured_phone() {
	lab_linphone_record alice third
	lab_linphone_do alice call 2003
	report_case "Linphone calls a phone without TLS and SRTP: answered" calls_answered || return
	report_case "the call is shown as unsecured" test "$(calls_get 0.security call list)" = unsecured
	sleep 3
	report_case "the phone hangs up" calls_end carol
	report_case "Linphone hears the phone" lab_wait 2 lab_linphone_heard alice third carol 2
	report_case "the phone hears Linphone" lab_wait 2 calls_heard carol alice 2
}

refusals() {
	lab_end alice
	lab_linphone alice 2001 "$LAB_DIR/alice.wav" ca none
	lab_linphone_do alice call 2002
	report_case "Linphone without SRTP is refused with 488 where SRTP is required" \
		lab_wait 5 grep -q '^SIP/2.0 488 ' "$LAB_DIR/alice/linphone.log"
	report_case "no call was made" calls_none
	lab_end alice
	lab_pki_ca otherca
	: >"$LAB_DIR/controlplane.log"
	lab_linphone alice 2001 "$LAB_DIR/alice.wav" otherca
	lab_linphone_do alice call 2002
	report_case "Linphone refuses a relay of an authority that it does not trust" \
		log_has controlplane 'TLS_REFUSED.*the other side refused'
	report_case "no call was made of that either" calls_none
}

main() {
	lab_up
	lab_pki
	lab_sentence "$LAB_DIR/alice.wav" en "The quick brown fox jumps over the lazy dog near the river bank." 30
	lab_sentence "$LAB_DIR/bob.wav" en-us+f3 "She sells sea shells by the sea shore, and pays with silver coins." 30
	cp "$LAB_DIR/bob.wav" "$LAB_DIR/carol.wav"
	lab_relay_config
	# Linphone compares names, of the Contact too; baresip asks only DNS for them. bob has a number a codec
	sed -i -e "/name: tls, transport: tls/a\  - {name: named, transport: tls, address: $LAB_RELAY, port: 5062, tls: lab, host: relay.lab.example}" \
		-e "/name: alice, fqdn/s/listener: tls/listener: named/" -e 's/number: "2002"/number: "20?2"/' "$LAB_DIR/controlplane.yaml"
	lab_dataplane_start
	lab_controlplane_start
	lab_linphone alice 2001 "$LAB_DIR/alice.wav"
	LAB_ACCOUNTS="2012=opus/48000/2" lab_phone bob 2002 "$LAB_NET.12" secured "$LAB_DIR/bob.wav"
	lab_phone carol 2003 "$LAB_NET.13" unsecured "$LAB_DIR/carol.wav"
	linphone_calls
	linphone_is_called
	unsecured_phone
	refusals
	report_case "both daemons live" lab_daemons_live
	report_case "no sanitizer finding in either daemon" lab_sanitizers_silent
	((REPORT_FAILED == 0)) || tail -n 15 "$LAB_DIR"/{controlplane,alice,bob}.log
	report_close linphone
}

main
