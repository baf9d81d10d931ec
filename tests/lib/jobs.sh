# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Jobs of tests/run: commands that may run at the same time. What each prints is shown in one piece, its results are added up,
# and at the end it is said how long each took.

JOBS_DIR=$(mktemp -d)
JOBS_LIVE=1 # whether output is shown as it comes: where only one runs at a time
trap jobs_end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

heading() { printf '\n==== %s\n' "$*"; }

jobs_below() { # PID: all that it has started, and they, who are to be told to end
	local child children
	read -r -d '' -a children < <(cat /proc/"$1"/task/*/children 2>/dev/null)
	for child in "${children[@]}"; do
		case $(cat /proc/"$child"/comm 2>/dev/null) in
		tee) ;; # goes on until who writes to it has cleaned up
		timeout) echo "$child" ;; # tells its own
		*)
			echo "$child"
			jobs_below "$child"
			;;
		esac
	done
}

# Interrupted, nothing goes on: what runs in the background hears no SIGINT.
jobs_end() {
	local status=$? running
	trap - EXIT
	trap '' INT TERM
	mapfile -t running < <(jobs_below $$)
	kill "${running[@]}" 2>/dev/null
	wait
	rm -rf "$JOBS_DIR"
	exit "$status"
}

# For a job that counts by itself.
jobs_tally() { echo "$*" >"$JOB_TALLY"; } # PASSED FAILED SKIPPED

# Runs a command as a job; its status. Unless it has tallied, its lines "ok - ", "not ok - " and "skip - " are counted.
job() { # NAME COMMAND...
	local name=$1 began=$SECONDS log status JOB_TALLY
	shift
	log=$(mktemp "$JOBS_DIR/log.XXXXXX")
	JOB_TALLY=$log.tally
	if ((JOBS_LIVE)); then
		heading "$name ($SECONDS s)"
		"$@" 2>&1 | tee "$log"
		status=${PIPESTATUS[0]}
		jobs_count "$name" "$log" "$status" $((SECONDS - began))
	else
		echo "---- $name begins ($SECONDS s)"
		"$@" >"$log" 2>&1 </dev/null
		status=$?
		{
			flock 9
			heading "$name ($((SECONDS - began)) s)"
			cat "$log"
			jobs_count "$name" "$log" "$status" $((SECONDS - began))
		} 9>>"$JOBS_DIR/shown"
	fi
	return "$status"
}

# The same for what several wait for: who comes first does it, for the others its status is enough.
job_once() { # NAME COMMAND...
	(
		flock 8
		[[ -f $JOBS_DIR/once.$1 ]] || {
			job "$@" 8>&-
			echo $? >"$JOBS_DIR/once.$1"
		}
		exit "$(<"$JOBS_DIR/once.$1")"
	) 8>>"$JOBS_DIR/lock.$1"
}

jobs_count() { # NAME LOG STATUS SECONDS
	local ok bad skip
	if [[ -f $2.tally ]]; then
		read -r ok bad skip <"$2.tally"
	else
		ok=$(grep -c '^ok - ' "$2")
		bad=$(grep -c '^not ok - ' "$2")
		skip=$(grep -c '^skip - ' "$2")
		if (($3 != 0 && bad == 0)); then
			bad=1
			echo "not ok - $1 ended with exit code $3"
		elif ((ok + bad + skip == 0)); then
			bad=1
			echo "not ok - $1 ran no test"
		fi
	fi
	echo "$4 $ok $bad $skip $1" >>"$JOBS_DIR/results"
	rm -f "$2" "$2.tally"
}

# What there is to say at the end; 0 if something passed and nothing failed.
jobs_report() {
	heading "how long each took, in seconds"
	sort -k 1,1nr "$JOBS_DIR/results" | awk '{ took = $1; $1 = $2 = $3 = $4 = ""; sub(/^ +/, ""); printf "%5d  %s\n", took, $0 }'
	heading "done ($SECONDS s)"
	awk '$3 > 0 { $1 = $2 = $3 = $4 = ""; sub(/^ +/, ""); print "failed: " $0 }' "$JOBS_DIR/results"
	awk '{ ok += $2; bad += $3; skip += $4 }
		END { printf "%d passed, %d failed, %d skipped\n", ok, bad, skip; exit !(bad == 0 && ok > 0) }' "$JOBS_DIR/results"
}
