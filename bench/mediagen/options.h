/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What sluice-mediagen is asked to do. Thread: one. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "forge.h"
#include "net/port.h"
#include "sluice_media.h"

/* What the other side of the ports is. */
enum far_end {
	FAR_RELAY,   /* a data plane: sessions are opened in it */
	FAR_MIRROR,  /* something that sends every frame back, such as --mirror: the noise floor */
	FAR_NOTHING, /* this is the mirror */
};

struct options_port {
	enum port_kind kind;
	char device[SLUICE_NAME_MAX]; /* of memif a name made up here */
	char socket[108];
	char interface[SLUICE_NAME_MAX]; /* the data plane's, at its other end */
	struct port_address address;     /* of our phones */
};

struct options_flood {
	bool on;
	enum forge_kind kind;
	struct options_port port; /* interface "": that of the calls */
	uint32_t pps;             /* 0: as fast as can be */
	uint32_t count;           /* bad packets in all; 0: until the end */
};

struct options {
	enum far_end far;
	unsigned port_count; /* 1 or 2: the phones of leg 0, and of leg 1 */
	struct options_port port[2];
	char media_socket[108];
	uint32_t calls;
	uint8_t suite[2]; /* enum sluice_suite of each leg */
	uint32_t vlan;    /* of the phones; 0: untagged */
	uint32_t payload; /* bytes, not less than MARK_BYTES */
	uint32_t period_us;
	uint32_t pps;    /* 0: real time */
	uint32_t window; /* packets under way at most; 0: no limit */
	uint32_t seconds;
	uint32_t ahead;        /* packets made before the first is sent; 0: a few */
	uint32_t verify_every; /* of so many packets one is decrypted; 1: each, as it comes */
	int cpu;
	bool realtime;       /* take the core (core_take()) while packets are sent */
	bool as_fast_as_can; /* --pps max: only the window holds it back */
	struct options_flood flood;
	const char *json; /* NULL: none; "-": standard output */
};

/* Reads the arguments over the defaults. Returns 0; 1: help or version was asked and given;
 * -EINVAL: said why on standard error. */
int options_parse(struct options *options, int argc, char **argv);
