/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A reader of pcapng, written from the specification and not from the code that writes. */
#pragma once

#include "fixture.h"

#define PACKETS_KEPT 64U

struct captured {
	uint32_t interface, captured, length;
	uint64_t time_ns;
	uint32_t flags;
	char comment[128];
	struct frame frame; /* as much as is there */
};

struct capture_file {
	unsigned sections, interfaces, statistics, packets;
	uint64_t bytes;
	uint64_t lost;
	char section_comment[256], interface_name[2][64], interface_description[2][256];
	struct captured packet[PACKETS_KEPT]; /* the first ones */
};

/* Reads a file of fixture's directory; fails the test when it is not whole and right. */
void capture_file_read(const struct fixture *fixture, const char *name, struct capture_file *file);
