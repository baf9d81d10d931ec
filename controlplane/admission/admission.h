/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which new calls may be made: calls at once and calls a second of the relay, an interface, a dial
 * plan, a peer in each direction, a group of numbers, and of one caller number.
 *
 * A call passes all its limits or none: the first that it does not pass is named and counted, and
 * nothing is taken from the others. A call to an emergency number passes all, and counts.
 *
 * What has a limit is known by its slot, which it keeps through reloads of the configuration
 * (policy/config.h); so the counts of a limit go on when its value changes.
 *
 * Pure: time comes in as an argument. Thread: one.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "admission/bucket.h"
#include "policy/config.h"

/* X(SYMBOL, "name"): of a limit, in the order in which they are asked */
#define ADMISSION_LIMIT_LIST(X)             \
	X(CALLS, "calls")                   \
	X(CALLS_RATE, "calls rate")         \
	X(INTERFACE, "interface")           \
	X(INTERFACE_RATE, "interface rate") \
	X(PLAN, "dial plan")                \
	X(PLAN_RATE, "dial plan rate")      \
	X(PEER, "peer")                     \
	X(PEER_RATE, "peer rate")           \
	X(TO_PEER, "called peer")           \
	X(TO_PEER_RATE, "called peer rate") \
	X(NUMBERS, "numbers")               \
	X(NUMBERS_RATE, "numbers rate")     \
	X(CALLER, "caller")                 \
	X(CALLER_RATE, "caller rate")       \
	X(MEMORY, "memory")

enum admission_limit {
	ADMISSION_PASS,
#define ADMISSION_LIMIT_ENUM(symbol, name) ADMISSION_##symbol,
	ADMISSION_LIMIT_LIST(ADMISSION_LIMIT_ENUM)
#undef ADMISSION_LIMIT_ENUM
	    ADMISSION_LIMITS
};

struct usage {
	unsigned calls, calls_peak;
	struct meter meter;
	struct bucket bucket;
	uint64_t refused_calls, refused_rate; /* by this limit */
};

struct admission;
struct caller;

struct admission_request {
	const struct config *config; /* of today */
	const struct config_peer *from, *to;
	const char *caller, *callee; /* numbers in one spelling; "": unknown */
	bool emergency;              /* admission_is_emergency() */
	uint64_t now_ms;
};

/* What a call holds of its limits; zeroed: nothing. */
#define ADMISSION_HELD_MAX 12U
struct admission_ticket {
	struct usage *held[ADMISSION_HELD_MAX];
	uint16_t of_callee; /* bit per entry of held */
	uint8_t count;
	struct caller *caller;
};

struct admission_refusal {
	const char *name; /* of what has the limit, in the configuration; "": the relay */
	unsigned limit;
};

struct admission *admission_new(void);            /* NULL: out of memory, or no random numbers */
void admission_free(struct admission *admission); /* after all tickets; NULL is fine */
/* Room for all slots of config, which is about to be used. 0 or -ENOMEM: nothing changed. */
int admission_fit(struct admission *admission, const struct config *config);

/*
 * An emergency number of the configuration; or the peer says so (Priority, RFC 3261 20.26), which
 * only a trusted one is believed: all others would pass every limit by a header.
 */
bool admission_is_emergency(const struct config *config, const struct config_peer *from,
			    const char *callee, bool priority_emergency);

/* ADMISSION_PASS, or the limit that the call does not pass: counted there, refusal filled. */
enum admission_limit admission_check(struct admission *admission,
				     const struct admission_request *request,
				     struct admission_refusal *refusal);
/* The call begins, which admission_check() has let pass at the same time. */
void admission_take(struct admission *admission, const struct admission_request *request,
		    struct admission_ticket *ticket);
/* It has ended. May be called again. */
void admission_release(struct admission *admission, struct admission_ticket *ticket);
/* The call goes on to another peer: what the called side holds moves there, unchecked. */
void admission_move(struct admission *admission, const struct admission_request *request,
		    struct admission_ticket *ticket);
/* Of the called side alone, to choose between several: ADMISSION_PASS, or the limit that to does
 * not pass: counted there. */
enum admission_limit admission_check_callee(struct admission *admission,
					    const struct admission_request *request);

/* In seconds; 0: no limit. */
unsigned admission_duration_s(const struct admission_request *request);

/* ---- for the operator; zeros where nothing has happened yet ---- */
enum admission_direction { ADMISSION_IN, ADMISSION_OUT, ADMISSION_BOTH, ADMISSION_DIRECTIONS };
struct usage admission_total(const struct admission *admission);
struct usage admission_peer(const struct admission *admission, const struct config_peer *peer,
			    enum admission_direction direction);
struct usage admission_plan(const struct admission *admission, const struct config_dial_plan *plan);
struct usage admission_interface(const struct admission *admission,
				 const struct config_interface *interface);
struct usage admission_numbers(const struct admission *admission,
			       const struct config_number_limit *limit);
