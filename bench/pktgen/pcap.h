/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Capture files in the classic pcap form (Ethernet, microseconds), read and written. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Begins a file. Returns 0 or -errno. */
int pcap_begin(FILE *file);

/* Adds a packet. time_us: since the epoch of the file's own choice. Returns 0 or -EIO. */
int pcap_add(FILE *file, const uint8_t *data, uint32_t length, uint64_t time_us);

/* Reads and checks the head of a file. Returns 0, or -EPROTO: not such a file. */
int pcap_check(FILE *file);

/*
 * The next packet: up to size bytes of it, *length of them. Returns 1, 0 at the end, or -EPROTO:
 * the file ends within a packet, or a length cannot be.
 */
int pcap_next(FILE *file, uint8_t *data, uint32_t size, uint32_t *length);
