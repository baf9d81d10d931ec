/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Taking this relay out of service without cutting anybody off: no new calls, running ones end by
 * themselves. A call to an emergency number is taken all the same.
 *
 *   serving ──drain──> draining ──no call left──> drained ──then: exit──> the process ends
 *      ^                   │ undrain                 │ undrain
 *      └───────────────────┴─────────────────────────┘
 *
 * Thread: the loop's.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

enum drain_state { DRAIN_SERVING, DRAIN_DRAINING, DRAIN_DRAINED };
enum drain_then { DRAIN_THEN_STAY, DRAIN_THEN_EXIT };

struct daemon;

struct drain {
	uv_timer_t timer;
	enum drain_state state;
	enum drain_then then;
	uint64_t since_ms;
	uint64_t until_ms; /* the calls that are left then are ended; 0: they are waited for */
	bool ended;        /* they were */
};

void drain_init(struct daemon *daemon);
/* Asked again: timeout and then are as said last. timeout_s 0: as long as it takes. */
void drain_begin(struct daemon *daemon, unsigned timeout_s, enum drain_then then);
/* Serves again. 0, or -EALREADY: it was serving, -ESHUTDOWN: the process is stopping. */
int drain_end(struct daemon *daemon);
/* {"state": "draining", …} as in api/api.h */
json_t *drain_object(const struct daemon *daemon);
