/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The media ports of one address, given out in pairs: RTP on the even port, RTCP on the next
 * (RFC 3550 11). The next one is drawn at random, so that a stranger cannot guess which port the
 * next call gets (RFC 6056), among the half that has been free longest, so that late packets of the
 * call that had it do not meet the next one.
 *
 * Each pair has a home worker, the one that a NIC steers it to; a pair of that worker is taken
 * when there is one. All functions take constant time.
 *
 * Thread: the main thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "net/steering.h"

struct media_ports;

/*
 * first even, last odd. steering: how the NIC brings packets to the workers' queues; NULL: not
 * known. Read here alone. Returns 0, -ENOMEM, or -EINVAL.
 */
int media_ports_new(struct media_ports **ports, uint16_t first, uint16_t last, unsigned workers,
		    const struct steering *steering);
void media_ports_free(struct media_ports *ports);

/* The worker that an RTP port belongs to: the one whose queue the NIC steers it to, or, when that
 * is not known, one after the other. */
static inline unsigned media_port_home(uint16_t port, unsigned workers,
				       const struct steering *steering)
{
	return (steering ? steering_queue(steering, port) : port / 2U) % workers;
}

/* Takes a pair, of that worker's if possible. Returns its even port, or 0 when all are used. */
uint16_t media_ports_take(struct media_ports *ports, unsigned worker);

/* Takes exactly this pair. Returns 0, -EADDRINUSE, or -EADDRNOTAVAIL (odd or out of range). */
int media_ports_take_wanted(struct media_ports *ports, uint16_t port);

/* Gives back a pair that was taken. */
void media_ports_release(struct media_ports *ports, uint16_t port);

size_t media_ports_bytes(const struct media_ports *ports);
unsigned media_ports_used(const struct media_ports *ports); /* pairs */
