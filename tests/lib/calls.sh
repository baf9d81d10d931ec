# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What a test asks of calls in the lab (lab.sh): who is connected, how, and who heard whom.

# One value of sluicectl's JSON: PATH is dotted, list indices are numbers.
calls_get() { # PATH COMMAND...
	local path=$1
	shift
	lab_ctl -j "$@" | "$LAB_PYTHON" "$LAB_TOP/bench/lib/demo_json.py" get "$path"
}

calls_id() { lab_ctl -j call list | "$LAB_PYTHON" "$LAB_TOP/bench/lib/demo_json.py" answered; }
calls_none() { [[ $(lab_ctl -j call list) = '[]' ]]; }
calls_answered() { lab_wait 8 calls_id; }

# What a leg (0: the caller's) of the one call that is answered shows at PATH.
calls_leg() { calls_get "legs.$1.$2" call show "$(calls_id)"; } # LEG PATH
calls_leg_is() { [[ $(calls_leg "$1" "$2") = "$3" ]]; }          # LEG PATH VALUE
calls_leg_above() { awk -v a="$(calls_leg "$1" "$2")" -v b="$3" 'BEGIN { exit !(a + 0 > b) }'; }

# How many packets of a leg were dropped as NAME; the empty name: for whatever reason.
calls_drops() { # LEG NAME
	calls_leg "$1" counters.drops | "$LAB_PYTHON" -c 'import json, sys
drops = json.load(sys.stdin)
print(drops.get(sys.argv[1], 0) if sys.argv[1] else sum(drops.values()))' "$2"
}

calls_dial() { # PHONE NUMBER[@HOST]
	local target=$2
	[[ $target = *@* ]] || target=$2@$LAB_RELAY
	lab_phone_do "$1" dial "$target" >/dev/null
}

calls_end() { # PHONE: it hangs up; 1 when the call is still there after 5 s
	lab_phone_do "$1" hangup >/dev/null
	lab_wait 5 calls_none
}

# Nothing was lost on either leg of the call.
calls_whole() {
	[[ $(calls_leg 0 counters.lost)/$(calls_leg 1 counters.lost) = 0/0 ]] || {
		echo "# lost: $(calls_leg 0 counters.lost) and $(calls_leg 1 counters.lost)"
		printf '# %s\n' "$(calls_leg 0 counters)" "$(calls_leg 1 counters)"
		return 1
	}
}

# Everything that came was authentic, and no index of our keys was used twice.
calls_authentic() {
	local leg
	for leg in 0 1; do
		[[ $(calls_drops "$leg" auth)/$(calls_drops "$leg" tx-index) = 0/0 ]] || {
			echo "# leg $leg: drops $(calls_leg "$leg" counters.drops)"
			return 1
		}
	done
}

calls_clean() { calls_whole && calls_authentic; }

# CHECK of what was lost holds for the call, or else for another one like it: a machine that stalls loses packets in phones and in
# the kernel, now and then. What the relay loses, it loses again. What was not authentic has no such excuse.
calls_check_or_again() { # CHECK PHONE NUMBER[@HOST]
	"$1" && return
	[[ $1 = calls_whole ]] || calls_authentic || return
	calls_end "$2" && calls_dial "$2" "$3" && calls_answered && sleep 3 && "$1"
}

# Media reaches both peers: at least 40 packets in a second, and all was authentic. For after a hold, at
# which baresip's recording ends, and which cuts off what is on its way.
calls_flow() {
	local leg before=() after=()
	for leg in 0 1; do before+=("$(calls_leg "$leg" counters.sent)"); done
	sleep 1
	for leg in 0 1; do after+=("$(calls_leg "$leg" counters.sent)"); done
	((after[0] - before[0] >= 40 && after[1] - before[1] >= 40)) && calls_authentic
}

# The sound in a file, at whatever rate, is that of another: at least SECONDS of it, similarity at least
# LEAST (default 0.9; that of another voice is below 0.3).
calls_alike() { # SAID.wav HEARD.wav SECONDS [LEAST]
	local report heard=$LAB_DIR/heard.wav
	sox -V1 -q "$2" -r 8000 -c 1 -b 16 "$heard" && report=$("$LAB_PYTHON" "$LAB_LIB/audio.py" heard "$1" "$heard") || return 1
	awk -v s="$3" -v l="${4:-0.9}" '$1 == "similarity" { a = $2 } $1 == "windows" { w = $2 } END { exit !(a >= l && w >= s) }' \
		<<<"$report" || {
		echo "# in ${2##*/}: ${report//$'\n'/, }"
		return 1
	}
}

# A baresip heard the sentence of another host since its recording began.
calls_heard() { calls_alike "$LAB_DIR/$2.wav" "$(lab_heard "$1")" "$3"; } # LISTENER SPEAKER SECONDS

# A capture of what is between a host and the switch; ended by lab_end NAME-capture INT.
calls_capture() { # HOST
	lab_spawn "$1-capture" switch tcpdump -U -s 0 -i "$1" -w "$LAB_DIR/$1.pcap" ip
	lab_wait 5 grep -q 'listening on' "$LAB_DIR/$1-capture.log"
}

# Nobody on that wire can hear HOST, nor read a key: media is there, encrypted.
calls_wire_is_secure() { # HOST
	local said=$LAB_DIR/$1.wav report
	report=$("$LAB_PYTHON" "$LAB_LIB/audio.py" wire "$LAB_DIR/$1.pcap" "$said" "$(calls_address "$1")" "$LAB_RELAY" \
		"$LAB_MEDIA_FIRST-$LAB_MEDIA_LAST") || return 1
	awk '$1 == "speech" { s = $2 } $1 == "packets" { n = $2 } END { exit !(s < 0.3 && n >= 50) }' <<<"$report" || {
		echo "# on the wire of $1: ${report//$'\n'/, }"
		return 1
	}
	[[ $("$LAB_PYTHON" "$LAB_LIB/audio.py" keys "$LAB_DIR/$1.pcap") = 'keys 0' ]]
}

calls_address() { lab_ns "$1" ip -4 -br addr show voice0 | awk '{ sub("/.*", "", $3); print $3 }'; } # HOST
