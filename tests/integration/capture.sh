#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Packet captures of calls between phones, asked for with sluicectl and read back with Wireshark's
# tools: what is in them, who may have them, and how they end.
# usage: tests/integration/capture.sh BUILD_DIR
set -uo pipefail
SLUICE_BUILD=${1:?usage: capture.sh BUILD_DIR}
cd "$(dirname "$0")/../.." || exit 2
# shellcheck source=tests/lib/lab.sh
. tests/lib/lab.sh
# shellcheck source=tests/lib/report.sh
. tests/lib/report.sh

get() { "$LAB_PYTHON" bench/lib/demo_json.py get "$1"; } # PATH < JSON
call_id() { lab_ctl -j call list | "$LAB_PYTHON" bench/lib/demo_json.py answered; }
no_calls() { [[ $(lab_ctl -j call list) = '[]' ]]; }
log_has() { lab_wait "${3:-5}" grep -q -- "$2" "$LAB_DIR/$1.log"; }
dial() {
	lab_phone_do "$1" dial "$2@$LAB_RELAY" >/dev/null
	lab_wait 8 call_id || report_not_ok "$1 does not reach $2"
	CALL=$(call_id)
}
hangup() {
	lab_phone_do "$1" hangup >/dev/null
	lab_wait 5 no_calls
}
running_is() { [[ $(lab_ctl -j call capture "$CALL" | get running) = "$1" ]]; }
tshark_read() { # FILE ARGS...: what it complains about is in tshark.err
	local file=$1 status
	shift
	tshark -n -r "$file" "$@" 2>"$LAB_DIR/tshark.all"
	status=$?
	grep -v 'Running as user "root"' "$LAB_DIR/tshark.all" >"$LAB_DIR/tshark.err"
	return "$status"
}
read_file() { tshark_read "$LAB_DIR/captures/$FILE" --enable-heuristic rtp_udp "$@"; }
packets() { read_file -Y "$1" | wc -l; } # FILTER
completed() { log_has dataplane "$FILE: "; }

# Three seconds of voice both ways, on both legs, have been captured.
captured() { (($(lab_ctl -j call capture "$CALL" | get packets) >= 500)); }

begin() { # MODE [SECONDS]: sets FILE
	FILE=$(lab_ctl -j call capture "$CALL" "$@" | get file)
}

# The capture of FILE has PACKETS as sluicectl counts them, and Wireshark finds nothing wrong.
whole() { # PACKETS
	local n
	n=$(read_file -T fields -e frame.number | wc -l)
	((n == $1 && n > 100)) || echo "# tshark reads $n packets, the data plane wrote $1; $(<"$LAB_DIR/tshark.err")"
	((n == $1 && n > 100))
}

all_rtp_or_rtcp() {
	(($(packets '!rtp && !rtcp') == 0)) && (($(packets rtp) > 300))
}

# Both directions of both legs. An inbound packet has flag 1, an outbound one 2.
each_way() { # ADDRESS_A ADDRESS_B
	local filter n
	for filter in "ip.src == $1 && frame.interface_id == 0" "ip.dst == $1 && frame.interface_id == 0" \
		"ip.src == $2 && frame.interface_id == 1" "ip.dst == $2 && frame.interface_id == 1"; do
		n=$(packets "rtp && $filter")
		((n > 50)) || {
			echo "# only $n packets of $filter"
			return 1
		}
	done
	(($(packets "frame.packet_flags_direction == 1 && ip.dst != $LAB_RELAY") == 0)) \
		&& (($(packets "frame.packet_flags_direction == 2 && ip.src != $LAB_RELAY") == 0))
}

speaks() { # SPEAKER SOURCE DESTINATION: the voice in FILE, 1: this one, 0: noise
	editcap -F pcap "$LAB_DIR/captures/$FILE" "$LAB_DIR/heard.pcap" \
		&& "$LAB_PYTHON" tests/lib/audio.py wire "$LAB_DIR/heard.pcap" "$LAB_DIR/$1.wav" "$2" "$3" "$LAB_MEDIA_FIRST-$LAB_MEDIA_LAST" \
		| awk '$1 == "speech" { speech = $2 } END { print speech }'
}
is_speech() { awk -v s="$(speaks "$@")" 'BEGIN { exit !(s >= 0.9) }'; }
is_noise() { awk -v s="$(speaks "$@")" 'BEGIN { exit !(s != "" && s < 0.3) }'; }

checksums_good() {
	(($(read_file -o ip.check_checksum:TRUE -o udp.check_checksum:TRUE \
		-Y 'ip.checksum.status == "Bad" || udp.checksum.status == "Bad"' | wc -l) == 0))
}

named() { # MODE: what the file says of itself
	local text
	text=$(capinfos "$LAB_DIR/captures/$FILE")
	grep -q "sluice call $CALL, $1" <<<"$text" && grep -q "leg A: alice" <<<"$text" && grep -q "leg B: bob" <<<"$text" \
		&& ! grep -qi inline <<<"$text"
}

# Each packet that alice got on her own wire is in the file byte for byte.
same_as_wire() {
	local missing n
	tshark_read "$LAB_DIR/alice.pcap" -Y "udp && ip.src == $LAB_RELAY" -T fields -e udp.payload | sort -u >"$LAB_DIR/wire.list"
	tshark_read "$LAB_DIR/captures/$FILE" -Y "ip.dst == $LAB_NET.11" -T fields -e udp.payload | sort -u >"$LAB_DIR/file.list"
	n=$(wc -l <"$LAB_DIR/wire.list")
	missing=$(comm -23 "$LAB_DIR/wire.list" "$LAB_DIR/file.list" | wc -l)
	((missing == 0 && n > 50)) || echo "# of $n packets $missing are not in the file, which has $(wc -l <"$LAB_DIR/file.list")"
	((missing == 0 && n > 50))
}

decrypted_capture() {
	local packets
	begin decrypted 30
	report_case "a decrypted capture runs" running_is True
	lab_wait 10 captured
	lab_ctl call capture "$CALL" stop >/dev/null
	report_case "it is complete after stop" completed
	report_case "it says so no more" running_is False
	packets=$(sed -n "s/.*$FILE: .*, \([0-9]*\) packets$/\1/p" "$LAB_DIR/dataplane.log" | head -n 1)
	report_case "the file is its owner's alone" test "$(stat -c %a "$LAB_DIR/captures/$FILE")" = 600
	report_case "tshark reads all $packets packets" whole "$packets"
	report_case "every one is RTP or RTCP" all_rtp_or_rtcp
	report_case "both directions of both legs are in it" each_way "$LAB_NET.11" "$LAB_NET.12"
	report_case "lengths and checksums fit the decrypted packets" checksums_good
	report_case "alice's words are in what came from her" is_speech alice "$LAB_NET.11" "$LAB_RELAY"
	report_case "and in what goes to bob" is_speech alice "$LAB_RELAY" "$LAB_NET.12"
	report_case "file and interfaces name call and legs" named decrypted
	report_case "who asked for it is in the log" lab_wait 5 grep -q "call $CALL: capture decrypted asked for by user 0 (pid [0-9]*): $FILE" "$LAB_DIR/controlplane.log"
	rm "$LAB_DIR/captures/$FILE"
}

wire_capture() {
	begin wire
	lab_spawn alice-wire alice tcpdump -U -s 0 -i voice0 -w "$LAB_DIR/alice.pcap" udp
	log_has alice-wire 'listening on'
	sleep 2
	lab_wait 10 captured
	lab_end alice-wire INT
	lab_ctl call capture "$CALL" stop >/dev/null
	completed
	report_case "a wire capture has the bytes that are on alice's wire" same_as_wire
	report_case "what is SRTP there is noise" is_noise alice "$LAB_NET.11" "$LAB_RELAY"
	report_case "both directions of both legs are in it, too" each_way "$LAB_NET.11" "$LAB_NET.12"
	rm "$LAB_DIR/captures/$FILE"
}

ends() {
	begin wire 1
	report_case "a capture ends when its time is over" log_has dataplane "$FILE: its time is over" 5
	rm "$LAB_DIR/captures/$FILE"
	begin wire
	report_case "a disk that is full ends a capture" log_has dataplane "$FILE: the disk is full or failed" 30
	report_case "its file is good up to there" packets_there
	report_case "and the call goes on" test "$(lab_ctl -j call show "$CALL" | get state)" = answered
	rm "$LAB_DIR/captures/$FILE"
	begin wire
	hangup alice
	report_case "a capture ends with its call" log_has dataplane "$FILE: the call ended" 5
	report_case "the control plane says so, too" log_has controlplane "$FILE: the call ended"
}
packets_there() { (($(read_file -T fields -e frame.number | wc -l) > 500)) && [[ ! -s $LAB_DIR/tshark.err ]]; }

refused() { # WORDS COMMAND...
	local words=$1 text
	shift
	text=$(lab_ctl "$@" 2>&1) && return 1
	grep -q -- "$words" <<<"$text" || echo "# $text"
	grep -q -- "$words" <<<"$text"
}

policy() {
	dial alice 2003
	report_case "a dial plan without decrypted captures refuses one" \
		refused "dial plan unsecured has capture: wire" call capture "$CALL" decrypted
	report_case "and that is in the log" lab_wait 5 grep -q "capture decrypted asked for by user 0 .*: dial plan unsecured" "$LAB_DIR/controlplane.log"
	report_case "an unknown call is refused" refused "no such call" call capture ffffffff wire
	hangup alice
}

space_down() {
	! mountpoint -q "$LAB_DIR/captures" || umount -l "$LAB_DIR/captures"
}

lab_up
LAB_CLEANUP=space_down
# a disk of its own, so that it can be full
mkdir -m 0700 "$LAB_DIR/captures"
mount -t tmpfs -o size=400k,mode=0700 tmpfs "$LAB_DIR/captures" || lab_die "no tmpfs"
lab_pki
lab_sentence "$LAB_DIR/alice.wav" en "The quick brown fox jumps over the lazy dog near the river bank." 60
lab_sentence "$LAB_DIR/bob.wav" en-us+f3 "She sells sea shells by the sea shore, and pays with silver coins." 60
cp "$LAB_DIR/bob.wav" "$LAB_DIR/carol.wav"
lab_relay_config
printf '%s\n' "capture: {directory: $LAB_DIR/captures, file_mib: 1, total_mib: 2, time_s: 60, allow: decrypted}" >>"$LAB_DIR/dataplane.yaml"
sed -i -e 's/security: secured$/security: secured\n    capture: decrypted/' -e 's/security: unsecured,/security: unsecured, capture: wire,/' \
	"$LAB_DIR/controlplane.yaml"
lab_dataplane_start
lab_controlplane_start
lab_phone alice 2001 "$LAB_NET.11" secured "$LAB_DIR/alice.wav"
lab_phone bob 2002 "$LAB_NET.12" secured "$LAB_DIR/bob.wav"
lab_phone carol 2003 "$LAB_NET.13" unsecured "$LAB_DIR/carol.wav"
dial alice 2002
decrypted_capture
wire_capture
ends
policy
report_case "both daemons live at the end" lab_alive dataplane
lab_end controlplane
lab_end dataplane
[[ -z ${SLUICE_SANITIZED:-} ]] || report_case "no sanitizer finding in either daemon" lab_sanitizers_silent
((REPORT_FAILED == 0)) || tail -n 25 "$LAB_DIR"/{data,control}plane.log
report_close capture
