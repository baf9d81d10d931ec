/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "batch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* As a packet buffer of DPDK has it: not a power of two, so that packets spread over the cache. */
#define STRIDE (BATCH_CAPACITY + 128U)
#define RTCP_SENDER_REPORT 200U

static uint64_t random_state = 0x9e3779b97f4a7c15U;

static uint64_t random_next(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

void random_fill(void *to, size_t size)
{
	uint8_t *bytes = to;

	for (size_t i = 0; i < size; i += sizeof(uint64_t)) {
		uint64_t value = random_next();

		memcpy(bytes + i, &value, size - i < sizeof(value) ? size - i : sizeof(value));
	}
}

void *pages_new(size_t size, int huge)
{
	void *pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED)
		return NULL;
	madvise(pages, size, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
	return pages;
}

void pages_free(void *pages, size_t size)
{
	if (pages)
		munmap(pages, size);
}

int batch_new(struct batch *batch, uint32_t streams_max)
{
	memset(batch, 0, sizeof(*batch));
	batch->order = calloc(streams_max, sizeof(*batch->order));
	if (!batch->order)
		return -ENOMEM;
	batch->memory = pages_new((size_t)BATCH_PACKETS * STRIDE, 1);
	if (!batch->memory) {
		batch_free(batch);
		return -ENOMEM;
	}
	random_fill(batch->memory, (size_t)BATCH_PACKETS * STRIDE);
	for (uint32_t i = 0; i < BATCH_PACKETS; i++)
		batch->packet[i].data = batch->memory + (size_t)i * STRIDE;
	return 0;
}

void batch_free(struct batch *batch)
{
	pages_free(batch->memory, (size_t)BATCH_PACKETS * STRIDE);
	batch->memory = NULL;
	free(batch->order);
	batch->order = NULL;
}

void batch_shuffle(struct batch *batch, uint32_t streams)
{
	random_state = 0x9e3779b97f4a7c15U;
	batch->order_count = streams;
	batch->order_next = 0;
	for (uint32_t i = 0; i < streams; i++) {
		uint32_t at = (uint32_t)(random_next() % (i + 1));

		batch->order[i] = batch->order[at];
		batch->order[at] = i;
	}
}

static void put_be16(uint8_t *to, uint32_t value)
{
	to[0] = (uint8_t)(value >> 8);
	to[1] = (uint8_t)value;
}

static void put_be32(uint8_t *to, uint32_t value)
{
	put_be16(to, value >> 16);
	put_be16(to + 2, value);
}

static void header_rtp(uint8_t *to, uint32_t ssrc, uint16_t sequence)
{
	to[0] = 0x80;
	to[1] = 0;
	put_be16(to + 2, sequence);
	put_be32(to + 4, sequence * 160U);
	put_be32(to + 8, ssrc);
}

static void header_rtcp(uint8_t *to, uint32_t ssrc, uint32_t length)
{
	to[0] = 0x80;
	to[1] = RTCP_SENDER_REPORT;
	put_be16(to + 2, length / 4 - 1);
	put_be32(to + 4, ssrc);
}

void batch_fill(struct batch *batch, enum batch_kind kind, uint32_t payload, uint16_t *sequence)
{
	for (uint32_t i = 0; i < BATCH_PACKETS; i++) {
		struct batch_packet *packet = &batch->packet[i];

		packet->stream = batch->order[batch->order_next++];
		if (batch->order_next == batch->order_count)
			batch->order_next = 0;
		if (kind == BATCH_SRTP) {
			packet->length = BATCH_HEADER_RTP + payload;
			header_rtp(packet->data, BATCH_SSRC_FIRST + packet->stream,
				   ++sequence[packet->stream]);
		} else {
			packet->length = BATCH_HEADER_RTCP + payload;
			header_rtcp(packet->data, BATCH_SSRC_FIRST + packet->stream,
				    packet->length);
		}
	}
}
