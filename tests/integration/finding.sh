#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Peers found by DNS (RFC 3263) as dnsmasq serves it, and sources that are limited and banned.
# usage: tests/integration/finding.sh BUILD_DIR
set -uo pipefail
SLUICE_BUILD=${1:?usage: finding.sh BUILD_DIR}
cd "$(dirname "$0")/../.." || exit 2
# shellcheck source=tests/lib/lab.sh
. tests/lib/lab.sh
# shellcheck source=tests/lib/report.sh
. tests/lib/report.sh

NAMES=$LAB_NET.13   # carol's host serves names
CALLER=$LAB_NET.15  # dave, a UDP peer
STRANGER=$LAB_NET.14

targets() { lab_ns "$1" "$LAB_PYTHON" tests/lib/sip_targets.py "${@:2}"; }
invited() { grep -c "^$1 INVITE" "$LAB_DIR/servers.log"; } # ADDRESS:PORT
call() { targets dave call "$CALLER" "$LAB_RELAY" "$1"; }  # NUMBER: the final status
asked() { grep -qi "query\[$1\] $2 " "$LAB_DIR/names.log"; } # TYPE NAME
error_of() { # PEER
	lab_ctl -j peer list | "$LAB_PYTHON" -c 'import json,sys
print(next((p.get("last_error") or p.get("error") or json.dumps(p) for p in json.load(sys.stdin) if p["name"] == sys.argv[1]), ""))' "$1"
}
limit_above() { (($(stat_of limit) > $1)); }
stat_of() { # COUNTER of the control plane's connections
	lab_ctl -j stats | "$LAB_PYTHON" -c 'import json,sys
def find(o):
    for k, v in (o.items() if isinstance(o, dict) else []):
        if k == sys.argv[1] and isinstance(v, int): return v
        n = find(v)
        if n is not None: return n
print(find(json.load(sys.stdin)) or 0)' "$1"
}

names() { # what the world calls the servers
	lab_spawn names carol dnsmasq --keep-in-foreground --no-resolv --no-hosts --no-daemon --local=/example/ --log-queries=extra \
		--listen-address="$NAMES" --bind-interfaces --conf-file=/dev/null --local-ttl=1 --user=nobody --group=nogroup \
		--naptr-record=voice.test.example,10,50,S,SIP+D2U,,_sip._udp.voice.test.example \
		--naptr-record=voice.test.example,20,50,S,SIPS+D2T,,_elsewhere._tcp.test.example \
		--srv-host=_elsewhere._tcp.test.example,one.test.example,5071,10,60000 \
		--srv-host=_elsewhere._tcp.test.example,two.test.example,5071,10,1 \
		--srv-host=_sips._tcp.voice.test.example,wrong.test.example,5061,1,1 \
		--srv-host=_sips._tcp.first.test.example,two.test.example,5099,10,1 \
		--srv-host=_sips._tcp.first.test.example,two.test.example,5071,20,1 \
		--srv-host=_sips._tcp.busy.test.example,three.test.example,5071,10,1 \
		--srv-host=_sips._tcp.busy.test.example,two.test.example,5072,20,1 \
		--srv-host=_sips._tcp.forged.test.example,one.test.example,5073,10,1 \
		--host-record=one.test.example,"$LAB_NET.21" --host-record=two.test.example,"$LAB_NET.22" \
		--host-record=three.test.example,"$LAB_NET.23" --host-record=wrong.test.example,"$LAB_NET.24" \
		--host-record=plain.test.example,"$LAB_NET.21"
	[[ -d /etc/netns ]] || LAB_NETNS_MADE=1
	mkdir -p "/etc/netns/$LAB_PREFIX-relay"
	echo "nameserver $NAMES" >"/etc/netns/$LAB_PREFIX-relay/resolv.conf"
}

servers() {
	local n
	for n in 21 22 23; do
		ip -n "$LAB_PREFIX-bob" addr add "$LAB_NET.$n/24" dev voice0
	done
	lab_pki_cert voice voice.test.example
	lab_pki_cert first first.test.example
	lab_pki_cert busy busy.test.example
	lab_pki_cert plain plain.test.example
	lab_spawn servers bob "$LAB_PYTHON" tests/lib/sip_targets.py serve "$LAB_DIR/pki" \
		"$LAB_NET.21:5071:voice:486" "$LAB_NET.22:5071:first:486" "$LAB_NET.23:5071:busy:503" \
		"$LAB_NET.22:5072:busy:486" "$LAB_NET.21:5073:voice:486" "$LAB_NET.21:5061:plain:486"
	lab_wait 5 grep -q serving "$LAB_DIR/servers.log" || lab_die "the servers did not start"
}

config() {
	local name number=2100
	lab_relay_config
	sed -i 's/^peers:/  - {name: tls, security: sip-secured, media_interface: voice, allow_downgrade: true}\n&/' "$LAB_DIR/controlplane.yaml"
	for name in voice first busy forged plain; do
		number=$((number + 1))
		sed -i "s/^peers:/&\n  - {name: $name, fqdn: $name.test.example, transport: tls, dial_plan: tls, listener: tls}/
			s/^routes:/&\n  - {name: to-$name, number: \"$number\", to: $name}/" "$LAB_DIR/controlplane.yaml"
	done
}

heavy_wins() { # among equals the heavier is nearly always first
	local n
	for n in 1 2 3; do
		[[ $(call 2101) = 486 ]] || return 1
		sleep 0.3
	done
	(($(invited "$LAB_NET.21:5071") == 4 && $(invited "$LAB_NET.22:5071") == 0))
}

finding() {
	report_case "a peer without address is called where NAPTR and SRV lead" test "$(call 2101)" = 486
	report_case "its call came to the SRV record's host and port" test "$(invited "$LAB_NET.21:5071")" = 1
	report_case "NAPTR was asked for the peer's name" asked NAPTR voice.test.example
	report_case "the SRV records are those that NAPTR named" asked SRV _elsewhere._tcp.test.example
	sleep 0.3
	report_case "weight decides among targets of one priority" heavy_wins
	report_case "a target that refuses gives way to the next priority" test "$(call 2102)" = 486
	report_case "that one got the call" test "$(invited "$LAB_NET.22:5071")" = 1
	report_case "a target that answers 503 gives way within the call" test "$(call 2103)" = 486
	report_case "both were asked" test "$(invited "$LAB_NET.23:5071") $(invited "$LAB_NET.22:5072")" = "1 1"
	report_case "a server whose certificate has another name is refused, wherever DNS leads" test "$(call 2104)" = 503
	report_case "no request reached it" test "$(invited "$LAB_NET.21:5073")" = 0
	report_case "the log says whose certificate that is" \
		lab_wait 3 grep -q 'peer forged cannot be reached: .*identity voice.test.example is not forged.test.example' "$LAB_DIR/controlplane.log"
	report_case "without SRV records the name's address and the default port are taken" test "$(call 2105)" = 486
	report_case "it was called there" test "$(invited "$LAB_NET.21:5061")" = 1
}

banned() { lab_ctl ban list | grep -q "$1"; }

limits() {
	local before
	before=$(stat_of limit)
	# more than the limit of 20 handshakes a second
	lab_ns mallory "$LAB_PYTHON" -c 'import socket,sys
[socket.create_connection((sys.argv[1], 5061)) for _ in range(90)]' "$LAB_RELAY"
	report_case "connections above a source's limit are counted" lab_wait 5 limit_above "$before"
	targets mallory knock "$LAB_RELAY" 5061 8 >/dev/null
	report_case "a source that fails again and again is banned" lab_wait 5 banned "$STRANGER"
	report_case "what it tries then is closed at once" test "$(targets mallory knock "$LAB_RELAY" 5061 3 5)" = 3
	report_case "it is refused on other listeners, too" test "$(targets mallory knock "$LAB_RELAY" 5060 2 5)" = 2
	targets alice knock "$LAB_RELAY" 5061 14 >/dev/null
	report_case "the address of a configured peer is never banned, whatever comes from it" test -z "$(lab_ctl ban list | grep "$LAB_NET.11")"
	report_case "meanwhile peers are served" test "$(call 2105)" = 486
	report_case "an operator lifts the ban" lab_ctl ban lift "$STRANGER"
	report_case "it is not in the list any more" test -z "$(lab_ctl ban list | grep "$STRANGER")"
	report_case "it may try again" test "$(targets mallory knock "$LAB_RELAY" 5061 1)" = 0
	report_case "what is not banned cannot be lifted" bash -c "! '$LAB_BUILD/controlplane/cli/sluicectl' --socket '$LAB_DIR/control.sock' ban lift 192.0.2.1 2>/dev/null"
}

lab_up
lab_pki
names
servers
config
lab_dataplane_start
lab_controlplane_start
finding
limits
if [[ -n ${SLUICE_SANITIZED:-} ]]; then
	report_case "no sanitizer finding in either daemon" lab_sanitizers_silent
fi
report_case "both daemons live" lab_daemons_live
((REPORT_FAILED == 0)) || {
	tail -n 25 "$LAB_DIR/controlplane.log"
	cat "$LAB_DIR/servers.log"
}
report_close finding
