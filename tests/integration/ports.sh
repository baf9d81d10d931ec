#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Ports and next hops on veth, without a data plane: what a port takes and what it leaves to the
# kernel, that what it sends arrives, what a killed process leaves, and what the kernel tells of routes
# and neighbours.
# usage: tests/integration/ports.sh BUILD_DIR
set -uo pipefail
BUILD=${1:?usage: ports.sh BUILD_DIR}
BUILD=$(cd "$BUILD" && pwd) || exit 2
cd "$(dirname "$0")/../.." || exit 2
# shellcheck source=tests/lib/report.sh
. tests/lib/report.sh

PROBE=$BUILD/tests/integration/ports/ports_probe
PEER=tests/integration/ports/peer.py
NEAR=sl-ports-$$-near # has the port
FAR=sl-ports-$$-far
TMP=$(mktemp -d)
PIDS=() # background processes
PROBE_PID=
HUGEPAGES_BEFORE=
IN=

((EUID == 0)) || {
	echo "not ok - ports.sh needs root, for network namespaces and BPF"
	exit 1
}

stop() { # PID...: quietly
	local pid
	for pid in "$@"; do
		kill -9 "$pid"
		wait "$pid"
	done 2>/dev/null
}

cleanup() {
	stop "${PIDS[@]}" $PROBE_PID
	ip netns del "$NEAR" 2>/dev/null
	ip netns del "$FAR" 2>/dev/null
	[[ -z $HUGEPAGES_BEFORE ]] || echo "$HUGEPAGES_BEFORE" >/proc/sys/vm/nr_hugepages
	rm -rf "$TMP"
}
trap cleanup EXIT
trap 'exit 1' INT TERM HUP

# ---- the two ends ----

near() { ip netns exec "$NEAR" "$@"; }
far() { ip netns exec "$FAR" "$@"; }
peer() { far python3 "$PEER" "$@"; }

within() { # SECONDS COMMAND...: until it succeeds, five times as long at most; as lab_wait
	local until=$((${EPOCHREALTIME/./} + 5 * $1 * 1000000))
	shift
	while ! "$@" >/dev/null 2>&1; do
		((${EPOCHREALTIME/./} < until)) || return 1
		sleep 0.05
	done
}

# Fresh namespaces joined by veth with so many queues; 10.77.0.1 and fd77::1 are behind the far end.
wire() { # QUEUES
	stop "${PIDS[@]}"
	PIDS=()
	ip netns del "$NEAR" 2>/dev/null
	ip netns del "$FAR" 2>/dev/null
	ip netns add "$NEAR"
	ip netns add "$FAR"
	ip -n "$NEAR" link add va numrxqueues "$1" numtxqueues "$1" type veth \
		peer name vb netns "$FAR" numrxqueues "$1" numtxqueues "$1"
	ip -n "$NEAR" addr add 10.9.0.1/24 dev va
	ip -n "$NEAR" addr add fd09::1/64 dev va nodad
	ip -n "$FAR" addr add 10.9.0.2/24 dev vb
	ip -n "$FAR" addr add fd09::2/64 dev vb nodad
	ip -n "$FAR" addr add 10.77.0.1/32 dev lo
	ip -n "$FAR" addr add fd77::1/128 dev lo nodad
	local ns
	for ns in "$NEAR" "$FAR"; do ip -n "$ns" link set lo up; done
	ip -n "$NEAR" link set va up
	ip -n "$FAR" link set vb up
	# the kernel limits ICMP errors to one a second and peer: here each one counts
	far sysctl -qw net.ipv4.icmp_ratelimit=0
	near sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv4.icmp_msgs_per_sec=100000 net.ipv4.icmp_msgs_burst=10000 2>/dev/null
	ip -n "$NEAR" route add 10.77.0.0/24 via 10.9.0.2
	ip -n "$NEAR" route add fd77::/64 via fd09::2
	mac_far=$(far cat /sys/class/net/vb/address)
	mac_near=$(near cat /sys/class/net/va/address)
}

background() { # LOG COMMAND...
	local log=$1
	shift
	"$@" >"$log" 2>&1 </dev/null &
	PIDS+=($!)
}

# ---- the probe ----

say() { echo "$*" >&"$IN"; }
heard() { grep -qE -- "$1" "$TMP/out"; }
within_heard() { within "${2:-3}" heard "$1"; }
count_heard() { grep -cE -- "$1" "$TMP/out"; }

probe_start() { # ARGS...: in the near namespace; 0 when it is ready
	rm -f "$TMP/in"
	mkfifo "$TMP/in"
	: >"$TMP/out"
	ip netns exec "$NEAR" "$PROBE" "$@" <"$TMP/in" >>"$TMP/out" 2>"$TMP/err" &
	PROBE_PID=$!
	exec {IN}<>"$TMP/in" # for both: opening does not wait for the probe
	within 20 grep -qE '^(ready|error)' "$TMP/out"
	heard '^ready'
}

probe_stop() {
	say quit
	exec {IN}>&-
	wait "$PROBE_PID"
	local status=$?
	PROBE_PID=
	return $status
}

probe_kill() {
	kill -9 "$PROBE_PID"
	wait "$PROBE_PID" 2>/dev/null
	exec {IN}>&-
	PROBE_PID=
}

# A fact, and what the probe said when it is not one.
fact() { # SENTENCE COMMAND...
	local failed=$REPORT_FAILED
	report_case "$@"
	((REPORT_FAILED == failed)) && return
	show_probe
	return 1
}

show_probe() {
	sed 's/^/# probe: /' "$TMP/out" "$TMP/err" | tail -n 20
}

open_port() { # KIND QUEUES
	probe_start open "$1" va "$2" 20000 20999 10.9.0.1 fd09::1 || {
		show_probe
		return 1
	}
}

# ---- what is on the device ----

has_xdp() { ip -n "$NEAR" link show va | grep -q 'prog/xdp'; }
has_tc() { near tc filter show dev va ingress 2>/dev/null | grep -q 'sluice_tc'; }
program_is_there() { if [[ $1 = af_xdp ]]; then has_xdp; else has_tc; fi; }
nothing_is_there() { ! has_xdp && ! has_tc; }
clean() { near "$PROBE" clean va >"$TMP/clean" && grep -q "clean ok" "$TMP/clean"; }
clean_is_refused() { ! clean && grep -q EBUSY "$TMP/clean"; }

# ---- facts about an open port ----

media_reaches() { # ADDRESS PORT TEXT
	[[ $(peer udp "$1" "$2" "$3") = sent ]] && within_heard "^rx .* > ${1//./\\.}\\.$2 .*$3"
}
kernel_refuses() { # ADDRESS PORT TEXT: and the port has not seen it
	[[ $(peer udp "$1" "$2" "$3") = refused ]] && ! heard "$3"
}
kernel_answers() { # COMMAND ADDRESS: a server of the near kernel on port 5060
	[[ $(peer "$1" "$2" 5060 hello) = "echo hello" ]]
}
pings() { [[ $(peer ping "$1") = pong ]]; }
arp_is_answered() {
	ip -n "$FAR" neigh flush dev vb
	pings 10.9.0.1 && pings fd09::1
}
fragments_are_the_kernels() {
	local text
	text=frag$(printf 'x%.0s' {1..3000})
	[[ $(peer udp "$1" 20100 "$text") = refused ]] && ! heard frag
}
vlan_reaches() {
	peer vlan vb "$mac_near" 10.9.0.2 10.9.0.1 20004 tagged >/dev/null
	within_heard '^vlan 7 rx .*tagged'
}
flows_there() { (($(count_heard 'rx .*\.20200 .*n [0-9]+$') == $1)); }
many_flows_arrive() { # COUNT
	peer udps 10.9.0.1 20200 "$1" >/dev/null
	within 3 flows_there "$1"
}
each_queue_receives() { # QUEUES
	local q
	for ((q = 0; q < $1; q++)); do heard "^rx q$q " || return 1; done
}
got_there() { # LOG OWN COUNT
	(($(grep -c "^got $2 20000 from-the-port" "$1") == $3))
}
sent_arrives() { # OWN FAR QUEUES
	local got=$TMP/got
	background "$got" ip netns exec "$FAR" python3 "$PEER" recv "$2" 5000 8
	within 3 grep -q bound "$got" || return 1
	peer ping "$1" >/dev/null # both kernels know each other now
	say "send $2 5000 $1 20000 from-the-port"
	within 4 got_there "$got" "$1" "$3"
	local status=$?
	((status == 0)) || sed 's/^/# far: /' "$got"
	stop "${PIDS[-1]}"
	unset 'PIDS[-1]'
	return $status
}
nothing_else_was_received() {
	! grep -E '^(vlan [0-9]+ )?(rx|other|bad)' "$TMP/out" |
		grep -qvE '^(vlan 7 )?rx q[0-9]+ (10\.9\.0\.2|fd09::2)\.[0-9]+ > (10\.9\.0\.1|fd09::1)\.20[0-9]{3} '
}
link_says() { # up, down
	say link
	sleep 0.05
	grep '^link' "$TMP/out" | tail -n 1 | grep -q "$1"
}
link_follows() { # the kernel itself may take a second
	within 3 link_says up || return 1
	ip -n "$FAR" link set vb down
	within 3 link_says down
	local status=$?
	ip -n "$FAR" link set vb up
	within 3 link_says up && return $status
}
ready_twice() { (($(count_heard '^ready') == 2)); }
reopens() {
	say reopen
	within 5 ready_twice && media_reaches 10.9.0.1 20010 after-reopen
}

port_facts() { # KIND QUEUES MEMORY: an open port
	local t="$1, $2 queue(s), $3:"
	fact "$t UDP to a media address and port reaches the port, unanswered" media_reaches 10.9.0.1 20000 first
	fact "$t ... and to the last media port" media_reaches 10.9.0.1 20999 last
	fact "$t ... and by IPv6" media_reaches fd09::1 20002 six
	fact "$t ... and with a VLAN tag" vlan_reaches
	fact "$t UDP below the media ports is the kernel's" kernel_refuses 10.9.0.1 19999 below
	fact "$t UDP above the media ports is the kernel's" kernel_refuses fd09::1 21000 above
	fact "$t fragments are the kernel's (IPv4)" fragments_are_the_kernels 10.9.0.1
	fact "$t fragments are the kernel's (IPv6)" fragments_are_the_kernels fd09::1
	fact "$t the kernel answers ARP, neighbour discovery and ping" arp_is_answered
	fact "$t the kernel's UDP server answers" kernel_answers ask 10.9.0.1
	fact "$t the kernel's TCP server answers" kernel_answers tcp 10.9.0.1
	fact "$t 300 flows all arrive" many_flows_arrive 300
	fact "$t every queue receives" each_queue_receives "$2"
	fact "$t every queue sends (IPv4)" sent_arrives 10.9.0.1 10.9.0.2 "$2"
	fact "$t every queue sends (IPv6)" sent_arrives fd09::1 fd09::2 "$2"
	fact "$t link state is the kernel's" link_follows
	fact "$t nothing else was received, and all in one roomy segment" nothing_else_was_received
}

port_suite() { # KIND QUEUES MEMORY
	local t="$1, $2 queue(s), $3:"
	wire "$2"
	background "$TMP/echo" ip netns exec "$NEAR" python3 "$PEER" echo 10.9.0.1 5060
	fact "$t opens" open_port "$1" "$2" || return
	fact "$t its program is on the device" program_is_there "$1"
	[[ $1 = af_packet ]] && fact "$t is degraded, and says why" heard 'degraded af_packet'
	[[ $1 = af_xdp ]] && fact "$t is not degraded on veth" heard 'degraded no'
	port_facts "$@"
	fact "$t closes and opens again in one process" reopens
	fact "$t ends well" probe_stop
	fact "$t leaves nothing on the device" nothing_is_there
}

kill_suite() { # KIND
	wire 1
	open_port "$1" 1 || {
		report_not_ok "$1: opens, to be killed"
		return
	}
	fact "$1: cleaning is refused while its process lives" clean_is_refused
	fact "$1: ... and leaves the program where it is" program_is_there "$1"
	probe_kill
	fact "$1: kill -9 leaves the program behind" program_is_there "$1"
	fact "$1: port_clean_stale() says it cleaned" clean
	fact "$1: ... and it did" nothing_is_there
	open_port "$1" 1 && probe_kill
	fact "$1: after another kill -9 a port opens by itself" open_port "$1" 1
	fact "$1: ... and works" media_reaches 10.9.0.1 20000 again
	probe_stop
}

# ---- refusals ----

refused() { # PATTERN ARGS...: opening fails, with this text
	local pattern=$1
	shift
	if probe_start open "$@"; then
		probe_stop
		return 1
	fi
	exec {IN}>&-
	wait "$PROBE_PID" 2>/dev/null
	PROBE_PID=
	heard "^error .*$pattern" || {
		show_probe
		return 1
	}
}

foreign_program_stays() {
	near tc qdisc add dev va clsact && near tc filter add dev va ingress bpf da bytecode '1,6 0 0 4294967295' &&
		clean && near tc filter show dev va ingress | grep -q bytecode
}

put_foreign_xdp() {
	ip -n "$NEAR" link set va mtu 1500
	ip -n "$FAR" link set vb mtu 1500
	printf '__attribute__((section("xdp"))) int foreign(void *c) { return 2; }' |
		clang -target bpf -O2 -g -c -x c - -o "$TMP/foreign.o" || return 1
	ip -n "$NEAR" link set dev va xdp obj "$TMP/foreign.o" sec xdp
}
# A program of somebody else on the device.
xdp_facts() {
	put_foreign_xdp || {
		report_skip "an XDP program of others" "cannot put one on veth"
		return
	}
	fact "an XDP program of others is refused by name" refused 'another XDP program .foreign. is on va' af_xdp va 2 20000 20999 10.9.0.1
	fact "... and stays" has_xdp
	fact "... and port_clean_stale() does not take it away" clean
	fact "... indeed not" has_xdp
	ip -n "$NEAR" link set dev va xdp off
}

long_packet_arrives() { # KIND MTU BYTES
	ip -n "$NEAR" link set va mtu "$2"
	ip -n "$FAR" link set vb mtu "$2"
	PROBE_MTU=$2 open_port "$1" 1 || return 1
	local text status
	text=long$(printf "%${3}s" | tr ' ' x)
	media_reaches 10.9.0.1 20000 "${text:0:40}" && peer udp 10.9.0.1 20001 "$text" >/dev/null &&
		within_heard "\\.20001 $(($3 + 4)) longx" && ! heard bad-mbuf
	status=$?
	probe_stop
	return $status
}

taken_by_the_port() { # ADDRESS...: media to each
	local ip
	for ip in "$@"; do media_reaches "$ip" 20000 "to-$ip" || return 1; done
}

addresses_suite() { # KIND: as many as an interface may have, and one of the host's that is none of them
	local all=(10.9.0.1 fd09::1) i
	wire 1
	for ((i = 101; i <= 114; i++)); do
		ip -n "$NEAR" addr add "10.9.0.$i/24" dev va
		all+=("10.9.0.$i")
	done
	ip -n "$NEAR" addr add 10.9.0.199/24 dev va
	fact "$1, 16 addresses: opens" probe_start open "$1" va 1 20000 20999 "${all[@]}" || return
	fact "$1, 16 addresses: media to each of them reaches the port" taken_by_the_port "${all[@]}"
	fact "$1, 16 addresses: UDP to another address of the host is the kernel's" kernel_refuses 10.9.0.199 20000 other-address
	probe_stop
}

refusal_suite() {
	wire 2
	local media="20000 20999 10.9.0.1"
	# shellcheck disable=SC2086 # words
	{
		fact "an interface that does not exist is refused by name" refused 'no interface "nowhere"' af_xdp nowhere 2 $media
		fact "media ports from high to low are refused" refused '30000 to 20000' af_xdp va 2 30000 20000 10.9.0.1
		fact "more device queues than workers are refused, with the command" refused 'ethtool -L va rx 1 tx 1' af_xdp va 1 $media
		ip -n "$NEAR" link set va down
		fact "an interface that is down is refused, with the command" refused 'ip link set va up' af_packet va 1 $media
		ip -n "$NEAR" link set va up mtu 9000
		ip -n "$FAR" link set vb mtu 9000
		fact "an MTU above the packet buffers is refused" refused 'too small for an MTU of 9000' af_xdp va 2 $media
	}
	fact "after refusals nothing is on the device" nothing_is_there
	xdp_facts
	fact "programs of others are not cleaned away" foreign_program_stays
	wire 1
	fact "af_xdp takes packets of the full MTU (1500)" long_packet_arrives af_xdp 1500 1468
	fact "af_xdp takes packets of an MTU of 3000" long_packet_arrives af_xdp 3000 2968
	fact "af_packet takes packets of the full MTU (1500)" long_packet_arrives af_packet 1500 1468
	fact "af_packet takes packets of an MTU of 9000" long_packet_arrives af_packet 9000 8968
	wire 1
	fact "fewer device queues than workers: opens" open_port af_xdp 2
	fact "... degraded, with the command" heard "degraded 1 receive queue for 2 workers: 'ethtool -L va rx 2 tx 2'"
	fact "... and receives" media_reaches 10.9.0.1 20000 single
	fact "... and sends" sent_arrives 10.9.0.1 10.9.0.2 1
	probe_stop
}

# ---- next hops ----

ask_probe() { # PATTERN QUESTION...
	local pattern=$1
	shift
	say "lookup $*"
	sleep 0.05
	grep '^lookup' "$TMP/out" | tail -n 1 | grep -qE "^lookup $1 $pattern"
}
answer() { # PATTERN QUESTION...: asked again until the answer fits
	within 6 ask_probe "$@"
}
first_answer() { # PATTERN QUESTION...: asked once
	local pattern=$1
	shift
	: >"$TMP/out"
	say "lookup $*"
	within 1 grep -q '^lookup' "$TMP/out"
	grep -m 1 '^lookup' "$TMP/out" | grep -qE "^lookup $1 $pattern"
}
changed_within() { within_heard '^change' "$1"; }
mac_change_is_seen() {
	local new=02:00:00:00:09:09
	: >"$TMP/out"
	ip -n "$FAR" link set vb address "$new"
	peer ping 10.9.0.1 >/dev/null
	changed_within 3 && answer "ok ${new^^} " 10.9.0.2
}
stays_fresh() { # the kernel itself would let it go stale after 0.5 to 1.5 s
	local i
	for ((i = 0; i < 12; i++)); do
		sleep 0.5
		ip -n "$NEAR" neigh show 10.9.0.2 dev va | grep -qE 'REACHABLE|DELAY|PROBE|STALE' || return 1
	done
	ip -n "$NEAR" neigh show 10.9.0.2 dev va | grep -qE 'REACHABLE|DELAY|PROBE'
}
overrun_is_survived() { # more routes than the socket's buffer holds, while the probe stands still
	: >"$TMP/out"
	kill -STOP "$PROBE_PID"
	python3 -c 'for i in range(60000): print(f"route add blackhole 10.{100 + i // 65536}.{i // 256 % 256}.{i % 256}/32")' |
		ip -n "$NEAR" -batch - || return 1
	ip -n "$NEAR" route del 10.77.0.0/24
	kill -CONT "$PROBE_PID"
	changed_within 3 && answer EHOSTUNREACH 10.77.0.1
}

nexthop_suite() {
	wire 1
	near sysctl -qw net.ipv4.neigh.va.base_reachable_time_ms=1000 net.ipv4.neigh.va.delay_first_probe_time=1
	fact "next hops: open" probe_start nexthop || return
	fact "next hops: no route is EHOSTUNREACH" first_answer EHOSTUNREACH 192.0.2.1
	fact "next hops: an address of this host is EHOSTUNREACH" first_answer EHOSTUNREACH 10.9.0.1
	fact "next hops: a foreign source is EHOSTUNREACH" first_answer EHOSTUNREACH 10.9.0.2 192.0.2.7
	fact "next hops: an unresolved neighbour is EINPROGRESS" first_answer EINPROGRESS 10.9.0.2
	fact "next hops: ... and a change tells when ARP has answered" changed_within 3
	fact "next hops: ... and then it has its MAC" first_answer "ok ${mac_far^^} via 10.9.0.2 " 10.9.0.2
	fact "next hops: a source of this host is taken" first_answer "ok ${mac_far^^} " 10.9.0.2 10.9.0.1
	fact "next hops: a route by a gateway gives the gateway's MAC" answer "ok ${mac_far^^} via 10.9.0.2 " 10.77.0.1 10.9.0.1
	fact "next hops: IPv6 is resolved" answer "ok ${mac_far^^} via fd09::2 " fd09::2 fd09::1
	fact "next hops: IPv6 by a gateway" answer "ok ${mac_far^^} via fd09::2 " fd77::1
	fact "next hops: IPv6 without a route is EHOSTUNREACH" first_answer EHOSTUNREACH 2001:db8::1
	fact "next hops: a neighbour in use is kept fresh" stays_fresh
	fact "next hops: a new MAC is seen" mac_change_is_seen
	fact "next hops: a silent neighbour is EHOSTDOWN in the end" answer EHOSTDOWN 10.9.0.99
	fact "next hops: lost notifications are made up for" overrun_is_survived
	ip -n "$NEAR" link set va down
	fact "next hops: an interface that goes down takes its routes along" answer EHOSTUNREACH 10.9.0.2
	fact "next hops: close" probe_stop
}

# ---- hugepages ----

reserve_hugepages() { # PAGES of 2 MiB
	HUGEPAGES_BEFORE=$(cat /proc/sys/vm/nr_hugepages) || return 1
	(($(awk '/HugePages_Free/ { print $2 }' /proc/meminfo) >= $1)) && return
	echo $((HUGEPAGES_BEFORE + $1)) >/proc/sys/vm/nr_hugepages
	(($(awk '/HugePages_Free/ { print $2 }' /proc/meminfo) >= $1))
}

nexthop_suite
refusal_suite
port_suite af_xdp 1 "no hugepages"
port_suite af_xdp 2 "no hugepages"
port_suite af_packet 1 "no hugepages"
port_suite af_packet 2 "no hugepages"
addresses_suite af_xdp
addresses_suite af_packet
kill_suite af_xdp
kill_suite af_packet
if reserve_hugepages 96; then
	PROBE_HUGE=1 port_suite af_xdp 2 "hugepages"
	PROBE_HUGE=1 port_suite af_packet 1 "hugepages"
else
	report_skip "ports with hugepages" "96 hugepages of 2 MiB cannot be reserved"
fi
report_close ports
