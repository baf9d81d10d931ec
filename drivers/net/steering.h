/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which queue a NIC brings a UDP packet to, by its destination port: receive-side scaling (RSS)
 * with the Toeplitz hash over the two bytes of that port alone (ethtool -N DEV rx-flow-hash udp4
 * n). Media ports can then be given out so that a stream comes to its worker.
 *
 * Thread: steering_read() the main thread, at the start; the rest any.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define STEERING_KEY_MAX 64U
#define STEERING_TABLE_MAX 1024U

struct steering {
	uint32_t key_size; /* bytes; at least 6; 0: no hash, but the port's bits above the lowest */
	uint32_t table_size;
	uint8_t key[STEERING_KEY_MAX];
	uint32_t table[STEERING_TABLE_MAX]; /* queue, by hash or bits modulo table_size */
};

/*
 * The Toeplitz hash of length bytes, as NICs compute it (Microsoft, "RSS hashing types"). The key
 * has length + 4 bytes at least.
 */
uint32_t toeplitz_hash(const uint8_t *key, const uint8_t *bytes, size_t length);

/* Queue of the packets to that port. */
unsigned steering_queue(const struct steering *steering, uint16_t port);

/*
 * How a network device steers UDP of that family (4 or 6). Returns 0; -ENOTSUP when it looks at
 * more than the destination port, or does not say; -errno.
 */
int steering_read(struct steering *steering, const char *device, uint8_t family);
