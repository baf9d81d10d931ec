/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A DNS server for tests, on a UDP socket of the loopback: answers from a table, and from nothing
 * else. Written by hand so that c-ares is not its own judge.
 */
#pragma once

#include <stdint.h>
#include <uv.h>

enum name_type { NAME_A = 1, NAME_AAAA = 28, NAME_SRV = 33, NAME_NAPTR = 35 };

struct name_record {
	const char *name;
	enum name_type type;
	/* A, AAAA: the address. SRV: "PRIORITY WEIGHT PORT TARGET". NAPTR: "ORDER PREFERENCE FLAGS
	 * SERVICE REPLACEMENT". "SERVFAIL": that answer. "SILENT": none. */
	const char *data;
};

struct name_server {
	uv_udp_t udp;
	const struct name_record *zone; /* ends with name NULL */
	char address[32];               /* "127.0.0.1:PORT" */
	unsigned asked;                 /* queries */
	char last[256];                 /* name last asked for */
	uint8_t reply[1500];
	size_t length;
	char buffer[1500];
};

void name_server_open(struct name_server *server, uv_loop_t *loop, const struct name_record *zone);
void name_server_close(struct name_server *server); /* the loop must run once more */
