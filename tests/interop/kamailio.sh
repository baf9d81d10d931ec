#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Kamailio, a TLS peer with a client certificate, as the proxy between the relay and phones: it records
# its route, so that all of a dialog goes through it, both ways.
#
#     alice (baresip) ══ mutual TLS ══ relay ══ mutual TLS ══ kamailio ══ mutual TLS ══ carol (baresip)
#     bob (SIPp) ─────── TCP ────────────┘                      └─────── UDP ────────── dave (SIPp)
#
# usage: tests/interop/kamailio.sh BUILD_DIR
set -uo pipefail
SLUICE_BUILD=${1:?usage: kamailio.sh BUILD_DIR}
cd "$(dirname "$0")/../.." || exit 2
# shellcheck source=tests/lib/lab.sh
. tests/lib/lab.sh
# shellcheck source=tests/lib/calls.sh
. tests/lib/calls.sh
# shellcheck source=tests/lib/sipp.sh
. tests/lib/sipp.sh
# shellcheck source=tests/lib/report.sh
. tests/lib/report.sh

KAMAILIO=$LAB_NET.14 # on the host mallory
SIPP_TRANSPORT=([bob]=t1 [dave]=u1)
SIPP_ADDRESS=([bob]=$LAB_NET.12 [dave]=$LAB_NET.15)
SIPP_WORDS=([dave]="secured routed")

log_has() { lab_wait 5 grep -Eq -- "$2" "$LAB_DIR/$1.log"; }
listens() { lab_ns mallory ss -Hlnt "sport = :5061" | grep -q 5061; }
listens_not() { ! listens; }

kamailio_start() { # CERTIFICATE TRUST: names in the PKI
	local dir=$LAB_DIR/kamailio name
	mkdir -p "$dir"
	for name in kamailio.cfg tls.cfg; do
		sed -e "s|@DIR@|$dir|; s|@KAMAILIO@|$KAMAILIO|; s|@RELAY@|$LAB_RELAY|; s|@PHONE@|$LAB_NET.13|; s|@SIPP@|$LAB_NET.15|" \
			-e "s|@CERTIFICATE@|$LAB_DIR/pki/$1|; s|@TRUST@|$LAB_DIR/pki/$2|" "tests/interop/kamailio/$name" >"$dir/$name"
	done
	# Its main process may be slow to end and leave its children behind; in a PID namespace they end with it.
	lab_spawn kamailio mallory unshare --pid --fork --kill-child kamailio -f "$dir/kamailio.cfg" -w "$dir" -Y "$dir" -m 32 -M 4 -DD -E
	lab_wait 5 listens || {
		tail -n 20 "$LAB_DIR/kamailio.log" >&2
		lab_die "kamailio did not start"
	}
}

kamailio_change() { # CERTIFICATE TRUST
	lab_end kamailio
	lab_wait 3 listens_not
	kamailio_start "$@"
}

both_secured() {
	[[ $(calls_leg 0 media)/$(calls_leg 1 media)/$(calls_leg 0 tls_version)/$(calls_leg 1 tls_version) = \
		"SRTP AES_CM_128_HMAC_SHA1_80/SRTP AES_CM_128_HMAC_SHA1_80/TLSv1.3/TLSv1.3" ]]
}

phone_to_relay() {
	calls_capture carol
	calls_dial carol "2001@$KAMAILIO"
	report_case "a phone behind Kamailio calls one behind the relay: answered" calls_answered || return
	report_case "both legs are SRTP, signalled over mutual TLS 1.3" both_secured
	sleep 3
	report_case "no packet of it was lost or refused" calls_check_or_again calls_clean carol "2001@$KAMAILIO"
	report_case "the callee's BYE goes through Kamailio" calls_end alice
	report_case "and ends the call of the phone behind it" log_has carol 'Call with .*2001.* terminated'
	lab_end carol-capture INT
	report_case "the phone behind Kamailio is heard" lab_wait 2 calls_heard alice carol 2
	report_case "and hears" lab_wait 2 calls_heard carol alice 2
	report_case "its media is encrypted up to the phone, its key nowhere in clear" calls_wire_is_secure carol
}

relay_to_phone() {
	calls_dial alice 2003
	report_case "a phone behind the relay calls one behind Kamailio: answered" calls_answered || return
	sleep 1
	lab_phone_do carol hold >/dev/null
	report_case "the phone behind Kamailio holds the call" lab_wait 3 calls_leg_is 1 direction sendonly
	lab_phone_do carol resume >/dev/null
	report_case "and resumes it" lab_wait 3 calls_leg_is 1 direction sendrecv
	report_case "media flows both ways again, nothing of it fails" calls_flow
	report_case "the callee behind Kamailio hangs up" calls_end carol
}

cancelled() {
	lab_phone_do carol answermode manual >/dev/null
	: >"$LAB_DIR/carol.log"
	calls_dial alice 2003
	report_case "a phone behind Kamailio rings" log_has carol 'Incoming call'
	lab_phone_do alice hangup >/dev/null
	report_case "CANCEL goes through Kamailio" log_has carol 'session closed'
	report_case "and the call is gone" lab_wait 5 calls_none
	lab_phone_do carol answermode auto >/dev/null
}

flow() { # NAME CALLER CALLEE: between SIPp's dave, behind Kamailio, and bob
	local called=2002 remote=$KAMAILIO:5060 ok=0
	[[ $3 = bob ]] || called=2004 remote=$LAB_RELAY:5060
	sipp_agent "$3" "$1" uas "$called" && lab_wait 3 sipp_listens "$3" || ok=1
	sipp_agent "$2" "$1" uac "$called" "$remote" || ok=1
	sipp_ended "$1-uac" || ok=1
	sipp_ended "$1-uas" || ok=1
	lab_wait 5 calls_none || ok=1
	return "$ok"
}

flows() {
	local name
	for name in basic callee-bye busy hold reliable update; do
		report_case "SIPp's flow $name, into the relay through Kamailio" flow "$name" dave bob
	done
	for name in basic callee-bye hold callee-hold; do
		report_case "SIPp's flow $name, out of the relay through Kamailio" flow "$name" bob dave
	done
}

refused_by_relay() { # SENTENCE CERTIFICATE LOG
	: >"$LAB_DIR/controlplane.log"
	kamailio_change "$2" ca
	calls_dial carol "2001@$KAMAILIO"
	report_case "$1" log_has controlplane "$3"
	report_case "$1: no call was made" calls_none
}

refusals() {
	lab_pki_ca otherca
	lab_pki_cert stranger kamailio.lab.example otherca
	lab_pki_cert eve eve.lab.example ca
	refused_by_relay "Kamailio with the certificate of another authority is refused" stranger 'TLS_REFUSED.*not signed'
	refused_by_relay "Kamailio with a trusted certificate of another name is refused" eve 'PEER_UNKNOWN.*eve.lab.example'
	: >"$LAB_DIR/alice.log"
	: >"$LAB_DIR/controlplane.log"
	calls_dial alice 2003
	report_case "a Kamailio of another name than the configured one is not called" log_has controlplane 'identity eve.lab.example is not kamailio.lab.example'
	report_case "the caller is told so with 503" log_has alice ' 503 '
	kamailio_change kamailio otherca
	sleep 1.2 # the relay waits before it tries a peer again
	calls_dial alice 2003
	report_case "Kamailio refuses the relay when it does not trust its authority" \
		log_has controlplane 'PEER_DOWN.*kamailio.*refused: unknown_ca'
	report_case "that call is not made either" lab_wait 5 calls_none
	kamailio_change kamailio ca
	sleep 2.4 # twice as long the second time
	calls_dial alice 2003
	report_case "with the right certificates the next call is answered" calls_answered
	report_case "and ended" calls_end alice
}

main() {
	lab_up
	lab_pki
	lab_pki_cert carol carol.lab.example ca "$LAB_NET.13"
	lab_pki_cert kamailio kamailio.lab.example ca "$KAMAILIO"
	lab_sentence "$LAB_DIR/alice.wav" en "The quick brown fox jumps over the lazy dog near the river bank." 30
	lab_sentence "$LAB_DIR/carol.wav" en-us+f3 "She sells sea shells by the sea shore, and pays with silver coins." 30
	lab_relay_config
	sed -i -e '/name: carol, fqdn/d; s/to: carol/to: kamailio/; /name: dave, address/d; s/to: dave/to: kamailio/' \
		-e "s/{name: bob, fqdn.*/{name: bob, address: $LAB_NET.12, port: 5060, transport: tcp, dial_plan: unsecured, listener: tcp}/" \
		-e '/^routes:/i\  - {name: kamailio, fqdn: kamailio.lab.example, address: '"$KAMAILIO"', port: 5061, transport: tls, dial_plan: secured, listener: tls}' \
		"$LAB_DIR/controlplane.yaml"
	lab_dataplane_start
	lab_controlplane_start
	lab_phone alice 2001 "$LAB_NET.11" secured "$LAB_DIR/alice.wav"
	lab_phone carol 2003 "$LAB_NET.13" secured "$LAB_DIR/carol.wav"
	kamailio_start kamailio ca
	phone_to_relay
	relay_to_phone
	cancelled
	flows
	refusals
	lab_end kamailio
	report_case "both daemons live" lab_daemons_live
	report_case "no sanitizer finding in either daemon" lab_sanitizers_silent
	((REPORT_FAILED == 0)) || tail -n 15 "$LAB_DIR"/{controlplane,kamailio,carol}.log
	report_close kamailio
}

main
