/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A flood of bad packets on the media port of one call, beside calls that go on. Where it has a
 * port of its own, the attacked call is one more, both of whose phones are there, and who speak on;
 * else it is one of the others.
 *
 * Thread: one.
 */
#pragma once

#include "forge.h"
#include "traffic.h"

struct flood {
	const struct options *options;
	struct traffic *traffic; /* that the attacked call is of */
	struct stream *attacked;
	struct port *port;
	struct forge forge;
	uint64_t made;  /* bad packets */
	uint64_t taken; /* by the port: the others found it full */
	uint64_t start_tsc;
	double seconds; /* from its start to its last packet */
	/* with a port of its own */
	bool own_port;
	struct options own_options;
	struct wire own_wire;
	struct phones own_phones;
	struct traffic own_traffic;
};

/* beside: the calls that go on, open. Returns 0 or -errno; says why. */
int flood_open(struct flood *flood, struct traffic *beside, const volatile int *stop);
/* The time from which it is due, and the packets of the attacked call too. */
void flood_start(struct flood *flood, uint64_t now_tsc);
/* Sends what is due, at most one burst; and what the attacked call has. */
void flood_turn(struct flood *flood, uint64_t now_tsc);
/* Takes what is still under way. */
void flood_drain(struct flood *flood);
void flood_close(struct flood *flood);
