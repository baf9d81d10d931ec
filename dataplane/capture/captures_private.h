/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inside of captures, for the files of this folder. */
#pragma once

#include <pthread.h>

#include "capture/captures.h"
#include "capture/pcapng.h"

#define CAPTURE_BUFFER_BYTES (64U << 10) /* written at once; holds any block */
#define CAPTURE_TAIL_BYTES 1024U         /* kept free for the blocks at the end */

enum capture_phase {
	CAPTURE_FREE,
	CAPTURE_RUNNING,
	CAPTURE_CLOSING, /* the worker has let go */
	CAPTURE_CLOSED,  /* the writer too */
};

enum capture_failure { CAPTURE_WELL, CAPTURE_FULL, CAPTURE_DISK };

/* Main's until its phase is RUNNING; then as is said below. */
struct capture {
	/* main: wo; writer: ro, constant while it runs */
	int fd;
	uint8_t mode;
	unsigned worker;
	unsigned time_s;
	uint64_t limit_bytes;
	char name[CAPTURE_FILE_NAME_MAX];
	/* main alone */
	uint8_t end; /* enum sluice_capture_end */
	uint64_t started_ms;
	/* writer alone; main until it runs */
	struct pcapng buffer;
	uint64_t offset; /* of what was written */
	uint64_t begin_ns;
	uint64_t leg_packets[2];
	/* writer: wo; main: ro. Relaxed atomics. */
	uint8_t failure; /* enum capture_failure */
	uint64_t bytes;
	uint64_t packets;
};

struct captures {
	struct captures_config config;
	struct capture capture[CAPTURES_MAX];
	/* enum capture_phase; acquire and release. CLOSED is set by the writer, else by main. */
	uint8_t phase[CAPTURES_MAX];
	struct capture_ring *ring[CAPTURE_WORKERS_MAX]; /* main: wo, once; writer: ro, atomic */
	uint8_t scratch[CAPTURE_SNAPLEN];               /* writer */
	pthread_t thread;
	bool started;
	pthread_mutex_t lock; /* of wanted and stop */
	pthread_cond_t wake;
	bool stop;
	unsigned running; /* that are neither free nor closed */
};

uint64_t capture_clock_ns(void); /* of the day */

/* writer.c */
int writer_start(struct captures *captures);
void writer_stop(struct captures *captures);
/* The headers of the file. Main thread, before it runs. 0 or -errno. */
int writer_begin(struct capture *capture, const struct capture_order *order);
