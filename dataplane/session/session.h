/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inside of sessions, for the files of this folder. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "capture/ring.h"
#include "session/secret_pool.h"
#include "session/sessions.h"
#include "worker/leg.h"
#include "worker/mail.h"

#define CONTEXT_LINES_MAX 8U /* the longest SRTP context has as many cache lines */
#define OLD_KEY_MS 2000U     /* a replaced receive key is kept so long for packets in flight */

/* What the worker's latch was last told; a change opens it anew. */
struct latch_settings {
	struct sluice_addr agreed;
	uint8_t mode;
	uint8_t security; /* enum leg_security */
	uint8_t told;
};

struct session_leg {
	unsigned interface;
	unsigned address; /* index of the interfaces' addresses */
	struct sluice_addr local;
	struct sluice_addr remote[2];  /* agreed: RTP, RTCP */
	struct sluice_addr latched[2]; /* as the worker said; family 0: not */
	struct latch_settings latch_told[2];
	uint32_t latch_epoch[2];
	uint8_t direction;
	uint8_t latch;
	uint8_t dscp;
	uint8_t rtcp_mux;
	uint8_t rx_security; /* enum leg_security */
	uint8_t tx_security;
	uint8_t rx_suite;
	uint8_t tx_suite;
	uint32_t media_timeout_ms;
	uint32_t rate_pps;
	struct srtp_keys rx, rx_old;
	struct srtp_context *tx;
	uint64_t rx_old_until_ms;
	uint64_t silent_since_ms; /* since when media is awaited */
	uint64_t auth_failures;   /* counted when last looked at */
	bool timed_out;           /* and told */
	bool unresolved;          /* a path waits for a route or a neighbour */
	struct path path[2];      /* as the worker has it */
};

struct session {
	uint64_t id;
	uint64_t serial; /* never used twice, unlike id */
	struct session *hash_next;
	unsigned index; /* in sessions->all */
	unsigned worker;
	uint64_t opened_ms;
	struct media *media; /* the worker's, but for its counters */
	uint8_t capture;     /* capture_tag() of what runs, or CAPTURE_NONE */
	struct session_leg leg[2];
};

/* Mail that its worker's ring had no room for, in order. */
struct mail_queue {
	struct mail *first, **end;
};

struct sessions {
	struct sessions_config config;
	struct secret_pool *contexts[CONTEXT_LINES_MAX + 1]; /* by cache lines of a context */
	struct srtp_worker *srtp;                            /* to derive keys with */
	struct session **all;                                /* dense; count of them */
	struct session **buckets;
	uint32_t bucket_mask;
	uint32_t count;
	uint64_t opened;
	uint64_t next_serial;
	uint32_t next_epoch;
	unsigned streams[WORKERS_MAX];
	struct mail_queue queue[WORKERS_MAX];
	uint64_t tsc_hz;
	uint32_t suites;
	uint64_t
	    captured[CAPTURES_MAX]; /* session of each capture, 0: none; also of a closed one */
	/* periodic work */
	uint64_t watched_ms, second_ms;
	uint32_t stale_left; /* sessions whose paths are still to be looked up again */
	uint32_t renew_next; /* index of the session whose paths are renewed next */
};

uint64_t clock_ms(void); /* monotonic */
bool addr_equal(const struct sluice_addr *a, const struct sluice_addr *b);

struct session *session_find(const struct sessions *sessions, uint64_t id);

uint64_t tsc_ms_ago(const struct sessions *sessions, uint64_t tsc);

/* Fills info with what is known now. */
void session_info(const struct sessions *sessions, const struct session *session,
		  struct sluice_session_info *info);

/* ---- mail ---- */
/* A zeroed mail for that leg of a session, or NULL. */
struct mail *mail_new(enum mail_kind kind, const struct session *session, unsigned leg);
/* Sends it; it is freed when it is back. */
void mail_send(struct sessions *sessions, unsigned worker, struct mail *mail);
/* Takes what came back; frees what it names. */
void mail_collect(struct sessions *sessions);
/* Carries all of it out in this thread: the workers do not run any more. */
void mail_finish(struct sessions *sessions);

/* ---- contexts ---- */
/* The context is wiped and given back when the mail is back. NULL is allowed. */
void mail_retire(struct mail *mail, struct srtp_context *context);
/* Returns 0 or -ENOMEM; what it made is freed by contexts_free() all the same. */
int contexts_new(struct sessions *sessions);
void contexts_free(struct sessions *sessions);
bool contexts_locked(const struct sessions *sessions);
/* Suites of which contexts can be made, as bits (1 << enum sluice_suite). */
uint32_t suites_probe(struct sessions *sessions);

/* A context of that key. Returns 0, -ENOMEM, or what srtp_context_init() says. */
int context_make(struct sessions *sessions, const struct sluice_key *key,
		 struct srtp_context **context);
/* Wipes a context that no worker has any more, and gives its memory back. NULL is allowed. */
void context_give(struct sessions *sessions, struct srtp_context *context);

/* ---- paths ---- */
/* Looks both paths of a leg up again, and puts those that changed into mail. */
void leg_paths(struct sessions *sessions, struct session *session, unsigned leg, struct mail *mail);
/* The same with a mail of its own, if anything changed. */
void session_paths_renew(struct sessions *sessions, struct session *session);

/* ---- captures ---- */
/* Ends what is captured of it, if anything. */
void session_capture_end(struct sessions *sessions, struct session *session,
			 enum sluice_capture_end end);
/* The worker has carried out that mail. */
void capture_mail_back(struct sessions *sessions, const struct mail *mail);
/* Ends captures that are due, and tells of files that are complete. */
void captures_watch(struct sessions *sessions);

/* ---- latches ---- */
/* Puts latch settings that changed into mail, and forgets what was latched under the old ones. */
void leg_latches(struct sessions *sessions, struct session_leg *leg, struct mail *mail);

void session_free(struct sessions *sessions, struct session *session);
