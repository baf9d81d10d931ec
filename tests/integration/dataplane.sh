#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The data plane alone, driven through the media API: RTP, RTCP and SRTP between sockets of another
# namespace, over AF_XDP and AF_PACKET, with one worker and with two.
# usage: tests/integration/dataplane.sh BUILD_DIR
set -uo pipefail
SLUICE_BUILD=${1:?usage: dataplane.sh BUILD_DIR}
cd "$(dirname "$0")/../.." || exit 2
# shellcheck source=tests/lib/lab.sh
. tests/lib/lab.sh
# shellcheck source=tests/lib/report.sh
. tests/lib/report.sh

endpoints() { # [again|brief]: the endpoints' lines, each with what it ran on in front
	local line
	while read -r line; do
		case $line in
		"ok - "*) report_ok "$WHAT: ${line#ok - }" ;;
		"not ok - "*) report_not_ok "$WHAT: ${line#not ok - }" ;;
		*) printf '%s\n' "$line" ;;
		esac
	done < <(lab_ns alice timeout 120 python3 tests/integration/dataplane/relay.py "$LAB_DIR/media.sock" \
		"$LAB_NET.11" "$LAB_RELAY" "$@" 2>&1 || echo "not ok - the endpoints end without an error")
}

on() { # KIND WORKERS
	WHAT="$1, $2 worker(s)"
	LAB_KIND=$1 LAB_WORKERS=$2
	lab_relay_config
	lab_dataplane_start
	endpoints
	report_case "$WHAT: the data plane is alive" lab_alive dataplane
}

# A NIC that DPDK drives itself, with DPDK's packet sockets in its place: it takes every frame, and the
# kernel has nothing of it but the TAP interface that the data plane makes.
on_pci() { # WORKERS
	WHAT="pci, $1 worker(s)"
	LAB_KIND=pci LAB_WORKERS=$1 LAB_DEVICE=net_af_packet0
	LAB_PORT="pci: {kernel: tap0, arguments: 'iface=voice0,qpairs=$1'}"
	lab_relay_config
	lab_ns relay ip addr flush dev voice0
	lab_ns relay sysctl -q -w net.ipv6.conf.voice0.disable_ipv6=1
	# the kernel does not see what a NIC of DPDK's gets: it answers nothing there, and takes nothing
	lab_ns relay sysctl -q -w net.ipv4.conf.voice0.arp_ignore=8 net.ipv4.conf.voice0.rp_filter=1
	lab_ns alice ethtool -K voice0 tx off tso off gso off >/dev/null 2>&1 # whole frames, as on a wire
	lab_ns relay ip tuntap add dev tap0 mode tap
	lab_ns relay ip addr add "$LAB_RELAY/24" dev tap0
	lab_ns relay ip addr add fd99::1/64 dev tap0 nodad
	lab_ns alice ip addr add fd99::11/64 dev voice0 nodad 2>/dev/null
	report_case "$WHAT: without the data plane the kernel has no part in it" deaf
	lab_dataplane_start
	report_case "$WHAT: a queue that is shared with the kernel is DEGRADED" \
		grep -q "DEGRADED: .* 1 transmit queues for 1 workers and the kernel" "$LAB_DIR/dataplane.log"
	report_case "$WHAT: the kernel answers ARP and ping there" pings "$LAB_RELAY"
	report_case "$WHAT: and neighbour discovery" pings fd99::1
	report_case "$WHAT: and takes part in TCP" tcp_echoes
	endpoints brief
	report_case "$WHAT: what the kernel does not take is counted" kernel_loses
	report_case "$WHAT: the data plane is alive" lab_alive dataplane
}

kernel_loses() { # while its interface is down
	lab_ns relay ip link set tap0 down
	deaf && env PYTHONPATH=tests/lib /usr/bin/python3 -c 'import media_api, sys
sys.exit(not media_api.Client(sys.argv[1]).stats()["kernel_lost"])' "$LAB_DIR/media.sock"
}

pings() { lab_ns alice ping -q -c 2 -i 0.2 -w 5 "$1" >/dev/null; } # ADDRESS

deaf() { ! lab_ns alice ping -q -c 1 -w 1 "$LAB_RELAY" >/dev/null; }

tcp_echoes() { # a megabyte to the relay's kernel, through the TAP
	local port=7999 pid
	lab_ns relay timeout 20 python3 -c "
import socket
server = socket.create_server(('$LAB_RELAY', $port))
peer, _ = server.accept()
data = b''
while len(data) < 1 << 20:
    data += peer.recv(65536)
peer.sendall(b'%d' % len(data))" &
	pid=$!
	lab_wait 3 lab_ns alice timeout 15 python3 -c "
import socket
peer = socket.create_connection(('$LAB_RELAY', $port), 5)
peer.sendall(bytes(1 << 20))
assert peer.recv(16) == b'1048576'"
	local status=$?
	kill "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
	return "$status"
}

lab_up
on af_xdp 1
lab_end dataplane KILL
lab_dataplane_start
endpoints again
lab_end dataplane
report_case "the data plane removes its socket when it ends" test ! -e "$LAB_DIR/media.sock"
on af_xdp 2
lab_end dataplane
on af_packet 1
lab_end dataplane
on_pci 1
lab_end dataplane
report_case "pci: a TAP that was there stays when the data plane ends" lab_ns relay ip link show tap0
report_close dataplane
