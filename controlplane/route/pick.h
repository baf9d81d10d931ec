/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The order in which alternatives are tried: by priority, and within one by lot according to their
 * weights (RFC 2782), or by how busy they are. Of peers here, of SRV records in net.
 *
 * Thread: any; nothing is kept.
 */
#pragma once

#include <stdint.h>

struct pick {
	unsigned priority; /* the lowest first */
	unsigned weight;   /* at most 65535; 0: hardly ever before others */
	unsigned load;     /* PICK_LEAST: what it carries now */
	unsigned id;       /* the caller's */
};

enum pick_by {
	PICK_WEIGHT,
	PICK_LEAST, /* the least load for its weight; among equals by lot */
};

/* random returns 32 random bits. Of equals that no lot decides, the order stays. */
void pick_order(struct pick *picks, unsigned count, enum pick_by by, uint32_t (*random)(void *user),
		void *user);
