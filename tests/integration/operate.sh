#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The operator's hands on a control plane: the check of its configuration and certificates, reload, limits, drain. No data
# plane, no calls.
# usage: tests/integration/operate.sh BUILD_DIR
set -uo pipefail
BUILD=$(realpath "${1:?usage: operate.sh BUILD_DIR}")
cd "$(dirname "$0")/../.." || exit 2
# a network of its own: nothing to clean up
if [[ -z ${SLUICE_OPERATE_INSIDE:-} ]]; then
	SLUICE_OPERATE_INSIDE=1 exec unshare --net "$0" "$BUILD"
fi
# shellcheck source=tests/lib/report.sh
. tests/lib/report.sh
# shellcheck source=tests/lib/lab.sh
. tests/lib/lab.sh

DIR=$(mktemp -d "${TMPDIR:-/tmp}/sluice-operate.XXXXXX")
chmod 755 "$DIR"
mkdir "$DIR/run"
chown nobody "$DIR/run"
DAEMON=
down() {
	[[ -z $DAEMON ]] || kill -s KILL "$DAEMON" 2>/dev/null
	rm -rf "$DIR"
}
trap down EXIT
ip link set lo up

ctl() { "$BUILD/controlplane/cli/sluicectl" -s "$DIR/run/control.sock" "$@"; }
says() { # TEXT COMMAND...: its output holds TEXT
	local text=$1 output
	shift
	output=$("$@" 2>&1)
	grep -qF -- "$text" <<<"$output"
}
edit() { sed -i "$1" "$DIR/config.yaml"; }
logged() { grep -qF -- "$1" "$DIR/log"; }
wait_for() { # COMMAND...: within 30 s
	local tries
	for ((tries = 0; tries < 300; tries++)); do
		"$@" >/dev/null 2>&1 && return
		sleep 0.1
	done
	return 1
}

tee "$DIR/config.yaml" >/dev/null <<EOF
user: nobody
media_socket: $DIR/run/media.sock
control_socket: $DIR/run/control.sock
max_calls: 100
listeners:
- {name: tcp, transport: tcp, address: 127.0.0.1, port: 5060}
dial_plans:
- {name: pbx, security: unsecured, media_interface: voice}
peers:
- {name: bob, transport: tcp, address: 10.0.0.1, dial_plan: pbx, max_calls_in: 3}
routes:
- {name: one, number: "1*", to: bob}
EOF
# --check: what a start would say, without one
sed "/^listeners:/i tls:\n- {name: main, certificate: $DIR/pki/relay.pem, private_key: $DIR/pki/relay.key, trust: $DIR/pki/ca.pem}
	/^- {name: tcp/a - {name: tls, transport: tls, address: 127.0.0.1, port: 5061, tls: main}" "$DIR/config.yaml" >"$DIR/tls.yaml"
LAB_DIR=$DIR
lab_pki_ca ca
lab_pki_ca other
LAB_PKI_DAYS=90 lab_pki_cert relay relay.example
checks() { # STATUS [TEXT]: --check ends with that, and says TEXT
	"$BUILD/controlplane/main/sluice-controlplane" --check --config "$DIR/tls.yaml" >"$DIR/check" 2>&1
	[[ $? == "$1" ]] && grep -qF -- "${2:-}" "$DIR/check"
}
quiet() { checks 0 && ! grep -q 'tls main' "$DIR/check"; }
report_case "--check finds good certificates good" quiet
cp "$DIR/pki/relay.key" "$DIR/pki/kept.key"
cp "$DIR/pki/other.key" "$DIR/pki/relay.key"
report_case "a key of another certificate is named" checks 1 "$DIR/pki/relay.key"
cp "$DIR/pki/kept.key" "$DIR/pki/relay.key"
chmod 644 "$DIR/pki/relay.key"
report_case "so is a key that others can read" checks 1 "$DIR/pki/relay.key"
rm "$DIR/pki/relay.key"
report_case "and one that is not there" checks 1 "$DIR/pki/relay.key"
lab_pki_cert relay relay.example
report_case "a certificate that ends soon is a warning" checks 0 "renew it"
cp "$DIR/pki/relay.pem" "$DIR/pki/ca.pem"
report_case "a trust anchor that is no authority is refused" checks 1 "$DIR/pki/ca.pem"

"$BUILD/controlplane/main/sluice-controlplane" --config "$DIR/config.yaml" >"$DIR/log" 2>&1 &
DAEMON=$!
report_case "the control plane answers" wait_for ctl status

report_case "a reload of the same file changes nothing" says "reloaded: 0 values" ctl reload
edit 's/max_calls: 100/max_calls: 5000/; s/max_calls_in: 3/max_calls_in: 9/'
report_case "limits change live" says "changed: peer bob: max_calls_in" ctl reload
report_case "and are shown" says "0/5,000" ctl limit list
edit 's/max_calls_in: 9/max_calls_in: x/; s/max_calls: 5000/max_calls: 7/'
report_case "an error is told with its line" says "config.yaml:10: peer bob: max_calls_in" ctl reload
report_case "and nothing has changed" says "0/5,000" ctl limit list
edit 's/max_calls_in: x/max_calls_in: 8/; s/10.0.0.1/10.0.0.2/'
report_case "what needs a restart is named" says "peer bob: address" ctl reload
report_case "and nothing else has changed either" says "0/9" ctl peer list
edit 's/10.0.0.2/10.0.0.1/'
kill -s HUP "$DAEMON"
report_case "SIGHUP reloads" wait_for logged "changed: max_calls"
report_case "with what it says" says "0/7" ctl limit list

report_case "a drain without calls is over at once" says "draining" ctl drain timeout=60
report_case "the state is shown" wait_for says "drained for" ctl status
report_case "new calls are taken again" says "serving" ctl undrain
report_case "a drain of text is refused" says "is not timeout=SECONDS" ctl drain timeout=soon
ctl drain then=exit >/dev/null
wait "$DAEMON"
report_case "then=exit ends the daemon in order" test $? = 0
DAEMON=
((REPORT_FAILED == 0)) || tail -n 15 "$DIR/log"
report_close operate
