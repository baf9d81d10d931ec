#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# baresip's codecs, SRTP suites, holds, re-INVITEs and DTMF through the relay; and SIPp as a phone that
# gives codecs other payload types. Calls, attacks and faults with baresip: tests/integration/calls.sh.
# usage: tests/interop/baresip.sh BUILD_DIR
set -uo pipefail
SLUICE_BUILD=${1:?usage: baresip.sh BUILD_DIR}
cd "$(dirname "$0")/../.." || exit 2
# shellcheck source=tests/lib/lab.sh
. tests/lib/lab.sh
# shellcheck source=tests/lib/calls.sh
. tests/lib/calls.sh
# shellcheck source=tests/lib/report.sh
. tests/lib/report.sh

log_has() { lab_wait 5 grep -Eq -- "$2" "$LAB_DIR/$1.log"; }
legs_are() { [[ $(calls_leg 0 "$1")/$(calls_leg 1 "$1") = "$2" ]]; } # PATH CALLER/CALLEE

# The account that dials next.
speak_as() { lab_phone_do "$1" uafind "sip:$2@$3" >/dev/null; } # PHONE NUMBER HOST

# alice calls; of the suites that there are baresip offers one, as the called side it takes any. With
# AES_CM_128_HMAC_SHA1_32 its SRTCP has tags of 32 bits where RFC 3711 5.2 has 80, and is refused.
codec() { # NUMBER CALLEE CODEC SUITE [CLEAN]
	calls_dial alice "$1"
	report_case "$3 to $2: answered" calls_answered || return
	report_case "with SRTP of $4 on that leg" legs_are media "SRTP AES_CM_128_HMAC_SHA1_80/SRTP $4"
	sleep 3
	report_case "both speak $3" legs_are counters.codec "$3/$3"
	report_case "no packet was lost or refused" calls_check_or_again "${5:-calls_clean}" alice "$1"
	report_case "the caller hangs up" calls_end alice
	report_case "the callee hears the caller in $3" lab_wait 2 calls_heard "$2" alice 2
	report_case "the caller hears the callee in $3" lab_wait 2 calls_heard alice "$2" 2
}

changes() {
	calls_dial alice 2002
	report_case "a call to be changed: answered" calls_answered || return
	sleep 0.5
	lab_phone_do alice sndcode 5 >/dev/null
	report_case "the caller's DTMF reaches the callee" log_has bob "received event: '5'"
	lab_phone_do bob hold >/dev/null
	report_case "the callee holds" lab_wait 3 calls_leg_is 1 direction sendonly
	lab_phone_do bob resume >/dev/null
	report_case "and resumes" lab_wait 3 calls_leg_is 1 direction sendrecv
	lab_phone_do alice reinvite >/dev/null
	report_case "the caller's re-INVITE reaches the callee" log_has bob 'got re-INVITE'
	report_case "media flows both ways after all that, nothing of it fails" calls_flow
	report_case "the callee hangs up" calls_end bob
}

keys_in_clear() {
	speak_as carol 2023 "$LAB_NET.13"
	calls_dial carol 2002
	report_case "RTP/AVP with a=crypto in clear: answered" calls_answered || return
	report_case "as RTP: a key that everybody has read is not used" legs_are media "RTP/SRTP AES_CM_128_HMAC_SHA1_80"
	sleep 3
	report_case "no packet of it was lost or refused" calls_check_or_again calls_clean carol 2002
	report_case "its caller hangs up" calls_end carol
	report_case "its callee hears it" lab_wait 2 calls_heard bob carol 2
	: >"$LAB_DIR/alice.log"
	speak_as alice 2021 "$LAB_NET.11"
	calls_dial alice 2002
	report_case "RTP/AVP with a=crypto where SRTP is required is refused with 488" log_has alice ' 488 '
	report_case "no call was made of it" calls_none
	speak_as alice 2001 "$LAB_NET.11"
}

other_payload_types() {
	lab_phone_end carol
	lab_spawn echo carol env TERM=dumb sipp -sf tests/interop/echo.xml -i "$LAB_NET.13" -mi "$LAB_NET.13" -mp 30000 -p 5060 \
		-t t1 -m 1 -timeout 20s -timeout_error -nostdin -rtp_echo
	sleep 0.5
	calls_dial alice 2003
	report_case "a callee that calls Opus 120: answered" calls_answered || return
	sleep 3
	report_case "Opus is Opus on both legs" legs_are counters.codec Opus/Opus
	report_case "and 120 on that callee's alone" test "$(calls_leg 0 counters.payload_type)/$(calls_leg 1 counters.payload_type)" = 96/120
	report_case "the caller hangs up on it" calls_end alice
	report_case "the caller hears its own echo: both numbers were changed" lab_wait 2 calls_heard alice alice 2
	lab_end echo
}

main() {
	lab_up
	lab_pki
	lab_pki_cert dave dave.lab.example ca "$LAB_NET.15"
	lab_pki_cert mallory mallory.lab.example ca "$LAB_NET.14"
	lab_sentence "$LAB_DIR/alice.wav" en "The quick brown fox jumps over the lazy dog near the river bank." 30
	lab_sentence "$LAB_DIR/bob.wav" en-us+f3 "She sells sea shells by the sea shore, and pays with silver coins." 30
	cp "$LAB_DIR/alice.wav" "$LAB_DIR/carol.wav"
	cp "$LAB_DIR/bob.wav" "$LAB_DIR/mallory.wav"
	cp "$LAB_DIR/bob.wav" "$LAB_DIR/dave.wav"
	lab_relay_config
	# two callees with one suite each
	sed -i -e '/name: dave, address/d; /name: to-dave/d; s/number: "2002"/number: "20?2"/' \
		-e '/^dial_plans:/a\  - {name: short, security: secured, media_interface: voice, suites: [AES_CM_128_HMAC_SHA1_32]}' \
		-e '/^dial_plans:/a\  - {name: gcm, security: secured, media_interface: voice, suites: [AEAD_AES_256_GCM]}' \
		-e "/^routes:/i\\  - {name: dave, fqdn: dave.lab.example, address: $LAB_NET.15, port: 5061, transport: tls, dial_plan: short}" \
		-e "/^routes:/i\\  - {name: mallory, fqdn: mallory.lab.example, address: $LAB_NET.14, port: 5061, transport: tls, dial_plan: gcm}" \
		-e '/^routes:/a\  - {name: to-mallory, number: "2022", to: mallory}' \
		-e '/^routes:/a\  - {name: to-dave, number: "2032", to: dave}' "$LAB_DIR/controlplane.yaml"
	lab_dataplane_start
	lab_controlplane_start
	LAB_CODECS=opus/48000/2,G722/16000/1,PCMA/8000,PCMU/8000 LAB_ACCOUNTS="2021=PCMU/8000=srtp" \
		lab_phone alice 2001 "$LAB_NET.11" secured "$LAB_DIR/alice.wav"
	LAB_ACCOUNTS="2022=G722/16000/1" lab_phone mallory 2009 "$LAB_NET.14" secured "$LAB_DIR/mallory.wav"
	LAB_ACCOUNTS="2032=PCMA/8000" lab_phone dave 2004 "$LAB_NET.15" secured "$LAB_DIR/dave.wav"
	LAB_ACCOUNTS="2012=opus/48000/2" lab_phone bob 2002 "$LAB_NET.12" secured "$LAB_DIR/bob.wav"
	LAB_ACCOUNTS="2023=PCMU/8000=srtp" lab_phone carol 2003 "$LAB_NET.13" unsecured "$LAB_DIR/carol.wav"
	codec 2012 bob Opus AES_CM_128_HMAC_SHA1_80
	codec 2022 mallory G.722 AEAD_AES_256_GCM
	codec 2032 dave G.711 AES_CM_128_HMAC_SHA1_32 calls_whole
	changes
	keys_in_clear
	other_payload_types
	report_case "both daemons live" lab_daemons_live
	report_case "no sanitizer finding in either daemon" lab_sanitizers_silent
	((REPORT_FAILED == 0)) || tail -n 15 "$LAB_DIR"/{controlplane,alice,bob}.log
	report_close baresip
}

main
