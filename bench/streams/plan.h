/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A plan: the streams that a load generator sends through a relay, and what must come out. It
 * stands in a text file, so that whoever set up the calls (sluice's media API, another relay's
 * control protocol) and whoever makes the packets need not know each other.
 *
 * One stream a line, its fields with a space between:
 *
 *   SENDER RELAY-IN SUITE KEY RELAY-OUT RECEIVER SUITE KEY
 *
 * SENDER and RECEIVER are peers, RELAY-IN and RELAY-OUT the relay's media addresses, each written
 * 192.0.2.1:4000. The first SUITE and KEY are what the sender encrypts with, the second what the
 * receiver decrypts with: "none -" for RTP in clear, or a name of RFC 4568 and the master key and
 * salt in hexadecimal. A line that begins with # is a comment.
 *
 * Keys stand in it: a plan is written with mode 0600, and made for a measurement only.
 */
#pragma once

#include <stdint.h>
#include <stdio.h>

#include "sluice_media.h"

#define PLAN_STREAMS_MAX 1000000U
#define PLAN_LINE_MAX 512U

struct plan_end { /* IPv4 */
	uint8_t ip[4];
	uint16_t port; /* host order, never 0 */
};

struct plan_side {
	struct plan_end peer;
	struct plan_end relay;
	struct sluice_key key; /* suite SLUICE_SUITE_NONE: RTP in clear */
};

struct plan_stream {
	struct plan_side in;  /* peer sends to relay */
	struct plan_side out; /* relay sends to peer */
};

struct plan {
	struct plan_stream *stream;
	uint32_t count;
};

/*
 * Reads a plan. Returns 0 and a plan that plan_free() frees, or -errno with a text in error:
 * -EINVAL (a line is wrong: its number is in the text; or no stream at all), -ENOMEM, or why the
 * file could not be opened.
 */
int plan_read(struct plan *plan, const char *path, char *error, size_t size);

/* Wipes the keys. A plan that was never read must be zero. */
void plan_free(struct plan *plan);

/* Writes the line of one stream. */
void plan_write(FILE *file, const struct plan_stream *stream);

/* The address and port in text, which is changed. Returns 0 or -EINVAL. */
int plan_end_parse(struct plan_end *end, char *text);
