#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# bench/run: its quick measurements end in time and write what they promise. Not how fast it is.
# usage: tests/integration/bench.sh BUILD_DIR
set -uo pipefail
SLUICE_BUILD=${1:?usage: bench.sh BUILD_DIR}
export SLUICE_BUILD
cd "$(dirname "$0")/../.." || exit 2
# shellcheck source=tests/lib/report.sh
. tests/lib/report.sh

DIR=$(mktemp -d)
DATAPLANE='' # pid
cleanup() {
	[[ -z $DATAPLANE ]] || { kill "$DATAPLANE" && wait "$DATAPLANE"; } 2>/dev/null
	rm -rf "$DIR"
}
trap cleanup EXIT

# Where several processes hand packets to each other, what else runs on the host of this machine may spoil a run, which is made once
# more; a fault of ours is there again. What is one process has no such excuse.
again() { # RUN CHECK
	{ "$1" && "$2"; } >/dev/null 2>&1 || {
		echo "# once more: $1, which said:"
		tail -n 3 "$DIR/$1.log" | sed 's/^/# /'
		"$1"
	}
}
twice() { # COMMAND... of mediagen: the same where the check is part of it; but a packet that came back wrong is wrong
	rm -f "$DIR/mediagen.json" "$DIR/flood.json"
	"$@" && return
	! grep -q '"wrong"' "$DIR/mediagen.json" "$DIR/flood.json" 2>/dev/null || none_was_wrong || return
	echo "# once more: $1"
	"$@"
}
none_was_wrong() {
	python3 - "$DIR"/mediagen.json "$DIR"/flood.json <<-'CODE'
		import json, os, sys

		for path in filter(os.path.exists, sys.argv[1:]):
		    wrong = json.load(open(path, encoding="utf-8"))["wrong"]
		    assert sum(wrong.values()) == 0, wrong
	CODE
}
children_cpu_s() { # FILE: of times
	awk 'NR == 2 { for (i = 1; i <= 2; i++) { split($i, t, /[ms]/); s += 60 * t[1] + t[2] } print int(s) }' "$1"
}
quick() {
	local status
	times >"$DIR/before"
	timeout 300 bench/run micro --quick --json "$DIR/micro.json" --svg "$DIR" >"$DIR/micro.log" 2>&1
	status=$?
	times >"$DIR/after"
	QUICK_CPU_S=$(($(children_cpu_s "$DIR/after") - $(children_cpu_s "$DIR/before")))
	return "$status"
}
relay() { timeout 300 bench/run relay --quick --suite AES_CM_128_HMAC_SHA1_80,AEAD_AES_128_GCM --calls 100,1000 --json "$DIR/relay.json" --svg "$DIR" >"$DIR/relay.log" 2>&1; }
soak() { timeout 300 bench/run relay --soak 4 --calls 200 --json "$DIR/soak.json" >"$DIR/soak.log" 2>&1; }
refused() { ! bench/run "$@" >"$DIR/refused" 2>&1; }

report_is_complete() {
	python3 - "$DIR/micro.json" <<-'CODE'
		import json, sys

		report = json.load(open(sys.argv[1], encoding="utf-8"))
		assert report["bench"] == "micro" and report["machine"]["model"] and report["commit"]
		keys = {"engine", "suite", "op", "payload", "streams", "burst", "pps", "cycles_per_packet",
		        "ratio_to_roofline", "ratio_to_libsrtp"}
		assert all(keys <= set(r) for r in report["results"]), "a key is missing"
		assert all(r["pps"] > 0 and r["cycles_per_packet"] > 0 for r in report["results"])
		assert {"roofline", "ipsec_mb", "libsrtp2"} <= {r["engine"] for r in report["results"]}
		assert {"srtp_protect", "srtp_unprotect", "srtcp_protect", "srtcp_unprotect"} <= {
		    r["op"] for r in report["results"]}
		ours = [r for r in report["results"] if r["engine"] == "ipsec_mb"]
		assert ours and all(r["ratio_to_roofline"] > 0 for r in ours)
		assert all(r["ratio_to_libsrtp"] > 1 for r in ours if r["streams"] > 1)
	CODE
}

relay_is_complete() {
	python3 - "$DIR/relay.json" <<-'CODE'
		import json, sys

		report = json.load(open(sys.argv[1], encoding="utf-8"))
		assert report["bench"] == "relay" and report["machine"]["model"] and report["commit"]
		rows = report["results"]
		keys = {"path", "suite", "calls", "pps", "cycles_per_packet", "ratio_to_roofline", "lost", "stages"}
		assert all(keys <= set(r) for r in rows), "a key is missing"
		suites = {"AES_CM_128_HMAC_SHA1_80", "AEAD_AES_128_GCM"}
		paths = {"RTP->SRTP", "SRTP->RTP", "SRTP->SRTP"}
		wanted = {(p, s, n) for p in paths for s in suites for n in (100, 1000)}
		wanted |= {("RTP->RTP", "none", n) for n in (100, 1000)}
		assert {(r["path"], r["suite"], r["calls"]) for r in rows} == wanted
		assert all(r["pps"] > 0 and r["lost"] == 0 and r["decrypted_and_compared"] > 0 for r in rows)
		assert all((r["ratio_to_roofline"] is None) == (r["suite"] == "none") for r in rows)
		assert all(sum(r["stages"].values()) > 0 for r in rows)
	CODE
}

disturb() { timeout 300 bench/run disturb --quick --json "$DIR/disturb.json" >"$DIR/disturb.log" 2>&1; }
# Nothing lost of the calls, whatever happens beside them, and each bad packet under its name.
disturb_is_complete() {
	python3 - "$DIR/disturb.json" <<-'CODE'
		import json, sys

		rows = {r["disturbance"]: r for r in json.load(open(sys.argv[1], encoding="utf-8"))["results"]}
		assert all(r["packets"] > 0 and r["lost"] == 0 for r in rows.values())
		names = {"unknown-port": {"unknown-port"}, "malformed": {"not-rtp"}, "source": {"source"},
		         "forged": {"auth", "auth-rate"}}
		for name, row in rows.items():
		    assert set(row["drops"]) == names.get(name, set()), name
		    assert sum(row["drops"].values()) == row["refused"], name
		assert {"quiet", "opens", "capture-1", "capture-16"} <= set(rows) and all(rows[n]["refused"] for n in names)
	CODE
}

# ---- sluice-mediagen, on a data plane that has a memif ----

dataplane_start() {
	printf '%s\n' "media_socket: $DIR/media.sock" "workers: {count: 1, cores: auto, idle: sleep}" \
		"max_sessions: 100" "interfaces:" \
		"  - {name: voice, device: phones, kind: memif, memif: {socket: $DIR/memif.sock}," \
		"     addresses: [198.18.0.1, \"2001:db8::1\"], media_ports: 20000-29999}" \
		"  - {name: attacked, device: attack, kind: memif, memif: {socket: $DIR/attacked.sock}," \
		"     addresses: [198.18.1.1], media_ports: 20000-20099}" \
		"  - {name: tagged, device: tagged, kind: memif, memif: {socket: $DIR/tagged.sock}, vlan: 7," \
		"     addresses: [198.18.2.1, \"2001:db8:2::1\"], media_ports: 20000-20199}" >"$DIR/dataplane.yaml"
	"$SLUICE_BUILD/dataplane/main/sluice-dataplane" --config "$DIR/dataplane.yaml" 2>"$DIR/dataplane.log" &
	DATAPLANE=$!
	for ((i = 0; i < 200; i++)); do
		grep -q READY "$DIR/dataplane.log" && return
		sleep 0.1
	done
	return 1
}
mediagen() { # ADDRESS OPTION...
	local address=$1
	shift
	timeout 60 "$SLUICE_BUILD/bench/mediagen/sluice-mediagen" --port "memif:$DIR/memif.sock,voice,$address" \
		--media-socket "$DIR/media.sock" --calls 50 --seconds 1 "$@" 2>"$DIR/mediagen.log"
}
all_came_back() { # OPTION...
	mediagen "$@" --json "$DIR/mediagen.json" && python3 - "$DIR/mediagen.json" <<-'CODE'
		import json, sys

		run = json.load(open(sys.argv[1], encoding="utf-8"))
		assert run["sent"] == run["received"] == run["relay"]["relayed"] > 0 and run["lost"] == 0
		assert sum(run["wrong"].values()) == 0 and run["relay"]["dropped"] == 0
		assert 0 < run["latency_ns"]["p50"] <= run["latency_ns"]["p99_9"] <= run["latency_ns"]["max"]
	CODE
}
# The calls lose nothing, each bad packet goes under its own name, nothing is unaccounted for. Of the
# attacked call nothing is lost either, but to a forger who sees its packets.
flood_harms_nobody() { # KIND
	mediagen 198.19.0.1 --suites rtp,AES_CM_128_HMAC_SHA1_80 --flood "$1" --flood-pps 200000 \
		--flood-port "memif:$DIR/attacked.sock,attacked,198.19.1.1" --json "$DIR/flood.json" &&
		python3 - "$DIR/flood.json" <<-'CODE'
			import json, sys

			run = json.load(open(sys.argv[1], encoding="utf-8"))
			flood, relay = run["flood"], run["relay"]
			names = {"forged": {"auth", "auth-rate"}, "forged-near": {"auth", "auth-rate"},
			         "replayed": {"replay", "replay-old"}}.get(flood["kind"], {flood["kind"]})
			assert run["sent"] == run["received"] > 0 and run["lost"] == 0 and sum(run["wrong"].values()) == 0
			assert flood["taken"] > 1000 and flood["unaccounted"] == 0 and set(relay["drops"]) <= names
			assert relay["dropped"] == flood["taken"] + flood["attacked"]["lost"]
			assert flood["attacked"]["sent"] > 0 and flood["attacked"]["wrong"] == 0
			assert flood["attacked"]["lost"] == 0 or flood["kind"] == "forged-near"
		CODE
}
floods() { # each kind for a second
	local kind
	for kind in forged forged-near replayed; do
		flood_harms_nobody "$kind" || {
			echo "# $kind"
			sed 's/^/# /' "$DIR/mediagen.log"
			return 1
		}
	done
}
# A call among others on the same port.
shared_flood() {
	mediagen 198.19.0.1 --suites AES_CM_128_HMAC_SHA1_80,rtp --flood source --flood-count 50000 --json "$DIR/flood.json" &&
		grep -q '"own_port": false.*"offered": 50000,' "$DIR/flood.json"
}
floods_are_refused() {
	! mediagen 198.19.0.1 --flood-pps 5 && ! mediagen 198.19.0.1 --flood nothing &&
		! mediagen 198.19.0.1 --suites rtp,rtp --flood replayed && grep -q 'needs a leg with SRTP' "$DIR/mediagen.log"
}
in_a_vlan() { # ADDRESS OPTION...
	timeout 60 "$SLUICE_BUILD/bench/mediagen/sluice-mediagen" --port "memif:$DIR/tagged.sock,tagged,$1" --media-socket "$DIR/media.sock" \
		--calls 50 --seconds 1 --json "$DIR/mediagen.json" "${@:2}" 2>"$DIR/mediagen.log"
}
vlan_is_kept() {
	in_a_vlan 2001:db8:2::1000 --codec opus --suites rtp,AES_CM_128_HMAC_SHA1_80 --vlan 7 && grep -q '"lost": 0,' "$DIR/mediagen.json"
}
other_vlan_is_refused() { # each packet by name, none relayed
	! in_a_vlan 198.19.2.1 "$@" && grep -qE '"relayed": 0, "dropped": ([0-9]+), "drops": \{"not-ours": \1\}' "$DIR/mediagen.json" &&
		! grep -q '"sent": 0,' "$DIR/mediagen.json"
}
# 2,000 sessions a second through the media socket, while calls go on.
opens_harm_nobody() {
	local pid status=0
	"$SLUICE_BUILD/bench/disturb/sluice-bench-opens" --media-socket "$DIR/media.sock" --interface voice --seconds 2 >"$DIR/opens.json" &
	pid=$!
	all_came_back 198.19.0.1 --suites rtp,AES_CM_128_HMAC_SHA1_80 || status=1
	wait "$pid" && grep -qE '"opened": (39|4)[0-9]{2,3}, .*"refused": 0,' "$DIR/opens.json" && return $status
}
made_ahead() { # all packets made before the first is sent, one in 7 decrypted later; or made along
	local ahead
	for ahead in 30000 100; do
		all_came_back 198.19.0.1 --suites AES_CM_128_HMAC_SHA1_80,AEAD_AES_128_GCM --pps 20000 --ahead "$ahead" --verify-every 7 \
			&& python3 - "$DIR/mediagen.json" <<-'CODE' || return 1
			import json, sys

			run = json.load(open(sys.argv[1], encoding="utf-8"))
			assert run["verified"] == run["sent"] // 7 > 1000
			assert sum(count for _, count in run["latency_steps"]) == run["received"]
		CODE
	done
}
ends_with_the_tape() { # as fast as can be, it ends when what was made ahead is sent
	mediagen 198.19.0.1 --pps max --ahead 40000 --seconds 50 --json "$DIR/mediagen.json" && python3 - "$DIR/mediagen.json" <<-'CODE'
		import json, sys

		run = json.load(open(sys.argv[1], encoding="utf-8"))
		assert 40000 <= run["sent"] <= 40002 and run["lost"] == 0 and run["latency_ns"] is None
	CODE
}
interrupted_cleanly() {
	local pid i
	"$SLUICE_BUILD/bench/mediagen/sluice-mediagen" --port "memif:$DIR/memif.sock,voice,198.19.0.1" \
		--media-socket "$DIR/media.sock" --calls 50 --seconds 60 2>"$DIR/mediagen.log" &
	pid=$!
	for ((i = 0; i < 100; i++)); do
		tail -n 1 "$DIR/dataplane.log" | grep -q CLIENT_CONNECTED && break
		sleep 0.1
	done
	sleep 1.5
	kill -INT "$pid"
	wait "$pid"
	# its calls are gone, so that there is room for others
	grep -q '^latency:' "$DIR/mediagen.log" && all_came_back 198.19.0.1 --calls 100
}
says_who_is_missing() {
	! mediagen 198.19.0.1 --media-socket "$DIR/nobody.sock" && grep -q 'no data plane answers' "$DIR/mediagen.log"
}
latency() { timeout 300 bench/run latency --seconds 1 --calls 20 --path RTP-\>SRTP --json "$DIR/latency.json" --svg "$DIR" >"$DIR/latency.log" 2>&1; }
latency_is_complete() {
	python3 - "$DIR/latency.json" <<-'CODE'
		import json, sys

		result, = json.load(open(sys.argv[1], encoding="utf-8"))["results"]
		assert [r["share"] for r in result["shares"]] == [0.1, 0.5, 0.8]
		for row in result["shares"] + [result["long"]]:
		    assert row["unnamed"] == 0 and row["wrong"] == 0 and row["sent"] > 0
		    assert row["p50_us"] <= row["p99_us"] <= row["p99_9_us"] and row["floor_p50_us"] > 0
		    assert row["calm_p50_us"] <= row["calm_p99_us"] and row["verified"] > 0 and "longest_stall_ms" in row["taken"]
		assert result["proof"]["verified"] == result["proof"]["sent"] > 0 and result["max_pps_mirror"] > 0
	CODE
}

# Every packet decrypted and compared, each stream over its wrap, memory flat: else exit code 1.
soak_is_complete() {
	python3 - "$DIR/soak.json" <<-'CODE'
		import json, sys

		for r in json.load(open(sys.argv[1], encoding="utf-8"))["results"]:
		    assert r["packets"] == r["decrypted_and_compared"] > 0 and r["wraps_of_each_stream"] > 0
		    assert r["lost"] == r["dropped"] == r["wrong"] == r["buffers_missing"] == 0
	CODE
}

# rtpengine only where it is installed: the default run installs none.
COMPARED=sluice-af_xdp,sluice-memory,rtpengine-kernel
! command -v rtpengine >/dev/null || COMPARED+=,rtpengine-userspace
compare() {
	timeout 300 bench/run compare --quick --systems "$COMPARED" --paths 'RTP->SRTP' --calls 100 --run-s 0.1 \
		--json "$DIR/compare.json" --svg "$DIR" >"$DIR/compare.log" 2>&1
}
compare_is_complete() {
	python3 - "$DIR/compare.json" "$COMPARED" <<-'CODE'
		import json, sys

		report = json.load(open(sys.argv[1], encoding="utf-8"))
		assert report["bench"] == "compare" and report["machine"]["model"] and report["commit"]
		rows = {r["system"]: r for r in report["results"]}
		assert set(rows) | set(report["not_measured"]) == set(sys.argv[2].split(","))
		assert all(r["path"] == "RTP->SRTP" and r["cpu_us_per_packet"] > 0 for r in rows.values())
		assert all(r["pps_at_0_1_percent_loss"] > 1000 for r in rows.values())
		assert all(r["measured_packets"] > 0 for r in rows.values())
	CODE
}
kernel_module_is_told() {
	python3 - "$DIR/compare.json" <<-'CODE'
		import json, sys

		report = json.load(open(sys.argv[1], encoding="utf-8"))
		measured = [r for r in report["results"] if r["system"] == "rtpengine-kernel"]
		assert measured or len(report["not_measured"]["rtpengine-kernel"]) > 10
	CODE
}
# Few calls and short runs: whether it works, not how fast the control plane is.
signalling() { timeout 300 bench/run signalling --smoke --transports tls,udp --json "$DIR/signalling.json" --svg "$DIR" >"$DIR/signalling.log" 2>&1; }
signalling_is_complete() {
	python3 - "$DIR/signalling.json" <<-'CODE'
		import json, sys

		report = json.load(open(sys.argv[1], encoding="utf-8"))
		assert report["bench"] == "signalling" and report["machine"]["model"] and report["commit"]
		rows = {r["transport"]: r for r in report["results"]}
		assert set(rows) == {"tls", "udp"}
		keys = {"calls_per_second", "cpu_us_per_call", "setup_p99_ms", "bytes_per_call", "lookup_ratio"}
		for row in rows.values():
		    assert all(row[k] > 0 for k in keys) and row["failed"] == 0 and row["completed"] > 0
		    assert row["held_calls"] == 200 and row["setup_p50_ms"] <= row["setup_p99_ms"]
		assert [t["name"] for t in report["targets"]][0] == "complete calls/s over mutual TLS"
	CODE
}
page_is_made() {
	bench/report "$DIR"/{micro,relay,soak,latency,disturb,compare,signalling}.json --out "$DIR/page" >"$DIR/report.log" 2>&1 &&
		[[ $(grep -c '^## bench/run' "$DIR/page/report.md") = 7 && -s $DIR/page/report.html && -s $DIR/page/charts/relay-calls.svg ]] &&
		grep -qE '^[0-9]+ of [0-9]+ reached' "$DIR/page/report.md"
}
no_namespace_is_left() { ! ip netns list | grep -q sluicecmp; }

if report_case "a data plane starts with a memif port" dataplane_start; then
	report_case "G.711, plain: every packet comes back right" twice all_came_back 198.19.0.1
	report_case "Opus, RTP to SRTP, over IPv6, in a VLAN: with its tag" twice vlan_is_kept
	report_case "... and packets of another VLAN are dropped by name" other_vlan_is_refused --vlan 8
	report_case "G.729, SRTP to SRTP of another suite" twice all_came_back 198.19.0.1 --codec g729 --suites AES_CM_128_HMAC_SHA1_32,AEAD_AES_256_GCM
	report_case "a flood at one call's port harms no other call, and each bad packet has its name" twice floods
	report_case "the same among calls of one port" twice shared_flood
	report_case "a flood that would say nothing is refused" floods_are_refused
	report_case "2,000 sessions opened a second through the socket cost the calls no packet" twice opens_harm_nobody
	report_case "packets made ahead, one in 7 decrypted: every one comes back, none is left out of the latencies" twice made_ahead
	report_case "as fast as can be, the run ends with what was made ahead" twice ends_with_the_tape
	report_case "SIGINT ends the generator with its report, and its calls with it" interrupted_cleanly
	report_case "the generator says when there is no data plane" says_who_is_missing
else
	tail -n 5 "$DIR/dataplane.log"
fi
report_case "bench/run relay --soak loses nothing over every wrap" soak || tail -n 5 "$DIR/soak.log"
report_case "the soak decrypted and compared every packet" soak_is_complete
if [[ -n ${SLUICE_SANITIZED:-} ]]; then
	report_skip "bench/run micro --quick writes JSON" "with sanitizers figures mean nothing"
else
	report_case "bench/run micro --quick ends well" quick || tail -n 5 "$DIR/micro.log"
	report_case "bench/run micro --quick takes a minute and a half of CPU time at most ($QUICK_CPU_S s)" test "$QUICK_CPU_S" -le 90
	report_case "its JSON has the keys that were promised" report_is_complete
	if (($(nproc) < 2)); then
		report_skip "bench/run latency" "it needs two cores"
	else
		report_case "bench/run latency ends well, each lost packet with a name" again latency latency_is_complete || tail -n 5 "$DIR/latency.log"
		report_case "its JSON has latency and noise floor at 10, 50 and 80 %" latency_is_complete
	fi
	if (($(nproc) < 2)); then
		report_skip "bench/run signalling" "it needs two cores"
	else
		report_case "bench/run signalling places calls over TLS and UDP, and none fails" again signalling signalling_is_complete || tail -n 8 "$DIR/signalling.log"
		report_case "its JSON has speed, cost, set-up time and memory of each transport" signalling_is_complete
	fi
	report_case "bench/run relay --quick ends well" relay || tail -n 5 "$DIR/relay.log"
	report_case "its JSON has every path, suite and number of calls, and none lost" relay_is_complete
	report_case "bench/run disturb --quick loses no packet of a call" disturb || tail -n 5 "$DIR/disturb.log"
	report_case "its JSON has each disturbance, and every bad packet under its name" disturb_is_complete
	report_case "it says of each target whether it is reached" grep -qE ' (reached|NOT reached)$' "$DIR/micro.log"
fi
if [[ -z ${SLUICE_SANITIZED:-} ]]; then
	[[ $COMPARED = *userspace* ]] || report_skip "rtpengine in bench/run compare" "it is not installed; bench/run compare installs it"
	report_case "bench/run compare --quick ends well" again compare compare_is_complete || tail -n 5 "$DIR/compare.log"
	report_case "its JSON has the rows that were asked for" compare_is_complete
	report_case "it says why rtpengine's kernel module was not measured, or measures it" kernel_module_is_told
	report_case "it leaves no namespace behind" no_namespace_is_left
	report_case "bench/report makes a page of all of them" page_is_made || tail -n 5 "$DIR/report.log"
fi
report_case "bench/run refuses a kind that does not exist" refused nothing
report_close bench
