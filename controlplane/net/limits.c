/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/limits.h"

#define LOG_LINES_PER_SECOND 10U

const struct net_limits net_limits_default = {
    .connections = 4096,
    .strangers = 256,
    .per_source = 64,
    .per_peer = 1024,
    .rate = 20,
    .connect_ms = 5000,
    .handshake_ms = 5000,
    .partial_ms = 30000,
    .idle_ms = 3600000,
    .pong_ms = 10000, /* RFC 5626 4.4.1 */
    .backoff_first_ms = 1000,
    .backoff_max_ms = 30000,
    .waiters = 1024,
    .queue_bytes = 1U << 20,
};

/* rate a second is rate thousandths a millisecond. */
bool net_bucket_take(struct net_bucket *bucket, unsigned rate, uint64_t now_ms)
{
	uint64_t most = 2000ULL * rate;
	uint64_t elapsed = now_ms - bucket->filled_ms;

	if (bucket->filled_ms == 0 || elapsed > 2000)
		bucket->tokens_milli = most;
	else
		bucket->tokens_milli += elapsed * rate;
	if (bucket->tokens_milli > most)
		bucket->tokens_milli = most;
	bucket->filled_ms = now_ms ? now_ms : 1;
	if (bucket->tokens_milli < 1000)
		return false;
	bucket->tokens_milli -= 1000;
	return true;
}

bool net_source_admit(struct net_source *source, const struct net_limits *limits, uint64_t now_ms)
{
	return source->connections < limits->per_source &&
	       net_bucket_take(&source->bucket, limits->rate, now_ms);
}

bool net_source_has_room(const struct net_source *source, const struct net_limits *limits,
			 uint64_t now_ms)
{
	struct net_source copy = *source;

	return net_source_admit(&copy, limits, now_ms);
}

bool net_log_gate_pass(struct net_log_gate *gate, uint64_t now_ms, unsigned *suppressed)
{
	if (!net_bucket_take(&gate->bucket, LOG_LINES_PER_SECOND, now_ms)) {
		gate->suppressed++;
		return false;
	}
	*suppressed = gate->suppressed;
	gate->suppressed = 0;
	return true;
}
