/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The messages of a call, written and recognised. A call is known by its slot and turn, which stand
 * in the number that is called and in the caller's Call-ID, so that both ends find it.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "options.h"
#include "sip/str.h"

#define TEXT_MESSAGE_MAX 4096U
#define TEXT_TURNS 1000U

struct text_names { /* of one pair of caller and callee */
	const struct options *options;
	uint32_t pair;
};

struct text_call {
	uint32_t slot;
	uint32_t turn; /* which call of that slot, modulo TEXT_TURNS */
};

enum text_kind {
	TEXT_UNKNOWN,
	TEXT_INVITE,
	TEXT_ACK,
	TEXT_BYE,
	TEXT_RESPONSE,
};

struct text_heard {
	enum text_kind kind;
	unsigned status; /* of a response */
	bool of_bye;     /* a response to BYE; else to INVITE */
	struct text_call call;
	struct str head;
	struct str body;
};

/* Returns 0; -EBADMSG: nothing that a call of ours may hear. */
int text_read(struct text_heard *heard, const char *data, size_t length);
/* The value of the first header with that name as the relay writes it; absent: ptr NULL. */
struct str text_header(const struct text_heard *heard, const char *name);
/* The URI in angle brackets of a header's value. */
struct str text_uri(struct str value);

/* Each writes a message and returns its length. Of the caller: */
size_t text_invite(char out[static TEXT_MESSAGE_MAX], const struct text_names *names,
		   const struct text_call *call);
/* to: value of the header, with tag; target: where the other side is. */
size_t text_request(char out[static TEXT_MESSAGE_MAX], const struct text_names *names,
		    const struct text_call *call, const char *method, const char *to,
		    const char *target);
/* Of the callee: status 180 or 200, with an answer when the request was an INVITE and it is 200. */
size_t text_response(char out[static TEXT_MESSAGE_MAX], const struct text_names *names,
		     const struct text_heard *request, unsigned status);
