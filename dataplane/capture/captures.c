/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture/captures_private.h"

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

int captures_new_without_writer(struct captures **captures, const struct captures_config *config)
{
	struct captures *new = calloc(1, sizeof(*new));

	*captures = new;
	if (!new)
		return -ENOMEM;
	new->config = *config;
	pthread_mutex_init(&new->lock, NULL);
	pthread_cond_init(&new->wake, NULL);
	return 0;
}

int captures_new(struct captures **captures, const struct captures_config *config)
{
	int rc = captures_new_without_writer(captures, config);

	rc = rc ? rc : writer_start(*captures);
	if (rc) {
		captures_free(*captures);
		*captures = NULL;
	}
	return rc;
}

static enum capture_phase phase_of(const struct captures *captures, unsigned number)
{
	return __atomic_load_n(&captures->phase[number], __ATOMIC_ACQUIRE);
}

static void phase_set(struct captures *captures, unsigned number, enum capture_phase phase,
		      int more)
{
	pthread_mutex_lock(&captures->lock);
	captures->running += (unsigned)more;
	__atomic_store_n(&captures->phase[number], (uint8_t)phase, __ATOMIC_RELEASE);
	pthread_cond_signal(&captures->wake);
	pthread_mutex_unlock(&captures->lock);
}

void captures_free(struct captures *captures)
{
	if (!captures)
		return;
	for (unsigned i = 0; i < CAPTURES_MAX; i++)
		if (phase_of(captures, i) == CAPTURE_RUNNING)
			captures_close(captures, i);
	writer_stop(captures);
	captures_write(captures);
	for (unsigned i = 0; i < CAPTURES_MAX; i++)
		if (phase_of(captures, i) == CAPTURE_CLOSED)
			captures_release(captures, i);
	for (unsigned i = 0; i < CAPTURE_WORKERS_MAX; i++)
		free(captures->ring[i]);
	pthread_mutex_destroy(&captures->lock);
	pthread_cond_destroy(&captures->wake);
	free(captures);
}

/* ---- start ---- */

/* What all files have, and what those that are being written may still grow by. */
static int space_check(const struct captures *captures, uint64_t wanted)
{
	uint64_t used;
	int rc = capture_directory_used(&captures->config.directory, &used);

	if (rc)
		return rc == -E2BIG ? -EDQUOT : rc;
	for (unsigned i = 0; i < CAPTURES_MAX; i++) {
		const struct capture *capture = &captures->capture[i];
		uint64_t bytes = __atomic_load_n(&capture->bytes, __ATOMIC_RELAXED);

		if (phase_of(captures, i) == CAPTURE_RUNNING ||
		    phase_of(captures, i) == CAPTURE_CLOSING)
			used += capture->limit_bytes > bytes ? capture->limit_bytes - bytes : 0;
	}
	return used + wanted > captures->config.total_bytes ? -EDQUOT : 0;
}

static int ring_make(struct captures *captures, unsigned worker)
{
	struct capture_ring *ring = captures->ring[worker];

	if (ring)
		return 0;
	ring = aligned_alloc(alignof(struct capture_ring), sizeof(*ring));
	if (!ring)
		return -ENOMEM;
	memset(ring, 0, sizeof(*ring));
	__atomic_store_n(&captures->ring[worker], ring, __ATOMIC_RELEASE);
	return 0;
}

static int file_make(struct captures *captures, struct capture *capture,
		     const struct capture_order *order)
{
	const char *kind = capture->mode == SLUICE_CAPTURE_DECRYPTED ? "decrypted" : "wire";
	int rc;

	capture->buffer.bytes = malloc(CAPTURE_BUFFER_BYTES);
	if (!capture->buffer.bytes)
		return -ENOMEM;
	capture->buffer.size = CAPTURE_BUFFER_BYTES;
	capture->fd = capture_directory_create(&captures->config.directory, order->call, kind,
					       time(NULL), capture->name);
	rc = capture->fd < 0 ? capture->fd : writer_begin(capture, order);
	if (!rc)
		return 0;
	free(capture->buffer.bytes);
	if (capture->fd < 0)
		return rc;
	close(capture->fd);
	unlinkat(captures->config.directory.fd, capture->name, 0);
	return rc;
}

static uint64_t at_most(uint64_t asked, uint64_t most)
{
	return asked && asked < most ? asked : most;
}

int captures_start(struct captures *captures, const struct capture_order *order)
{
	const struct captures_config *config = &captures->config;
	struct capture new = {.mode = order->mode,
			      .worker = order->worker,
			      .time_s = (unsigned)at_most(order->time_s, config->time_s),
			      .limit_bytes = at_most(order->bytes, config->file_bytes),
			      .started_ms = now_ms()};
	unsigned number = 0;
	int rc;

	if (order->mode > config->most)
		return -EPERM;
	while (number < CAPTURES_MAX && phase_of(captures, number) != CAPTURE_FREE)
		number++;
	if (number == CAPTURES_MAX)
		return -EBUSY;
	rc = space_check(captures, new.limit_bytes);
	rc = rc ? rc : ring_make(captures, order->worker);
	rc = rc ? rc : file_make(captures, &new, order);
	if (rc)
		return rc;
	captures->capture[number] = new;
	phase_set(captures, number, CAPTURE_RUNNING, 1);
	return (int)number;
}

struct capture_ring *captures_ring(struct captures *captures, unsigned worker)
{
	return captures->ring[worker];
}

/* ---- end ---- */

enum sluice_capture_end captures_due(const struct captures *captures, unsigned number)
{
	const struct capture *capture = &captures->capture[number];

	switch ((enum capture_failure)__atomic_load_n(&capture->failure, __ATOMIC_RELAXED)) {
	case CAPTURE_DISK:
		return SLUICE_CAPTURE_END_DISK;
	case CAPTURE_FULL:
		return SLUICE_CAPTURE_END_SIZE;
	case CAPTURE_WELL:
		break;
	}
	if (now_ms() - capture->started_ms >= (uint64_t)capture->time_s * 1000)
		return SLUICE_CAPTURE_END_TIME;
	return SLUICE_CAPTURE_END_NONE;
}

void captures_end(struct captures *captures, unsigned number, enum sluice_capture_end end)
{
	captures->capture[number].end = (uint8_t)end;
}

void captures_close(struct captures *captures, unsigned number)
{
	phase_set(captures, number, CAPTURE_CLOSING, 0);
}

void captures_release(struct captures *captures, unsigned number)
{
	struct capture *capture = &captures->capture[number];

	free(capture->buffer.bytes);
	capture->buffer.bytes = NULL;
	phase_set(captures, number, CAPTURE_FREE, 0);
}

void captures_state(const struct captures *captures, unsigned number, struct capture_state *state)
{
	const struct capture *capture = &captures->capture[number];
	const uint64_t *lost = &captures->ring[capture->worker]->lost[number];

	*state = (struct capture_state){
	    .mode = capture->mode,
	    .end = capture->end,
	    .closed = phase_of(captures, number) == CAPTURE_CLOSED,
	    .time_s = capture->time_s,
	    .age_ms = now_ms() - capture->started_ms,
	    .limit_bytes = capture->limit_bytes,
	    .bytes = __atomic_load_n(&capture->bytes, __ATOMIC_RELAXED),
	    .packets = __atomic_load_n(&capture->packets, __ATOMIC_RELAXED),
	    .lost = __atomic_load_n(lost, __ATOMIC_RELAXED),
	};
	memcpy(state->name, capture->name, sizeof(state->name));
}
