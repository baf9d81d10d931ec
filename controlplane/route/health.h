/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether a peer serves calls, from what was seen of it: answers to OPTIONS, and calls that reached
 * it or did not. It changes only after several in a row, so that one lost datagram moves nothing.
 *
 * Pure: times come in. Thread: the owner's.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define HEALTH_REASON_MAX 96U

struct health_settings {
	unsigned down_after; /* failures in a row; 1 or more */
	unsigned up_after;   /* good answers in a row; 1 or more */
};

struct health {
	bool down;                      /* at first it is not: nothing bad is known */
	bool seen;                      /* anything was */
	unsigned bad, good;             /* in a row */
	int64_t since_unix_s;           /* of the present state; 0: since the start */
	char reason[HEALTH_REASON_MAX]; /* of the last failure; empty: none */
	uint64_t ups, downs, failures;  /* counters */
};

enum health_change { HEALTH_SAME, HEALTH_UP, HEALTH_DOWN };

enum health_change health_good(struct health *health, const struct health_settings *settings,
			       int64_t unix_s);
enum health_change health_bad(struct health *health, const struct health_settings *settings,
			      const char *reason, int64_t unix_s);

/*
 * When to look again, in ms from now: interval_ms, up to a tenth more or less by lot, so that many
 * peers are not asked at one moment. random: 32 random bits.
 */
uint64_t health_delay_ms(uint64_t interval_ms, uint32_t random);
/* Whether a final status says that the peer serves calls: any but 408, 502, 503, 504. */
bool health_status_is_good(unsigned status);
