/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What one source, and all unknown ones together, may take from us before we know who they are. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct net_limits {
	unsigned connections; /* in all */
	unsigned strangers;   /* TLS handshakes at once, from addresses that no peer has */
	unsigned per_source;  /* connections of one address */
	unsigned per_peer;    /* connections that one peer has made, where it is not many phones */
	unsigned rate;        /* new connections a second of one address; a burst of twice that */
	unsigned messages;    /* a second of one source, where a peer is a network; 0: no limit */
	unsigned connect_ms;
	unsigned handshake_ms;
	unsigned partial_ms;       /* from the first byte of a message to its last */
	unsigned idle_ms;          /* without a message, where no dialog needs it */
	unsigned pong_ms;          /* for the answer to a keep-alive */
	unsigned backoff_first_ms; /* after a failed connection; doubles */
	unsigned backoff_max_ms;
	unsigned waiters;   /* for a connection to one peer */
	size_t queue_bytes; /* that wait to be sent on one connection */
};

extern const struct net_limits net_limits_default;

struct net_bucket {            /* zeroed: full */
	uint64_t tokens_milli; /* thousandths of what may still come */
	uint64_t filled_ms;    /* 0: never */
};
/* Whether rate a second allows one more, of which two seconds' worth may come at once; takes it. */
bool net_bucket_take(struct net_bucket *bucket, unsigned rate, uint64_t now_ms);

struct net_source {
	unsigned connections;
	struct net_bucket bucket; /* of connections that may still come */
};

/* Whether one more connection may come from source at now_ms; takes a token if so. */
bool net_source_admit(struct net_source *source, const struct net_limits *limits, uint64_t now_ms);

/* Whether net_source_admit() would say yes. */
bool net_source_has_room(const struct net_source *source, const struct net_limits *limits,
			 uint64_t now_ms);

/* At most 10 lines a second about refusals: hostile traffic must not fill the disk. */
struct net_log_gate {
	struct net_bucket bucket;
	unsigned suppressed;
};
/* *suppressed takes how many lines were not written since the last. */
bool net_log_gate_pass(struct net_log_gate *gate, uint64_t now_ms, unsigned *suppressed);
