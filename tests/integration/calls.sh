#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Calls between baresip phones through both daemons: what passes, what is refused, what an attacker
# and a crash can and cannot do.
# usage: tests/integration/calls.sh BUILD_DIR
set -uo pipefail
SLUICE_BUILD=${1:?usage: calls.sh BUILD_DIR}
export LAB_MEDIA_TIMEOUT=4
cd "$(dirname "$0")/../.." || exit 2
# shellcheck source=tests/lib/lab.sh
. tests/lib/lab.sh
# shellcheck source=tests/lib/report.sh
. tests/lib/report.sh

ctl_get() { # PATH COMMAND...: one value of sluicectl's JSON
	local path=$1
	shift
	lab_ctl -j "$@" | "$LAB_PYTHON" bench/lib/demo_json.py get "$path"
}
call_id() { lab_ctl -j call list | "$LAB_PYTHON" bench/lib/demo_json.py answered; }
no_calls() { [[ $(lab_ctl -j call list) = '[]' ]]; }
answered() { lab_wait 8 call_id; }
sessions_are() { [[ $(ctl_get media.sessions stats) = "$1" ]]; }
counted_above() { (($(ctl_get "$1" stats) > $2)); }
drops() { ctl_get "legs.$2.counters.drops" call show "$1"; }
drop_count() { # CALL LEG NAME
	drops "$1" "$2" | "$LAB_PYTHON" -c 'import json,sys; print(json.load(sys.stdin).get(sys.argv[1], 0))' "$3"
}
dial() { lab_phone_do "$1" dial "$2@$LAB_RELAY" >/dev/null; }
hangup() {
	lab_phone_do "$1" hangup >/dev/null
	lab_wait 5 no_calls
}
log_has() { lab_wait 5 grep -q -- "$2" "$LAB_DIR/$1.log"; }

# The listener heard the speaker: at least SECONDS with sound, similarity at least 0.9.
hears() { # LISTENER SPEAKER SECONDS
	local report
	report=$("$LAB_PYTHON" tests/lib/audio.py heard "$LAB_DIR/$2.wav" "$(lab_heard "$1")") || return 1
	awk -v s="$3" '$1 == "similarity" { a = $2 } $1 == "windows" { w = $2 } END { exit !(a >= 0.9 && w >= s) }' \
		<<<"$report" || {
		echo "# $1 heard of $2: $report" | tr '\n' ' '
		echo
		return 1
	}
}

# The same, once the phone has written all.
heard() { lab_wait 2 hears "$@" || hears "$@"; }

# A call of so many seconds: media of them has been sent to both.
talk() { # SECONDS
	lab_wait $(($1 + 5)) sent_above $(($1 * 50))
}
received_above() { (($(ctl_get legs.0.counters.received call show "$1") > $2)); } # CALL N
sent_above() {
	local id
	id=$(call_id) && (($(ctl_get legs.0.counters.sent call show "$id") > $1 && $(ctl_get legs.1.counters.sent call show "$id") > $1))
}

alive() { lab_alive dataplane && lab_alive controlplane; }

dropped_at_least() { # CALL NAME N: of alice's leg
	(($(drop_count "$1" 0 "$2") >= $3))
}

attack() { # CALL KIND N DROP: N packets of KIND from alice are dropped under DROP
	local before
	before=$(drop_count "$1" 0 "$4")
	lab_ns alice "$LAB_PYTHON" tests/lib/attack.py "$2" voice0 "$LAB_RELAY" "$LAB_MEDIA_FIRST-$LAB_MEDIA_LAST" "$3" || return 1
	lab_wait 3 dropped_at_least "$1" "$4" $((before + $3)) || {
		echo "# $4: $before before; leg: $(drops "$1" 0)"
		return 1
	}
}

secured_call() {
	dial alice 2002
	report_case "alice calls bob: answered" answered
	local id
	id=$(call_id) || return
	report_case "both legs are secured in call list" \
		test "$(ctl_get 0.security call list)/$(ctl_get 0.legs.0.security call list)/$(ctl_get 0.legs.1.security call list)" = secured/secured/secured
	sleep 2
	report_case "a replayed packet is dropped as replay" attack "$id" replay 50 replay
	report_case "a packet with a wrong key is dropped as auth" attack "$id" forge 50 auth
	report_case "unknown SSRCs with wrong tags are dropped as auth" attack "$id" ssrc 50 auth
	report_case "a spoofed source address is dropped as source" attack "$id" spoof 50 source
	sleep 1
	report_case "no packet of the call itself was lost" test "$(ctl_get legs.0.counters.lost call show "$id")/$(ctl_get legs.1.counters.lost call show "$id")" = 0/0
	hangup alice
	report_case "the call is gone after the caller hung up" no_calls
	report_case "bob heard alice throughout the attacks" heard bob alice 4
	report_case "alice heard bob throughout the attacks" heard alice bob 4
}

mixed_call() {
	dial alice 2003
	report_case "alice (secured) calls carol (unsecured): answered" answered
	report_case "the call is as secure as its weaker leg" test "$(ctl_get 0.security call list)" = unsecured
	talk 3
	hangup carol
	report_case "the call is gone after the callee hung up" no_calls
	report_case "carol heard alice" heard carol alice 2
	report_case "alice heard carol" heard alice carol 2
	dial carol 2001
	report_case "carol calls alice: answered" answered
	local id
	id=$(call_id) && report_case "an operator hangs up a call" lab_ctl call hangup "$id"
	report_case "the call is gone after the operator hung up" lab_wait 5 no_calls
}

plain_call() {
	dial carol 2004
	report_case "carol (TCP, RTP) calls dave (UDP, RTP): answered" answered
	talk 3
	hangup dave
	report_case "the call is gone after dave hung up over UDP" no_calls
	report_case "dave heard carol" heard dave carol 2
	report_case "carol heard dave" heard carol dave 2
}

leg_direction_is() { # LEG DIRECTION
	[[ $(ctl_get "0.legs.$1.direction" call list) = "$2" ]]
}

# What is on a wire from one host to another, as speech: baresip's recording ends when it holds.
speaks() { # CAPTURE SPEAKER SOURCE DESTINATION
	"$LAB_PYTHON" tests/lib/audio.py wire "$1" "$LAB_DIR/$2.wav" "$3" "$4" "$LAB_MEDIA_FIRST-$LAB_MEDIA_LAST" \
		| awk '$1 == "speech" { speech = $2 } $1 == "packets" { n = $2 }
			END { good = speech >= 0.9 && n >= 100; if (!good) print "# speech", speech, "in", n, "packets"; exit !good }'
}

# A phone that a busy machine stops for a moment skips words: three times 4 s, of which one is whole.
alice_reaches_carol() {
	local try
	for try in 1 2 3; do
		lab_spawn "resumed$try" switch tcpdump -U -s 0 -i carol -w "$LAB_DIR/resumed$try.pcap" udp
		log_has "resumed$try" 'listening on'
		sleep 4
		lab_end "resumed$try" INT
		speaks "$LAB_DIR/resumed$try.pcap" alice "$LAB_RELAY" "$LAB_NET.13" && return
	done
	return 1
}

held_call() {
	local id
	dial alice 2003
	answered || report_not_ok "the call to be held was not answered"
	sleep 1
	lab_phone_do alice hold >/dev/null
	report_case "a call on hold is shown as such" lab_wait 3 leg_direction_is 0 sendonly
	sleep 1
	lab_phone_do alice resume >/dev/null
	report_case "a resumed call is shown as such" lab_wait 3 leg_direction_is 0 sendrecv
	report_case "alice's voice reaches carol after hold and resume" alice_reaches_carol
	id=$(call_id)
	report_case "nothing fails authentication after hold and resume" test "$(drop_count "$id" 0 auth)" = 0
	report_case "no transmit index is used twice after hold and resume" test "$(drop_count "$id" 1 tx-index)" = 0
	hangup alice
}

cancelled_call() {
	lab_phone_do carol answermode manual >/dev/null
	: >"$LAB_DIR/carol.log"
	dial alice 2003
	report_case "a phone that does not answer rings" log_has carol 'Incoming call'
	lab_phone_do alice hangup >/dev/null
	report_case "CANCEL ends the ringing" log_has carol 'session closed'
	report_case "a cancelled call is gone" lab_wait 5 no_calls
	lab_phone_do carol answermode auto >/dev/null
}

privileges() {
	local pid=${LAB_PID[controlplane]}
	report_case "the control plane runs as nobody" test "$(ps -o user= -p "$pid")" = nobody
	report_case "the control plane has no capability" grep -q '^CapEff:[[:space:]]*0*$' "/proc/$pid/status"
	report_case "neither daemon may leave a core dump" \
		test "$(awk '/Max core file size/ { print $5 }' "/proc/$pid/limits" "/proc/${LAB_PID[dataplane]}/limits" | sort -u)" = 0
	report_case "no key is in a log" no_key_in_logs
}

no_key_in_logs() {
	! grep -aE 'inline:|PRIVATE KEY' "$LAB_DIR"/{data,control}plane.log
}

refused() { # SENTENCE CERT SECURITY NUMBER WHO PATTERN: mallory dials, the log of WHO says why not
	lab_phone mallory 2009 "$LAB_NET.14" "$3" "$LAB_DIR/alice.wav" "$2"
	dial mallory "$4"
	report_case "$1" log_has "$5" "$6" || tail -n 3 "$LAB_DIR/$5.log"
	report_case "$1: no call was made" no_calls
	lab_phone_end mallory
}

refusals() {
	lab_pki_ca otherca
	lab_pki_cert stranger alice.lab.example otherca
	lab_pki_cert eve eve.lab.example ca
	local tls unknown
	tls=$(ctl_get net.tls-failed stats)
	unknown=$(ctl_get net.unknown-identity stats)
	refused "a certificate of an untrusted authority is refused" stranger secured 2002 controlplane 'TLS_REFUSED.*not signed'
	report_case "the failed handshake is counted" counted_above net.tls-failed "$tls"
	refused "a trusted certificate of an unknown peer is refused" eve secured 2002 controlplane 'PEER_UNKNOWN.*eve.lab.example'
	report_case "the unknown identity is counted" counted_above net.unknown-identity "$unknown"
	refused "plain RTP on a secured dial plan is refused with 488" alice sip-secured 2002 mallory ' 488 '
	refused "a number without a route is refused with 404" alice secured 9999 mallory ' 404 '
	lab_phone mallory 2009 "$LAB_NET.14" unsecured "$LAB_DIR/alice.wav"
	unknown=$(ctl_get net.unknown-source stats)
	dial mallory 2003
	report_case "TCP from an unknown address is refused and counted" \
		lab_wait 3 counted_above net.unknown-source "$unknown"
	lab_phone_end mallory
}

bad_input() {
	local name expected got
	while read -r name expected; do
		got=$(lab_ns carol "$LAB_PYTHON" tests/lib/sip_raw.py tcp "$LAB_RELAY" 5060 "$name")
		if [[ $got = "$expected" ]]; then report_ok "SIP $name is answered: $expected"; else report_not_ok "SIP $name: expected $expected, got $got"; fi
	done < <("$LAB_PYTHON" tests/lib/sip_raw.py list)
	report_case "both daemons live after bad input" alive
}

media_timeout() {
	lab_spawn capture switch tcpdump -l -A -s 0 -i carol tcp
	log_has capture 'listening on'
	dial alice 2003
	answered || report_not_ok "the call for the media timeout was not answered"
	sleep 1
	kill -STOP "${LAB_PID[alice]}"
	report_case "when alice's media stops carol's leg is ended" lab_wait 12 grep -aq 'BYE sip:' "$LAB_DIR/capture.log"
	kill -CONT "${LAB_PID[alice]}" # it can answer its own BYE again
	report_case "and alice's leg too" lab_wait 8 no_calls
	lab_end capture
	report_case "the BYE says why in a Reason header" grep -aq '^Reason: .*media' "$LAB_DIR/capture.log"
}

controlplane_killed() {
	dial alice 2003
	answered || report_not_ok "the call before kill -9 was not answered"
	sleep 1
	lab_end controlplane KILL
	sleep 2
	report_case "the data plane lives when the control plane is killed" lab_alive dataplane
	lab_controlplane_start
	report_case "the control plane starts again" lab_alive controlplane
	sleep 3
	lab_phone_do alice hangup >/dev/null
	lab_phone_do carol hangup >/dev/null
	report_case "the call is heard after kill -9 of the control plane, and after its restart" heard carol alice 5
	report_case "a session that nobody owns is closed once both sides are silent" lab_wait 20 sessions_are 0
}

# What bob was sent in the captured call: indices of our key used twice, under either kind.
keystream() { "$LAB_PYTHON" tests/lib/keystream.py "$LAB_DIR/killed.pcap" "$LAB_RELAY" "$LAB_NET.12" "$LAB_MEDIA_FIRST-$LAB_MEDIA_LAST" 10; }
keystream_is() { # NAME MIN MAX
	local value
	value=$(keystream | awk -v name="$1" '$1 == name { print $2 }')
	((value >= $2 && value <= $3)) || {
		echo "# $(keystream | tr '\n' ' ')"
		return 1
	}
}

# The phones report every 5 s: there is SRTCP before and after.
dataplane_killed() {
	local id received reoffers
	lab_spawn killed switch tcpdump -U -s 0 -i bob -w "$LAB_DIR/killed.pcap" udp
	log_has killed 'listening on'
	dial alice 2002
	answered || report_not_ok "the call before kill -9 was not answered"
	reoffers=$(ctl_get signalling.reoffers stats)
	sleep 6
	lab_end dataplane KILL
	lab_dataplane_start
	report_case "the data plane starts again after kill -9, its call installed" \
		lab_wait 5 sessions_are 1
	sleep 6
	id=$(call_id)
	lab_wait 5 received_above "$id" 200
	received=$(ctl_get legs.0.counters.received call show "$id")
	report_case "media flows again in the call ($received packets)" test "$received" -gt 200
	report_case "nothing of it fails authentication" test "$(drop_count "$id" 0 auth)" = 0
	report_case "its keys go on, without a re-INVITE" test "$(ctl_get signalling.reoffers stats)" = "$reoffers"
	hangup alice
	lab_end killed INT
	report_case "the call is heard after kill -9 of the data plane" heard bob alice 8
	report_case "bob was sent media before and after" keystream_is rtp 300 10000
	report_case "... and a leap between" keystream_is leaps 1 100
	report_case "... and reports before and after" keystream_is rtcp 2 10
	report_case "no SRTP index was used twice over the restart" keystream_is rtp-twice 0 0
	report_case "no SRTCP index was used twice over the restart" keystream_is rtcp-twice 0 0
}

sanitizers() {
	[[ -n ${SLUICE_SANITIZED:-} ]] || return 0
	report_case "no sanitizer finding in either daemon" lab_sanitizers_silent
}

lab_up
lab_pki
lab_sentence "$LAB_DIR/alice.wav" en "The quick brown fox jumps over the lazy dog near the river bank." 60
lab_sentence "$LAB_DIR/bob.wav" en-us+f3 "She sells sea shells by the sea shore, and pays with silver coins." 60
cp "$LAB_DIR/bob.wav" "$LAB_DIR/carol.wav"
cp "$LAB_DIR/alice.wav" "$LAB_DIR/dave.wav"
lab_relay_config
lab_dataplane_start
lab_controlplane_start
lab_phone alice 2001 "$LAB_NET.11" secured "$LAB_DIR/alice.wav"
lab_phone bob 2002 "$LAB_NET.12" secured "$LAB_DIR/bob.wav"
lab_phone carol 2003 "$LAB_NET.13" unsecured "$LAB_DIR/carol.wav"
lab_phone dave 2004 "$LAB_NET.15" unsecured-udp "$LAB_DIR/dave.wav"
secured_call
mixed_call
plain_call
held_call
cancelled_call
refusals
bad_input
media_timeout
controlplane_killed
dataplane_killed
report_case "both daemons live at the end" alive
privileges
lab_end controlplane
lab_end dataplane
sanitizers
((REPORT_FAILED == 0)) || tail -n 15 "$LAB_DIR"/{data,control}plane.log
report_close calls
