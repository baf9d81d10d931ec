/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory for what few streams need: the sources of a context but the last one, and those that
 * retired. A worker may not allocate, so each has a stock of them from the start; the main thread
 * puts back what it finds in contexts that it wipes. Nothing in them is secret.
 *
 * Thread: take by the worker, give by the main thread; no lock.
 */
#pragma once

#include "worker/srtp_context.h"

struct srtp_spares;

struct srtp_others {
	struct srtp_spares *home;
	uint64_t tick; /* counts changes of source, to know the oldest */
	uint8_t count;
	uint8_t retired_count;
	uint8_t retired_next; /* slot of the oldest once all are taken */
	uint8_t pad[5];
	struct srtp_source source[SRTP_SSRC_MAX - 1]; /* the last one is in the context itself */
	struct srtp_retired retired[SRTP_RETIRED_MAX];
};

/* A stock of count. Returns 0 or -ENOMEM. */
int srtp_spares_new(struct srtp_spares **spares, unsigned count);
/* No context may hold any of them any more. NULL is allowed. */
void srtp_spares_free(struct srtp_spares *spares);

/* Worker: one, zeroed but for home; NULL: none is left. */
struct srtp_others *srtp_spares_take(struct srtp_spares *spares);
/* Main thread: back to where it came from; NULL is allowed. */
void srtp_spares_give(struct srtp_others *others);

/* How many are left; a glance, from any thread. */
unsigned srtp_spares_left(const struct srtp_spares *spares);
