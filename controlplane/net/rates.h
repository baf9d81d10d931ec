/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages a second of each source, where a configured peer is a whole network: one phone that
 * floods must not take what all the others have. A source is an IPv4 address, or the /64 of an IPv6
 * address.
 *
 * Memory is bounded: where more sources send than there is room for, the one that has been silent
 * the longest is forgotten, and begins with a full bucket when it comes back. Which sources share a
 * place depends on a random key.
 *
 * Thread: the loop's.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

struct rates;

struct rates *rates_new(void);        /* NULL: out of memory, or no random numbers */
void rates_free(struct rates *rates); /* NULL is fine */

/* Whether one more message of source is within per_s, of which two seconds' worth may come at once
 * after a pause; takes it if so. */
bool rates_admit(struct rates *rates, const struct sockaddr *source, unsigned per_s,
		 uint64_t now_ms);
