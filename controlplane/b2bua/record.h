/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a call says in its record; see record/records.h and docs/records.md. Never a key. */
#pragma once

#include "b2bua/call.h"

/* All do nothing when no records are kept. */
void record_begin(struct call *call);
void record_answered(struct call *call);

/* A record that waits for the last counters of its call's media, when the call is gone. */
struct record;

/* The call has ended for this reason; its media is still known. NULL: none is kept, or there is no
 * memory: then the journal tells of the call at the next start. */
struct record *record_end(const struct call *call, const struct verdict *verdict);
/* info: the last counters, NULL: lost. Writes it and frees record, which may be NULL. */
void record_finish(struct record *record, const struct sluice_session_info *info);
/* A call that routing refused, before there was one: verdict->detail says why. */
void record_refused(const struct b2bua *b2bua, const struct config_peer *from, const char *caller,
		    const char *called, const struct verdict *verdict);
