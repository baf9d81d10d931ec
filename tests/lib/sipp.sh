# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# SIPp user agents on hosts of the lab (lab.sh), with the scenarios of tests/lib/sipp_flow.py.

declare -A SIPP_TRANSPORT=() # host -> SIPp's -t
declare -A SIPP_ADDRESS=()   # host -> where it signals from
declare -A SIPP_MEDIA=()     # host -> the address in its SDP (default: the same)
declare -A SIPP_WORDS=()     # host -> further words for sipp_flow.py

sipp_agent() { # HOST FLOW ROLE CALLED [REMOTE]: in the background, named FLOW-ROLE
	local host=$1 flow=$2 role=$3 called=$4 remote=${5:-} name=$2-$3
	# shellcheck disable=SC2086 # words
	"$LAB_PYTHON" "$LAB_LIB/sipp_flow.py" "$flow" "$role" ${SIPP_WORDS[$host]:-} >"$LAB_DIR/$name.xml" || return 1
	# shellcheck disable=SC2086 # no remote: a server
	lab_spawn "$name" "$host" env TERM=dumb sipp $remote -sf "$LAB_DIR/$name.xml" -i "${SIPP_ADDRESS[$host]}" \
		-mi "${SIPP_MEDIA[$host]:-${SIPP_ADDRESS[$host]}}" -p 5060 -t "${SIPP_TRANSPORT[$host]}" -s "$called" -key relay "$LAB_RELAY" \
		-m 1 -timeout 60s -timeout_error -nostdin -trace_err -error_file "$LAB_DIR/$name.err" -trace_msg -message_file "$LAB_DIR/$name.msg"
}

sipp_listens() { # HOST
	lab_ns "$1" ss -Hlnutp "sport = :5060" | grep -q sipp
}

sipp_ended() { # NAME: its exit code is 0 when every step of its scenario came as written
	local pid=${LAB_PID[$1]}
	wait "$pid"
	local status=$?
	unset "LAB_PID[$1]"
	((status == 0)) || {
		echo "# $1 ended with $status"
		tail -n 15 "$LAB_DIR/$1.err" 2>/dev/null | sed 's/^/# /'
	}
	return "$status"
}
