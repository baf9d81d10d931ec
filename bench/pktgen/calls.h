/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls between two sides of peers, A and B, installed in a running sluice-dataplane. Everything
 * follows from the seed but the relay's media ports, which the data plane gives.
 *
 * Thread: one.
 */
#pragma once

#include "../streams/plan.h"
#include "sluice_client.h"

#define CALLS_MAX 500000U

enum calls_side { CALLS_A, CALLS_B };

struct calls_side_options {
	struct plan_end first; /* of the first call; each call has the next even port, after the
				  last the next address */
	char interface[SLUICE_NAME_MAX];
	uint8_t suite; /* enum sluice_suite */
};

struct calls_options {
	struct calls_side_options side[2];
	uint32_t count;
	uint64_t seed;
	uint64_t session_first; /* ids: this and the following */
};

/* One call as it is installed: what goes from A to B, and what goes back. */
struct calls_call {
	struct plan_stream there;
	struct plan_stream back;
};

/*
 * Opens and sets up call number (from 0). client: connected. Returns 0 and the call, or -errno of
 * the media API; then the session may be open.
 */
int calls_install(struct sluice_client *client, const struct calls_options *options,
		  uint32_t number, struct calls_call *call);

/* Closes the sessions of these options; those that are not there are passed over. */
int calls_close(struct sluice_client *client, const struct calls_options *options);

/* The end that call number has on a side. Returns 0, or -ERANGE: there are no such addresses. */
int calls_end(const struct plan_end *first, uint32_t number, struct plan_end *end);
