/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What happens beside the calls that are measured: other calls are opened and closed, some are
 * captured, one is attacked. Each kind is a row of a table.
 *
 * Thread: one, which is the main thread of the data plane between two batches, and its worker
 * during one.
 */
#pragma once

#include <stdint.h>

#include "../relay/traffic.h"
#include "capture/captures.h"

#define SCENE_BESIDES 256U  /* bad packets a batch, half of them before it, half behind */
#define SCENE_CAPTURES 16U  /* calls captured at once: as many as may be */
#define SCENE_SESSIONS 512U /* besides the calls that are measured */

struct scene {
	struct world *world;
	struct calls *calls;
	double hz;
	uint32_t opens_per_s;
	/* opens */
	uint64_t worker_cycles; /* that the worker has worked, by which opens are paced */
	uint64_t opened, closed;
	uint64_t main_cycles; /* that opening and closing took */
	/* the attacked call: its outer leg is SRTP */
	struct sluice_addr attacked, attacked_peer;
	uint8_t frame[CALLS_FRAME_MAX]; /* of the flood */
	uint16_t frame_length;
	uint64_t besides; /* bad packets given to the worker */
};

struct disturbance {
	const char *name, *what;
	int (*begin)(struct scene *scene);                     /* NULL: nothing */
	void (*between)(struct scene *scene, uint64_t cycles); /* two batches; of the last one */
	unsigned (*besides)(void *scene, unsigned leg);        /* see traffic.h */
	int (*end)(struct scene *scene);
};

extern const struct disturbance disturbances[];
extern const unsigned disturbance_count;

/* Opens the call that will be attacked. Returns 0 or -errno. */
int scene_open(struct scene *scene);
void scene_close(struct scene *scene);
