/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of this folder share.
 *
 * Lifetime, in short: a connection is closed at once (state, table, peer list) but its memory and
 * the call of connection_lost wait for libuv's close callbacks, so nothing that is running up the
 * stack loses its ground. struct net is freed when the last handle or request is gone (holds).
 */
#pragma once

#include <sys/queue.h>
#include <sys/types.h>
#include <time.h>

#include "net/address.h"
#include "net/ban.h"
#include "net/limits.h"
#include "net/locate.h"
#include "net/net.h"
#include "net/rates.h"
#include "tls/tls.h"

#define NET_CONNECTION_BUCKETS 4096U
#define NET_STRANGER_BITS 10U
#define NET_STRANGER_BUCKETS (1U << NET_STRANGER_BITS)
#define NET_READ_SIZE 16384U /* fits tls_input() beside a record that is not whole */
#define NET_DATAGRAM_MAX 65536U
#define NET_DATAGRAM_BOOKS 1280U /* about what the kernel counts more than its length */
/* Of a stream, what the other side sent and we have not read: so much waits here, more waits there.
 * The kernel would let it grow to some megabytes, which in a flood are read seconds late. */
#define NET_RECEIVE_BYTES (256U << 10)
#define NET_DATAGRAMS 16U /* of one system call */
#define NET_ERROR_TEXT 192U
#define NET_KEEPALIVE_TICK_MS 1000U
#define NET_CAME_FROM 4U /* addresses of a peer that are kept in mind */

/* Of a socket: since when it has not been seen empty. */
struct net_backlog {
	uint64_t since_ms; /* 0: it was empty */
	uint64_t turn;     /* of the loop, when something was read last */
	uint64_t bytes;    /* read since then, as the kernel counts what waits */
};

enum net_direction { NET_INBOUND, NET_OUTBOUND };

enum net_state {
	NET_CONNECTING, /* outbound, TCP */
	NET_HANDSHAKE,  /* TLS */
	NET_UP,         /* we know who it is: messages pass */
	NET_CLOSING,
};

enum net_deadline {
	NET_DEADLINE_CONNECT,
	NET_DEADLINE_HANDSHAKE,
	NET_DEADLINE_PARTIAL,
	NET_DEADLINE_IDLE,
};

/* A file as it was when it was read. */
struct net_stamp {
	dev_t device;
	ino_t inode; /* 0: it was not there */
	off_t size;
	struct timespec changed;
};

#define NET_TLS_FILES 3U /* certificate, key, trust */

struct net_tls { /* of a config_tls that a listener uses */
	const struct config_tls *config;
	struct tls_context *server;
	struct tls_context *client;
	struct net_stamp stamp[NET_TLS_FILES];
};

struct net_listener {
	struct net *net;
	const struct config_listener *config;
	uint32_t number;
	bool open; /* the handle must be closed */
	struct net_tls *tls;
	struct sockaddr_storage address; /* as bound */
	struct net_backlog backlog;      /* UDP */
	uint32_t lost;                   /* datagrams, as the kernel counts them */
	size_t receive_bytes;            /* UDP: that the kernel keeps of what comes */
	union {
		uv_handle_t handle;
		uv_stream_t stream;
		uv_tcp_t tcp;
		uv_udp_t udp;
	} uv;
};

struct net_waiter {
	TAILQ_ENTRY(net_waiter) next;
	void (*ready)(void *user, int status, const struct sip_flow *flow, const char *error);
	void *user;
};

struct net_connection {
	struct net *net;
	uint64_t number; /* never used again */
	enum net_state state;
	enum net_direction direction;
	struct net_listener
	    *listener;             /* that it came to, or whose address and certificate we use */
	struct net_peer *peer;     /* inbound TLS: NULL until the certificate is seen */
	struct net_source *source; /* inbound only */
	bool stranger;             /* counted in net->strangers */
	bool was_up;               /* the user heard of it: connection_lost is due */
	bool heard;                /* a byte of SIP came from it */
	bool alias;                /* the peer asked for reuse (RFC 5923), on an inbound one */
	bool pinged;               /* a keep-alive was sent, and no answer came yet */
	bool ponged;               /* one was answered */
	unsigned dialogs;          /* that would miss it */
	uint64_t heard_ms;         /* when something came last */
	uint64_t ping_ms;          /* a keep-alive that nothing came after; 0: none */
	uv_tcp_t tcp;
	uv_timer_t timer;
	uv_connect_t connect;
	unsigned handles;
	enum net_deadline deadline;
	struct tls_connection *tls;
	char *in; /* a stream's bytes that are no whole message yet; may hold keys: wiped */
	size_t in_length, in_capacity, in_scanned;
	char *out; /* TCP: of this turn of the loop, see outbox.c; TLS keeps its own */
	size_t out_length, out_capacity;
	bool in_outbox;
	struct net_backlog backlog;
	struct sip_flow flow;
	struct net_connection *bucket_next;
	TAILQ_ENTRY(net_connection) of_net;
	bool is_put_off;
	TAILQ_ENTRY(net_connection) of_outbox;
	TAILQ_ENTRY(net_connection) of_put_off;
	TAILQ_ENTRY(net_connection) of_peer;
};
TAILQ_HEAD(net_connection_list, net_connection);

/* A target that answered nothing, or 503: RFC 3263 4.3 asks for another meanwhile. */
struct net_avoided {
	struct sockaddr_storage address; /* family AF_UNSPEC: none */
	uint64_t until_ms;
};

struct net_peer {
	struct net *net;
	const struct config_peer *config;
	struct net_listener *listener;
	enum sip_transport transport; /* the listener's */
	struct net_peer *large; /* of a UDP peer: where its large requests go; NULL: nowhere */
	bool has_address;
	struct sockaddr_storage address;
	struct net_source source;
	struct net_connection_list connections; /* NET_UP */
	unsigned connection_count;
	TAILQ_HEAD(, net_waiter) waiters;
	unsigned waiter_count;
	/* one attempt to connect at a time */
	struct locate *locate;
	struct net_connection *calling;
	struct sockaddr_storage candidates[LOCATE_ADDRESSES_MAX]; /* in the order to try them */
	unsigned candidate_count, candidate_next;
	struct net_avoided avoided[LOCATE_ADDRESSES_MAX];
	/* where it called us from lately with its certificate; family AF_UNSPEC: none */
	struct sockaddr_storage came_from[NET_CAME_FROM];
	unsigned came_from_next;
	unsigned backoff_ms;
	uint64_t retry_at_ms; /* 0: now */
	int failure;          /* -errno of the last attempt */
	struct net_peer_status status;
};

struct net {
	uv_loop_t *loop;
	const struct config *config;
	struct net_ops ops;
	void *user;
	bool closing;
	unsigned holds; /* handles, requests and calls that still need this memory */
	struct resolver *resolver;
	struct net_limits limits;
	struct net_counters counters;
	struct net_log_gate log_gate;
	struct bans *bans;
	struct rates *rates;
	unsigned listener_count, tls_count, peer_count;
	struct net_listener *listeners;
	struct net_tls *tls;
	struct net_peer *peers; /* as in config */
	struct net_peer *large; /* UDP peers once more, over TCP (RFC 3261 18.1.1) */
	unsigned large_count;
	uv_timer_t keepalive;
	struct net_peer **peers_by_address; /* sorted, those with an address */
	unsigned by_address_count;
	struct net_peer **peers_by_network; /* sorted, those with a network; the longest first */
	unsigned by_network_count;
	uint64_t next_number;
	uint64_t turn;         /* of the loop */
	uint64_t backlog_turn; /* the last in which there was more to be read somewhere */
	unsigned connection_count, strangers;
	struct net_connection_list connections;
	struct net_connection_list outbox;  /* with something to send in this turn of the loop */
	struct net_connection_list put_off; /* with more to be read in the next turn */
	uv_prepare_t outbox_prepare;
	uv_check_t outbox_check;
	struct net_connection *buckets[NET_CONNECTION_BUCKETS];
	unsigned __int128 stranger_key[2];
	struct net_source stranger_sources[NET_STRANGER_BUCKETS];
	char read_buffer[NET_READ_SIZE];
	char datagrams[NET_DATAGRAMS][NET_DATAGRAM_MAX];
};

/* net.c */
void net_hold(struct net *net);
void net_release(struct net *net);
void net_limits_set(struct net *net, const struct net_limits *limits); /* for tests */
/* A line about refused traffic, rate limited. */
void net_log_refused(struct net *net, int event, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
struct net_listener *net_listener_of(const struct net *net, const struct config_listener *config);

/* Reads the files of tls->config. 0 or -errno with error filled. */
int net_tls_open(struct net *net, struct net_tls *tls, char *error, size_t size);

/* renew.c */
void net_tls_stamp(struct net_tls *tls);

/* listener.c */
int net_listener_open(struct net_listener *listener, char *error, size_t size);
void net_listener_close(struct net_listener *listener);

/* datagram.c */
int net_datagram_open(struct net_listener *listener);
int net_datagram_send(struct net_listener *listener, const struct sockaddr_storage *to,
		      const char *data, size_t length);

/* connection.c */
extern const char net_reason_closed[]; /* by the other side, in order */
struct net_connection *net_connection_new(struct net *net, struct net_listener *listener,
					  enum net_direction direction);
struct net_connection *net_connection_find(const struct net *net, uint64_t number);
void net_connection_deadline(struct net_connection *connection, enum net_deadline deadline);
/* Fills in the flow and starts to read. 0 or -errno. */
int net_connection_begin(struct net_connection *connection);
/* The other side is known to be peer. */
void net_connection_up(struct net_connection *connection, struct net_peer *peer);
/* reason NULL: nothing wrong. May be called again. */
void net_connection_close(struct net_connection *connection, const char *reason);
/* A turn of the loop has ended: those that had more to be read are read again. */
void net_connections_go_on(struct net *net);
/* Bytes to the socket, as they are. 0 or -errno: then the connection is closed already. */
int net_connection_write(struct net_connection *connection, const void *data, size_t length);

/* receive.c */
void net_receive_buffer(struct net_listener *listener);

/* backlog.c */
/* So much was read, and there may be more; or there is not. */
void net_backlog_more(struct net *net, struct net_backlog *backlog, size_t bytes);
void net_backlog_empty(struct net_backlog *backlog);

/* outbox.c */
void net_outbox_open(struct net *net);
void net_outbox_close(struct net *net);
/* What TLS has to send goes out with all else of this turn. 0 or -errno: then the connection is
 * closed already. */
int net_outbox_add(struct net_connection *connection);
/* The same with bytes for a TCP connection, which are copied; or -ENOMEM, and nothing was sent. */
int net_outbox_put(struct net_connection *connection, const char *data, size_t length);
/* Bytes that wait for the end of the turn. */
size_t net_outbox_length(const struct net_connection *connection);
void net_outbox_leave(struct net_connection *connection);
/* The connection closes: sends what the socket takes at once, and forgets the rest. */
void net_outbox_end(struct net_connection *connection);

/* stream.c */
/* Room for more of the stream; NULL when the connection was closed for want of it. */
char *net_stream_room(struct net_connection *connection, size_t *size);
/* length more bytes are in that room: hands on what is whole. */
void net_stream_take(struct net_connection *connection, size_t length);
int net_stream_send(struct net_connection *connection, const char *data, size_t length);

/* secure.c */
int net_secure_begin(struct net_connection *connection);
void net_secure_input(struct net_connection *connection, const void *data, size_t length);
/* Sends what TLS has to send. 0 or -errno: then the connection is closed already. */
int net_secure_flush(struct net_connection *connection);
void net_secure_end(struct net_connection *connection);

/* peer.c */
struct net_peer *net_peer_of(const struct net *net, const struct config_peer *config);
/* The peer of that transport that has this address; NULL: none. */
struct net_peer *net_peer_by_address(const struct net *net, enum sip_transport transport,
				     const struct sockaddr *address);
/* What counts the connections of that address; *stranger: no peer has it. */
struct net_source *net_source_of(struct net *net, const struct sockaddr *address, bool *stranger);
/* network.c: the same by prefix, of all that hold address the longest. */
struct net_peer *net_peer_by_network(const struct net *net, enum sip_transport transport,
				     const struct sockaddr *address);
int net_network_index(struct net *net); /* 0 or -ENOMEM */
/* Once, when all peers have their address. 0 or -ENOMEM. */
int net_peer_index(struct net *net);
void net_peer_error(struct net_peer *peer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* known.c */
/* A peer that is at that address now, or was lately, or may be by DNS; NULL: none. Not those that
 * must show credentials first. */
struct net_peer *net_known_at(const struct net *net, const struct sockaddr *host);
/* It has shown its certificate from there. */
void net_known_note(struct net_peer *peer, const struct sockaddr_storage *host);

/* bans.c */
/* Those who are at an address of a peer are never judged, nor refused for what neighbours did. */
bool net_is_banned(struct net *net, const struct sockaddr *host);
/* Whether one more message from there, which would be peer's, is within its source's limit; counts
 * it if not. */
bool net_message_admit(struct net *net, const struct net_peer *peer, const struct sockaddr *from);
/* The other side of an inbound connection has done that; the connection is still to be closed. */
void net_offence(struct net_connection *connection, enum ban_offence offence);

/* keepalive.c */
enum net_heard { NET_HEARD_ANYTHING, NET_HEARD_PONG };
void net_keepalive_open(struct net *net);
void net_keepalive_close(struct net *net);
/* Something came from the other side. */
void net_keepalive_heard(struct net_connection *connection, enum net_heard heard);
void net_keepalive_tick(struct net *net, unsigned every_ms); /* for tests */

/* large.c */
/* Once, when all peers are set. 0 or -ENOMEM. */
int net_large_open(struct net *net);

/* target.c */
/* Puts the candidates that are avoided now behind the others; else their order stays. */
void net_target_order(struct net_peer *peer);
/* Whether any candidate is not avoided now. */
bool net_target_other(const struct net_peer *peer);
bool net_target_avoided(const struct net_peer *peer, const struct sockaddr_storage *address);

/* flow.c */
/* The attempt to connect that connection was has ended: with status 0, it is up. */
void net_flow_attempted(struct net_peer *peer, struct net_connection *connection, int status);
/* A connection that had come up was ended before anything was heard on it: back off. */
void net_flow_refused(struct net_peer *peer);
/* For net_close(): forgets who waits, cancels what runs. */
void net_flow_abandon(struct net_peer *peer);
