/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The operator contract: JSON over a unix stream socket, one object a line, UTF-8.
 *
 *   request   {"id": 1, "command": "call show", "args": {"id": "7f3a"}}
 *   answer    {"id": 1, "ok": true, "result": …}
 *             {"id": 1, "ok": false, "error": "no call 7f3a: see 'sluicectl call list'"}
 *
 * id: a number or text of the client's choice, echoed (null when the request had none). args may be
 * left out. A client may send requests ahead; they are answered in order, one at a time. A line
 * that is no request is answered with an error, id null; a longer line than API_REQUEST_MAX also
 * ends the connection. A client that has shut down its sending side still gets its answers.
 *
 * Who may: by the peer credentials of the socket (SO_PEERCRED, SO_PEERGROUPS): root and the
 * daemon's user all; members of control_group what changes nothing (call hangup, ban lift and the
 * like are refused); nobody else.
 *
 * Names of fields carry units (_s, _ms, _us). Times are seconds since the epoch, UTC. A field with
 * "?" may be absent. Programs must ignore fields that they do not know.
 *
 * status
 *   {"version": "0.1.0", "uptime_s": 5, "calls": 2, "draining": false,
 *    "drain": {"state": "serving" | "draining" | "drained", "then"?: "stay" | "exit", "since_s"?,
 *      "left_s"?: until the calls that are left are ended},
 *    "limits": usage of all calls, see peer list,
 *    "load": {"overloaded": false, "refused_permille": of new calls, now, "busy_permille": of the
 *      last second, "delay_us": smoothed, "memory_bytes": use, "transactions": use,
 *      "message_bytes": that transactions keep: use, "connections":
 *      use, "udp": [{"listener", "receive_bytes": of the socket's buffer, "waiting_bytes",
 *      "lost": datagrams without room}], "reason"?: "delay" | "memory" | "transactions" |
 *      "messages", "since_s"?, "most_refused"?: {"peer", "refused_permille": of its new calls}},
 *      use: {"used", "max"}
 *    "mode": ["unsecured", "sip-secured", "secured"], the modes in use, any mix
 *    "data_plane": {"up": true, "boot_id": "hex", "version", "engine": "ipsec_mb
 * avx512", "memory": "hugepages 2 MiB", "degraded": false, "reason": "", "sessions",
 * "max_sessions", "workers": [{"number", "core", "streams", "busy_permille", "received", "relayed",
 *        "dropped", "handed_off"}],
 *      "cpus": [{"cpu", "worker": number or null, "reason": "worker: a core of its own…"}],
 *      "bytes": {"call_rtp_rtp", "call_rtp_srtp", "call_srtp_srtp", "used", "at_max_sessions"},
 *      "ports": [{"name", "device", "kind": "af_xdp", "link_up": true, "degraded": false,
 *        "reason": "", "port_first", "port_last", "ports_used", "mtu", "missed", "addresses":
 *        ["…"]}]}}
 *   While the data plane is away: "data_plane": {"up": false, "reason": "…"}.
 *
 * Long lists come in pages: the answer has "next" when there may be more, which goes into "after"
 * of the next request; "total" is how many there are in all. What lives from the first page to the
 * last is told once, whatever comes and goes meanwhile. A page may be empty and have a next. All
 * arguments may be left out.
 *
 * call list {"count": 1 to 500 (100), "after": next, "peer": name, "number": pattern of either,
 *            "state", "older_s"}
 *   {"total", "next"?: "…", "calls":
 *   [{"id": "7f3a", "state": "early" | "answered" | "ending", "since": 1714557072, "duration_s": 9,
 *     "from": "alice", "to": "2001", "security": "secured" | "sip-secured" | "unsecured",
 *     "legs": [{"peer": "alice", "transport": "tls", "tls_version"?: "TLSv1.3",
 *       "signalling": "encrypted" | "clear" | "none", "security": "secured"…,
 *       "media": "SRTP AES_CM_128_HMAC_SHA1_80" | "RTP", "direction": "sendrecv"}, {…}]}]}
 *   The oldest first. A call is as secure as the weaker of its two legs.
 *
 * call show {"id"}
 *   One call as above, each leg also with
 *   {"local": "10.0.0.1:20000", "remote": "…", "source": "…", "rx_suite": "…", "tx_suite": "…",
 *    "counters": {"received", "received_bytes", "sent", "sent_bytes", "rtcp_received", "rtcp_sent",
 *      "lost", "reordered", "jitter_us", "dropped", "last_rx_ms_ago": number or null (none yet),
 *      "mos", "rtt_us", "rtt_max_us", "remote_lost", "remote_jitter_us", "remote_mos", "codec",
 *      "payload_type", "last_rtcp_ms_ago": null while unknown,
 *      "drops": {"replay": 3}}}                               only what is not zero
 *
 * call hangup {"id"}
 *   null, when the BYEs are on their way.
 *
 * call capture {"id", "mode"?: "wire" | "decrypted" | "stop", "seconds"?: number}
 *   {"running": true, "mode": "wire" | "decrypted", "file": "…", "packets", "lost", "bytes",
 *    "limit_bytes", "age_s", "time_s"}, or {"running": false} when nothing is captured. After stop
 * it is what was captured so far, running false. Without mode nothing changes. The file is in the
 *   data plane's directory for captures. Asking is written to the log, with who asked.
 *
 * peer list {"count": 1 to 1000 (100), "after": next}
 *   {"total", "next"?: "…", "peers":
 *   [{"name", "fqdn"?, "transport", "address"?, "dial_plan", "security", "state": "up" | "idle" |
 *     "down", "connections", "tls_version"?, "tls_cipher"?, "certificate_not_after"?: seconds,
 *     "last_error"?, "calls",
 *     "limits": {"in": usage, "out": usage, "both": usage},
 *   usage is {"calls", "max_calls", "calls_peak", "calls_per_s": in the last second,
 *   "max_calls_per_s", "calls_per_s_peak", "refused_calls", "refused_rate": by these limits}; a max
 *   of 0 is no limit. Calls of a caller number are not listed.
 *
 *     "watch"?: {"state": "up" | "down" | "unknown", "since": seconds (0: the start),
 *       "last_failure": "" or why, "answer_ms", "ups", "downs", "failures"}}]}
 *   watch: of peers that are asked by OPTIONS.
 *
 * route test {"from": peer, "called": number, "caller"?: number, "headers"?: ["Name: value"],
 *     "at"?: seconds}
 *   {"from", "called", "caller", "routed_called", "routed_caller", "at",
 *    "outcome": "called" | "no-route" | "route-refused" | "targets-full" | "bad-number", "text",
 *    "status"?: of a route that refuses,
 *    "rules": [{"route", "priority", "matches", "used", "why"}], "not_shown": number,
 *    "targets": [{"route", "peer", "priority"?, "weight"?, "state", "called"?, "caller"?}]}
 *
 * limit list
 *   [{"what": "all" | "interface" | "dial plan" | "numbers", "name", …usage, "number"?: pattern,
 *     "max_calls_per_minute"?}]
 *
 * record list {"count"?: number}
 *   The last records of the file, at most 1000 (20 unless said), oldest first: objects as
 *   docs/records.md describes them.
 *
 * record rotate
 *   null, when another file has been begun.
 *
 * stats
 *   {"signalling": {name: n}, "overload": {name: n}, "net": {name: n}, "transactions": {name: n},
 *    "media": {"sessions", "opened", "received", "relayed", "relayed_rtcp", "decrypted",
 *      "encrypted", "to_kernel", "from_kernel", "kernel_lost"}}
 *
 * ban list
 *   [{"source": "192.0.2.1" or "2001:db8:1:2::/64", "reason", "times", "left_s",
 *     "refused": connections}]
 *
 * registration list {"count": 1 to 500 (100), "after": next, "peer"?, "state"?}
 *   {"total", "next"?: "…", "registrations":
 *   [{"kind": "trunk", "name", "peer", "aor", "contact": user part of ours, "state":
 *     "unregistered" | "registered" | "leaving" | "left", "status": of the last answer or 0,
 *     "failures": in a row, "expires_s": until the binding ends},
 *    {"kind": "phone", "peer", "registrar", "aor", "contact": URI as the phone wrote it, "source":
 *     "192.0.2.77:40112", "state": "registered" | "unreachable": its connection is gone,
 *     "expires_s"}]}
 *   total also counts phones that their registrar has not accepted yet. A page may have fewer than
 *   count, or none, and a next all the same.
 *
 * ban lift {"address": "192.0.2.1"}
 *   null
 *
 * reload
 *   {"changed": ["peer bob: max_calls", …]}: the configuration was read again, and this has taken
 *   effect. Refused, and nothing has changed, when anything in it is wrong or needs a restart.
 *
 * drain {"timeout_s"?: 1 to 604800, "then"?: "stay" | "exit"}
 *   {"drain": as in status, "calls"}: no new calls from now on; running ones end by themselves, or
 *   are ended after timeout_s; then the daemon stays (unless said otherwise), or ends.
 *
 * undrain
 *   null: new calls are taken again.
 *
 * drops
 *   [{"name": "replay", "text": "SRTP index already seen (RFC 3711 3.3.2)", "packets": 3}]
 *   All reasons of sluice_drops.h except none, also those that are zero.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <uv.h>

#define API_REQUEST_MAX (64U << 10) /* bytes of a line, newline included */
#define API_ANSWER_MAX (64U << 20)
#define API_CLIENTS_MAX 32U /* at once; one more is told so and closed */
#define API_SOCKET "/run/sluice/control.sock"

/* ---- server (sluice-controlplane); thread: the loop's ---- */
struct api_server;
struct api_request;

struct api_command {
	const char *name;
	bool changes; /* needs the right to change */
	/*
	 * Answers, now or later, once, with api_answer() or api_refuse(); until then the request
	 * may be kept, even past api_server_close(). args is an object, valid during this call
	 * only.
	 */
	void (*run)(void *user, struct api_request *request, const json_t *args);
};

/*
 * Listens on path, mode 0600, or 0660 and of group. A socket that a dead daemon left is replaced;
 * one that answers is an error (-EADDRINUSE). commands and user must outlive the server. Ignores
 * SIGPIPE for the whole process: a client may go at any moment. Returns 0, or -errno with error
 * filled.
 */
int api_server_open(struct api_server **server, uv_loop_t *loop, const char *path,
		    const char *group, const struct api_command *commands, unsigned count,
		    void *user, char *error, size_t size);
/* Stops listening, removes path, drops the clients; freed when the loop has run the close
 * callbacks. NULL is fine. */
void api_server_close(struct api_server *server);
/* Who asks, as the kernel says (SO_PEERCRED): for the log. */
struct api_person {
	uid_t uid;
	pid_t pid;
};
struct api_person api_person(const struct api_request *request);

/* Both end the request. The client may be gone: then nothing is sent. */
void api_answer(struct api_request *request, json_t *result); /* takes result; NULL: null */
void api_refuse(struct api_request *request, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* ---- client (sluicectl), blocking; one thread at a time ---- */
#define API_TIMEOUT_MS 10000 /* of api_client_call() unless set */

struct api_client;
/* Returns 0 or -errno of connect(2): -ENOENT, -ECONNREFUSED: no daemon; -EACCES: may not. */
int api_client_connect(struct api_client **client, const char *path);
void api_client_set_timeout(struct api_client *client, int timeout_ms);
void api_client_close(struct api_client *client); /* NULL is fine */
/*
 * Takes args (may be NULL). Returns 0 and *result (the caller's), -EREMOTEIO refused: *error is a
 * text of malloc, or -errno (-EPIPE the daemon hung up, -ETIMEDOUT, -EPROTO no answer of ours;
 * -EMSGSIZE). After an -errno other than -EREMOTEIO the client is of no more use.
 */
int api_client_call(struct api_client *client, const char *command, json_t *args, json_t **result,
		    char **error);
