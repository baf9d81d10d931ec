/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Replaces (RFC 3891), in a header or escaped in the URI of a Refer-To. */
#pragma once

#include "b2bua/call.h"

#define REPLACES_MAX 512U

struct replaces {
	char text[REPLACES_MAX];
	struct str call_id, to_tag, from_tag; /* in text */
	bool early_only;
};

/* False: it is not there, or malformed: then call_id is absent. */
bool replaces_of_uri(struct replaces *replaces, const struct sip_uri *uri);
/* Of the header; false: malformed. */
bool replaces_of_header(struct replaces *replaces, struct str value);
/* The leg that it names, whoever's, answered, early, or just ended; NULL: there is none. */
struct leg *replaces_any(const struct b2bua *b2bua, const struct replaces *replaces);
/* The leg that it names, of a dialog of that peer only; NULL: there is none. */
struct leg *replaces_find(const struct b2bua *b2bua, const struct replaces *replaces,
			  const struct config_peer *peer);
