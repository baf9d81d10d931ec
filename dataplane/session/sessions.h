/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sessions of the data plane: what OPEN, SET, CLOSE, GET and LIST of the media API do. Requests
 * come here already checked for their form (lengths, padding); values are checked here.
 *
 * A request that fails changes nothing.
 *
 * Thread: the main thread. Workers are reached by mail alone.
 */
#pragma once

#include <stdint.h>

#include "capture/captures.h"
#include "crypto/engine.h"
#include "net/nexthop.h"
#include "session/interfaces.h"
#include "sluice_media.h"
#include "worker/worker.h"

struct sessions;

struct sessions_config {
	uint32_t max_sessions;
	unsigned worker_count;
	struct worker *const *workers;
	struct interfaces *interfaces;
	const struct crypto_engine *engine;
	struct nexthop_table *nexthops; /* NULL: ring ports only */
	struct captures *captures;      /* NULL: there is no directory for them */
	/* An event for all clients; its sequence is theirs to fill in. */
	void (*on_event)(void *user, const struct sluice_event *event);
	void *user;
};

/* Returns 0, -ENOMEM, or -ENOTSUP (engine). */
int sessions_new(struct sessions **sessions, const struct sessions_config *config);

/* Frees all sessions and wipes their keys. The workers must not run any more. NULL is allowed. */
void sessions_free(struct sessions *sessions);

/* Each returns what the media API says; see sluice_media.h. */
int sessions_open(struct sessions *sessions, const struct sluice_open *request,
		  struct sluice_open_reply *reply);
int sessions_set(struct sessions *sessions, const struct sluice_set *request);
int sessions_close(struct sessions *sessions, uint64_t id, struct sluice_session_info *info);
int sessions_get(struct sessions *sessions, uint64_t id, struct sluice_session_info *info);
void sessions_list(const struct sessions *sessions, uint64_t after,
		   struct sluice_list_reply *reply);

int sessions_capture(struct sessions *sessions, const struct sluice_capture *request,
		     struct sluice_capture_info *info);

/* Fills the counters of sessions and workers. */
void sessions_stats(const struct sessions *sessions, struct sluice_stats *stats);

uint32_t sessions_count(const struct sessions *sessions);
uint32_t sessions_max(const struct sessions *sessions);
/* Suites of the engine: bit (1 << enum sluice_suite). */
uint32_t sessions_suites(const struct sessions *sessions);
/* Streams that a worker owns: two a session. */
unsigned sessions_streams(const struct sessions *sessions, unsigned worker);
/* What calls cost. */
void sessions_memory(const struct sessions *sessions, struct sluice_memory_status *memory);
/* False when key memory could not be locked. */
bool sessions_memory_locked(const struct sessions *sessions);

/* To be called every 10 ms or so: takes what workers say, looks for silence, renews paths. */
void sessions_tick(struct sessions *sessions);

/* Routes or neighbours changed: the paths are looked up again at the next ticks. */
void sessions_paths_stale(struct sessions *sessions);
