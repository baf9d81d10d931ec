/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inside of sessions, for the files of this folder. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "capture/ring.h"
#include "session/pool.h"
#include "session/sessions.h"
#include "worker/leg.h"
#include "worker/mail.h"

#define CONTEXTS_RETIRED_MAX 4096U
#define CONTEXT_LINES_MAX 8U /* the longest SRTP context has as many cache lines */
#define EVENTS_HELD 16384U   /* taken from the workers and not looked at yet; more wait there */
#define OLD_KEY_MS 2000U     /* a replaced receive key is kept so long for packets in flight */

enum session_leg_flag {
	SESSION_LEG_TIMED_OUT = 1U << 0,  /* silent, and told */
	SESSION_LEG_UNRESOLVED = 1U << 1, /* a path waits for a route or a neighbour */
	SESSION_LEG_OLD_KEY = 1U << 2,    /* there is one, until rx_old_until_ms */
	SESSION_LEG_SILENT = 1U << 5,     /* neither RTP nor RTCP, and told */
	SESSION_LEG_LATCHED = 1U << 3,    /* << enum srtp_packet_kind: as the worker said */
};

/*
 * What only the main thread knows of a leg. All else it has said is in the newest mail under way,
 * or when there is none in the leg: session_view(). Times are lower halves of clock_ms().
 */
struct session_leg {
	uint32_t newest_mail;     /* index in the pool of mail, plus 1; 0: none is under way */
	uint32_t silent_since_ms; /* since when media is awaited */
	uint32_t rx_old_until_ms;
	uint16_t media_timeout_ds;   /* in 100 ms; 0: never */
	uint16_t silence_timeout_ds; /* the same */
	uint16_t auth_failures;      /* counted when last looked at, modulo 65,536 */
	uint8_t interface;
	uint8_t flags; /* enum session_leg_flag */
};

/* How often numbers of a leg wrapped; only sessions where one did have it. */
struct leg_carries {
	uint32_t carry[2][LEG_COUNT_MAX]; /* by leg, enum leg_count */
};

#define SESSION_AGE_SHIFT 4U /* 16 ms, so that 32 bits are two years */

struct session {
	struct media media; /* the worker's, see leg.h. First: a mail's media is its session */
	struct session_leg leg[2];
	struct leg_carries *carries; /* NULL: none */
	uint32_t opened;             /* clock_ms() >> SESSION_AGE_SHIFT */
	uint32_t hash_next;          /* index in the pool of sessions, plus 1; 0: the last */
	uint32_t index;              /* in sessions->all */
};
/* What a call costs besides its SRTP contexts: see sessions_memory(). */
static_assert(sizeof(struct session) <= 704, "memory of a call");
static_assert(offsetof(struct session, media) == 0, "a media is its session");

/* Mail that its worker's ring had no room for, in order. */
struct mail_queue {
	struct mail *first, **end;
};

struct sessions {
	struct sessions_config config;
	struct pool *contexts[CONTEXT_LINES_MAX + 1]; /* by cache lines of a context */
	struct pool *calls;
	struct pool *mails;
	struct pool *keys;        /* struct leg_keyring */
	struct srtp_worker *srtp; /* to derive keys with */
	struct session **all;     /* dense; count of them */
	uint32_t *buckets;        /* by id; as hash_next */
	uint32_t bucket_mask;
	uint32_t count;
	uint64_t opened;
	uint32_t next_serial;
	uint16_t next_epoch;
	unsigned streams[WORKERS_MAX];
	struct mail_queue queue[WORKERS_MAX];
	uint64_t tsc_hz;
	uint32_t suites;
	uint64_t
	    captured[CAPTURES_MAX]; /* session of each capture, 0: none; also of a closed one */
	/* what workers told and nobody has looked at yet */
	struct worker_event *event;
	uint32_t event_count;
	/* periodic work */
	uint64_t watched_ms, second_ms;
	uint32_t stale_left; /* sessions whose paths are still to be looked up again */
	uint32_t renew_next; /* index of the session whose paths are renewed next */
};

uint64_t clock_ms(void); /* monotonic */
bool addr_equal(const struct sluice_addr *a, const struct sluice_addr *b);

struct session *session_find(const struct sessions *sessions, uint64_t id);

/* Milliseconds since the worker wrote leg_ms(), of less than seven weeks. */
uint32_t worker_ms_ago(const struct sessions *sessions, uint32_t worker_ms);

/* Takes what workers told, and the carries of it at once, so that counters are whole. */
void events_take(struct sessions *sessions);

/* Fills info with what is known now. */
void session_info(struct sessions *sessions, struct session *session,
		  struct sluice_session_info *info);

/* What was said of a leg last, whether or not the worker has heard it yet. */
void session_view(const struct sessions *sessions, const struct session *session, unsigned leg,
		  struct leg_terms *terms);
/* The same, of the direction alone: enum sluice_direction. */
uint8_t session_direction(const struct sessions *sessions, const struct session *session,
			  unsigned leg);
struct sluice_addr session_local(const struct sessions *sessions, const struct session *session,
				 unsigned leg);
/* One of its counters with its carry: enum leg_count up to LEG_RTCP_SENT, or a drop. */
uint64_t session_count(const struct session *session, unsigned leg, enum leg_count count);
uint64_t session_drops(const struct session *session, unsigned leg, enum sluice_drop drop);

/* ---- mail ---- */
/* A mail that says nothing new of that leg yet, or NULL: too many are under way. */
struct mail *mail_new(struct sessions *sessions, enum mail_kind kind, struct session *session,
		      unsigned leg);
/* Gives back one that is not sent. */
void mail_drop(struct sessions *sessions, struct mail *mail);
/* Sends it; it is freed when it is back. */
void mail_send(struct sessions *sessions, unsigned worker, struct mail *mail);
/* Takes what came back; frees what it names. */
void mail_collect(struct sessions *sessions);
/* Carries all of it out in this thread: the workers do not run any more. */
void mail_finish(struct sessions *sessions);

/* ---- contexts ---- */
/* Whether these receive keys need a record besides leg.rx. */
bool leg_keys_needed(const struct srtp_keys *rx, const struct srtp_keys *rx_old);
/* The context is wiped and given back when the mail is back. NULL is allowed. */
void mail_retire(struct mail *mail, struct srtp_context *context);
/* Returns 0 or -ENOMEM; what it made is freed by contexts_free() all the same. */
int contexts_new(struct sessions *sessions);
void contexts_free(struct sessions *sessions);
bool contexts_locked(const struct sessions *sessions);
/* Bytes of contexts that are or once were in use. */
size_t contexts_touched_bytes(const struct sessions *sessions);
/* What a context of that suite, which there is, takes of it. */
size_t context_bytes(const struct sessions *sessions, unsigned suite);
/* Suites of which contexts can be made, as bits (1 << enum sluice_suite). */
uint32_t suites_probe(struct sessions *sessions);

/* A context of that key. Returns 0, -ENOMEM, or what srtp_context_init() says. */
int context_make(struct sessions *sessions, const struct sluice_key *key,
		 struct srtp_context **context);
/* Wipes a context that no worker has any more, and gives its memory back. NULL is allowed. */
void context_give(struct sessions *sessions, struct srtp_context *context);

/* ---- paths ---- */
/* Looks both paths of a leg up again, by the terms of mail, and puts those that changed into it. */
void leg_paths(struct sessions *sessions, struct session *session, unsigned leg, struct mail *mail);
/* The same with a mail of its own, if anything changed. */
void session_paths_renew(struct sessions *sessions, struct session *session);
/* The workers do not use that path any more. */
void path_give(struct sessions *sessions, const struct leg_path *path);

/* ---- latches ---- */
/* A rule that changed opens its latch anew: what was latched under the old one is forgotten. */
void latches_apply(struct sessions *sessions, struct session_leg *leg,
		   const struct leg_terms *before, struct mail *mail);
/* The worker has latched a source: paths go there, and it is told. */
void session_latched(struct sessions *sessions, struct session *session,
		     const struct worker_event *from);

/* ---- captures ---- */
/* Ends what is captured of it, if anything. */
void session_capture_end(struct sessions *sessions, struct session *session,
			 enum sluice_capture_end end);
/* The worker holds nothing of the session any more: no capture outlives that. */
void capture_grace_over(struct sessions *sessions, const struct session *session);
/* The worker has carried out that mail. */
void capture_mail_back(struct sessions *sessions, const struct mail *mail);
/* Ends captures that are due, and tells of files that are complete. */
void captures_watch(struct sessions *sessions);

void session_free(struct sessions *sessions, struct session *session);
