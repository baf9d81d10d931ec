/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How busy the loop is, how long what comes in has to wait, and what memory is in use: measured
 * every tick, given to overload/overload.h, and told in the log when that changes its mind.
 *
 * Delay is the longest of these: the shortest turn of the tick (what becomes ready right after the
 * loop looked waits for a turn; if only some turns were long, the loop had time in between), which
 * all wait; how long datagrams have waited, and those who send them wait; and how long the streams
 * of a peer have, which only that one does (net_backlog_each()).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "overload/overload.h"

struct config_peer;
struct daemon;

struct measure {
	struct overload overload;
	uv_prepare_t prepare;
	uv_timer_t timer;
	uint64_t turn_ns, idle_ns; /* when the last turn ended, how long the loop had waited then */
	uint64_t shortest_ns;      /* turn of this tick */
	uint64_t tick_ns, tick_idle_ns; /* the same two, at the last tick */
	unsigned busy;                  /* thousandths, of the last second */
	unsigned busy_ticks;            /* the sum of this second's */
	unsigned ticks;
	uint64_t memory; /* bytes in use; looked at once a second */
};

/* The loop must not have run yet. The daemon is to have its b2bua and net before it runs. 0 or
 * -errno. */
int measure_open(struct daemon *daemon);
void measure_close(struct daemon *daemon);
/* NULL: none has that slot. */
const struct config_peer *measure_peer(const struct daemon *daemon, unsigned slot);
/* What the process may have on its heap, in bytes. */
uint64_t measure_memory_most(const struct daemon *daemon);
