/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Session timers (RFC 4028), of each leg by itself: who of us and the peer refreshes, how often,
 * and the end of a session that nobody refreshed.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "b2bua/cause.h"
#include "sip/message.h"
#include "sip/writer.h"

struct leg;

struct session_terms {
	unsigned interval_s; /* 0: the session has no end */
	bool peer_refreshes; /* else we do */
	bool agreed;         /* the peer knows of it; else it is our own way to see that it lives */
};

struct session_timer {
	struct session_terms now;
	struct session_terms next; /* of the request of the peer that has no 2xx yet */
	unsigned min_s;            /* the peer's Min-SE; 0: none */
	unsigned too_small;        /* 422s in a row */
	uint64_t end_ms;
};

/* A peer's INVITE or UPDATE: CAUSE_NONE, CAUSE_MALFORMED, or CAUSE_INTERVAL (422). */
enum cause session_timer_asked(struct leg *leg, const struct sip_message *request);
/* What it asked for counts: a 2xx goes out. */
void session_timer_start(struct leg *leg);
/* A 2xx to an INVITE or UPDATE of ours. */
void session_timer_heard(struct leg *leg, const struct sip_message *response);
/* A 422 to one: true if it makes sense to ask again. */
bool session_timer_too_small(struct leg *leg, const struct sip_message *response);
/* The leg took it over from another, running. */
void session_timer_resume(struct leg *leg);
/* It refused a refresh, so it knows the dialog: enough, unless a session timer was agreed. */
void session_timer_refused(struct leg *leg);
void session_timer_due(struct leg *leg);

/* Session-Expires and Min-SE of an INVITE or UPDATE of ours; Session-Expires of a 2xx to one. */
void session_timer_write_request(struct sip_writer *writer, const struct leg *leg);
void session_timer_write_success(struct sip_writer *writer, const struct leg *leg);
