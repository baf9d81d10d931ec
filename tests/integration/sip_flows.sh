#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Flows of RFC 3665 and RFC 5359 between SIPp user agents through the relay, over UDP, TCP and mutual
# TLS (through stunnel). The flows are a table: tests/lib/sipp_flow.py.
# usage: tests/integration/sip_flows.sh BUILD_DIR
set -uo pipefail
SLUICE_BUILD=${1:?usage: sip_flows.sh BUILD_DIR}
cd "$(dirname "$0")/../.." || exit 2
# shellcheck source=tests/lib/lab.sh
. tests/lib/lab.sh
# shellcheck source=tests/lib/sipp.sh
. tests/lib/sipp.sh
# shellcheck source=tests/lib/report.sh
. tests/lib/report.sh

no_calls() { [[ $(lab_ctl -j call list) = '[]' ]]; }

# carol speaks TCP, dave and mallory UDP; alice TLS, her SIPp speaks TCP to a stunnel
SIPP_TRANSPORT=([carol]=t1 [dave]=u1 [mallory]=u1 [alice]=t1)
SIPP_ADDRESS=([carol]=$LAB_NET.13 [dave]=$LAB_NET.15 [mallory]=$LAB_NET.14 [alice]=127.0.0.1)
SIPP_MEDIA=([alice]=$LAB_NET.11)
SIPP_WORDS=([alice]=secured)
declare -A NUMBER=([carol]=2003 [dave]=2004 [mallory]=2005 [alice]=2001)

# Nothing of the relay's other side is in what an agent got.
nothing_leaked() { # NAME FOREIGN_ADDRESS...
	local name=$1 bad=0 address
	shift
	# what it received, without what it sent
	awk '/message received/ { on = 1 } /message sent/ { on = 0 } on' "$LAB_DIR/$name.msg" >"$LAB_DIR/$name.got"
	[[ -s $LAB_DIR/$name.got ]] || return 1
	for address in "$@"; do
		! grep -qF "$address" "$LAB_DIR/$name.got" || bad=1
	done
	! grep -q 'secret' "$LAB_DIR/$name.got" || bad=1
	return "$bad"
}

# Each role in its place: the servers first. Every one must end as its scenario says.
flow() { # NAME ROLES CALLER CALLEE
	local name=$1 roles=$2 caller=$3 callee=$4 ok=0 remote=$LAB_RELAY:5060 role
	local -A host=([uac]=$caller [uas]=$callee [third]=mallory)
	[[ $caller != alice ]] || remote=127.0.0.1:5070
	for role in uas third; do
		[[ ,$roles, != *,$role,* ]] || { sipp_agent "${host[$role]}" "$name" "$role" "${NUMBER[$callee]}" \
			&& lab_wait 3 sipp_listens "${host[$role]}"; } || ok=1
	done
	sipp_agent "$caller" "$name" uac "${NUMBER[$callee]}" "$remote" || ok=1
	for role in ${roles//,/ }; do
		sipp_ended "$name-$role" || ok=1
	done
	lab_wait 5 no_calls || {
		echo "# calls are left: $(lab_ctl call list)"
		ok=1
	}
	return "$ok"
}

# As flow(), and nothing of one side is in what the other got. Not with alice: her SIPp knows no address
# but that of her tunnel.
flow_hidden() { # NAME ROLES CALLER CALLEE
	flow "$@" || return 1
	nothing_leaked "$1-uac" "${SIPP_ADDRESS[$4]}" || return 1
	[[ ,$2, != *,uas,* ]] || nothing_leaked "$1-uas" "${SIPP_ADDRESS[$3]}"
}

daemons_live() { lab_alive dataplane && lab_alive controlplane; }

tunnels() { # alice's: one that calls the relay, one that the relay calls
	cat >"$LAB_DIR/tunnels.conf" <<-CONFIG
		foreground = yes
		pid =
		cert = $LAB_DIR/pki/alice.pem
		key = $LAB_DIR/pki/alice.key
		CAfile = $LAB_DIR/pki/ca.pem
		verifyChain = yes
		[out]
		client = yes
		accept = 127.0.0.1:5070
		connect = $LAB_RELAY:5061
		[in]
		accept = $LAB_NET.11:5061
		connect = 127.0.0.1:5060
		requireCert = yes
	CONFIG
	lab_spawn tunnels alice stunnel "$LAB_DIR/tunnels.conf"
	lab_wait 5 lab_ns alice bash -c 'exec 3<>/dev/tcp/127.0.0.1/5070' || lab_die "stunnel did not start"
}

main() {
	local name roles what
	lab_up
	lab_pki
	lab_relay_config
	sed -i 's/{name: unsecured, security: unsecured,/& refer: local,/' "$LAB_DIR/controlplane.yaml"
	sed -i '/^routes:/i\  - {name: mallory, address: '"$LAB_NET.14"', port: 5060, transport: udp, dial_plan: unsecured, listener: udp}' \
		"$LAB_DIR/controlplane.yaml"
	echo '  - {name: to-mallory, number: "2005", to: mallory}' >>"$LAB_DIR/controlplane.yaml"
	lab_dataplane_start
	lab_controlplane_start
	tunnels
	while read -r name roles what; do
		report_case "$name, TCP to UDP: $what" flow_hidden "$name" "$roles" carol dave
	done < <("$LAB_PYTHON" tests/lib/sipp_flow.py list)
	report_case "basic, UDP to TCP" flow_hidden basic uac,uas dave carol
	report_case "basic, TLS to TCP" flow basic uac,uas alice carol
	report_case "reliable, TLS to UDP" flow reliable uac,uas alice dave
	report_case "hold, UDP to TLS" flow hold uac,uas dave alice
	report_case "both daemons live" daemons_live
	report_case "the sanitizers have nothing to report" lab_sanitizers_silent
	report_close sip_flows
}

main
