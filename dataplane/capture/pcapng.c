/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/pcapng.h"

#include <string.h>

enum block_type {
	BLOCK_INTERFACE = 1,
	BLOCK_STATISTICS = 5,
	BLOCK_PACKET = 6,
	BLOCK_SECTION = 0x0a0d0d0a,
};

enum option {
	OPTION_END = 0,
	OPTION_COMMENT = 1,
	OPTION_PACKET_FLAGS = 2,
	OPTION_INTERFACE_NAME = 2,
	OPTION_INTERFACE_DESCRIPTION = 3,
	OPTION_SECTION_APPLICATION = 4,
	OPTION_INTERFACE_TSRESOL = 9,
	OPTION_STATISTICS_BEGIN = 2,
	OPTION_STATISTICS_END = 3,
	OPTION_STATISTICS_RECEIVED = 4,
	OPTION_STATISTICS_LOST = 7, /* by the "operating system": our ring */
};

#define BYTE_ORDER_MAGIC UINT32_C(0x1a2b3c4d)
#define LINKTYPE_ETHERNET 1U
#define TSRESOL_NANOSECONDS 9U /* a power of ten */

/* A block being written; room is false once something did not fit. */
struct block {
	struct pcapng *file;
	size_t begin;
	bool room;
};

static void put(struct block *block, const void *bytes, size_t length)
{
	static const uint8_t zeros[4];
	struct pcapng *file = block->file;
	size_t padding = -length & 3U;

	block->room = block->room && file->size - file->used >= length + padding;
	if (!block->room || !length)
		return;
	memcpy(file->bytes + file->used, bytes, length);
	memcpy(file->bytes + file->used + length, zeros, padding);
	file->used += length + padding;
}

static void put_u32(struct block *block, uint32_t value)
{
	put(block, &value, sizeof(value));
}

/* The high half stands first in either byte order. */
static void put_time(struct block *block, uint64_t ns)
{
	put_u32(block, (uint32_t)(ns >> 32));
	put_u32(block, (uint32_t)ns);
}

static void put_option(struct block *block, enum option code, const void *value, size_t length)
{
	const uint16_t head[2] = {(uint16_t)code, (uint16_t)length};

	put(block, head, sizeof(head));
	put(block, value, length);
}

static void put_text(struct block *block, enum option code, const char *text)
{
	if (text && text[0])
		put_option(block, code, text, strnlen(text, PCAPNG_TEXT_MAX));
}

static void put_u64_option(struct block *block, enum option code, uint64_t value)
{
	put_option(block, code, &value, sizeof(value));
}

static void put_time_option(struct block *block, enum option code, uint64_t ns)
{
	const uint32_t halves[2] = {(uint32_t)(ns >> 32), (uint32_t)ns};

	put_option(block, code, halves, sizeof(halves));
}

static struct block block_begin(struct pcapng *file, enum block_type type)
{
	struct block block = {file, file->used, true};

	put_u32(&block, (uint32_t)type);
	put_u32(&block, 0); /* length, known at the end */
	return block;
}

/* The length stands at both ends, so that a file can be read backwards. */
static bool block_end(struct block *block)
{
	struct pcapng *file = block->file;
	uint32_t length = (uint32_t)(file->used - block->begin + sizeof(length));

	put_u32(block, length);
	if (block->room)
		memcpy(file->bytes + block->begin + 4, &length, sizeof(length));
	else
		file->used = block->begin;
	return block->room;
}

bool pcapng_section(struct pcapng *file, const char *application, const char *comment)
{
	struct block block = block_begin(file, BLOCK_SECTION);
	const uint16_t version[2] = {1, 0};
	const int64_t unknown = -1; /* length of the section: as long as the file goes on */

	put_u32(&block, BYTE_ORDER_MAGIC);
	put(&block, version, sizeof(version));
	put(&block, &unknown, sizeof(unknown));
	put_text(&block, OPTION_COMMENT, comment);
	put_text(&block, OPTION_SECTION_APPLICATION, application);
	put_option(&block, OPTION_END, NULL, 0);
	return block_end(&block);
}

bool pcapng_interface(struct pcapng *file, uint32_t snaplen, const char *name,
		      const char *description)
{
	struct block block = block_begin(file, BLOCK_INTERFACE);
	const uint16_t link[2] = {LINKTYPE_ETHERNET, 0};
	const uint8_t resolution = TSRESOL_NANOSECONDS;

	put(&block, link, sizeof(link));
	put_u32(&block, snaplen);
	put_text(&block, OPTION_INTERFACE_NAME, name);
	put_text(&block, OPTION_INTERFACE_DESCRIPTION, description);
	put_option(&block, OPTION_INTERFACE_TSRESOL, &resolution, sizeof(resolution));
	put_option(&block, OPTION_END, NULL, 0);
	return block_end(&block);
}

bool pcapng_packet(struct pcapng *file, const struct pcapng_packet *packet)
{
	struct block block = block_begin(file, BLOCK_PACKET);
	const uint32_t flags = packet->direction;

	put_u32(&block, packet->interface);
	put_time(&block, packet->time_ns);
	put_u32(&block, packet->captured);
	put_u32(&block, packet->length);
	put(&block, packet->bytes, packet->captured);
	put_text(&block, OPTION_COMMENT, packet->comment);
	put_option(&block, OPTION_PACKET_FLAGS, &flags, sizeof(flags));
	put_option(&block, OPTION_END, NULL, 0);
	return block_end(&block);
}

bool pcapng_statistics(struct pcapng *file, const struct pcapng_statistics *statistics)
{
	struct block block = block_begin(file, BLOCK_STATISTICS);

	put_u32(&block, statistics->interface);
	put_time(&block, statistics->end_ns);
	put_text(&block, OPTION_COMMENT, statistics->comment);
	put_time_option(&block, OPTION_STATISTICS_BEGIN, statistics->begin_ns);
	put_time_option(&block, OPTION_STATISTICS_END, statistics->end_ns);
	put_u64_option(&block, OPTION_STATISTICS_RECEIVED, statistics->received);
	put_u64_option(&block, OPTION_STATISTICS_LOST, statistics->lost);
	put_option(&block, OPTION_END, NULL, 0);
	return block_end(&block);
}
