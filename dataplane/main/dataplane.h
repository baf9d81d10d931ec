/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The data plane as a whole: made in order from a configuration, run, and taken down in reverse.
 *
 * Thread: the main thread.
 */
#pragma once

#include <stddef.h>

#include "config/config.h"

struct dataplane;

/*
 * Starts everything. Signals SIGTERM and SIGINT are blocked and end dataplane_run(). Returns 0, or
 * -errno with text (size bytes) that says what was wrong; nothing is left behind then.
 */
int dataplane_start(struct dataplane **dataplane, const struct config *config, char *text,
		    size_t size);

/* How many there are, which may have been left to the program. */
unsigned dataplane_workers(const struct dataplane *dataplane);

/* Until a signal says stop. 0 or -errno. */
int dataplane_run(struct dataplane *dataplane);

/* Stops workers, closes ports, wipes keys, frees. NULL is allowed. */
void dataplane_stop(struct dataplane *dataplane);
