# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Linphone's console phone (linphonec) as a phone of the lab (lab.sh): TLS with a client certificate, SRTP
# with SDES required. It takes no connections: who calls it uses the one that it opened.

# Starts one that answers by itself. It needs a way to everywhere, or it believes that it is off line.
lab_linphone() { # NAME NUMBER WAV [TRUST] [MEDIA_ENCRYPTION]
	local name=$1 number=$2 wav=$3 trust=${4:-ca} encryption=${5:-srtp} dir=$LAB_DIR/$1
	rm -rf "$dir"
	mkdir -p "$dir/home/.local/share/linphone" "$dir/home/.config/linphone" "$dir/heard"
	mkfifo "$dir/commands"
	# mbedTLS compares the relay's certificate with a name, never with an address
	lab_names "$name" "$LAB_RELAY relay.lab.example"
	ip -n "$LAB_PREFIX-$name" route replace default via "$LAB_RELAY"
	cat >"$dir/linphonerc" <<-CONFIG
		[sip]
		sip_port=-1
		sip_tcp_port=-1
		sip_tls_port=-1
		use_ipv6=0
		verify_server_certs=1
		verify_server_cn=1
		root_ca=$LAB_DIR/pki/$trust.pem
		client_cert_chain=$LAB_DIR/pki/$name.pem
		client_cert_key=$LAB_DIR/pki/$name.key
		media_encryption=$encryption
		media_encryption_mandatory=$([[ $encryption = none ]] || echo 1)
		default_proxy=0
		[proxy_0]
		reg_proxy=<sip:relay.lab.example:5062;transport=tls>
		reg_identity=sip:$number@relay.lab.example
		reg_sendregister=0
		[rtp]
		audio_rtp_port=30000-30999
		[net]
		auto_net_state_mon=0
	CONFIG
	# read and write: a reader alone would wait for a writer
	# shellcheck disable=SC2016 # expanded by the inner shell
	lab_spawn "$name" "$name" env HOME="$dir/home" TMPDIR="$LAB_DIR" bash -c \
		'exec linphonec -c "$1/linphonerc" -a -S -d 6 -l "$1/linphone.log" <>"$1/commands"' linphonec "$dir"
	lab_wait 8 grep -qs 'linphonec>' "$LAB_DIR/$name.log" || lab_die "linphonec did not start"
	lab_linphone_do "$name" soundcard use files
	lab_linphone_do "$name" play "$wav"
	lab_wait 3 grep -qs 'Using wav files' "$LAB_DIR/$name.log" || lab_die "linphonec takes no commands"
}

lab_linphone_do() { # NAME COMMAND...
	local name=$1
	shift
	printf '%s\n' "$*" >"$LAB_DIR/$name/commands"
}

# Recordings are made of the calls that come after.
lab_linphone_record() { # NAME CALL
	lab_linphone_do "$1" record "$LAB_DIR/$1/heard/$2.wav"
}

# It heard the sentence of another host in that call. Its jitter buffer stretches and shrinks sound.
lab_linphone_heard() { # NAME CALL SPEAKER SECONDS
	calls_alike "$LAB_DIR/$3.wav" "$LAB_DIR/$1/heard/$2.wav" "$4" 0.7
}
