/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known of headers, as far as rules are concerned: what may be done to each, and what its
 * value tells about whom. Headers that are not in the table are free: nobody here knows them.
 */
#pragma once

#include "sip/str.h"

enum header_action { HEADER_PASS, HEADER_ADD, HEADER_REMOVE, HEADER_REPLACE };

/* What a value gives away when it passes as it came. */
enum header_tells {
	HEADER_TELLS_NOTHING,  /* that is known here */
	HEADER_TELLS_TOPOLOGY, /* products, hosts, networks of one side */
	HEADER_TELLS_IDENTITY, /* who calls, or is called: hidden from others when the caller asks
				*/
};

struct header_known {
	const char *name;
	char compact;
	unsigned may;            /* bits 1 << enum header_action */
	enum header_tells tells; /* when it passes */
	const char *why;         /* that not all may be done, as the end of a sentence */
	bool relayed;            /* passes by the relay's own rules: see caller_id.h, reason.h */
	bool shields;            /* a wish for privacy: less of it gives away more */
};

/* Whether a header of that name, written in full or compact, is that one. */
bool header_is(const struct header_known *known, struct str name);
/* By its name or compact form, any case; NULL: not in the table. */
const struct header_known *header_known(struct str name);
