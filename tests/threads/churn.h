/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the control plane may ask of the data plane, in any order and at any speed: calls are
 * opened, changed in every way, looked at, captured and closed.
 *
 * Thread: the main thread.
 */
#pragma once

#include <stdint.h>

#include "session/sessions.h"

#define CHURN_CALLS 64U

struct churn {
	struct sessions *sessions;
	uint64_t random;
	bool open[CHURN_CALLS]; /* by id - 1 */
	uint64_t asked;         /* requests of any kind */
	uint64_t opened;
	uint64_t received; /* RTP packets of calls that have ended */
};

/* One more request. */
void churn_step(struct churn *churn);
/* Closes what is open. */
void churn_end(struct churn *churn);
