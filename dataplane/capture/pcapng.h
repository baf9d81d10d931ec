/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes the blocks of a pcapng file (draft-ietf-opsawg-pcapng) into memory: one section, Ethernet
 * interfaces with times in nanoseconds. Numbers are in the byte order of the host, which the
 * section header tells.
 *
 * A block that does not fit leaves the buffer as it was, so that what is written always ends with a
 * whole block. Thread: the caller's.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PCAPNG_TEXT_MAX 255U /* bytes of a text option; what is longer is cut */

struct pcapng {
	uint8_t *bytes; /* the caller's */
	size_t size;
	size_t used;
};

enum pcapng_direction { PCAPNG_INBOUND = 1, PCAPNG_OUTBOUND = 2 }; /* epb_flags, bits 0 and 1 */

struct pcapng_packet {
	uint32_t interface;
	enum pcapng_direction direction;
	uint64_t time_ns; /* since the epoch */
	const uint8_t *bytes;
	uint32_t captured;   /* bytes there */
	uint32_t length;     /* of the packet; at least captured */
	const char *comment; /* NULL: none */
};

struct pcapng_statistics {
	uint32_t interface;
	uint64_t begin_ns, end_ns; /* of the capture */
	uint64_t received;         /* packets that it should have */
	uint64_t lost;             /* of these, for want of room */
	const char *comment;       /* NULL: none */
};

/* Section header; texts may be NULL. All return false when there is no room. */
bool pcapng_section(struct pcapng *file, const char *application, const char *comment);
/* The interfaces are numbered from 0 in the order of these. snaplen: the most bytes of a packet. */
bool pcapng_interface(struct pcapng *file, uint32_t snaplen, const char *name,
		      const char *description);
bool pcapng_packet(struct pcapng *file, const struct pcapng_packet *packet);
bool pcapng_statistics(struct pcapng *file, const struct pcapng_statistics *statistics);
