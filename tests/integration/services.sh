#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What operators and phones do with calls: header rules, codec profiles, redirection, the services of RFC 5359
# that need more than two parties, and strangers. The phones: services/flows.py.
# usage: tests/integration/services.sh BUILD_DIR
set -uo pipefail
SLUICE_BUILD=${1:?usage: services.sh BUILD_DIR}
cd "$(dirname "$0")/../.." || exit 2
# shellcheck source=tests/lib/lab.sh
. tests/lib/lab.sh
# shellcheck source=tests/lib/report.sh
. tests/lib/report.sh

flows() {
	local line
	while read -r line; do
		case $line in
		"ok - "*) report_ok "${line#ok - }" ;;
		"not ok - "*) report_not_ok "${line#not ok - }" ;;
		*) printf '%s\n' "$line" ;;
		esac
	done < <(timeout 60 "$LAB_PYTHON" tests/integration/services/flows.py "$LAB_PREFIX" "$LAB_NET" "$LAB_RELAY" 2>&1 \
		|| echo "not ok - the phones end without an error")
}
no_calls() { [[ $(lab_ctl -j call list) = '[]' ]]; }
counted() { # NAME COUNT
	local count
	count=$(lab_ctl -j stats | "$LAB_PYTHON" -c "import json,sys; s=json.load(sys.stdin); print(s['signalling'].get('$1', s['transactions'].get('$1')))")
	[[ $count = "$2" ]] || { echo "# $1 is $count"; return 1; }
}

config() {
	lab_relay_config
	sed -i '/^peers:/,$d; s/{name: unsecured, security: unsecured,/& refer: local, redirect: follow, replaces: dial-plan,/' \
		"$LAB_DIR/controlplane.yaml"
	cat >>"$LAB_DIR/controlplane.yaml" <<-YAML
		codecs:
		  - {name: narrow, allow: [PCMA, G722], order: [PCMA], ptime_ms: 30}
		  - {name: ordered, deny: [G729], order: [G722, PCMU]}
		peers:
		  - {name: alice, address: $LAB_NET.11, transport: udp, dial_plan: unsecured, listener: udp, trust: true}
		  - {name: bob, address: $LAB_NET.12, transport: udp, dial_plan: unsecured, listener: udp, codecs: narrow}
		  - {name: carol, address: $LAB_NET.13, transport: udp, dial_plan: unsecured, listener: udp, trust: true, codecs: ordered}
		  - {name: dave, address: $LAB_NET.15, transport: udp, dial_plan: unsecured, listener: udp}
		  - {name: mallory, address: $LAB_NET.14, transport: udp, dial_plan: unsecured, listener: udp}
		header_rules:
		  - {name: account, peer: carol, direction: in, messages: [INVITE], action: pass, header: X-Account}
		  - {name: e164, peer: carol, direction: in, messages: [INVITE], action: replace, header: P-Asserted-Identity, pattern: "<sip:0([1-9][0-9]*)@", value: '<sip:+49\1@'}
		  - {name: hidden, peer: carol, direction: in, messages: [INVITE], action: remove, header: Reason}
		  - {name: trunk, peer: alice, direction: out, messages: [INVITE], action: add, header: X-Trunk, value: north}
		  - {name: agent, peer: alice, direction: out, messages: [INVITE, BYE], action: remove, header: User-Agent}
		  - {name: queue, peer: alice, direction: in, messages: [1xx, 2xx], action: pass, header: X-Queue}
		routes:
		  - {name: to-alice, number: "2001", to: alice}
		  - {name: to-bob, number: "2002", to: bob}
		  - {name: to-carol, number: "2003", to: carol}
		  - {name: to-dave, number: "2004", to: dave}
		  - {name: to-mallory, number: "2005", to: mallory}
		  - {name: narrow-first, number: "30", targets: [{peer: bob}, {peer: dave, priority: 1}]}
		  - {name: busy-first, number: "31", targets: [{peer: dave}, {peer: mallory, priority: 1}], failover_codes: [486]}
	YAML
}

lab_up
lab_pki
config
lab_dataplane_start
lab_controlplane_start
report_case "the data plane is there" lab_wait 10 grep -q MEDIA_UP "$LAB_DIR/controlplane.log"
flows
report_case "no call is left behind" lab_wait 5 no_calls
report_case "every request of a stranger within a call was counted" counted no-dialog 7
report_case "and every CANCEL" counted stray-cancels 2
report_case "both daemons live" lab_daemons_live
report_case "the sanitizers have nothing to report" lab_sanitizers_silent
((REPORT_FAILED == 0)) || tail -n 25 "$LAB_DIR/controlplane.log"
report_close services
