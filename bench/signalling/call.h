/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The calls: INVITE, 180, 200, ACK, after a while BYE, 200. Each has a slot; both of its ends are
 * here, so that the callee's own time can be taken from what the caller waits for.
 *
 * Thread: one.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "../mediagen/histogram.h"
#include "endpoint.h"
#include "text.h"

#define CALL_HELD UINT64_MAX /* as time to talk: until calls_release() */

enum call_state {
	CALL_FREE,
	CALL_INVITED,
	CALL_TALKING, /* the 200 was acknowledged */
	CALL_ENDING,  /* BYE was sent */
};

struct call {
	TAILQ_ENTRY(call) link; /* of its state's list, oldest first */
	enum call_state state;
	struct text_call name;
	uint64_t since_ns;   /* of this state */
	uint64_t invited_ns; /* the caller sent its INVITE */
	uint64_t offered_ns; /* the callee got it */
	uint64_t own_ns;     /* the callee took so long to answer */
	bool acknowledged;   /* at the callee */
	bool hung_up;        /* at the callee */
	bool ended;          /* at the caller: its BYE was answered */
	char to[96];
	char target[96];
};

TAILQ_HEAD(call_list, call);

struct call_counts {
	uint64_t started;
	uint64_t answered;
	uint64_t completed;
	uint64_t refused;     /* a final answer other than 200 */
	uint64_t unsent;      /* not started: the stream to the relay was full */
	uint64_t timed_out;   /* a step was not done in time (patience_s), at either end */
	uint64_t unended;     /* of these, whose BYE was not answered */
	uint64_t repeated;    /* messages that came again */
	uint64_t strange;     /* messages that belong to no call of now */
	unsigned last_status; /* of a refusal */
};

struct calls {
	const struct options *options;
	struct endpoints *endpoints;
	struct call *slot;
	struct call_list list[CALL_ENDING + 1];
	struct call_counts counts;
	struct histogram added; /* set-up time that the relay added, ns */
	char message[TEXT_MESSAGE_MAX];
};

uint64_t call_now_ns(void);
/* endpoints->message and user are set here. 0 or -ENOMEM. */
int calls_new(struct calls *calls, struct endpoints *endpoints, const struct options *options);
void calls_free(struct calls *calls);
/* 0, also when it was counted as unsent; -ENOSPC: every slot is in use; else -errno of the
 * connection. */
int calls_start(struct calls *calls);
/* BYE of at most count calls that talk for talk_ns and longer, the oldest first. How many. */
uint32_t calls_release(struct calls *calls, uint64_t talk_ns, uint32_t count);
/* Gives up what has not been answered for too long. */
void calls_expire(struct calls *calls);
/* Calls between INVITE and answer, or between BYE and answer. */
bool calls_under_way(const struct calls *calls);
bool calls_any(const struct calls *calls);
uint64_t calls_failed(const struct call_counts *counts);
