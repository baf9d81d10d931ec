#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Calls of sluice-mediagen through sluice-dataplane over kernel interfaces (veth): every packet verified at both ends, on each
# kind of port; and what is handed from worker to worker where one queue has the packets of two workers.
# usage: tests/integration/mediagen.sh BUILD_DIR
set -uo pipefail
BUILD=${1:?usage: mediagen.sh BUILD_DIR}
BUILD=$(cd "$BUILD" && pwd) || exit 2
cd "$(dirname "$0")/../.." || exit 2
# shellcheck source=tests/lib/report.sh
. tests/lib/report.sh

NEAR=sl-gen-$$-near # the data plane
FAR=sl-gen-$$-far   # the phones
DIR=$(mktemp -d)
DATAPLANE='' # pid
CALLS=40

((EUID == 0)) || {
	echo "not ok - mediagen.sh needs root, for network namespaces and BPF"
	exit 1
}

dataplane_stop() {
	[[ -n $DATAPLANE ]] || return 0
	kill "$DATAPLANE" && wait "$DATAPLANE"
	DATAPLANE=
}
cleanup() {
	dataplane_stop 2>/dev/null
	ip netns del "$NEAR" 2>/dev/null
	ip netns del "$FAR" 2>/dev/null
	rm -rf "$DIR"
}
trap cleanup EXIT
trap 'exit 1' INT TERM HUP

wire() {
	ip netns del "$NEAR" 2>/dev/null
	ip netns del "$FAR" 2>/dev/null
	ip netns add "$NEAR" && ip netns add "$FAR" || return 1
	ip -n "$NEAR" link add va type veth peer name vb netns "$FAR"
	ip -n "$NEAR" addr add 10.9.0.1/24 dev va
	ip -n "$NEAR" addr add fd09::1/64 dev va nodad
	ip -n "$FAR" addr add 10.9.0.2/24 dev vb
	ip -n "$FAR" addr add fd09::2/64 dev vb nodad
	ip -n "$NEAR" link set va up && ip -n "$FAR" link set vb up || return 1
	# both kernels know each other then: what is measured is not how fast they find each other
	ip netns exec "$NEAR" ping -q -c 1 -W 2 10.9.0.2 >/dev/null && ip netns exec "$NEAR" ping -q -c 1 -W 2 fd09::2 >/dev/null
}

dataplane_config() { # KIND WORKERS [KEY]: of the interface
	printf '%s\n' "media_socket: $DIR/media.sock" "workers: {count: $2, idle: sleep}" "max_sessions: 100" "interfaces:" \
		"  - {name: voice, device: va, kind: $1, addresses: [10.9.0.1, \"fd09::1\"], media_ports: 20000-20999${3:+, $3}}" >"$DIR/dataplane.yaml"
}
dataplane_start() { # KIND WORKERS [KEY]
	dataplane_config "$@"
	ip netns exec "$NEAR" "$BUILD/dataplane/main/sluice-dataplane" --config "$DIR/dataplane.yaml" 2>"$DIR/dataplane.log" &
	DATAPLANE=$!
	local i
	for ((i = 0; i < 200; i++)); do
		grep -q READY "$DIR/dataplane.log" && return
		kill -0 "$DATAPLANE" 2>/dev/null || break
		sleep 0.1
	done
	sed 's/^/# data plane: /' "$DIR/dataplane.log"
	DATAPLANE=
	return 1
}

PHONES=vb # the phones' device
mediagen() { # KIND ADDRESS OPTION...
	local kind=$1 address=$2
	shift 2
	ip netns exec "$FAR" timeout 30 "$BUILD/bench/mediagen/sluice-mediagen" --port "$kind:$PHONES,voice,$address" \
		--media-socket "$DIR/media.sock" --calls "$CALLS" --json "$DIR/run.json" "$@" 2>"$DIR/mediagen.log" && return
	sed 's/^/# mediagen: /' "$DIR/mediagen.log"
	return 1
}

every_packet_came_back() { # KIND ADDRESS OPTION...
	mediagen "$@" && python3 - "$DIR/run.json" <<-'CODE'
		import json, sys

		run = json.load(open(sys.argv[1], encoding="utf-8"))
		assert run["sent"] == run["received"] == run["relay"]["relayed"] == run["relay"]["received"] > 1000
		assert run["lost"] == 0 and sum(run["wrong"].values()) == 0 and run["relay"]["dropped"] == 0
	CODE
}

# ---- two workers, and an interface that steers nothing to either ----

# What the workers have while calls go on, and after them, to workers.json.
workers_watch() {
	PYTHONPATH=tests/lib python3 - "$DIR" "$CALLS" <<-'CODE'
		import json, sys, time
		from media_api import Client

		client = Client(f"{sys.argv[1]}/media.sock")
		end, streams = time.monotonic() + 20, [0, 0]
		while sum(now := [w["streams"] for w in client.workers()]) or not sum(streams):
		    streams = max(streams, now, key=sum)
		    assert time.monotonic() < end, f"streams: {now}"
		    time.sleep(0.05)
		json.dump({"streams": streams, "workers": client.workers()}, open(f"{sys.argv[1]}/workers.json", "w"))
	CODE
}
handed_over() { # KIND ADDRESS
	local watch
	workers_watch &
	watch=$!
	every_packet_came_back "$1" "$2" --seconds 1 --suites rtp,AES_CM_128_HMAC_SHA1_80
	local status=$?
	wait "$watch" && return $status
}
# What came to a worker and what others gave it, less what it gave away, is what it relayed.
handoffs_add_up() {
	python3 - "$DIR/run.json" "$DIR/workers.json" <<-'CODE'
		import json, sys

		run, found = (json.load(open(name, encoding="utf-8")) for name in sys.argv[1:])
		one, two = found["workers"]
		print("#", found)
		assert found["streams"] == [run["calls"], run["calls"]]
		assert one["received"] + two["received"] == one["relayed"] + two["relayed"] == run["sent"]
		assert one["relayed"] == one["received"] - one["handed_off"] + two["handed_off"]
		assert two["relayed"] == two["received"] - two["handed_off"] + one["handed_off"]
		# each stream has as many packets as any other, or one less
		of_each = run["sent"] / (2 * run["calls"])
		assert abs(two["relayed"] - of_each * run["calls"]) <= run["calls"] and one["handed_off"] > 0
	CODE
}
# One queue: the first worker receives all, and hands on every packet that is the other's.
all_of_the_second_are_handed_over() {
	python3 - "$DIR/workers.json" <<-'CODE'
		import json, sys

		one, two = json.load(open(sys.argv[1], encoding="utf-8"))["workers"]
		assert two["received"] == two["handed_off"] == 0 and one["handed_off"] == two["relayed"] > 1000
	CODE
}
suite() { # KIND ADDRESS
	wire || return 1
	report_case "$1: a data plane with two workers starts on veth, which steers nothing" dataplane_start "$1" 2 || return
	report_case "$1: every packet of $CALLS calls comes back right, RTP to SRTP, whichever worker it came to" handed_over "$1" "$2"
	report_case "$1: each packet that came to the wrong worker is handed over once, and counted" handoffs_add_up
	[[ $1 = af_packet ]] || report_case "$1: its one queue is the first worker's: all of the second are" all_of_the_second_are_handed_over
	report_case "$1: the data plane ends well" dataplane_stop
}

# ---- a VLAN: the kernel's interfaces of it at both ends; the port takes and sends tagged frames ----

vlan_wire() {
	wire || return 1
	local ns dev last
	for ns in "$NEAR:va:1" "$FAR:vb:2"; do
		IFS=: read -r ns dev last <<<"$ns"
		ip -n "$ns" addr flush dev "$dev"
		ip -n "$ns" link add link "$dev" name "$dev.7" type vlan id 7 || return 1
		ip -n "$ns" addr add "10.9.0.$last/24" dev "$dev.7"
		ip -n "$ns" addr add "fd09::$last/64" dev "$dev.7" nodad
		ip -n "$ns" link set "$dev.7" up
	done
	# into the frame, as on a wire: veth hands it on beside it
	ip netns exec "$FAR" ethtool -K vb txvlan off
}
refused() { # KIND KEY PATTERN
	dataplane_config "$1" 1 "$2"
	! ip netns exec "$NEAR" timeout 20 "$BUILD/dataplane/main/sluice-dataplane" --config "$DIR/dataplane.yaml" 2>"$DIR/dataplane.log" &&
		grep -qE "$3" "$DIR/dataplane.log"
}
vlan_suite() { # KIND
	wire
	if [[ $1 = af_xdp ]]; then
		report_case "$1: a device that takes tags off is refused, with the command" refused "$1" "vlan: 7" "ethtool -K va rxvlan off"
		ip netns exec "$NEAR" ethtool -K va rxvlan off >/dev/null
	fi
	report_case "$1: a VLAN that the kernel has not got is refused, with the command" refused "$1" "vlan: 8" \
		"ip link add link va name va\.8 type vlan id 8"
	vlan_wire >"$DIR/vlan" 2>&1 || {
		report_skip "$1 in a VLAN" "this kernel makes no VLAN interface: $(tail -n 1 "$DIR/vlan")"
		return
	}
	ip netns exec "$NEAR" ethtool -K va rxvlan off >/dev/null
	report_case "$1: a data plane starts in VLAN 7" dataplane_start "$1" 1 "vlan: 7" || return
	# the phones' kernel takes the tags off, and puts them on: what has none, or another, does not reach it
	PHONES=vb.7
	report_case "$1: every packet of $CALLS calls comes back right in the VLAN" every_packet_came_back af_packet 10.9.0.2 --seconds 1 \
		--suites rtp,AES_CM_128_HMAC_SHA1_80
	PHONES=vb
	report_case "$1: the data plane in VLAN 7 ends well" dataplane_stop
}

if python3 -c 'import socket; socket.socket(44, socket.SOCK_RAW)' 2>"$DIR/xdp"; then
	suite af_xdp 10.9.0.2
	vlan_suite af_xdp
else
	report_skip "calls over af_xdp" "this kernel has no AF_XDP sockets: $(tail -n 1 "$DIR/xdp")"
fi
vlan_suite af_packet
suite af_packet fd09::2 # its sockets share the packets out by a hash of their own
report_close mediagen
