/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Deadlines of a leg, one of each kind at a time. They live in the leg and in one heap, so arming
 * cannot fail. A call that is ending has none.
 */
#pragma once

#include <stdint.h>

#include "sip/timer_heap.h"

enum leg_timer {
	LEG_TIMER_PROVISIONAL, /* a reliable 1xx of ours has no PRACK yet: reliable.c */
	LEG_TIMER_SESSION,     /* session_timer.c */
	LEG_TIMER_REOFFER,     /* an offer of our own may go out: reoffer.c */
	LEG_TIMER_TARGET,      /* nothing was heard of who is called: dial.c */
	LEG_TIMER_REKEY,       /* a fresh key that was refused is offered again: rekey.c */
	LEG_TIMER_DURATION,    /* of the caller: the call has lasted as long as it may */
	LEG_TIMERS
};

struct b2bua;
struct leg;

struct leg_deadline {
	struct timer_node node;
	struct leg *leg;
	enum leg_timer kind;
};

/* Room for the deadlines of that many calls. 0 or -ENOMEM. */
int timers_init(struct b2bua *b2bua, unsigned calls);
int timers_grow(struct b2bua *b2bua, unsigned calls);
/* Runs what is due. Everything that it starts is due later or in the transaction table. */
void timers_run(struct b2bua *b2bua);
/* Milliseconds until the next; -1: none. */
int64_t timers_next(const struct b2bua *b2bua);

/* All of a leg's deadlines, unarmed. */
void leg_timers_init(struct leg *leg);
/* Replaces what was armed. */
void leg_timer_arm(struct leg *leg, enum leg_timer kind, uint64_t delay_ms);
void leg_timer_stop(struct leg *leg, enum leg_timer kind);
void leg_timers_stop(struct leg *leg);
