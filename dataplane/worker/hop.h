/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The next hops that frames are sent to: what the Ethernet headers of all streams to one neighbour
 * have in common. Calls share them, so that a leg holds an index and no header.
 *
 * An entry is written by the main thread before any leg has its index, and not changed while one
 * has. worker: ro.
 */
#pragma once

#include <stdint.h>

#define HOPS_MAX 65536U /* an index has 16 bits */

struct hop {
	uint8_t macs[12]; /* destination, source */
	uint16_t mtu;     /* bytes of an IP packet */
	uint8_t port;     /* index of the worker's ports */
	uint8_t pad;
};
