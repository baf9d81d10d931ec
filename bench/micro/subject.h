/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is measured, behind one table: an engine of ours through the SRTP bursts, the roofline (raw
 * calls of the crypto library), and libsrtp2 as a program would call it.
 *
 * Thread: one.
 */
#pragma once

#include <stdint.h>

#include "batch.h"

struct micro_suite {
	const char *name;
	uint8_t id; /* enum sluice_suite */
	uint8_t key_length;
	uint8_t salt_length;
	uint8_t gcm;
};

struct subject_options {
	const struct micro_suite *suite;
	uint32_t streams;
	int huge; /* keys in transparent huge pages */
};

struct subject {
	const char *name;
	uint32_t streams_max; /* more are refused: memory */
	/* Makes keys for options->streams streams in both directions. Returns 0, -ENOTSUP (the
	 * engine has no such suite, or this CPU cannot run it) or -ENOMEM. */
	int (*open)(void **state, const struct subject_options *options);
	/*
	 * The measured part. Works the whole batch in bursts. Unprotect is given what protect made
	 * of the same batch. Returns the packets that were dropped: 0, or the result means nothing.
	 */
	uint32_t (*run)(void *state, struct batch *batch, enum batch_kind kind,
			enum batch_direction direction, uint32_t burst);
	void (*close)(void *state);
};

extern const struct subject subject_ipsec_mb;
extern const struct subject subject_engine_libsrtp; /* our bursts on the portable engine */
/* The same with the suite of the product, whatever the suite that is measured: what GCM is compared
 * with. */
extern const struct subject subject_ipsec_mb_80;
extern const struct subject subject_roofline;
extern const struct subject subject_libsrtp; /* libsrtp2 as a user would call it */

/* Versions of the libraries, as text. */
const char *roofline_version(void);
const char *libsrtp_version(void);
/* Bytes of both contexts of a stream: what an RTP packet of one source touches, and all. */
uint32_t sluice_hot_bytes(uint8_t suite);
uint32_t sluice_context_bytes(uint8_t suite);
/* CPU features that the engine uses; "" when it cannot run here. */
const char *sluice_features(void);
