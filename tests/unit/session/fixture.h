/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sessions on interfaces without a real port, and a worker without a thread or packets. No EAL. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "session/interfaces.h"
#include "session/sessions.h"
#include "worker/worker.h"

#define MAX_SESSIONS 6U
#define PAIRS 8U /* of media ports on each address */

struct fixture {
	struct port port; /* receives nothing */
	struct interfaces interfaces;
	struct worker *worker;
	struct sessions *sessions;
	unsigned event_count;
	void (*on_event)(void *user, const struct sluice_event *event);
	void *user;
};

/* Interface "voice" has 192.0.2.1 and 2001:db8::1, "trunk" 198.51.100.1; ports 20000-20015. */
int setup(void **state);
int teardown(void **state);
