/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control plane's side of the media API: sessions with their wanted state, kept until closed.
 * When the data plane restarts (a new boot_id) every session is opened again on the same ports and
 * set again. When only the connection broke, what the data plane lacks is mended. When the control
 * plane restarts, sessions that it does not know and that are older than its connection are closed
 * once both sides are silent: people may still be talking.
 *
 * While the data plane is away a SET is kept and installed later, a CLOSE forgets, and opens and
 * questions fail at once with -ENOTCONN. Connecting is tried for ever, every 100 ms to 1 s.
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
	/* The data plane is there and has all our sessions; restored: some had to be put back. */
	void (*up)(void *user, bool restored);
	void (*down)(void *user);
	/* An event about a session, or about no session (session_user NULL). */
	void (*event)(void *user, void *session_user, const struct sluice_event *event);
	/* The data plane could not take a session back: the call must end. */
	void (*lost)(void *user, void *session_user, const char *reason);
};

int media_open(struct media **media, uv_loop_t *loop, const char *socket_path,
	       const struct media_ops *ops, void *user);
/* What was asked is answered with -ENOTCONN before it returns; sessions stay in the data plane.
 * Freed when the loop has run the close callbacks. NULL is allowed. */
void media_close(struct media *media);
/* Sessions may be opened. */
bool media_is_up(const struct media *media);

/*
 * Reserves both legs. opened is called once, later, unless the session was closed before: status 0
 * and the local addresses of both legs, or -errno (-ENOSPC: full; -ENOTCONN: no data plane).
 * *session is valid at once, and until media_session_close(), also when opening failed.
 * interface: names of at most SLUICE_NAME_MAX - 1 bytes; family: 4 or 6. Returns 0, -ENOMEM,
 * -EINVAL.
 */
int media_session_open(struct media *media, struct media_session **session,
		       const char *interface[2], const uint8_t family[2],
		       void (*opened)(void *session_user, int status,
				      const struct sluice_addr local[2]),
		       void *session_user);

/*
 * Describes a leg: set->mask says what changes; set->session is filled here. Kept (keys in locked
 * memory, wiped at close) to be installed again. done may be NULL; it is called once unless the
 * session was closed before, with 0, the data plane's -errno, or -ENOTCONN: the data plane is away,
 * the change is kept and will be installed. Returns 0, -ENOMEM, -EINVAL (leg or mask).
 */
int media_session_set(struct media_session *session, const struct sluice_set *set,
		      void (*done)(void *session_user, int status));

/*
 * Closes and forgets; closed (may be NULL) gets the final counters, or NULL when they are lost. The
 * session is gone for the caller at once, and nothing is called with its session_user any more;
 * closed is called with user, perhaps before this returns. NULL is allowed.
 */
void media_session_close(struct media_session *session,
			 void (*closed)(void *user, const struct sluice_session_info *info),
			 void *user);

/*
 * The bits of what differs from all that was set for that leg; SLUICE_SET_ALL: nothing was. Keys
 * are the same however far they have been used.
 */
uint32_t media_session_difference(const struct media_session *session,
				  const struct sluice_set *set);

uint64_t media_session_id(const struct media_session *session);

/*
 * One question to the data plane: GET of a session, STATS, STATUS, CAPTURE. body: at most 120
 * bytes. answer is called once, perhaps before this returns: status and the reply, or reply NULL
 * with -errno in status
 * (-ENOTCONN: away). Returns 0, or -ENOMEM or -EINVAL and answer is not called.
 */
int media_ask(struct media *media, enum sluice_type type, const void *body, size_t length,
	      void (*answer)(void *user, int status, const void *reply, size_t length), void *user);

/* What the data plane said in its last HELLO; NULL before the first. */
const struct sluice_hello_reply *media_hello(const struct media *media);
