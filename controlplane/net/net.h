/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Signalling transports on libuv: listeners and connections over UDP, TCP and TLS, framing, and
 * who the other end is. Messages are given on only when they come from a configured peer (R4):
 * over TLS by certificate identity, over TCP and UDP by source address. All others are refused and
 * counted before any SIP is parsed.
 *
 * Thread: the loop's.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "policy/config.h"
#include "sip/flow.h"

struct net;

struct net_ops {
	/* One framed message from a configured peer. data is valid during the call. */
	void (*message)(void *user, const struct config_peer *peer, const struct sip_flow *flow,
			const char *data, size_t length);
	/* A connection that had authenticated as peer is gone: no more messages will come or go on
	 * it. Always called from the loop, never from within net_send() or net_flow(). */
	void (*connection_lost)(void *user, const struct config_peer *peer, uint64_t connection);
};

/*
 * Opens all listeners of config, or none: then error says which, and why (and the loop must run
 * once more for what had been opened to be closed). config must outlive net. Privileged ports are
 * bound and private keys are read here; the caller drops privileges after. tls_start() comes
 * before. Returns 0 or -errno.
 */
int net_open(struct net **net, uv_loop_t *loop, const struct config *config,
	     const struct net_ops *ops, void *user, char *error, size_t size);
/*
 * Reads certificates, keys and trust anchors again, from where next says that those of our profiles
 * are, if they have changed there; *renewed: of how many profiles. New connections use them; where
 * trust has changed, those that are open are closed. 0, or -errno with error filled: then all is as
 * it was.
 */
int net_renew(struct net *net, const struct config *next, unsigned *renewed, char *error,
	      size_t size);
/* Stops listening and closes all; freed when the loop has run the close callbacks. No op and no
 * ready is called any more, and net is not to be used any more. NULL is fine. May be called from an
 * op. */
void net_close(struct net *net);

/*
 * Sends one message. Returns 0 (queued or sent), -ENOTCONN (the connection is gone), -ENOBUFS (more
 * than 1 MiB would wait on that connection; nothing was sent), -EMSGSIZE (more than a datagram
 * holds), or another -errno of a datagram. UDP above 1300 bytes is sent in fragments: for requests
 * see net_flow_large().
 */
int net_send(struct net *net, const struct sip_flow *flow, const char *data, size_t length);

/*
 * A flow to peer: an open connection with its identity is reused, else one is made (TLS with both
 * sides verified and the peer's identity checked against its fqdn). ready is called once, perhaps
 * before net_flow() returns: status 0 and the flow, or -errno and a text for people. After a
 * failure there is a back-off, in which ready is called at once with that failure.
 *
 * A TLS 1.3 server that refuses our certificate does so after the handshake: then the flow is
 * ready, and connection_lost follows with the reason in net_peer_status().
 *
 * Returns 0, or -errno (-ENOBUFS: too many wait for that peer; -ENOMEM; -ESHUTDOWN): then ready is
 * not called.
 */
int net_flow(struct net *net, const struct config_peer *peer,
	     void (*ready)(void *user, int status, const struct sip_flow *flow, const char *error),
	     void *user);
/*
 * A flow for a request to a UDP peer that is larger than NET_DATAGRAM_REQUEST_MAX (RFC 3261
 * 18.1.1): by TCP to the same address, if the peer's configuration permits and there is a TCP
 * listener of its family. As net_flow(); -EOPNOTSUPP: send it by UDP. So it is when ready is told
 * a failure: after that UDP is tried again without waiting, as long as the back-off lasts.
 */
#define NET_DATAGRAM_REQUEST_MAX 1300U
int net_flow_large(struct net *net, const struct config_peer *peer,
		   void (*ready)(void *user, int status, const struct sip_flow *flow,
				 const char *error),
		   void *user);
/* ready will not be called any more for user. */
void net_flow_forget(struct net *net, void *user);

/*
 * The target that flow leads to did not answer in time, or answered 503 (RFC 3263 4.3): for
 * retry_after_ms (0: 30 s; at most an hour) other targets of the peer are preferred, and its
 * connection is not given to new requests. True when there is another target that is not avoided as
 * well: then net_flow() leads there.
 */
bool net_target_failed(struct net *net, const struct config_peer *peer, const struct sip_flow *flow,
		       uint32_t retry_after_ms);

/* The peer that a connection authenticated as; NULL: gone. For in-dialog checks. */
const struct config_peer *net_connection_peer(const struct net *net, uint64_t connection);
/* Whether more had come by that connection than was read when it was read last. */
bool net_connection_behind(const struct net *net, uint64_t connection);
/*
 * A dialog or a registration needs that connection, or no more: while any does, it is not closed
 * for being idle, and the peer's keep-alive is sent on it. 0 and connections that are gone are
 * nothing to hold.
 */
void net_connection_hold(struct net *net, uint64_t connection);
void net_connection_unhold(struct net *net, uint64_t connection);
/* The peer has asked on that connection that requests to it be sent there (RFC 5923 8: "alias" in
 * its Via). Heeded only over TLS: who may ask for what is in the certificate, not in the address.
 */
void net_connection_alias(struct net *net, uint64_t connection);
/* Whether requests to its peer may be sent on that flow. An inbound connection over TLS is the
 * peer's to offer, as connection_reuse of the peer says. */
bool net_flow_reusable(const struct net *net, const struct sip_flow *flow);
/* True when SDES keys may cross that flow: TLS with encryption. */
bool net_flow_encrypted(const struct net *net, const struct sip_flow *flow);

/* X(symbol, "name", "meaning"): counters of what was refused here. */
#define NET_COUNTER_LIST(X)                                                          \
	X(accepted, "accepted", "connections accepted")                              \
	X(connected, "connected", "connections made")                                \
	X(unknown_source, "unknown-source", "not an address of a configured peer")   \
	X(tls_failed, "tls-failed", "TLS handshakes that failed")                    \
	X(unknown_identity, "unknown-identity", "certificate of no configured peer") \
	X(framing, "framing", "streams that are not SIP")                            \
	X(timeout, "timeout", "handshakes or messages that took too long")           \
	X(limit, "limit", "connections above a source's limit")                      \
	X(rate, "message-rate", "messages above a source's limit a second")          \
	X(banned, "banned", "connections, datagrams of banned sources")              \
	X(messages, "messages", "messages handed on")                                \
	X(sent, "sent", "messages sent")                                             \
	X(keepalive, "keepalive", "keep-alives sent")                                \
	X(keepalive_lost, "keepalive-lost", "connections without answer to them")    \
	X(large, "large", "requests too large for UDP, by TCP")                      \
	X(udp_lost, "udp-lost", "datagrams that the kernel had no room for")         \
	X(large_refused, "large-refused", "such requests by UDP, since TCP failed")

struct net_counters {
#define NET_COUNTER_FIELD(symbol, name, text) uint64_t symbol;
	NET_COUNTER_LIST(NET_COUNTER_FIELD)
#undef NET_COUNTER_FIELD
};
void net_counters(const struct net *net, struct net_counters *counters);

/* TCP and TLS, and how many there may be. */
unsigned net_connections(const struct net *net);
unsigned net_connections_most(const struct net *net);
/* How long something that is read now may have waited in its socket, in milliseconds above 0: of
 * datagrams (peer NULL), and of each connection that does not come to its end. */
void net_backlog_each(const struct net *net,
		      void (*each)(void *user, const struct config_peer *peer, uint64_t wait_ms),
		      void *user);
/* How many datagrams the kernel has thrown away for want of room since it was asked last. */
uint64_t net_datagrams_lost(struct net *net);

/* A UDP listener's socket. */
struct net_socket_status {
	const char *name; /* of the listener */
	uint64_t receive_bytes, waiting_bytes, lost;
};
void net_socket_each(const struct net *net,
		     void (*each)(void *user, const struct net_socket_status *status), void *user);

/* What is known of a peer's connections, for `sluicectl peer list`. */
struct net_peer_status {
	unsigned connections;
	bool identity_seen;
	char tls_version[16];
	char tls_cipher[64];
	char last_error[128];
	int64_t certificate_not_after; /* 0: unknown */
};
void net_peer_status(const struct net *net, const struct config_peer *peer,
		     struct net_peer_status *status);

/*
 * Credentials that came by that flow were wrong, and whoever sent them gets what is sent there: a
 * connection, or a nonce that was given there has come back.
 */
void net_credentials_wrong(struct net *net, const struct sip_flow *flow);

/* ---- bans of sources that misbehave; see net/ban.h ---- */
struct net_ban {
	char source[64]; /* "192.0.2.1", or "2001:db8:1:2::/64" */
	const char *reason;
	unsigned times;
	uint64_t left_ms;
	uint64_t refused; /* connections */
};
/* Calls each for every source that is banned now. */
void net_ban_each(const struct net *net, void (*each)(void *user, const struct net_ban *ban),
		  void *user);
/* source: an address, or what net_ban says. Returns 0, -EINVAL (no address) or -ENOENT (not
 * banned). */
int net_ban_lift(struct net *net, const char *source);
