# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A lab of network namespaces: a switch, the relay, and phones that are Debian's baresip. No NIC, no
# hugepage. Sourced by bench/demo and tests/integration.
#
#      alice 10.77.0.11 ─┐
#        bob 10.77.0.12 ─┼─ switch (bridge) ── relay 10.77.0.1: both daemons
#      carol 10.77.0.13 ─┤
#    mallory 10.77.0.14 ─┤
#       dave 10.77.0.15 ─┘
#
# Every namespace, process and file is the lab's own: lab_down ends and removes them all, by pid and
# by name, on every exit path (lab_up sets the trap).

LAB_NET=10.77.0
LAB_PYTHON=/usr/bin/python3 # Debian's, which has numpy, whatever else is in PATH
LAB_RELAY=$LAB_NET.1
LAB_LIB=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
LAB_TOP=$(cd "$LAB_LIB/../.." && pwd)
LAB_BUILD=${SLUICE_BUILD:-$LAB_TOP/build}
declare -A LAB_PID=() # name -> pid of what lab_spawn started
LAB_MEDIA_FIRST=20000
LAB_MEDIA_LAST=20999

lab_say() { printf '%s\n' "lab: $*"; }
lab_die() {
	printf '%s\n' "lab: $*" >&2
	exit 1
}

lab_ns() { # HOST COMMAND...: run in the namespace of that host
	local host=$1
	shift
	ip netns exec "$LAB_PREFIX-$host" "$@"
}

# Starts a long-running command in a namespace, its output in $LAB_DIR/NAME.log.
lab_spawn() { # NAME HOST COMMAND...
	local name=$1 host=$2
	shift 2
	# exec: the pid is the program's own
	ip netns exec "$LAB_PREFIX-$host" "$@" >>"$LAB_DIR/$name.log" 2>&1 </dev/null &
	LAB_PID[$name]=$!
}

lab_alive() { # NAME
	[[ -n ${LAB_PID[$1]:-} ]] && kill -0 "${LAB_PID[$1]}" 2>/dev/null
}

# Ends a process that lab_spawn started: TERM, after 20 s KILL.
lab_end() { # NAME [SIGNAL]
	local name=$1 signal=${2:-TERM} pid=${LAB_PID[$1]:-} until=$((${EPOCHREALTIME/./} + 20000000))
	[[ -n $pid ]] || return 0
	kill -s "$signal" "$pid" 2>/dev/null || true
	while ((${EPOCHREALTIME/./} < until)); do
		kill -0 "$pid" 2>/dev/null || break
		sleep 0.05
	done
	kill -s KILL "$pid" 2>/dev/null || true
	wait "$pid" 2>/dev/null || true
	unset "LAB_PID[$name]"
}

# Waits until a command succeeds; 0, or 1 after five times the SECONDS that it takes a machine with nothing else to do at most: to
# give up, not to measure.
lab_wait() { # SECONDS COMMAND...
	local until=$((${EPOCHREALTIME/./} + 5 * $1 * 1000000))
	shift
	while ! "$@" >/dev/null 2>&1; do
		((${EPOCHREALTIME/./} < until)) || {
			"$@" # for what it says
			return
		}
		sleep 0.1
	done
}

lab_host() { # NAME ADDRESS: a namespace with one interface on the switch
	local ns=$LAB_PREFIX-$1 port
	port=$1
	ip netns add "$ns"
	ip -n "$ns" link set lo up
	ip link add "voice0" netns "$ns" type veth peer name "$port" netns "$LAB_PREFIX-switch"
	ip -n "$LAB_PREFIX-switch" link set "$port" master br0 up
	ip -n "$ns" addr add "$2/24" dev voice0
	ip -n "$ns" link set voice0 up
}

# What a host calls others, besides the names of this machine: ip-netns(8) binds the file over /etc/hosts
# for what is started there.
lab_names() { # HOST "ADDRESS NAME"...
	local dir=/etc/netns/$LAB_PREFIX-$1
	shift
	[[ -d /etc/netns ]] || LAB_NETNS_MADE=1
	mkdir -p "$dir"
	printf '%s\n' "127.0.0.1 localhost" "$@" >"$dir/hosts"
}

lab_up() { # makes the network; sets LAB_PREFIX and LAB_DIR
	LAB_PREFIX=sluice$$
	LAB_DIR=$(mktemp -d "${TMPDIR:-/tmp}/sluice-lab.XXXXXX")
	chmod 755 "$LAB_DIR"
	trap 'lab_down' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	ip netns add "$LAB_PREFIX-switch"
	ip -n "$LAB_PREFIX-switch" link add br0 type bridge mcast_snooping 0
	ip -n "$LAB_PREFIX-switch" link set br0 up
	lab_host relay "$LAB_RELAY"
	lab_host alice "$LAB_NET.11"
	lab_host bob "$LAB_NET.12"
	lab_host carol "$LAB_NET.13"
	lab_host mallory "$LAB_NET.14"
	lab_host dave "$LAB_NET.15"
}

lab_down() {
	local status=$? name ns
	trap - EXIT
	trap '' INT TERM # a second one would leave half of it
	for name in "${!LAB_PID[@]}"; do
		lab_end "$name"
	done
	[[ -z ${LAB_CLEANUP:-} ]] || "$LAB_CLEANUP" # a script's own
	for ns in relay alice bob carol mallory dave switch; do
		[[ -e /run/netns/$LAB_PREFIX-$ns ]] && ip netns del "$LAB_PREFIX-$ns"
		rm -rf "/etc/netns/$LAB_PREFIX-$ns"
	done
	[[ -z ${LAB_NETNS_MADE:-} ]] || rmdir --ignore-fail-on-non-empty /etc/netns
	if [[ -n ${LAB_KEEP_LOGS:-} ]]; then
		lab_say "logs kept in $LAB_DIR"
	else
		rm -rf "$LAB_DIR"
	fi
	exit "$status"
}

# ---- PKI ----

lab_pki_ca() { # NAME: a certificate authority, $LAB_DIR/pki/NAME.{pem,key}
	mkdir -p "$LAB_DIR/pki"
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
		-subj "/CN=sluice lab $1" -keyout "$LAB_DIR/pki/$1.key" -out "$LAB_DIR/pki/$1.pem" \
		-addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign \
		2>/dev/null || lab_die "openssl could not make the authority $1"
	chmod 600 "$LAB_DIR/pki/$1.key"
}

lab_pki_cert() { # NAME FQDN [CA]: certificate for server and client, signed by CA (default ca), for LAB_PKI_DAYS
	local name=$1 fqdn=$2 ca=${3:-ca} dir=$LAB_DIR/pki
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$fqdn" \
		-keyout "$dir/$name.key" -out "$dir/$name.csr" 2>/dev/null || lab_die "no request for $name"
	printf '%s\n' "subjectAltName=DNS:$fqdn${4:+,IP:$4}" "extendedKeyUsage=serverAuth,clientAuth" \
		"keyUsage=critical,digitalSignature" "basicConstraints=critical,CA:FALSE" >"$dir/$name.ext"
	openssl x509 -req -in "$dir/$name.csr" -CA "$dir/$ca.pem" -CAkey "$dir/$ca.key" -days "${LAB_PKI_DAYS:-2}" \
		-set_serial "0x$(openssl rand -hex 16)" -extfile "$dir/$name.ext" -out "$dir/$name.pem" \
		2>/dev/null || lab_die "no certificate for $name"
	chmod 600 "$dir/$name.key"
	cat "$dir/$name.pem" "$dir/$name.key" >"$dir/$name.both"
	chmod 600 "$dir/$name.both"
}

lab_pki() {
	lab_pki_ca ca
	lab_pki_cert relay relay.lab.example ca "$LAB_RELAY"
	lab_pki_cert alice alice.lab.example ca "$LAB_NET.11"
	lab_pki_cert bob bob.lab.example ca "$LAB_NET.12"
}

# ---- the relay ----

lab_relay_config() { # writes both configurations; LAB_KIND: af_xdp (default) or af_packet
	cat >"$LAB_DIR/dataplane.yaml" <<-YAML
		media_socket: $LAB_DIR/media.sock
		group: nogroup
		workers: {count: ${LAB_WORKERS:-1}, cores: auto, idle: sleep}
		max_sessions: ${LAB_MAX_SESSIONS:-100}
		engine: ${LAB_ENGINE:-ipsec_mb}
		interfaces:
		  - name: voice
		    device: ${LAB_DEVICE:-voice0}
		    kind: ${LAB_KIND:-af_xdp}
		    ${LAB_PORT:-}
		    fallback: refuse
		    addresses: [$LAB_RELAY]
		    media_ports: $LAB_MEDIA_FIRST-$LAB_MEDIA_LAST
	YAML
	cat >"$LAB_DIR/controlplane.yaml" <<-YAML
		user: nobody
		media_socket: $LAB_DIR/media.sock
		control_socket: $LAB_DIR/control.sock
		max_calls: 100
		tls:
		  - name: lab
		    certificate: $LAB_DIR/pki/relay.pem
		    private_key: $LAB_DIR/pki/relay.key
		    trust: $LAB_DIR/pki/ca.pem
		listeners:
		  - {name: tls, transport: tls, address: $LAB_RELAY, port: 5061, tls: lab, host: $LAB_RELAY}
		  - {name: tcp, transport: tcp, address: $LAB_RELAY, port: 5060, host: $LAB_RELAY}
		  - {name: udp, transport: udp, address: $LAB_RELAY, port: 5060, host: $LAB_RELAY}
		dial_plans:
		  - name: secured
		    security: secured
		    media_interface: voice
		    media_timeout_s: ${LAB_MEDIA_TIMEOUT:-30}
		    suites: [AES_CM_128_HMAC_SHA1_80, AES_CM_128_HMAC_SHA1_32]
		    ${LAB_KEY_LIFETIME:+key_lifetime: $LAB_KEY_LIFETIME}
		    allow_downgrade: true
		  - {name: unsecured, security: unsecured, media_interface: voice, media_timeout_s: ${LAB_MEDIA_TIMEOUT:-30}}
		peers:
		  - {name: alice, fqdn: alice.lab.example, address: $LAB_NET.11, port: 5061, transport: tls, dial_plan: secured, listener: tls}
		  - {name: bob, fqdn: bob.lab.example, address: $LAB_NET.12, port: 5061, transport: tls, dial_plan: secured, listener: tls}
		  - {name: carol, fqdn: carol.lab.example, address: $LAB_NET.13, port: 5060, transport: tcp, dial_plan: unsecured, listener: tcp}
		  - {name: dave, address: $LAB_NET.15, port: 5060, transport: udp, dial_plan: unsecured, listener: udp}
		routes:
		  - {name: to-alice, number: "2001", to: alice}
		  - {name: to-bob, number: "2002", to: bob}
		  - {name: to-carol, number: "2003", to: carol}
		  - {name: to-dave, number: "2004", to: dave}
	YAML
}

lab_dataplane_ready() { # TIMES that it has said so: after a kill the old socket is still there
	(($(grep -c 'READY' "$LAB_DIR/dataplane.log") > $1))
}

lab_dataplane_start() {
	local times
	times=$(grep -c 'READY' "$LAB_DIR/dataplane.log" 2>/dev/null) || true
	lab_spawn dataplane relay "$LAB_BUILD/dataplane/main/sluice-dataplane" --config "$LAB_DIR/dataplane.yaml"
	lab_wait 20 lab_dataplane_ready "${times:-0}" || {
		tail -n 20 "$LAB_DIR/dataplane.log" >&2
		lab_die "the data plane did not start"
	}
}

lab_controlplane_start() {
	lab_spawn controlplane relay "$LAB_BUILD/controlplane/main/sluice-controlplane" --config "$LAB_DIR/controlplane.yaml"
	lab_wait 10 lab_ctl status || {
		tail -n 20 "$LAB_DIR/controlplane.log" >&2
		lab_die "the control plane did not start"
	}
}

lab_ctl() { # sluicectl ARGS...
	"$LAB_BUILD/controlplane/cli/sluicectl" --socket "$LAB_DIR/control.sock" "$@"
}

# ---- phones ----

# A sentence spoken by espeak-ng, 8 kHz mono, padded with silence to SECONDS.
lab_sentence() { # FILE VOICE TEXT SECONDS
	TMPDIR=$LAB_DIR espeak-ng -v "$2" -s 150 -w "$1.raw.wav" "$3" && sox -q "$1.raw.wav" -r 8000 -c 1 -b 16 "$1.one.wav" pad 0.5 0.5 \
		&& sox -q "$1.one.wav" "$1" repeat 30 trim 0 "$4" && rm -f "$1.raw.wav"
}

lab_accounts() { # HOST MEDIA NUMBER=CODECS[=MEDIAENC]...
	local host=$1 media=$2 number codecs other
	shift 2
	while IFS="=" read -r number codecs other; do
		[[ -n $number ]] || continue
		printf '%s\n' "<sip:$number@$host>;regint=0;answermode=auto;audio_codecs=$codecs$([[ -n $other ]] && echo ";mediaenc=$other" || echo "$media")"
	done < <(printf '%s\n' "$@")
}

# Configures and starts a baresip that answers by itself, plays WAV and records what it hears.
#   SECURITY  secured: TLS and SRTP required, a stunnel in front that demands the relay's certificate
#             (baresip 1.0 as a TLS server asks for none); sip-secured: the same with RTP;
#             unsecured: TCP and RTP; unsecured-udp: UDP and RTP
#   CERT      name in the PKI (default: NAME)
# LAB_CODECS: what it speaks, as baresip writes it (default: G.711). LAB_ACCOUNTS: further numbers that it
# has, words of NUMBER=CODEC,... or NUMBER=CODEC,...=MEDIAENC
lab_phone() { # NAME NUMBER ADDRESS SECURITY WAV [CERT]
	local name=$1 number=$2 address=$3 security=$4 wav=$5 cert=${6:-$1} dir=$LAB_DIR/$1
	local transport=tcp media='' listen="$3:5060"
	rm -rf "$dir"
	mkdir -p "$dir/heard"
	: >"$dir/config"
	[[ $security != secured ]] || media=';mediaenc=srtp-mand'
	[[ $security != unsecured-udp ]] || transport=udp
	if [[ $security = *secured && $security != unsecured ]]; then
		transport=tls listen=127.0.0.1:5060
		printf '%s\n' "sip_certificate $LAB_DIR/pki/$cert.both" "sip_cafile $LAB_DIR/pki/ca.pem" >"$dir/config"
	fi
	cat >>"$dir/config" <<-CONFIG
		poll_method epoll
		sip_listen $listen
		call_local_timeout 60
		call_max_calls 4
		audio_source aufile,$wav
		audio_player aubridge,sink
		audio_alert aubridge,sink
		ausrc_srate 8000
		auplay_srate 8000
		ausrc_channels 1
		auplay_channels 1
		audio_txmode thread
		audio_level no
		rtp_tos 184
		rtp_ports 30000-30999
		rtp_bandwidth 512-1024
		rtcp_mux no
		jitter_buffer_delay 5-10
		rtp_stats no
		statmode_default off
		rtp_timeout 60
		module_path /usr/lib/baresip/modules
		module g711.so
		module g722.so
		module opus.so
		module aufile.so
		module aubridge.so
		module sndfile.so
		module srtp.so
		module account.so
		module menu.so
		module ctrl_tcp.so
		ctrl_tcp_listen 127.0.0.1:4444
		snd_path $dir/heard
	CONFIG
	printf '%s\n' "<sip:$number@$address;transport=$transport>;regint=0;answermode=auto;audio_codecs=${LAB_CODECS:-PCMU/8000,PCMA/8000}$media" >"$dir/accounts"
	# shellcheck disable=SC2086 # words
	lab_accounts "$address;transport=$transport" "$media" ${LAB_ACCOUNTS:-} >>"$dir/accounts"
	: >"$dir/contacts"
	lab_spawn "$name" "$name" env TMPDIR="$LAB_DIR" baresip -4 -f "$dir"
	if [[ $transport = tls ]]; then
		cat >"$dir/stunnel.conf" <<-CONFIG
			foreground = yes
			pid =
			[sip]
			accept = $address:5061
			connect = 127.0.0.1:5060
			cert = $LAB_DIR/pki/$cert.pem
			key = $LAB_DIR/pki/$cert.key
			CAfile = $LAB_DIR/pki/ca.pem
			verifyChain = yes
			requireCert = yes
		CONFIG
		lab_spawn "$name-stunnel" "$name" stunnel "$dir/stunnel.conf"
	fi
	lab_wait 5 lab_ns "$name" bash -c 'exec 3<>/dev/tcp/127.0.0.1/4444' || lab_die "phone $name did not start"
}

lab_phone_end() { # NAME
	lab_end "$1"
	lab_end "$1-stunnel"
}

# The newest recording of what a phone hears.
lab_heard() { # NAME
	find "$LAB_DIR/$1/heard" -name '*dec.wav' | sort | tail -n 1
}

# Gives a command to a phone (baresip's ctrl_tcp: netstrings of JSON) and prints the answer.
lab_phone_do() { # NAME COMMAND [PARAMS]
	lab_ns "$1" "$LAB_PYTHON" "$LAB_LIB/baresip_ctrl.py" "$2" "${3:-}"
}

# True when neither daemon's log has a report of a sanitizer.
lab_sanitizers_silent() {
	! grep -E -A 12 'ERROR: (Address|Leak)Sanitizer|runtime error:' "$LAB_DIR"/{data,control}plane.log
}

lab_daemons_live() { lab_alive dataplane && lab_alive controlplane; }
