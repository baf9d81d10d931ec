#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Registrations: a phone through the relay at a PBX, and the relay itself; digest of both.
# usage: tests/integration/registrations.sh BUILD_DIR
set -uo pipefail
SLUICE_BUILD=${1:?usage: registrations.sh BUILD_DIR}
cd "$(dirname "$0")/../.." || exit 2
# shellcheck source=tests/lib/lab.sh
. tests/lib/lab.sh
# shellcheck source=tests/lib/report.sh
. tests/lib/report.sh

PBX=$LAB_NET.15
pbx() { lab_ns dave "$LAB_PYTHON" tests/lib/registrar.py ask "$*"; }
pbx_serves() { pbx bindings; }
list() { lab_ctl registration list; }
list_has_not() { ! list_has "$1"; }
list_has() { list | grep -qE -- "$1"; }
pbx_has() { pbx bindings | grep -qE -- "$1"; }
lacks() { # TEXT IN
	! grep -qF -- "$1" <<<"$2"
}
pbx_has_not() { ! pbx_has "$1"; }
calls_pbx() { [[ $(pbx call "$1") = "$2" ]]; }
counted() { # NAME LEAST
	(($(lab_ctl -j stats | "$LAB_PYTHON" -c "import json,sys; print(json.load(sys.stdin)['signalling']['$1'])") >= $2))
}
answered() { lab_ctl -j call list | grep -q '"answered"'; }
no_calls() { [[ $(lab_ctl -j call list) = '[]' ]]; }

# alice's phone is one of a network.
config() {
	LAB_KIND=${LAB_KIND:-af_xdp} lab_relay_config
	printf 'alice:relay.lab.example:%s\n' "$(printf '%s' alice:relay.lab.example:s3cret | md5sum | cut -c 1-32)" >"$LAB_DIR/users"
	printf '%s\n' s3cret >"$LAB_DIR/password"
	chmod 600 "$LAB_DIR/users" "$LAB_DIR/password"
	sed -i "/^peers:/,\$d" "$LAB_DIR/controlplane.yaml"
	cat >>"$LAB_DIR/controlplane.yaml" <<-YAML
		peers:
		  - {name: pbx, address: $PBX, transport: udp, dial_plan: unsecured, listener: udp}
		  - name: phones
		    network: $LAB_NET.8/29
		    transport: udp
		    dial_plan: unsecured
		    registrar: pbx
		routes:
		  - {name: to-pbx, number: "600", to: pbx}
	YAML
}

# A phone of the PBX's domain, with the relay as outbound proxy.
phone() { # PASSWORD REGINT [TRANSPORT [USER]]
	lab_end alice
	printf '%s\n' "<sip:${4:-alice}@pbx.lab.example>;outbound=\"sip:$LAB_RELAY:5060;transport=${3:-udp}\";auth_user=alice;auth_pass=$1;regint=$2;answermode=auto;audio_codecs=PCMU/8000" >"$LAB_DIR/alice/accounts"
	lab_spawn alice alice env TMPDIR="$LAB_DIR" baresip -4 -f "$LAB_DIR/alice"
	lab_wait 5 lab_ns alice bash -c 'exec 3<>/dev/tcp/127.0.0.1/4444'
}

pass_through() {
	report_case "a phone registers at the PBX through the relay" lab_wait 8 list_has "phone.*sip:alice@pbx.lab.example.*$LAB_NET.11"
	report_case "the PBX has a contact of the relay's own" pbx_has "'alice': 'sip:r[0-9a-f]{16}@$LAB_RELAY"
	report_case "it saw nothing of the phone's address" lacks "$LAB_NET.11" "$(pbx register)"
	report_case "a call of the PBX to that contact is answered by the phone" calls_pbx alice 200
	lab_wait 5 no_calls
	lab_phone_do alice dial 600@pbx.lab.example >/dev/null
	report_case "a call of the phone is challenged by the PBX through the relay, and answered" lab_wait 8 answered
	lab_phone_do alice hangup >/dev/null
	report_case "and ends" lab_wait 5 no_calls
	lab_end alice
	report_case "a phone that goes takes its registration back" lab_wait 5 pbx_has_not alice
	report_case "and the relay knows it no more" lab_wait 5 list_has_not phone
}

wrong_password() {
	phone wrong 60
	report_case "a wrong password is the PBX's to refuse" lab_wait 8 grep -q '401 Unauthorized' "$LAB_DIR/alice.log"
	report_case "and the phone is not registered" lacks phone "$(list)"
	lab_end alice
}

# The relay asks phones for credentials as well; baresip answers one challenge at a time.
both() {
	lab_end controlplane
	cp "$LAB_DIR/controlplane.yaml" "$LAB_DIR/before.yaml"
	sed -i "s|^\( *\)registrar: pbx|&\n\1auth_users_file: $LAB_DIR/users\n\1auth_realm: relay.lab.example|
		s|^peers:|&\n  - {name: handsets, network: $LAB_NET.8/30, transport: tcp, dial_plan: unsecured, registrar: pbx}|" "$LAB_DIR/controlplane.yaml"
	lab_controlplane_start
	phone s3cret 60
	report_case "a phone registers that both the relay and the PBX ask for credentials" lab_wait 8 list_has "phone +phones .* registered"
	report_case "which answered the PBX after it had answered the relay" lab_wait 3 counted challenges-passed 1
	lab_phone_do alice dial 600@pbx.lab.example >/dev/null
	report_case "and calls" lab_wait 8 answered
	lab_phone_do alice hangup >/dev/null
	lab_wait 5 no_calls
	phone s3cret 60 udp mallory
	report_case "nobody registers as another with credentials of its own" lab_wait 8 counted auth-identity 1
	phone s3cret 60 tcp
	report_case "a phone registers by TCP" lab_wait 8 list_has "phone +handsets .* registered"
	report_case "a call of the PBX reaches it by that connection" calls_pbx alice 200
	lab_wait 5 no_calls
	lab_end alice KILL
	report_case "when that is lost it is unreachable" lab_wait 5 list_has "phone +handsets .* unreachable"
	report_case "and calls of the PBX to it are refused at once" calls_pbx alice 480
	report_case "by name" counted flow-lost 1
	lab_end controlplane
	cp "$LAB_DIR/before.yaml" "$LAB_DIR/controlplane.yaml"
}

# The same PBX as a carrier that the relay registers at.
trunk() {
	lab_end controlplane
	sed -i "s|{name: pbx, address: $PBX,|{name: pbx, auth_user: alice, auth_password_file: $LAB_DIR/password, address: $PBX,|" "$LAB_DIR/controlplane.yaml"
	printf '%s\n' "registrations:" "  - {name: main, peer: pbx, aor: \"sip:4930123@pbx.lab.example\", contact_user: \"4711\"}" >>"$LAB_DIR/controlplane.yaml"
	sed -i 's|number: "600"|number: "4930123"|' "$LAB_DIR/controlplane.yaml"
	sed -i "s|^\( *\)registrar: pbx|\1auth_users_file: $LAB_DIR/users\n\1auth_realm: relay.lab.example|" "$LAB_DIR/controlplane.yaml"
	lab_controlplane_start
	report_case "the relay registers with its credentials" lab_wait 8 list_has "trunk +main +pbx .* registered"
	report_case "the PBX has its contact" pbx_has "'4930123': 'sip:4711@$LAB_RELAY"
	phone s3cret 0
	lab_phone_do alice dial 4930123@pbx.lab.example >/dev/null
	report_case "a phone is asked for credentials by the relay, and the relay by the PBX" lab_wait 8 answered
	report_case "and that is counted" counted auth-required 1
	lab_phone_do alice hangup >/dev/null
	lab_wait 5 no_calls
	phone wrong 0
	lab_phone_do alice dial 4930123@pbx.lab.example >/dev/null
	report_case "a wrong password is refused by the relay and counted" lab_wait 8 counted auth-failed 1
	lab_end alice
	lab_end controlplane
	report_case "at an orderly stop it is taken back" lab_wait 3 pbx_has_not 4930123
}

lab_up
lab_pki
config
lab_spawn pbx dave "$LAB_PYTHON" tests/lib/registrar.py "$PBX" "$LAB_RELAY" alice s3cret
lab_sentence "$LAB_DIR/alice.wav" en "a phone that registers" 5
lab_dataplane_start
lab_controlplane_start
lab_phone alice alice "$LAB_NET.11" unsecured-udp "$LAB_DIR/alice.wav"
lab_wait 5 pbx_serves || lab_die "the registrar did not start: $(tail -n 3 "$LAB_DIR/pbx.log")"
phone s3cret 60
pass_through
wrong_password
both
trunk
report_case "no sanitizer has anything to say" lab_sanitizers_silent
report_close registrations
