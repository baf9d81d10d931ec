/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The packets that every engine is measured on: a batch of them is made ready outside the measured
 * time, then worked in bursts. They stay in the cache, as those do that a NIC has just delivered;
 * what is cold is the keys, since each packet is of another stream.
 *
 * Thread: one.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define BATCH_PACKETS 256U
#define BATCH_HEADER_RTP 12U
#define BATCH_HEADER_RTCP 8U
#define BATCH_CAPACITY 2048U
#define BATCH_SSRC_FIRST UINT32_C(0x10000000) /* that of stream 0 */

enum batch_kind { BATCH_SRTP, BATCH_SRTCP };
enum batch_direction { BATCH_PROTECT, BATCH_UNPROTECT };

struct batch_packet {
	uint8_t *data;
	uint32_t length; /* bytes now; engines change it */
	uint32_t stream;
};

struct batch {
	struct batch_packet packet[BATCH_PACKETS];
	uint8_t *memory;
	uint32_t *order; /* the streams in random order, walked round and round: as calls do, each
			    stream has its turn before any has its next */
	uint32_t order_count;
	uint32_t order_next;
};

/* Memory for packets and for up to streams_max streams. Returns 0 or -ENOMEM. */
int batch_new(struct batch *batch, uint32_t streams_max);
void batch_free(struct batch *batch);

/* Draws another random order of that many streams. Always the same for the same number. */
void batch_shuffle(struct batch *batch, uint32_t streams);

/*
 * Gives each packet the next stream and a fresh RTP or RTCP header; payload is in bytes. sequence
 * holds the last number of each stream, and moves.
 */
void batch_fill(struct batch *batch, enum batch_kind kind, uint32_t payload, uint16_t *sequence);

/* Zeroed pages for keys. huge: ask for transparent huge pages. NULL with errno ENOMEM. */
void *pages_new(size_t size, int huge);
void pages_free(void *pages, size_t size);

/* Bytes that no compiler foresees; for keys that protect nothing. */
void random_fill(void *to, size_t size);
