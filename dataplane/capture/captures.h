/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The captures that run: files, their limits, and the thread that writes them. Workers put packets
 * into rings (ring.h); the writer takes them out every 10 ms and is the only one that waits for a
 * disk.
 *
 *   start    main thread: makes the file, then tells the worker (by mail) to capture
 *   close    main thread, when the worker has said that it captures no more
 *   closed   writer: what was in the rings is in the file, and the file is whole
 *   take     main thread: the number is free for another capture
 *
 * Thread: the main thread, but for what the writer does by itself.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/directory.h"
#include "capture/ring.h"
#include "sluice_media.h"

#define CAPTURE_WORKERS_MAX 16U
#define CAPTURE_CALL_MAX 32U /* as the media API has it, NUL included */
#define CAPTURE_LABEL_MAX 128U

struct captures;

struct captures_config {
	struct capture_directory directory; /* the callers', to be closed after captures_free() */
	uint64_t file_bytes;                /* the most that one file may have; at least 64 KiB */
	uint64_t total_bytes;               /* the same of all files in the directory */
	unsigned time_s;                    /* the longest that a capture may take */
	uint8_t most;                       /* enum sluice_capture_mode: the most that is allowed */
	uint64_t tsc_hz;
};

struct capture_order {
	char call[CAPTURE_CALL_MAX];    /* letters and digits */
	char leg[2][CAPTURE_LABEL_MAX]; /* printable text for the file */
	uint8_t mode;                   /* enum sluice_capture_mode */
	unsigned time_s;                /* 0: as long as may be */
	uint64_t bytes;                 /* 0: as much as may be */
	unsigned worker;                /* that has the session */
};

/* What is known of one. */
struct capture_state {
	char name[CAPTURE_FILE_NAME_MAX];
	uint8_t mode;
	uint8_t end; /* enum sluice_capture_end: NONE while it runs */
	bool closed; /* the file is whole */
	unsigned time_s;
	uint64_t age_ms;
	uint64_t limit_bytes;
	uint64_t bytes;   /* of the file */
	uint64_t packets; /* in it */
	uint64_t lost;    /* that did not fit the ring */
};

/* Starts the writer. Returns 0, -ENOMEM, -errno of pthread_create(). */
int captures_new(struct captures **captures, const struct captures_config *config);

/* The workers must not run any more. Completes all files. NULL is allowed. */
void captures_free(struct captures *captures);

/*
 * Begins a file. Returns the capture's number below CAPTURES_MAX, -EBUSY (as many run as may),
 * -EPERM (mode not allowed), -EDQUOT (the directory is as full as it may be), -ENOSPC (disk full),
 * -ENOMEM, -errno.
 */
int captures_start(struct captures *captures, const struct capture_order *order);

/* The ring of a worker that a capture was started for. */
struct capture_ring *captures_ring(struct captures *captures, unsigned worker);

/* Why it must end now, as far as it is known here: its time, its size, the disk; NONE: go on. */
enum sluice_capture_end captures_due(const struct captures *captures, unsigned number);

/* It ends for this reason; the worker may still be capturing. */
void captures_end(struct captures *captures, unsigned number, enum sluice_capture_end end);

/* The worker captures no more: the file is to be completed. */
void captures_close(struct captures *captures, unsigned number);

void captures_state(const struct captures *captures, unsigned number, struct capture_state *state);

/* Makes the number of a closed capture free. */
void captures_release(struct captures *captures, unsigned number);

/* For tests: one turn of the writer, in this thread, of captures whose writer was not started. */
int captures_new_without_writer(struct captures **captures, const struct captures_config *config);
void captures_write(struct captures *captures);
