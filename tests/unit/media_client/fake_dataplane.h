/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A data plane of one thread that remembers sessions and counts what it is asked. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sluice_media.h"

#define FAKE_SESSIONS 3000U

struct fake_session {
	uint64_t id; /* 0: free */
	uint64_t age_ms;
	uint64_t silent_ms; /* since the last packet of leg 0; leg 1 was never heard */
	struct sluice_addr local[2];
	struct sluice_set leg[2];
	uint32_t set_mask[2]; /* all bits that were set */
	unsigned sets;
	struct sluice_position position; /* of leg 0, sent */
};

struct fake_dataplane;

/* Listens at path; boot_id is what HELLO says. */
struct fake_dataplane *fake_start(const char *path, uint64_t boot_id);
/* As if killed: connections close, sessions are gone with it. */
void fake_stop(struct fake_dataplane *fake);
/* Closes the connections; sessions stay. */
void fake_disconnect(struct fake_dataplane *fake);

/* What the next OPEN and SET answer; 0: what is right. */
void fake_refuse(struct fake_dataplane *fake, int open_status, int set_status);
void fake_be_silent(struct fake_dataplane *fake, bool silent);
void fake_add(struct fake_dataplane *fake, uint64_t id, uint64_t age_ms, uint64_t silent_ms);
/* How far leg 0 has sent. */
void fake_position(struct fake_dataplane *fake, uint64_t id,
		   const struct sluice_position *position);
void fake_event(struct fake_dataplane *fake, uint64_t session);

unsigned fake_count(struct fake_dataplane *fake);
/* A copy; false: no such session. */
bool fake_get(struct fake_dataplane *fake, uint64_t id, struct fake_session *session);
unsigned fake_requests(struct fake_dataplane *fake); /* since the start, HELLO too */
