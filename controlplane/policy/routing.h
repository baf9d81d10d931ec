/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a call goes: which routes match it, which targets they give in which order, and what the
 * numbers become. Pure: the time, lots, and what is known of peers come in with the question, so
 * that sluicectl route test and the relay use one and the same.
 *
 * Order: the calling peer's called_in and caller_in; matching of routes, which see the outcome; of
 * the route that is taken called and caller; of the peer that is called called_out and caller_out.
 *
 * Thread: any, as the configuration is immutable.
 */
#pragma once

#include "policy/config.h"

#define ROUTING_LEVELS_MAX 8U /* priorities that one call may go through */
#define ROUTING_TARGETS_MAX 16U
#define ROUTING_TEXT_MAX 256U

struct routing_query {
	const struct config_peer *from;
	const char *called, *caller; /* user parts in one spelling */
	int64_t unix_s;
	/* The nth value of a header of the INVITE; ptr NULL: there are not so many. */
	struct str (*header)(void *user, const char *name, unsigned nth);
	/* NULL: no peer is down. */
	bool (*is_down)(void *user, const struct config_peer *peer);
	/* Calls of ours to that peer; NULL: none. */
	unsigned (*calls)(void *user, const struct config_peer *peer);
	uint32_t (*random)(void *user); /* 32 bits */
	void *user;
};

enum routing_outcome {
	ROUTING_TARGETS,
	ROUTING_NO_ROUTE,
	ROUTING_REFUSED,    /* a route says so: route->refuse */
	ROUTING_BUSY,       /* all targets have as many calls as they may */
	ROUTING_BAD_NUMBER, /* a translation of the calling peer makes no number */
};

enum routing_state {
	ROUTING_USED,
	ROUTING_DOWN, /* left out: others are not down */
	ROUTING_FULL, /* left out: max_calls */
	ROUTING_LAST, /* down, but so are all: the best is tried */
};

struct routing_target {
	const struct config_route *route;
	const struct config_target *target; /* NULL: of a route with to */
	const struct config_peer *peer;
	enum routing_state state;
};

struct routing_answer {
	enum routing_outcome outcome;
	const struct config_route *route; /* the first that takes, or refuses, the call; or NULL */
	char called[REWRITE_TEXT_MAX], caller[REWRITE_TEXT_MAX]; /* as routes see them */
	unsigned count;                                          /* in the order to try them */
	struct routing_target target[ROUTING_TARGETS_MAX];
	unsigned left_out_count;
	struct routing_target left_out[ROUTING_TARGETS_MAX];
	char text[ROUTING_TEXT_MAX]; /* for the operator: why it is not ROUTING_TARGETS */
};

void routing_find(const struct config *config, const struct routing_query *query,
		  struct routing_answer *answer);

/*
 * What the called and the calling number become for that target: in, called and caller of the
 * answer; out, what goes to the peer. 0, or -EINVAL with text: a translation makes no number.
 */
int routing_numbers(const struct routing_target *target, char called[static REWRITE_TEXT_MAX],
		    char caller[static REWRITE_TEXT_MAX], char text[static ROUTING_TEXT_MAX]);
/* The calling number alone. 0 or -EINVAL. */
int routing_caller(const struct config_peer *from, const struct routing_target *target,
		   char caller[static REWRITE_TEXT_MAX]);

/* Whether one route matches, with the reason in words. query->called is as routes see it. */
bool routing_matches(const struct config_route *route, const struct routing_query *query,
		     char text[static ROUTING_TEXT_MAX]);
/* Whether a is used before b when both match, or instead of it (same priority). */
bool routing_precedes(const struct config_route *a, const struct config_route *b);

/* The index of routes: made once config is complete, before routing_find(). 0 or -ENOMEM. */
int routing_compile(struct config *config);
void routing_free(struct config *config);
