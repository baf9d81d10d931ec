/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control plane's side of the media API: sessions with their wanted state, kept until closed.
 * When the data plane restarts (a new boot_id) every session is opened again on the same ports and
 * set again; when the control plane restarts, sessions that it does not know are closed. Requests
 * wait in order while the data plane is away, and opens fail at once.
 *
 * Thread: the loop's.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "sluice_client.h"

struct media;
struct media_session;

struct media_ops {
	void (*up)(void *user, bool restored);
	void (*down)(void *user);
	/* An event about a session, or about no session (session_user NULL). */
	void (*event)(void *user, void *session_user, const struct sluice_event *event);
	/* The data plane could not take a session back: the call must end. */
	void (*lost)(void *user, void *session_user, const char *reason);
};

int media_open(struct media **media, uv_loop_t *loop, const char *socket_path,
	       const struct media_ops *ops, void *user);
void media_close(struct media *media);
bool media_is_up(const struct media *media);

/*
 * Reserves both legs. opened is called once, later: status 0 and the local addresses of both legs,
 * or -errno (-ENOSPC: full; -ENOTCONN: no data plane). *session is valid at once.
 */
int media_session_open(struct media *media, struct media_session **session,
		       const char *interface[2], const uint8_t family[2],
		       void (*opened)(void *session_user, int status,
				      const struct sluice_addr local[2]),
		       void *session_user);

/*
 * Describes a leg: set->mask says what changes; set->session is filled here. Kept (keys in locked
 * memory, wiped at close) to be installed again. done may be NULL; it is called with the status.
 */
int media_session_set(struct media_session *session, const struct sluice_set *set,
		      void (*done)(void *session_user, int status));

/* Closes and forgets; closed (may be NULL) gets the final counters, or NULL when they are lost. The
 * session is gone for the caller at once; closed is called with user, not session_user. */
void media_session_close(struct media_session *session,
			 void (*closed)(void *user, const struct sluice_session_info *info),
			 void *user);

uint64_t media_session_id(const struct media_session *session);

/* One question to the data plane: GET of a session, STATS, STATUS. reply NULL with -errno in status
 * when it is away. */
int media_ask(struct media *media, enum sluice_type type, const void *body, size_t length,
	      void (*answer)(void *user, int status, const void *reply, size_t length), void *user);
