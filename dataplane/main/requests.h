/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The requests of the media API: their form is checked here, and they are handed to who does them.
 *
 * Thread: the main thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "session/sessions.h"
#include "sluice_media.h"

struct requests {
	struct sessions *sessions;
	uint64_t boot_id;
	uint64_t started_ms;
	/* Fills in workers and ports. */
	void (*status)(void *user, struct sluice_status *status);
	void *user;
};

/*
 * Checks a frame of bytes bytes: header, type, length, padding, and the rules that any sender can
 * keep. Returns true, or false with text (size bytes) that names the value and the rule.
 */
bool request_check(const struct sluice_header *header, const void *body, size_t bytes, char *text,
		   size_t size);

/* Whether a HELLO comes from a client of the same contract; text as above. */
bool hello_check(const struct sluice_hello *hello, char *text, size_t size);

/*
 * Carries out a checked request. Returns the status of the answer; with 0, answer (aligned to 8, of
 * SLUICE_MEDIA_FRAME_MAX bytes) holds its body.
 */
int request_run(struct requests *requests, enum sluice_type type, const void *body, void *answer);
