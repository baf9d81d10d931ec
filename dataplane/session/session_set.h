/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a SET is made of: checks and changes of keys. Internal to it. Thread: the main thread. */
#pragma once

#include "session/session.h"

/* Whether all that the mask names is within what it may be. 0 or -EINVAL. */
int set_check(const struct sessions *sessions, const struct session *session,
	      const struct sluice_set *set);

/* ---- keys: contexts are made first, and applied once nothing can fail any more ---- */

struct tx_change {
	bool changed;
	struct srtp_context *context; /* NULL: plain RTP */
};

/* Makes the context of key, unless it is the one that the leg has. 0 or -errno. */
int tx_make(struct sessions *sessions, const struct sluice_key *key, const struct leg_terms *terms,
	    struct tx_change *change);
void tx_key_apply(const struct tx_change *change, struct mail *mail);

struct rx_change {
	bool changed;
	struct srtp_keys keys; /* none: plain RTP */
	unsigned kept;         /* bit i: keys.context[i] is one that the leg has already */
};

/* A key that the leg has keeps its context, with ROC and replay windows. 0 or -errno, and then
 * change may hold contexts: rx_unmake(). */
int rx_make(struct sessions *sessions, const struct sluice_key keys[SLUICE_RX_KEYS_MAX],
	    const struct leg_terms *terms, struct rx_change *change);
void rx_unmake(struct sessions *sessions, struct rx_change *change);
void rx_key_apply(struct session_leg *leg, const struct rx_change *change, struct mail *mail);

/* Which keys the worker may need besides the first; record: taken from the pool beforehand. */
void keys_record_apply(struct sessions *sessions, struct leg_keyring *record, struct mail *mail);
