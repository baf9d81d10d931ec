#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# sluice-pktgen: its pcap files are RTP to tshark, the data plane relays every packet of them, and its
# check finds what is wrong with a capture.
# usage: tests/integration/pktgen.sh BUILD_DIR
set -uo pipefail
SLUICE_BUILD=${1:?usage: pktgen.sh BUILD_DIR}
cd "$(dirname "$0")/../.." || exit 2
# shellcheck source=tests/lib/lab.sh
. tests/lib/lab.sh
# shellcheck source=tests/lib/report.sh
. tests/lib/report.sh

CALLS=50
PACKETS=20 # a stream
ALL=$((CALLS * PACKETS))
TOOL=$LAB_BUILD/bench/pktgen/sluice-pktgen

tool() { lab_ns relay "$TOOL" "$@" >"$LAB_DIR/tool.log" 2>&1; }
mac() { lab_ns "$1" cat /sys/class/net/voice0/address; }

install() { # SUITE_A SUITE_B
	tool close --socket "$LAB_DIR/media.sock" --calls $CALLS &&
		tool install --socket "$LAB_DIR/media.sock" --calls $CALLS --suite-a "$1" --suite-b "$2" \
			--peer-a "$LAB_NET.11:10000" --peer-b "$LAB_NET.12:10000" \
			--plan "$LAB_DIR/there.plan" --plan-back "$LAB_DIR/back.plan"
}
make_pcap() { # PACKETS a stream, [OPTION...]
	local packets=$1
	shift
	tool pcap --plan "$LAB_DIR/there.plan" --pcap "$LAB_DIR/there.pcap" --packets "$packets" \
		--source-mac "$(mac alice)" --destination-mac "$(mac relay)" "$@"
}
captured() { # COUNT
	(($(tcpdump -r "$LAB_DIR/out.pcap" 2>/dev/null | wc -l) >= $1))
}
send_and_capture() { # COUNT [TIMES]
	local count=$1 times=${2:-1}
	rm -f "$LAB_DIR/out.pcap" "$LAB_DIR/tcpdump.log"
	lab_spawn tcpdump bob tcpdump -U -s 0 -B 8192 -i voice0 -w "$LAB_DIR/out.pcap" udp and src host "$LAB_RELAY"
	lab_wait 5 grep -q 'listening on' "$LAB_DIR/tcpdump.log" || return 1
	while ((times--)); do
		lab_ns alice "$LAB_PYTHON" tests/integration/pktgen/replay.py "$LAB_DIR/there.pcap" voice0 || return 1
	done
	lab_wait 5 captured "$count"
	lab_end tcpdump INT
}
checks() { # EXPECTED
	tool check --plan "$LAB_DIR/there.plan" --pcap "$LAB_DIR/out.pcap" --expect "$1"
}
no_drops() {
	lab_ns relay "$LAB_PYTHON" - "$LAB_DIR/media.sock" <<-'CODE'
		import sys

		sys.path.insert(0, "tests/lib")
		import media_api

		drops = media_api.Client(sys.argv[1]).stats()["drops"]
		assert not drops, drops
	CODE
}
is_rtp_to_tshark() {
	local options=() port
	while read -r port; do
		options+=(-d "udp.port==$port,rtp")
	done < <(awk '{ sub(".*:", "", $2); print $2 }' "$LAB_DIR/there.plan")
	tshark -r "$LAB_DIR/there.pcap" "${options[@]}" -T fields -e rtp.version -e rtp.p_type -e _ws.malformed \
		>"$LAB_DIR/tshark" 2>/dev/null
	(($(grep -cP '^2\t0\t$' "$LAB_DIR/tshark") == ALL && $(wc -l <"$LAB_DIR/tshark") == ALL))
}
is_deterministic() {
	cp "$LAB_DIR/there.pcap" "$LAB_DIR/first.pcap"
	make_pcap $PACKETS && cmp -s "$LAB_DIR/first.pcap" "$LAB_DIR/there.pcap"
}
fact() { # SENTENCE COMMAND...
	report_case "$@" || sed 's/^/# /' "$LAB_DIR/tool.log"
}

relays_all() { # SUITE_A SUITE_B
	local what="$1 to $2"
	fact "$what: calls are installed" install "$1" "$2"
	fact "$what: a pcap file is written" make_pcap $PACKETS
	fact "$what: tshark decodes every packet as RTP" is_rtp_to_tshark
	fact "$what: the file follows from the seed alone" is_deterministic
	fact "$what: the data plane sends every packet" send_and_capture $ALL
	fact "$what: each is good when decrypted, and none is missing" checks $ALL
}

plan_is_private() { [[ $(stat -c %a "$LAB_DIR/there.plan") = 600 ]]; }
check_refuses() { # what is missing, and other keys
	! checks $((ALL + 1)) && sed -i 's/[0-9a-f]\{4\}$/0000/' "$LAB_DIR/there.plan" && ! checks $ALL &&
		grep -q "^forged $ALL" "$LAB_DIR/tool.log"
}

lab_up
LAB_MEDIA_LAST=20999 lab_relay_config
lab_dataplane_start
# both kernels know each other: no packet waits for ARP
for host in alice bob; do
	lab_ns relay ping -c 1 -W 2 -q "$LAB_NET.$([[ $host = alice ]] && echo 11 || echo 12)" >/dev/null
done
relays_all none none
relays_all AES_256_CM_HMAC_SHA1_32 AEAD_AES_128_GCM
relays_all none AES_CM_128_HMAC_SHA1_80
report_case "all the time the data plane dropped nothing" no_drops
report_case "a plan is readable by its owner alone" plan_is_private
fact "the check finds missing and unauthentic packets" check_refuses
fact "a file whose sequence numbers go once around: calls are installed" install none AES_CM_128_HMAC_SHA1_80
fact "... it is written" make_pcap 64 --sequence-first 0 --sequence-step 1024
fact "... sent twice, all is relayed" send_and_capture $((CALLS * 64 * 2)) 2
report_case "... and nothing dropped" no_drops
report_close pktgen
